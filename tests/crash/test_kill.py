"""The power fails at any moment: what was acknowledged is there, nothing half done is, and work goes on."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from engine import Engine, open_engine
from engine.commands import SYSTEM, Actor, ClaimUserTask, CompleteUserTask, DeployDefinition, StartProcessInstance
from engine.ids import instance_stream
from engine.store import journal, queries, snapshots
from tests.crash.browser import Browser
from tests.crash.loops import BPMN, KEY
from tests.crash.worker import VALUES, VISIT
from web.commandline.session import acting_as
from web.setting_up import set_up_demo

ROOT = Path(__file__).resolve().parents[2]
LIVES = (0.0, 0.35, 0.8, 1.3)  # seconds of work before each kill, after the first acknowledged commands
FIRST_COMMANDS = 8
SERVED = (0.1, 0.5, 0.9)  # seconds of load before each kill of the server, after the first accepted commands
VISITORS = 3
START = "/start/pelayanan_prima/pelanggan_datang"
TENANT = "kantor"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo office in which timers are due all the time."""
    directory = tmp_path_factory.mktemp("office") / "data"
    with open_engine(data_dir=directory) as engine:
        set_up_demo(engine, acting_as(None), lambda stage: None)
        engine.handle(DeployDefinition({f"{KEY}.bpmn": BPMN}, "kepala", actor=SYSTEM))
        for _ in range(3):
            engine.handle(StartProcessInstance(KEY, variables={"n": 0}, actor=SYSTEM))
    return directory


@pytest.fixture
def office(template: Path, tmp_path: Path) -> Path:
    """The office's data directory."""
    return Path(shutil.copytree(template, tmp_path / "data"))


def test_killing_a_process_at_work_loses_nothing_and_leaves_nothing_half_done(office: Path) -> None:
    acknowledged: list[dict[str, Any]] = []
    for life in LIVES:
        found = killed_after(office, life)
        assert len(found) >= FIRST_COMMANDS  # also after a kill, work went on
        acknowledged += found
        with open_engine(data_dir=office) as engine:
            assert_recorded(engine, acknowledged)
            assert_whole(engine)
    with open_engine(data_dir=office) as engine:
        assert_repeats_are_known(engine, acknowledged[-1])
        assert_ticks_are_not_lost(engine)


def test_killing_the_server_under_load_loses_nothing_that_a_visitor_was_told(office: Path, tmp_path: Path) -> None:
    accepted: list[str] = []
    for life in SERVED:
        log = tmp_path / f"server-{life}.log"
        found = served_until_killed(office, life, log)
        assert len(found) >= VISITORS
        accepted += found
        assert "Traceback" not in log.read_text(encoding="utf-8")
        with open_engine(data_dir=office) as engine:
            with engine.database.read() as connection:
                assert [id_ for id_ in accepted if journal.find_command(connection, TENANT, id_) is None] == []
            assert_whole(engine)
    with open_engine(data_dir=office) as engine:
        assert_ticks_are_not_lost(engine)


