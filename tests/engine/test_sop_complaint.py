"""Steps 7 and 8: what becomes of a complaint."""

from __future__ import annotations

import pytest

from engine import commands as c
from engine.errors import FormRejected
from tests.engine.office import FOLLOWED_UP, JAKARTA, REPORTED, Office, local, person, shown, utc

FRIDAY = "2026-11-27"


def test_a_complaint_has_72_elapsed_hours_from_receipt_weekends_included(office: Office) -> None:
    office.at(f"{FRIDAY} 15:00")
    instance = office.complaint()
    assert shown(office.task("tindak_lanjut", instance).due_at) == "30 15:00"


def test_a_complaint_a_day_late_is_a_breach_though_nobody_opened_the_app(office: Office) -> None:
    office.at(f"{FRIDAY} 15:00")
    instance = office.complaint()
    task = office.claims("katim", "tindak_lanjut", instance)
    office.at("2026-12-01 15:00")
    values = FOLLOWED_UP | {"disampaikan_pada": "2026-12-01T14:00:00+07:00"}
    office.handle(c.CompleteUserTask(actor=person("katim"), task_id=task, values=values))
    assert office.breaches(instance) == [("waktu_tindak_lanjut", "30 15:00", "01 15:00")]
    assert office.last_task("tindak_lanjut", instance).breached_at == utc("2026-12-01 15:00")
    (breach,) = office.page(instance).breaches
    assert (breach["held_by"], breach["superior"]) == ("katim", "kepala")
    assert office.told("kepala", instance) == ["tindak_lanjut"]


def test_a_breach_leaves_the_task_open_and_fires_on_time_by_itself(office: Office) -> None:
    instance = office.complaint()
    office.at("2026-11-26 07:00")
    office.runs()
    task = office.task("tindak_lanjut", instance)
    assert (task.state, task.breached_at) == ("READY", utc("2026-11-26 07:00"))
    (late,) = [token for token in office.page(instance).tokens if token.element_id == "tindak_lanjut"]
    assert late.late


def test_the_clock_runs_from_receipt_and_not_from_entry(office: Office) -> None:
    office.at("2026-11-25 09:00")
    received = local("2026-11-24 09:00").isoformat()
    instance = office.complaint(diterima_pada=received, alasan_dicatat_kemudian="Kotak saran dibuka hari ini")
    assert shown(office.task("tindak_lanjut", instance).due_at) == "27 09:00"
    page = office.page(instance)
    assert page.instance.started_at == utc("2026-11-25 09:00")
    assert page.variables["diterima_pada"] == utc("2026-11-24 09:00")


def test_a_complaint_entered_after_its_72_hours_is_late_at_once(office: Office) -> None:
    office.at("2026-11-27 09:00")
    received = local("2026-11-23 09:00").isoformat()
    instance = office.complaint(diterima_pada=received, alasan_dicatat_kemudian="Surat terselip di meja")
    office.runs()
    assert office.breaches(instance) == [("waktu_tindak_lanjut", "26 09:00", "27 09:00")]


def test_receipt_in_the_future_and_late_entry_without_a_reason_are_refused(office: Office) -> None:
    future = office.complaint_form(diterima_pada=local("2026-11-23 07:01").isoformat())
    old = office.complaint_form(diterima_pada=local("2026-11-23 05:00").isoformat())
    for form, key in ((future, "diterima_pada"), (old, "alasan_dicatat_kemudian")):
        refusal = office.refused(
            c.StartProcessInstance(
                actor=person("katim2"), key="pelayanan_prima", start_event="keluhan_masuk", variables=form
            )
        )
        assert isinstance(refusal, FormRejected)
        assert [problem.key for problem in refusal.problems] == [key]


def test_the_leader_of_the_team_follows_up_and_the_head_gets_the_report(office: Office) -> None:
    instance = office.complaint()
    assert office.task("tindak_lanjut", instance).candidate_groups == ("ka-tim-kerja:tim-a",)
    office.completes("katim", "tindak_lanjut", instance, FOLLOWED_UP)
    assert office.task("laporan_keluhan", instance).candidate_groups == ("kepala-kkp",)
    office.completes("kepala", "laporan_keluhan", instance, REPORTED)
    assert office.state(instance) == "COMPLETED"


