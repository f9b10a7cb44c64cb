"""Two at once: one is served, the other is told, and nothing happens twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from engine import Engine, open_engine
from engine.clock import VirtualClock
from engine.commands import (
    SYSTEM,
    Actor,
    AddAccount,
    ClaimUserTask,
    Command,
    DeployDefinition,
    Outcome,
    StartProcessInstance,
)
from engine.errors import CommandRejected, Conflict
from engine.ids import instance_stream
from engine.store import journal, queries

Result = TypeVar("Result")

MORNING = datetime(2026, 11, 23, 1, tzinfo=UTC)
PEOPLE = {"ani": "Ani Lestari", "budi": "Budi Santoso"}
ROUNDS = 8
TENANT = "kantor"
BPMN = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="definitions" targetNamespace="http://example.org/uji">
  <bpmn:process id="rebutan" name="Rebutan" isExecutable="true">
    <bpmn:startEvent id="mulai"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="a" sourceRef="mulai" targetRef="tugas" />
    <bpmn:userTask id="tugas" name="Tugas">
      <bpmn:extensionElements><zeebe:assignmentDefinition candidateGroups="loket" /></bpmn:extensionElements>
      <bpmn:incoming>a</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:boundaryEvent id="lewat" attachedToRef="tugas" cancelActivity="false">
      <bpmn:outgoing>c</bpmn:outgoing>
      <bpmn:timerEventDefinition id="lewat_def"><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="b" sourceRef="tugas" targetRef="akhir" />
    <bpmn:sequenceFlow id="c" sourceRef="lewat" targetRef="akhir_lewat" />
    <bpmn:endEvent id="akhir"><bpmn:incoming>b</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="akhir_lewat"><bpmn:incoming>c</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""


class ManyProgramsClock(VirtualClock):
    """A clock that moves only when told to, and whose ids are nobody else's."""

    def new_id(self) -> str:
        return str(uuid4())


Opening = Callable[[], Engine]


@pytest.fixture(params=["sqlite", "postgresql"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opening]:
    """Opens the same office, each time as another program would: own clock, caches and connections."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else None
    with ExitStack() as stack:

        def opened() -> Engine:
            engine = open_engine(url, data_dir=tmp_path / "data", clock=ManyProgramsClock(MORNING))
            return stack.enter_context(engine)

        yield opened


@pytest.fixture
def engine(opening: Opening) -> Engine:
    """An office with two people at one counter, and a process that gives them a task."""
    engine = opening()
    for account, name in PEOPLE.items():
        engine.handle(AddAccount(account, name, ("staff",), ("loket",), actor=SYSTEM))
    engine.handle(DeployDefinition({"rebutan.bpmn": BPMN}, "ani", actor=SYSTEM))
    return engine


def start(engine: Engine) -> str:
    return engine.handle(StartProcessInstance("rebutan", actor=SYSTEM)).instance_id


def at_once(*acts: Callable[[], Result]) -> list[Result]:
    """The results of acts that all begin at the same moment, each in a thread of its own."""
    line = threading.Barrier(len(acts))

    def begin(act: Callable[[], Result]) -> Result:
        line.wait(timeout=10)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [future.result(timeout=30) for future in [threads.submit(begin, act) for act in acts]]


def answer(engine: Engine, command: Command) -> Callable[[], Outcome | CommandRejected]:
    """An act: carry the command out, and give back the outcome or the refusal."""

    def act() -> Outcome | CommandRejected:
        try:
            return engine.handle(command)
        except CommandRejected as rejected:
            return rejected

    return act


def entries(engine: Engine, instance: str) -> list[Any]:
    with engine.database.read() as connection:
        return [stored.entry for stored in journal.read(connection, TENANT, instance_stream(instance))]


def is_whole(engine: Engine) -> bool:
    return engine.verify().problems == [] and engine.replay().problems == []


@pytest.mark.parametrize("programs", [1, 2])
def test_of_two_people_who_claim_at_once_one_wins_and_the_other_is_told_who(
    engine: Engine, opening: Opening, programs: int
) -> None:
    other = engine if programs == 1 else opening()
    for _ in range(ROUNDS):
        instance = start(engine)
        task = f"{instance}:tugas.1"
        answers = at_once(
            answer(engine, ClaimUserTask(task, actor=Actor("ani"))),
            answer(other, ClaimUserTask(task, actor=Actor("budi"))),
        )
        (outcome,) = [found for found in answers if isinstance(found, Outcome)]
        (refusal,) = [found for found in answers if isinstance(found, CommandRejected)]
        assert isinstance(refusal, Conflict)
        winner = outcome.events[0]["by"]
        assert PEOPLE[winner] in str(refusal)
        assert [entry.kind for entry in entries(engine, instance)] == ["StartProcessInstance", "ClaimUserTask"]
    assert is_whole(engine)


@pytest.mark.parametrize("programs", [1, 2])
def test_a_command_sent_twice_at_once_is_applied_once_and_answered_twice(
    engine: Engine, opening: Opening, programs: int
) -> None:
    other = engine if programs == 1 else opening()
    for number in range(ROUNDS):
        instance = start(engine)
        command = ClaimUserTask(f"{instance}:tugas.1", actor=Actor("ani"), command_id=f"sekali-{number}")
        first, second = sorted(at_once(*(answer(door, command) for door in (engine, other))), key=_repeated)
        assert isinstance(first, Outcome), first
        assert isinstance(second, Outcome), second
        assert (first.repeated, second.repeated) == (False, True)
        assert (first.stream, first.seq, first.at, first.events) == (
            second.stream,
            second.seq,
            second.at,
            second.events,
        )
        assert len(entries(engine, instance)) == 2
    assert is_whole(engine)


@pytest.mark.parametrize("programs", [1, 2])
def test_a_start_sent_twice_at_once_starts_one_instance(engine: Engine, opening: Opening, programs: int) -> None:
    other = engine if programs == 1 else opening()
    for number in range(ROUNDS):
        command = StartProcessInstance("rebutan", actor=SYSTEM, command_id=f"mulai-{number}")
        first, second = sorted(at_once(*(answer(door, command) for door in (engine, other))), key=_repeated)
        assert isinstance(first, Outcome), first
        assert isinstance(second, Outcome), second
        assert (first.repeated, second.repeated) == (False, True)
        assert first.instance_id == second.instance_id
    with engine.database.read() as connection:
        assert len(queries.instance_ids(connection, TENANT)) == ROUNDS
    assert is_whole(engine)


def _repeated(found: Outcome | CommandRejected) -> bool:
    return isinstance(found, Outcome) and found.repeated


def test_a_timer_that_two_runners_find_due_fires_once(engine: Engine, opening: Opening) -> None:
    other = opening()
    instances = [start(engine) for _ in range(ROUNDS)]
    for door in (engine, other):
        clock = door.clock
        assert isinstance(clock, VirtualClock)
        clock.set(MORNING + timedelta(hours=2))
    acts = at_once(engine.run_due, other.run_due)
    assert sum(acts) == ROUNDS
    for instance in instances:
        (fired,) = [entry for entry in entries(engine, instance) if entry.kind == "TriggerTimer"]
        assert [event["event"] for event in fired.events].count("timer:fired") == 1
    assert (engine.run_due(), other.run_due()) == (0, 0)
    assert is_whole(engine)
