"""What people do with tasks, and every refusal: who and when in the sentence, and nothing changed."""

from __future__ import annotations

import threading

import pytest

from engine import commands as c
from engine.errors import CommandRejected, Conflict, FormRejected
from tests.engine.models import OPEN, bpmn, chain, end, form, human, line, one_task, start, zeebe
from tests.engine.office import Office, kinds, person


@pytest.fixture
def task(office: Office) -> str:
    """An open task for the officers of team A."""
    office.deploy(one_task())
    return office.task("kerja", office.start()).id


def instance_of(task: str) -> str:
    return task.partition(":")[0]


def test_claim_release_claim_complete(either_office: Office) -> None:
    office = either_office
    office.deploy(one_task())
    instance = office.start()
    task = office.task("kerja", instance).id
    outcome = office.handle(c.ClaimUserTask(actor=person("petugas"), task_id=task))
    assert kinds(outcome.events) == ["user_task:claimed"]
    assert office.inbox("petugas", instance, "mine") == ["kerja"]
    assert office.inbox("petugas", instance, "queue") == []
    office.handle(c.ReleaseUserTask(actor=person("petugas"), task_id=task))
    assert office.inbox("petugas", instance, "queue") == ["kerja"]
    office.completes("petugas", "kerja", instance, {"nomor": 7})
    assert office.inbox("petugas", instance, "done") == ["kerja"]
    assert (office.state(instance), office.variables(instance)) == ("COMPLETED", {"nomor": 7})


def test_a_task_that_another_has_taken_names_who_and_when(office: Office, task: str) -> None:
    office.handle(c.ChangeAccount(actor=c.SYSTEM, account_id="petugas2", groups=("petugas-layanan:tim-a",)))
    office.handle(c.ClaimUserTask(actor=person("petugas"), task_id=task))
    refusal = office.refused(c.ClaimUserTask(actor=person("petugas2"), task_id=task))
    assert refusal.http_status == 409
    assert str(refusal) == 'Tugas "kerja" sudah diambil Sari Lestari (23/11/2026 07.00 WIB).'
    again = office.refused(c.ClaimUserTask(actor=person("petugas"), task_id=task))
    assert (again.http_status, str(again)) == (409, 'Tugas "kerja" sudah Anda pegang.')


def test_claiming_what_is_not_offered_to_me_is_forbidden(office: Office, task: str) -> None:
    for stranger in ("petugas2", "auditor", "admin", "katim"):
        refusal = office.refused(c.ClaimUserTask(actor=person(stranger), task_id=task))
        assert (refusal.http_status, str(refusal)) == (403, 'Tugas "kerja" bukan untuk Anda.')


def test_unknown_and_disabled_accounts_do_nothing(office: Office, task: str) -> None:
    unknown = office.refused(c.ClaimUserTask(actor=person("siapa"), task_id=task))
    assert (unknown.http_status, str(unknown)) == (403, "Akun siapa tidak dikenal.")
    office.handle(c.DisableAccount(actor=c.SYSTEM, account_id="petugas"))
    disabled = office.refused(c.ClaimUserTask(actor=person("petugas"), task_id=task))
    assert (disabled.http_status, str(disabled)) == (403, "Akun petugas sudah dinonaktifkan.")


def test_a_disabled_account_does_not_complete_what_it_holds(office: Office, task: str) -> None:
    office.handle(c.ClaimUserTask(actor=person("petugas"), task_id=task))
    office.handle(c.DisableAccount(actor=c.SYSTEM, account_id="petugas"))
    for command in (
        c.CompleteUserTask(actor=person("petugas"), task_id=task),
        c.ReleaseUserTask(actor=person("petugas"), task_id=task),
    ):
        assert office.refused(command).http_status == 403


@pytest.mark.parametrize("task_id", ["tidak-ada", "", "tidak:ada", "x:y:z"])
def test_a_task_that_does_not_exist_is_not_found(office: Office, task_id: str) -> None:
    for command in (
        c.ClaimUserTask(actor=person("petugas"), task_id=task_id),
        c.CompleteUserTask(actor=person("petugas"), task_id=task_id),
    ):
        assert office.refused(command).http_status == 404


def test_a_task_of_an_instance_that_never_had_it_is_not_found(office: Office, task: str) -> None:
    refusal = office.refused(c.ClaimUserTask(actor=person("petugas"), task_id=f"{instance_of(task)}:lain.1"))
    assert refusal.http_status == 404