def killed_after(office: Path, seconds: float) -> list[dict[str, Any]]:
    """What a worker acknowledged that was killed after so many seconds of work."""
    command = [sys.executable, "-m", "tests.crash.worker", str(office)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        pipe = worker.stdout.fileno()
        try:
            text = _read(pipe, FIRST_COMMANDS)
            deadline = time.monotonic() + seconds
            while (left := deadline - time.monotonic()) > 0:
                text += _read_for(pipe, left)
        finally:
            worker.send_signal(signal.SIGKILL)
        while rest := os.read(pipe, 1 << 16):
            text += rest
    assert worker.returncode == -signal.SIGKILL
    return [json.loads(line) for line in text.splitlines()]


def served_until_killed(office: Path, seconds: float, log: Path) -> list[str]:
    """The ids of the commands that visitors were told are done, by a server that is killed while they work."""
    port = _free_port()
    command = [sys.executable, "-m", "web.commandline", "serve", "--demo", "--port", str(port), "--data", str(office)]
    with log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as server:
        try:
            browsers = [_entered(port, server) for _ in range(VISITORS)]
            with ThreadPoolExecutor(VISITORS) as threads:
                visits = [threads.submit(visit_until_the_end, browser) for browser in browsers]
                _wait_for(lambda: sum(len(browser.accepted) for browser in browsers) >= VISITORS)
                time.sleep(seconds)
                server.send_signal(signal.SIGKILL)
                for visit in visits:
                    visit.result(timeout=60)
        finally:
            server.kill()
    assert server.returncode == -signal.SIGKILL
    return [id_ for browser in browsers for id_ in browser.accepted]


def visit_until_the_end(browser: Browser) -> None:
    """Start visits and complete their first steps until the server is gone."""
    with suppress(OSError, HTTPException):
        while True:
            page, path = browser.opens(START)
            where = browser.sends(page, path, VISIT)
            if not where.startswith("/tasks/"):
                continue  # the deadline was not set at once
            page, path = browser.opens(where)
            browser.sends(page, f"{path}/complete", dict(VALUES["pelayanan"]))


def _entered(port: int, server: subprocess.Popen[bytes]) -> Browser:
    browser = Browser(port)

    def entered() -> bool:
        assert server.poll() is None, "the server ended by itself"
        with suppress(OSError):
            browser.enters("petugas")
            return True
        return False

    _wait_for(entered)
    return browser


def _wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it does not happen within a minute"
        time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _read(pipe: int, lines: int) -> bytes:
    text = b""
    while text.count(b"\n") < lines:
        piece = os.read(pipe, 1 << 16)
        assert piece, "the worker ended by itself"
        text += piece
    return text


def _read_for(pipe: int, seconds: float) -> bytes:
    ready, _, _ = select.select([pipe], [], [], seconds)
    return os.read(pipe, 1 << 16) if ready else b""


def assert_recorded(engine: Engine, acknowledged: list[dict[str, Any]]) -> None:
    """Every acknowledged command stands in the journal, at the place that was told."""
    with engine.database.read() as connection:
        for line in acknowledged:
            stored = journal.find_command(connection, TENANT, line["command_id"])
            assert stored is not None, line
            told = {"stream": stored.entry.stream, "seq": stored.seq, "at": stored.entry.at}
            assert told | {"command_id": line["command_id"]} == line


def assert_whole(engine: Engine) -> None:
    """The file is sound, the chain intact, rows and states are those of the journal, and re-execution gives them."""
    with engine.database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        for instance in queries.instance_ids(connection, TENANT):
            stream = instance_stream(instance)
            saved = snapshots.load(connection, TENANT, stream)
            assert saved is not None
            assert saved.seq == journal.head(connection, TENANT, stream, lock=False).seq
    assert engine.verify().problems == []
    assert engine.replay().problems == []


def assert_repeats_are_known(engine: Engine, line: dict[str, Any]) -> None:
    """Who was cut off before the answer may ask again: the command is not carried out twice."""
    with engine.database.read() as connection:
        stored = journal.find_command(connection, TENANT, line["command_id"])
    assert stored is not None
    again: dict[str, Any] = {"actor": Actor(stored.entry.actor["account"]), "command_id": line["command_id"]}
    commands = {
        "StartProcessInstance": StartProcessInstance("pelayanan_prima", **again),
        "ClaimUserTask": ClaimUserTask("apa-saja:tugas.1", **again),
        "CompleteUserTask": CompleteUserTask("apa-saja:tugas.1", **again),
    }
    outcome = engine.handle(commands[stored.entry.kind])
    assert (outcome.repeated, outcome.stream, outcome.seq) == (True, line["stream"], line["seq"])


def assert_ticks_are_not_lost(engine: Engine) -> None:
    """Each tick fired once: one firing per armed timer, in order, and each counted."""
    engine.run_due()
    with engine.database.read() as connection:
        for instance in queries.instance_ids(connection, TENANT):
            entries = list(journal.read(connection, TENANT, instance_stream(instance)))
            events = [event for stored in entries for event in stored.entry.events]
            fired = [event["id"] for event in events if event["event"] == "timer:fired"]
            written = [event["values"] for event in events if event["event"] == "variables:set"]
            counted = [values["n"] for values in written if "n" in values]
            if counted:
                assert fired == [f"sedetik.t{number}" for number in range(1, len(fired) + 1)]
                assert counted == list(range(len(fired) + 1))
                assert len(fired) >= len(LIVES)
