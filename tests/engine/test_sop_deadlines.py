"""Time standards in office hours: nights, weekends, holidays, breaks and Ramadan; and who is told of a breach."""

from __future__ import annotations

import pytest

from engine import commands as c
from tests.engine.office import (
    DELEGATED,
    FOLLOWED_UP,
    INSTRUCTED,
    NOT_READY,
    READY,
    Office,
    person,
    shown,
)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-23 09:00", "23 09:05"),
        ("2026-11-23 15:58", "24 07:33"),  # over a night
        ("2026-11-23 11:57", "23 13:02"),  # over the break
        ("2026-11-27 16:28", "30 07:33"),  # over a weekend
        ("2026-11-28 10:00", "30 07:35"),  # begun on a Saturday
        ("2026-12-23 15:58", "28 07:33"),  # over joint leave, Christmas and the weekend behind it
        ("2027-02-09 07:40", "09 08:05"),  # before the office opens in Ramadan
        ("2027-02-09 14:58", "10 08:03"),  # over an evening in Ramadan
    ],
)
def test_five_minutes_of_office_time(office: Office, now: str, due: str) -> None:
    office.at(now)
    instance = office.opening()
    assert shown(office.task("delegasi", instance).due_at) == due


def test_an_hour_of_office_time_for_the_report(office: Office) -> None:
    office.at("2026-11-27 15:00")
    instance = office.complaint()
    office.at("2026-11-27 16:00")
    office.completes("katim", "tindak_lanjut", instance, FOLLOWED_UP)
    assert shown(office.task("laporan_keluhan", instance).due_at) == "30 08:00"


def test_the_clock_of_step_7_does_not_stop_in_ramadan_or_on_holidays(office: Office) -> None:
    office.at("2026-12-24 15:00")
    instance = office.complaint()
    assert shown(office.task("tindak_lanjut", instance).due_at) == "27 15:00"


def test_the_clock_starts_when_a_task_becomes_available_and_not_when_it_is_claimed(office: Office) -> None:
    office.at("08:00")
    instance = office.opening()
    before = office.task("delegasi", instance).due_at
    office.at("08:03")
    office.claims("kepala", "delegasi", instance)
    assert office.task("delegasi", instance).due_at == before
    office.handle(c.ReleaseUserTask(actor=person("kepala"), task_id=office.task("delegasi", instance).id))
    assert office.task("delegasi", instance).due_at == before


def test_a_breach_goes_to_the_direct_superior_of_who_holds_the_task(office: Office) -> None:
    office.at("08:00")
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    office.completes("katim", "instruksi", instance, INSTRUCTED)
    office.claims("petugas", "kesiapan", instance)
    office.at("08:15")
    office.runs()
    by_timer = {str(item["element_id"]): item for item in office.page(instance).breaches}
    assert by_timer["waktu_kesiapan"]["held_by"] == "petugas"
    assert by_timer["waktu_kesiapan"]["superior"] == "katim"
    assert "kesiapan" in office.told("katim", instance)
    assert office.told("kepala", instance) == []


def test_a_breach_of_an_unclaimed_task_names_no_holder_and_tells_the_groups_superior(office: Office) -> None:
    office.at("08:00")
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    office.at("08:10")
    office.runs()
    (breach,) = office.page(instance).breaches
    assert (breach["held_by"], breach["superior"]) == (None, "kepala")
    (told,) = office.engine.escalations(office.account("kepala"))
    assert (told.instance_id, told.element_id, told.sop_number) == (instance, "instruksi", "2")
    assert shown(told.due_at) == "23 08:10"


def test_the_holder_on_record_stays_though_the_task_changes_hands_later(office: Office) -> None:
    office.at("08:00")
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    office.completes("katim", "instruksi", instance, INSTRUCTED)
    task = office.claims("petugas", "kesiapan", instance)
    office.at("08:20")
    office.handle(c.ReleaseUserTask(actor=person("petugas"), task_id=task))
    office.completes("katim", "kesiapan", instance, READY)
    held = {item["held_by"] for item in office.page(instance).breaches if item["element_id"] == "waktu_kesiapan"}
    assert held == {"petugas"}


def test_what_was_read_is_no_longer_unseen(office: Office) -> None:
    office.opening()
    office.at("07:20")
    instance = office.opening()
    office.at("07:35")
    office.runs()
    outside = office.account("pejabat_luar")
    (told,) = [view for view in office.engine.escalations(outside, unseen_only=True) if view.instance_id == instance]
    office.engine.mark_escalation_seen(office.account("katim"), told.id)
    unseen = office.engine.escalations(outside, unseen_only=True)
    assert told in unseen
    office.engine.mark_escalation_seen(outside, told.id)
    assert office.engine.escalations(outside, unseen_only=True) == tuple(view for view in unseen if view != told)
    assert len(office.engine.escalations(outside)) == len(unseen)


def test_the_head_is_told_from_the_second_tidak_on(office: Office) -> None:
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    told = []
    for _ in range(3):
        office.completes("katim", "instruksi", instance, INSTRUCTED)
        office.completes("petugas", "kesiapan", instance, NOT_READY)
        told.append(office.told("kepala", instance))
    assert told == [[], ["instruksi"], ["instruksi", "instruksi"]]


def test_lists_put_the_least_time_left_first(office: Office) -> None:
    late = office.opening()
    office.at("07:45")
    later = office.opening()
    office.at("07:46")
    complaint = office.complaint(petugas_dikeluhkan="katim")
    rows = office.engine.inbox(office.account("kepala"), "queue").rows
    mine = [task.instance_id for task in rows if task.instance_id in (late, later, complaint)]
    assert mine == [late, later, complaint]


def test_a_late_task_is_marked_in_every_list(office: Office) -> None:
    instance = office.opening()
    office.at("08:00")
    office.runs()
    (task,) = [
        task for task in office.engine.inbox(office.account("kepala"), "queue").rows if task.instance_id == instance
    ]
    assert task.breached_at is not None
    assert [line for line in office.page(instance).history if line.late]