def test_completing_an_unclaimed_task_is_rejected(office: Office, task: str) -> None:
    refusal = office.refused(c.CompleteUserTask(actor=person("petugas"), task_id=task))
    assert (refusal.http_status, str(refusal)) == (409, 'Tugas "kerja" belum diambil; ambillah dahulu.')
    assert office.refused(c.ReleaseUserTask(actor=person("petugas"), task_id=task)).http_status == 409


def test_completing_or_releasing_what_another_holds_names_who_and_since_when(office: Office, task: str) -> None:
    office.handle(c.ClaimUserTask(actor=person("petugas"), task_id=task))
    office.later(minutes=9)
    for command in (
        c.CompleteUserTask(actor=person("katim"), task_id=task),
        c.ReleaseUserTask(actor=person("katim"), task_id=task),
    ):
        refusal = office.refused(command)
        assert refusal.http_status == 403
        assert str(refusal) == 'Tugas "kerja" dipegang Sari Lestari (23/11/2026 07.00 WIB), bukan Anda.'


def test_a_task_that_is_done_names_who_did_it_and_when(office: Office, task: str) -> None:
    office.at("07:12")
    office.completes("petugas", "kerja", instance_of(task))
    for command in (
        c.CompleteUserTask(actor=person("petugas"), task_id=task),
        c.ClaimUserTask(actor=person("katim"), task_id=task),
        c.ReleaseUserTask(actor=person("petugas"), task_id=task),
        c.AssignUserTask(actor=person("katim"), task_id=task, assignee="petugas", reason="lagi"),
    ):
        refusal = office.refused(command)
        assert refusal.http_status == 409
        assert str(refusal) == 'Tugas "kerja" sudah diselesaikan Sari Lestari (23/11/2026 07.12 WIB).'


def test_values_typed_under_an_older_revision_are_refused(office: Office, task: str) -> None:
    office.handle(c.ClaimUserTask(actor=person("petugas"), task_id=task))
    revision = office.task("kerja", instance_of(task)).revision
    office.handle(c.ReleaseUserTask(actor=person("petugas"), task_id=task))
    office.handle(c.ClaimUserTask(actor=person("petugas"), task_id=task))
    stale = c.CompleteUserTask(actor=person("petugas"), task_id=task, revision=revision)
    refusal = office.refused(stale)
    assert refusal.http_status == 409
    assert "berubah sejak Anda membukanya" in str(refusal)
    current = office.task("kerja", instance_of(task)).revision
    office.handle(c.CompleteUserTask(actor=person("petugas"), task_id=task, revision=current))
    assert office.state(instance_of(task)) == "COMPLETED"


def test_parallel_tasks_of_one_instance_do_not_disturb_each_other(office: Office) -> None:
    split = '<bpmn:parallelGateway id="pisah" />', '<bpmn:parallelGateway id="gabung" />'
    flows = chain("mulai", "pisah", "kiri", "gabung", "selesai") + chain("pisah", "kanan", "gabung")
    office.deploy(bpmn(start(), *split, human("kiri"), human("kanan"), end(), flows, properties=OPEN))
    instance = office.start()
    left, right = office.claims("petugas", "kiri", instance), office.claims("petugas", "kanan", instance)
    seen = office.task("kanan", instance).revision
    office.handle(c.CompleteUserTask(actor=person("petugas"), task_id=left))
    office.handle(c.CompleteUserTask(actor=person("petugas"), task_id=right, revision=seen))
    assert office.state(instance) == "COMPLETED"


def test_a_task_that_only_its_assignee_may_do_has_no_queue_to_go_back_to(office: Office) -> None:
    office.deploy(
        line(("kerja", human("kerja").replace('candidateGroups="petugas-layanan:tim-a"', 'assignee="petugas"')))
    )
    task = office.task("kerja", office.start()).id
    refusal = office.refused(c.ReleaseUserTask(actor=person("petugas"), task_id=task))
    assert refusal.http_status == 409
    assert "mintalah untuk dialihkan" in str(refusal)


