"""Timers: in due order, before any command, once each, with due and firing time on record."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from engine import commands as c
from engine.runtime.dispatcher import Dispatcher
from tests.definition.diagram import boundary
from tests.engine.models import OPEN, bpmn, catch, chain, end, human, line, properties, start, timer
from tests.engine.office import Office, local, person, shown


def alarmed(*alarms: tuple[str, str, str]) -> bytes:
    """One task with non-interrupting timers on it: (id, kind of timer, text)."""
    events = [boundary(name, "kerja", timer(text, kind), cancelActivity="false") for name, kind, text in alarms]
    ends = [end(f"usai_{name}") for name, _, _ in alarms]
    flows = "".join(chain(name, f"usai_{name}") for name, _, _ in alarms)
    return bpmn(start(), human(), end(), *events, *ends, chain("mulai", "kerja", "selesai") + flows, properties=OPEN)


def fired(office: Office, instance: str) -> list[tuple[str | None, str, int]]:
    """(element, when on the office's clock, journal entry) of each timer that fired."""
    lines = office.page(instance).history
    return [(item.element_id, shown(item.at), item.seq) for item in lines if item.message.startswith("Waktu tiba")]


def test_what_is_due_fires_before_a_command_in_due_order_each_as_its_own_entry(either_office: Office) -> None:
    office = either_office
    office.deploy(
        alarmed(("dua", "timeDuration", "PT20M"), ("satu", "timeDuration", "PT10M"), ("tiga", "timeDuration", "PT3H"))
    )
    instance = office.start()
    task = office.claims("petugas", "kerja", instance)
    office.later(hours=1)
    outcome = office.handle(c.ReleaseUserTask(actor=person("petugas"), task_id=task))
    assert [item[:2] for item in fired(office, instance)] == [("satu", "23 08:00"), ("dua", "23 08:00")]
    assert [item[2] for item in fired(office, instance)] == [outcome.seq - 2, outcome.seq - 1]
    late = [line.params["late"] for line in office.page(instance).history if line.element_id in ("satu", "dua")]
    assert late == ["50", "40"]


def test_a_refused_command_leaves_even_the_due_timers_as_they_were(office: Office) -> None:
    office.deploy(alarmed(("satu", "timeDuration", "PT10M")))
    instance = office.start()
    office.later(hours=1)
    office.refused(c.ReleaseUserTask(actor=person("petugas"), task_id=office.task("kerja", instance).id))
    office.runs()
    assert [item[0] for item in fired(office, instance)] == ["satu"]


def test_a_cycle_counts_from_the_last_due_time_and_not_from_its_firing(office: Office) -> None:
    office.deploy(alarmed(("ulang", "timeCycle", "R3/PT10M")))
    instance = office.start()
    office.at("07:13")
    office.runs()
    assert office.engine.next_due() == local("2026-11-23 07:20")
    office.at("08:00")
    office.runs()
    assert [item[1] for item in fired(office, instance)] == ["23 07:13", "23 08:00", "23 08:00"]
    office.later(hours=1)
    office.runs()
    assert len(fired(office, instance)) == 3
    office.completes("petugas", "kerja", instance)
    assert office.state(instance) == "COMPLETED"


def test_a_cycle_without_end_ends_with_its_task(office: Office) -> None:
    office.deploy(alarmed(("ulang", "timeCycle", "R/PT1H")))
    instance = office.start()
    office.later(hours=5)
    office.runs()
    assert len(fired(office, instance)) == 5
    office.completes("petugas", "kerja", instance)
    assert [row for row in office.rows()["timer"] if row[2] == instance] == []


def test_an_intermediate_timer_by_duration_date_and_expression(office: Office) -> None:
    texts = (("PT1H", "timeDuration"), ("2026-11-23T08:30:00+07:00", "timeDate"), ("=lama", "timeDuration"))
    nodes = [(f"tunggu_{number}", catch(f"tunggu_{number}", timer(*text))) for number, text in enumerate(texts)]
    office.deploy(line(*nodes))
    instance = office.start({"lama": "PT2H"})
    moments = []
    while office.state(instance) == "ACTIVE":
        (row,) = [row for row in office.rows()["timer"] if row[2] == instance]
        moments.append(shown(row[7]))
        office.at(f"2026-11-{moments[-1]}")
        office.runs()
    assert moments == ["23 08:00", "23 08:30", "23 10:30"]


def test_a_timer_in_office_hours(office: Office) -> None:
    waiting = catch("tunggu", timer("PT2H")).replace(
        "<bpmn:timer",
        f"<bpmn:extensionElements>{properties(calendar='jam_kerja')}</bpmn:extensionElements><bpmn:timer",
        1,
    )
    office.deploy(line(("tunggu", waiting)))
    office.at("2026-11-27 16:00")
    instance = office.start()
    (row,) = [row for row in office.rows()["timer"] if row[2] == instance]
    assert shown(row[7]) == "30 09:00"


def test_what_fell_due_while_the_server_was_down_fires_at_start(office: Office) -> None:
    office.deploy(alarmed(("satu", "timeDuration", "PT10M"), ("ulang", "timeCycle", "R2/PT15M")))
    instance = office.start()
    office.engine.close()
    office.later(hours=2)
    office.reopen()
    office.runs()
    assert [item[0] for item in fired(office, instance)] == ["satu", "ulang", "ulang"]
    office.runs()
    assert len(fired(office, instance)) == 3


def test_a_timer_fires_once_however_many_ask(either_office: Office) -> None:
    office = either_office
    office.deploy(alarmed(("satu", "timeDuration", "PT10M")))
    instance = office.start()
    office.later(minutes=10)
    command = c.TriggerTimer(actor=c.SYSTEM, timer_id=f"{instance}:satu.t1")
    threads = [threading.Thread(target=office.handle, args=(command,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fired(office, instance)) == 1


def test_triggering_what_is_not_due_or_gone_is_a_quiet_no_op(office: Office) -> None:
    office.deploy(alarmed(("satu", "timeDuration", "PT10M")))
    instance = office.start()
    command = c.TriggerTimer(actor=c.SYSTEM, timer_id=f"{instance}:satu.t1")
    before = office.rows()
    office.handle(command)
    assert office.rows() == before
    office.completes("petugas", "kerja", instance)
    after = office.rows()
    office.later(minutes=10)
    office.handle(command)
    assert office.rows() == after
    assert office.refused(c.TriggerTimer(actor=c.SYSTEM, timer_id="entah:satu.t1")).http_status == 404


def test_the_clock_of_an_instance_never_goes_backwards(office: Office) -> None:
    office.deploy(line(("kerja", human())))
    instance = office.start()
    office.clock._now -= timedelta(hours=1)
    outcome = office.handle(c.ClaimUserTask(actor=person("petugas"), task_id=office.task("kerja", instance).id))
    assert shown(outcome.at) == "23 07:00"


def test_an_interrupting_timer_on_a_sub_process_withdraws_what_is_inside(office: Office) -> None:
    inside = start("awal") + human("isi") + end("akhir") + chain("awal", "isi", "akhir")
    parts = (
        start(),
        f'<bpmn:subProcess id="dalam">{inside}</bpmn:subProcess>',
        boundary("habis", "dalam", timer("PT1H")),
    )
    flows = chain("mulai", "dalam", "selesai") + chain("habis", "usai")
    office.deploy(bpmn(*parts, end(), end("usai"), flows, properties=OPEN))
    instance = office.start()
    office.claims("petugas", "isi", instance)
    office.later(hours=1)
    office.runs()
    assert office.last_task("isi", instance).state == "WITHDRAWN"
    assert office.inbox("petugas", instance, "mine") == []
    assert office.state(instance) == "COMPLETED"


def test_a_timer_that_cannot_fire_is_put_off_longer_each_time_and_blocks_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.deploy(alarmed(("satu", "timeDuration", "PT10M")))
    broken, whole = office.start(), office.start()
    fire = Dispatcher.fire_due

    def failing(dispatcher: Dispatcher, instance_id: str) -> int:
        if instance_id == broken:
            raise RuntimeError("the disk is full")
        return fire(dispatcher, instance_id)

    office.later(minutes=10)
    with monkeypatch.context() as patched:
        patched.setattr(Dispatcher, "fire_due", failing)
        office.engine.run_due()
        assert (fired(office, broken), len(fired(office, whole))) == ([], 1)
        pauses = []
        for _ in range(3):
            due = office.engine.next_due()
            assert due is not None
            pauses.append(due - office.clock.now())
            office.clock.set(due)
            office.engine.run_due()
    assert pauses == sorted(set(pauses))
    assert pauses[0] > timedelta()
    office.later(hours=1)
    office.runs()
    assert len(fired(office, broken)) == 1
