"""Timers that are overdue as soon as they are armed: fired at once, and not for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import Engine
from engine.commands import Actor, ClaimUserTask, DeployDefinition, StartProcessInstance
from engine.runtime.execution.boundaries import CHAIN_LIMIT
from tests.referee import model
from tests.referee.bpmn_writer import write_bpmn
from tests.referee.model import Flow, Node, Process, Timer
from tests.referee.office import KEY, TESTER, found_office, open_office

ACTOR = Actor(TESTER)
MINUTE = 10  # of the test's clock; every date of the models is before it


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    found_office(tmp_path / "data")
    return tmp_path / "data"


def overdue(node_id: str, attached_to: str) -> Node:
    return Node(node_id, model.BOUNDARY, event=model.TIMER, timer=Timer("date", 1), attached_to=attached_to)


def start(engine: Engine, process: Process) -> str:
    engine.handle(DeployDefinition({f"{KEY}.bpmn": write_bpmn(process)}, TESTER, actor=ACTOR))
    return engine.handle(StartProcessInstance(KEY, actor=ACTOR)).instance_id


def test_a_loop_over_a_date_in_the_past_becomes_an_incident_of_that_instance_only(directory: Path) -> None:
    loop = Process(
        (
            Node("start", model.START),
            Node("task", model.USER),
            overdue("boundary", "task"),
            Node("end", model.END),
        ),
        (Flow("a", "start", "task"), Flow("b", "task", "end"), Flow("c", "boundary", "task")),
    )
    with open_office(directory, MINUTE) as engine:
        instance = start(engine, loop)
        assert engine.run_due() == CHAIN_LIMIT
        viewer = engine.account(TESTER)
        assert viewer is not None
        (incident,) = engine.incidents(viewer)
        assert (incident.instance_id, incident.element_id, incident.kind) == (instance, "task", "endless_loop")
        assert (engine.run_due(), engine.next_due()) == (0, None)
        assert engine.verify().problems == []
        assert engine.replay().problems == []


def test_a_date_in_the_past_fires_before_anybody_can_take_the_task(directory: Path) -> None:
    twice = Process(
        (
            Node("start", model.START),
            Node("task", model.USER),
            overdue("boundary", "task"),
            Node("late", model.USER),
            overdue("boundary_2", "late"),
            Node("last", model.USER),
            Node("end", model.END),
        ),
        (
            Flow("a", "start", "task"),
            Flow("b", "task", "end"),
            Flow("c", "boundary", "late"),
            Flow("d", "late", "end"),
            Flow("e", "boundary_2", "last"),
            Flow("f", "last", "end"),
        ),
    )
    with open_office(directory, MINUTE) as engine:
        instance = start(engine, twice)
        outcome = engine.handle(ClaimUserTask(f"{instance}:last.1", actor=ACTOR))
        assert outcome.seq == 4  # the start, two timers, the claim