@pytest.mark.parametrize(
    ("told_at", "status"), [(None, "Jawaban tersedia"), ("2026-11-23T07:00:00+07:00", "Telah diberitahukan")]
)
def test_the_reporter_counts_as_told_only_with_a_date(office: Office, told_at: str | None, status: str) -> None:
    instance = office.complaint()
    office.completes("katim", "tindak_lanjut", instance, FOLLOWED_UP | {"disampaikan_pada": told_at})
    assert office.variables(instance)["status_pemberitahuan"] == status


def test_a_complaint_against_the_leader_goes_to_the_head_who_does_not_report_to_herself(office: Office) -> None:
    instance = office.complaint(petugas_dikeluhkan="katim")
    assert office.task("tindak_lanjut", instance).candidate_groups == ("kepala-kkp",)
    assert office.inbox("katim", instance) == []
    office.completes("kepala", "tindak_lanjut", instance, FOLLOWED_UP)
    assert office.task("laporan_keluhan", instance).candidate_groups == ("pejabat-luar",)
    office.completes("pejabat_luar", "laporan_keluhan", instance, REPORTED)
    assert office.state(instance) == "COMPLETED"


def test_a_complaint_against_the_head_goes_outside_and_so_does_the_report(office: Office) -> None:
    instance = office.complaint(petugas_dikeluhkan="kepala")
    assert office.inbox("pejabat_luar", instance) == ["tindak_lanjut"]
    for insider in ("kepala", "katim"):
        task = office.task("tindak_lanjut", instance).id
        assert office.refused(c.ClaimUserTask(actor=person(insider), task_id=task)).http_status == 403
    office.completes("pejabat_luar", "tindak_lanjut", instance, FOLLOWED_UP)
    assert office.task("laporan_keluhan", instance).candidate_groups == ("pejabat-luar",)
    office.completes("pejabat_luar", "laporan_keluhan", instance, REPORTED)
    assert office.state(instance) == "COMPLETED"


def test_the_head_hands_out_a_complaint_whose_team_is_unknown(office: Office) -> None:
    instance = office.complaint(tim=None, petugas_dikeluhkan=None)
    task = office.task("tindak_lanjut", instance)
    assert task.candidate_groups == ("kepala-kkp",)
    outsider = c.AssignUserTask(actor=person("katim"), task_id=task.id, assignee="katim2", reason="saya saja")
    assert office.refused(outsider).http_status == 403
    office.handle(c.AssignUserTask(actor=person("kepala"), task_id=task.id, assignee="katim2", reason="Disposisi"))
    assert office.inbox("katim2", instance, "mine") == ["tindak_lanjut"]
    assert "Alasan: Disposisi" in office.sentences(instance)
    office.completes("katim2", "tindak_lanjut", instance, FOLLOWED_UP)
    assert office.last_task("tindak_lanjut", instance).completed_by == "katim2"


def test_a_complaint_does_not_need_a_person_complained_of(office: Office) -> None:
    instance = office.complaint(petugas_dikeluhkan=None)
    assert office.task("tindak_lanjut", instance).candidate_groups == ("ka-tim-kerja:tim-a",)


def test_ticket_numbers_have_no_gaps_whatever_happens_in_between(office: Office) -> None:
    numbers = []
    for attempt in range(3):
        numbers.append(office.variables(office.complaint())["nomor_tiket"])
        office.refused(
            c.StartProcessInstance(
                actor=person("katim2"),
                key="pelayanan_prima",
                start_event="keluhan_masuk",
                variables=office.complaint_form(kanal="merpati pos"),
            )
        )
        if attempt == 0:
            office.reopen()
    assert numbers == ["K-2026-00001", "K-2026-00002", "K-2026-00003"]


def test_ticket_numbers_begin_again_with_the_offices_year(office: Office) -> None:
    office.complaint()
    office.clock.set(local("2027-01-01 00:00").astimezone(JAKARTA))
    assert office.variables(office.complaint())["nomor_tiket"] == "K-2027-00001"


def test_a_complaint_may_arrive_as_a_message(either_office: Office) -> None:
    office = either_office
    form = office.complaint_form()
    office.handle(c.PublishMessage(actor=person("katim2"), name="keluhan_masuk", variables=form))
    office.later(minutes=90)
    office.runs()
    (view,) = office.engine.instances(office.account("auditor"), text="K-2026-00001").rows
    assert view.start_event == "keluhan_masuk"
    assert shown(office.task("tindak_lanjut", view.id).due_at) == "26 07:00"
