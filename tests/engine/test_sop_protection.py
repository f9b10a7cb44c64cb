"""Who complains is protected from whom is complained of, in every query and every command."""

from __future__ import annotations

import pytest

from engine import commands as c
from engine.errors import NotPermitted
from tests.engine.office import COMPLAINING, FOLLOWED_UP, Office, person


def everything_seen(office: Office, account: str) -> str:
    """All that an account's lists say."""
    viewer = office.account(account)
    views: list[object] = [office.engine.inbox(viewer, view, limit=200) for view in ("mine", "queue", "done")]
    if "kepala-kkp" in viewer.groups:
        views += [office.engine.inbox(viewer, "all", limit=200), office.engine.incidents(viewer)]
    views += [office.engine.instances(viewer, limit=200), office.engine.escalations(viewer)]
    return repr(views)


@pytest.mark.parametrize("accused", ["petugas", "katim", "kepala"])
def test_the_person_complained_of_sees_nothing_of_it(office: Office, accused: str) -> None:
    instance = office.complaint(petugas_dikeluhkan=accused)
    task = office.task("tindak_lanjut", instance).id
    assert "K-2026-00001" not in everything_seen(office, accused)
    assert task not in everything_seen(office, accused)
    with pytest.raises(NotPermitted):
        office.engine.task(office.account(accused), task)


@pytest.mark.parametrize("accused", ["petugas", "katim", "kepala"])
def test_the_person_complained_of_cannot_handle_it(office: Office, accused: str) -> None:
    instance = office.complaint(petugas_dikeluhkan=accused)
    task = office.task("tindak_lanjut", instance).id
    for command in (
        c.ClaimUserTask(actor=person(accused), task_id=task),
        c.AssignUserTask(actor=person(accused), task_id=task, assignee="katim2", reason="biar cepat"),
        c.AssignUserTask(actor=person("admin"), task_id=task, assignee=accused, reason="biar cepat"),
        c.CancelProcessInstance(actor=person(accused), instance_id=instance, reason="biar cepat"),
    ):
        assert office.refused(command).http_status == 403


@pytest.mark.parametrize("accused", ["petugas", "katim", "kepala"])
def test_the_person_complained_of_gets_no_page_of_the_instance(office: Office, accused: str) -> None:
    instance = office.complaint(petugas_dikeluhkan=accused)
    with pytest.raises(NotPermitted):
        office.page(instance, accused)


def test_the_officer_of_a_visit_sees_only_that_it_has_ended(office: Office) -> None:
    instance = office.served()
    page = office.page(instance, "petugas")
    assert (page.instance.restricted, page.instance.state) == (True, "COMPLETED")
    assert (page.tokens, page.tasks, page.history, page.breaches) == ((), (), (), ())
    assert (page.variables, page.visits) == ({}, {})


def test_the_person_complained_of_cannot_register_it(office: Office) -> None:
    form = office.complaint_form()
    by_form = c.StartProcessInstance(
        actor=person("petugas"), key="pelayanan_prima", start_event="keluhan_masuk", variables=form
    )
    by_message = c.PublishMessage(actor=person("petugas"), name="keluhan_masuk", variables=form)
    for command in (by_form, by_message):
        refusal = office.refused(command)
        assert refusal.http_status == 403
        assert "menyangkut Anda" in str(refusal)


def test_the_officer_of_a_visit_cannot_enter_the_customers_step(office: Office) -> None:
    instance = office.served()
    assert office.inbox("petugas", instance) == []
    task = office.task("penerimaan", instance).id
    assert office.refused(c.ClaimUserTask(actor=person("petugas"), task_id=task)).http_status == 403
    with pytest.raises(NotPermitted):
        office.engine.task(office.account("petugas"), task)


def test_from_step_6_on_the_officer_sees_the_same_with_and_without_a_complaint(office: Office) -> None:
    quiet, complained = office.served(), office.served()
    waiting = office.page(complained, "petugas").instance
    office.completes("katim", "penerimaan", quiet, {"sesuai_standar": "ya"})
    office.completes("katim", "penerimaan", complained, COMPLAINING)

    def seen(instance: str) -> dict[str, object]:
        view = office.page(instance, "petugas").instance
        return {name: getattr(view, name) for name in ("state", "business_key", "ended_at", "open_incidents")}

    assert office.page(complained, "petugas").instance == waiting
    assert seen(quiet) == seen(complained)
    assert "K-2026-00001" not in everything_seen(office, "petugas")


def test_the_officer_cannot_search_for_the_complaint(office: Office) -> None:
    instance = office.served()
    office.completes("katim", "penerimaan", instance, COMPLAINING)
    petugas = office.account("petugas")
    assert office.engine.instances(petugas, text="K-2026").rows == ()
    assert office.engine.instances(petugas, state="ACTIVE").rows == ()
    assert len(office.engine.instances(office.account("katim"), text="K-2026").rows) == 1


def test_the_leader_who_served_the_customer_does_not_judge_the_complaint(office: Office) -> None:
    office.handle(c.ChangeAccount(actor=c.SYSTEM, account_id="katim", groups=("ka-tim-kerja:tim-a", "pelanggan:tim-a")))
    instance = office.served("katim")
    office.completes("petugas", "penerimaan", instance, COMPLAINING)
    assert office.task("tindak_lanjut", instance).candidate_groups == ("kepala-kkp",)
    assert office.inbox("katim", instance) == []


def test_a_breach_is_never_told_to_the_person_complained_of(office: Office) -> None:
    instance = office.complaint(petugas_dikeluhkan="katim")
    task = office.task("tindak_lanjut", instance).id
    office.handle(c.AssignUserTask(actor=person("kepala"), task_id=task, assignee="petugas", reason="Disposisi"))
    office.later(hours=73)
    office.runs()
    (breach,) = office.page(instance).breaches
    assert (breach["held_by"], breach["superior"]) == ("petugas", "kepala")
    assert office.told("kepala", instance) == ["tindak_lanjut"]
    assert office.told("katim", instance) == []


def test_another_teams_leader_neither_sees_nor_takes_a_complaint(office: Office) -> None:
    instance = office.complaint(by="katim")
    task = office.task("tindak_lanjut", instance).id
    assert office.inbox("katim2", instance) == []
    with pytest.raises(NotPermitted):
        office.page(instance, "katim2")
    with pytest.raises(NotPermitted):
        office.engine.task(office.account("katim2"), task)
    for command in (
        c.ClaimUserTask(actor=person("katim2"), task_id=task),
        c.AssignUserTask(actor=person("katim2"), task_id=task, assignee="katim2", reason="saya saja"),
    ):
        assert office.refused(command).http_status == 403
    assert office.engine.instances(office.account("katim2"), text="K-2026-00001").rows == ()


def test_values_of_the_complainant_are_shown_in_clear_only_to_who_handles_it(office: Office) -> None:
    instance = office.complaint()
    task = office.claims("katim", "tindak_lanjut", instance)
    assert office.engine.task(office.account("katim"), task).variables["kontak"] == "0812-3456"
    for onlooker in ("kepala", "auditor"):
        assert office.engine.task(office.account(onlooker), task).variables["kontak"] == "•••"
    office.completes("katim", "tindak_lanjut", instance, FOLLOWED_UP)
    assert "0812-3456" not in repr(office.page(instance, "kepala"))
