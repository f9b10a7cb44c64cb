"""The office opens by itself: once per team and shift, whatever the server does meanwhile."""

from __future__ import annotations

from engine import commands as c
from engine.views import InstanceView
from tests.engine.office import PROCESS, Office, local, shown


def openings(office: Office) -> list[InstanceView]:
    """The instances that the schedule started, oldest first."""
    rows = office.engine.instances(office.account("auditor"), limit=200).rows
    return [row for row in reversed(rows) if row.started_by == "sistem"]


def started(office: Office) -> list[tuple[str | None, str]]:
    return [(row.team, shown(row.started_at)) for row in openings(office)]


def test_the_day_opens_once_for_each_team(office: Office) -> None:
    office.at("07:29")
    office.runs()
    assert started(office) == []
    office.at("07:30")
    assert office.runs() > 0
    office.runs()
    assert started(office) == [("tim-a", "23 07:30"), ("tim-b", "23 07:30")]
    office.at("12:00")
    office.runs()
    assert len(openings(office)) == 2


def test_the_opening_carries_the_days_counter_time(office: Office) -> None:
    office.at("07:30")
    office.runs()
    variables = office.variables(openings(office)[0].id)
    assert variables["jam_layanan"] == "2026-11-23T01:00:00.000000Z"
    assert variables["shift"] == "Pagi"
    assert office.inbox("kepala", openings(office)[0].id) == ["delegasi"]


def test_a_restart_neither_repeats_nor_loses_an_opening(either_office: Office) -> None:
    office = either_office
    office.at("07:30")
    office.runs()
    office.reopen()
    office.runs()
    assert len(openings(office)) == 2
    office.at("2026-11-24 10:00")
    office.reopen()
    office.runs()
    assert started(office)[2:] == [("tim-a", "24 10:00"), ("tim-b", "24 10:00")]


def test_openings_missed_while_the_server_was_down_are_late_from_the_start(office: Office) -> None:
    office.at("08:30")
    office.runs()
    instance = openings(office)[0].id
    office.completes("kepala", "delegasi", instance, {"versi_standar": "v1", "konfirmasi": True})
    office.completes("katim", "instruksi", instance, {"petugas_bertugas": ["petugas"], "perilaku_disampaikan": True})
    assert office.breaches(instance) == [("waktu_jam_layanan", "23 08:00", "23 08:30")]


def test_nothing_opens_on_weekends_and_holidays(office: Office) -> None:
    for day in ("2026-11-28", "2026-11-29", "2026-12-25", "2027-01-01"):
        office.at(f"{day} 06:00")
        office.runs()
        before = len(openings(office))
        office.at(f"{day} 20:00")
        office.runs()
        assert len(openings(office)) == before, day


def test_ramadan_moves_the_opening(office: Office) -> None:
    office.at("2027-02-09 06:00")
    office.runs()
    before = len(openings(office))
    office.at("2027-02-09 07:59")
    office.runs()
    assert len(openings(office)) == before
    office.at("2027-02-09 08:00")
    office.runs()
    assert started(office)[before:] == [("tim-a", "09 08:00"), ("tim-b", "09 08:00")]


def test_the_runner_knows_when_the_next_opening_is(office: Office) -> None:
    office.runs()
    assert office.engine.next_due() == local("2026-11-23 07:30")
    office.at("2026-11-27 18:00")
    office.runs()
    for row in openings(office):
        office.handle(c.CancelProcessInstance(actor=c.SYSTEM, instance_id=row.id, reason="libur"))
    assert office.engine.next_due() == local("2026-11-30 07:30")


def test_an_opening_that_its_form_refuses_does_not_keep_the_others_from_their_work(office: Office) -> None:
    instance = office.opening()
    document = (PROCESS / "organisasi.yaml").read_bytes()
    broken = document.replace(b"versi_standar: Standar Pelayanan 2026 (contoh)", b'versi_standar: ""')
    assert broken != document
    office.handle(c.AdoptOrganisation(actor=c.SYSTEM, document=broken))
    office.at("08:00")
    office.runs()
    assert openings(office) == []
    assert [breach[0] for breach in office.breaches(instance)] == ["waktu_delegasi"]
    office.handle(c.AdoptOrganisation(actor=c.SYSTEM, document=document + b"\n# diperbaiki\n"))
    office.runs()
    assert len(openings(office)) == 2
