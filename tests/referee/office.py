"""An office with one tester, whose engine is told what to do by requests that JSON can carry.

A request is `{"minute": …, "command": name of a command or null, "fields": {…}}`; without a command the engine does
what is due.  The answer is `{"instance": …}` (of an instance's stream) or `{"rejected": …, "reason": …}`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zlib import crc32

from engine import commands
from engine.bootstrap import open_engine
from engine.clock import VirtualClock
from engine.commands import SYSTEM, Actor, AddAccount
from engine.definition.specs import spec_fingerprint
from engine.door import Engine
from engine.errors import CommandRejected, NotFound
from engine.ids import local_id
from engine.runtime.job_contract import BpmnError, Job

from .bpmn_writer import CANDIDATE_GROUP, EPOCH, JOB_TYPE
from .generator import LISTS

MOST_ACTS = 20  # a loop of nothing but jobs goes on for ever
ROOT = Path(__file__).resolve().parents[2]
TESTER = "penguji"
KEY = "proses_acak"
_BY_THE_ENGINE = frozenset({"CompleteJob", "FailJob", "ThrowJobError", "TriggerTimer", "CorrelateMessage"})

Ask = Callable[[Mapping[str, Any]], dict[str, Any]]


class ManyProcessesClock(VirtualClock):
    """A clock that moves only when told to, and whose ids are nobody else's, whichever process draws them."""

    def new_id(self) -> str:
        return str(uuid4())


def job_answer(token: str, sets: tuple[str, ...], throws: str | None) -> dict[str, Any] | str:
    """What the test's job handler makes of the job of a token: values, or the code of the error that it throws."""
    dice = crc32(token.encode())
    if throws and dice % 3 == 0:
        return throws
    small = {name: crc32(f"{token}/{name}".encode()) % 6 - 1 for name in sets}
    return {name: [1] * max(value, 0) if name in LISTS else value for name, value in small.items()}


class JobHandler:
    """Answers every job from its token and its headers alone."""

    def perform(self, job: Job) -> Mapping[str, Any]:
        answer = job_answer(
            local_id(job.id), tuple(job.headers.get("sets", "").split()), job.headers.get("throws") or None
        )
        if isinstance(answer, str):
            raise BpmnError(answer)
        return answer

    def settle(self, job: Job, results: Mapping[str, Any], next_number: Callable[[str], int]) -> Mapping[str, Any]:
        return results


def open_office(directory: Path, minute: int = 0) -> Engine:
    """The office's engine, its clock standing at a minute of the referee's clock."""
    clock = ManyProcessesClock(EPOCH + timedelta(minutes=minute))
    return open_engine(None, data_dir=directory, clock=clock, job_handlers={JOB_TYPE: JobHandler()})


def found_office(directory: Path) -> None:
    """A new office in an empty directory; copy the directory to have more of them."""
    with open_office(directory) as engine:
        engine.handle(
            AddAccount(
                actor=SYSTEM,
                account_id=TESTER,
                display_name="Penguji",
                roles=("staff", "process_owner"),
                groups=(CANDIDATE_GROUP,),
            )
        )


def copy_office(template: Path, directory: Path) -> Path:
    """A copy of a closed office."""
    shutil.copytree(template, directory)
    return directory


def carry_out(engine: Engine, request: Mapping[str, Any]) -> dict[str, Any]:
    """Move the clock, do one thing, answer."""
    clock = engine.clock
    if not isinstance(clock, VirtualClock):
        raise TypeError(f"expected a clock that can be set, found {clock!r}")
    clock.set(EPOCH + timedelta(minutes=request["minute"]))
    if request["command"] is None:
        engine.run_due(MOST_ACTS)
        return {}
    try:
        outcome = engine.handle(_command(request["command"], request["fields"]))
    except CommandRejected as rejected:
        return {"rejected": type(rejected).__name__, "reason": str(rejected)}
    return {"instance": outcome.instance_id} if outcome.stream.startswith("instance:") else {}


@contextmanager
def forgetful(directory: Path) -> Iterator[Ask]:
    """The office, asked in this process; its engine drops every cache after each request.

    No request changes the compiled process: its fingerprint is the same before and after.
    """
    with open_office(directory) as engine:

        def ask(request: Mapping[str, Any]) -> dict[str, Any]:
            before = _fingerprint(engine)
            answer = carry_out(engine, request)
            assert before in (None, _fingerprint(engine))
            engine.forget()
            return answer

        yield ask


@contextmanager
def in_new_processes(directory: Path) -> Iterator[Ask]:
    """The office, each request carried out by a process of its own."""

    def ask(request: Mapping[str, Any]) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.referee.worker", str(directory)]
        done = subprocess.run(
            command, cwd=ROOT, input=json.dumps(request) + "\n", stdout=subprocess.PIPE, text=True, timeout=60
        )
        assert done.returncode == 0
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    yield ask


def _fingerprint(engine: Engine) -> str | None:
    try:
        return spec_fingerprint(engine.definition(KEY, 1).spec)
    except NotFound:
        return None


def _command(name: str, fields: Mapping[str, Any]) -> commands.Command:
    actor = SYSTEM if name in _BY_THE_ENGINE else Actor(TESTER)
    kind: Callable[..., commands.Command] = getattr(commands, name)
    given = dict(fields)
    if name == "DeployDefinition":
        given["files"] = {path: text.encode() for path, text in fields["files"].items()}
    return kind(actor=actor, **given)