def test_a_leader_hands_a_held_task_to_another_with_a_reason(office: Office, task: str) -> None:
    office.handle(
        c.AddAccount(
            actor=c.SYSTEM,
            account_id="dina",
            display_name="Dina",
            roles=("staff",),
            groups=("petugas-layanan:tim-a",),
            superior="katim",
        )
    )
    office.handle(c.ClaimUserTask(actor=person("petugas"), task_id=task))
    silent = c.AssignUserTask(actor=person("katim"), task_id=task, assignee="dina")
    refusal = office.refused(silent)
    assert (refusal.http_status, str(refusal)) == (422, "Alasan pengalihan wajib diisi.")
    office.handle(c.AssignUserTask(actor=person("katim"), task_id=task, assignee="dina", reason="Sari sakit"))
    assert office.inbox("dina", instance_of(task), "mine") == ["kerja"]
    assert "Alasan: Sari sakit" in office.sentences(instance_of(task))
    assert "Sari sakit" not in repr(office.rows()["snapshot"])
    same = office.refused(c.AssignUserTask(actor=person("admin"), task_id=task, assignee="dina", reason="lagi"))
    assert (same.http_status, str(same)) == (409, 'Tugas "kerja" sudah dipegang Dina (23/11/2026 07.00 WIB).')


def test_who_may_not_hand_out_and_who_may_not_be_given(office: Office, task: str) -> None:
    for actor, assignee, status in (
        ("petugas2", "petugas2", 403),  # no say over this task
        ("auditor", "petugas", 403),
        ("katim", "petugas2", 403),  # not theirs to do
        ("katim", "siapa", 404),
    ):
        command = c.AssignUserTask(actor=person(actor), task_id=task, assignee=assignee, reason="tukar")
        assert office.refused(command).http_status == status, (actor, assignee)
    office.handle(c.DisableAccount(actor=c.SYSTEM, account_id="petugas"))
    away = c.AssignUserTask(actor=person("katim"), task_id=task, assignee="petugas", reason="tukar")
    assert office.refused(away).http_status == 403


def test_every_broken_rule_of_a_form_is_told_at_once(office: Office) -> None:
    fields = form(
        "isian",
        {"type": "textfield", "key": "nama", "label": "Nama", "validate": {"required": True}},
        {"type": "number", "key": "usia", "label": "Usia", "validate": {"min": 0, "max": 120}},
    )
    office.deploy(line(("kerja", human("kerja", zeebe("formDefinition", formId="isian"))), properties=""), isian=fields)
    task = office.claims("petugas", "kerja", office.start())
    command = c.CompleteUserTask(actor=person("petugas"), task_id=task, values={"usia": 200, "lain": 1})
    refusal = office.refused(command)
    assert isinstance(refusal, FormRejected)
    assert {problem.key for problem in refusal.problems} == {"nama", "usia", "lain"}
    office.handle(c.CompleteUserTask(actor=person("petugas"), task_id=task, values={"nama": "Ani", "usia": 20}))


@pytest.mark.parametrize("value", [float("nan"), 2**60, {1: "satu"}, object()])
def test_a_value_that_json_cannot_hold_is_refused(office: Office, task: str, value: object) -> None:
    office.handle(c.ClaimUserTask(actor=person("petugas"), task_id=task))
    command = c.CompleteUserTask(actor=person("petugas"), task_id=task, values={"nilai": value})  # type: ignore[dict-item]
    refusal = office.refused(command)
    assert refusal.http_status == 422
    assert "nilai" in str(refusal)


def test_two_people_claim_at_once_and_one_wins(either_office: Office) -> None:
    office = either_office
    office.deploy(one_task())
    task = office.task("kerja", office.start()).id
    office.handle(c.ChangeAccount(actor=c.SYSTEM, account_id="petugas2", groups=("petugas-layanan:tim-a",)))
    ready, answers = threading.Barrier(2), []

    def claim(account: str) -> None:
        ready.wait()
        try:
            office.handle(c.ClaimUserTask(actor=person(account), task_id=task))
            answers.append(account)
        except CommandRejected as refusal:
            answers.append(refusal)

    threads = [threading.Thread(target=claim, args=(name,)) for name in ("petugas", "petugas2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [answer for answer in answers if isinstance(answer, str)]
    (refusal,) = [answer for answer in answers if isinstance(answer, Conflict)]
    assert office.account(winner).display_name in str(refusal)
    assert office.task("kerja", instance_of(task)).assignee == winner
