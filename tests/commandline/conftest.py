"""A terminal in which the tests type: the real commands, on a data directory of their own."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine import open_engine
from web.commandline.root import prima
from web.commandline.session import acting_as
from web.setting_up import set_up_demo

ROOT = Path(__file__).resolve().parents[2]
INDONESIAN = {"LC_ALL": "id_ID.UTF-8", "PRIMA_DATA": "", "PRIMA_DATABASE": ""}


@dataclass(frozen=True)
class Terminal:
    """Types commands on one data directory."""

    data: Path

    def run(self, *arguments: str, given: str | None = None, **environment: str) -> Result:
        """The result of a command; an exception that no command should let out fails the test."""
        env = {**INDONESIAN, **environment}
        result = CliRunner().invoke(prima, ["--data", str(self.data), *arguments], input=given, env=env)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def ok(self, *arguments: str, given: str | None = None) -> str:
        """What a command prints that has to succeed."""
        result = self.run(*arguments, given=given)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    def refused(self, *arguments: str, given: str | None = None, code: int = 1) -> str:
        """What a command says on the error output that has to be refused."""
        result = self.run(*arguments, given=given)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.stderr.strip()

    def json(self, *arguments: str) -> Any:
        """What a command prints as JSON."""
        return json.loads(self.ok(*arguments, "--json"))

    def process(self, *arguments: str) -> subprocess.Popen[str]:
        """The command as a program of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "web.commandline", *arguments, "--data", str(self.data)],
            env={**os.environ, **INDONESIAN, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def open_task(self, instance_id: str, element: str) -> str:
        """The id of the instance's open task at an element."""
        found = [
            task["id"]
            for task in self.json("show", instance_id)["tasks"]
            if task["element_id"] == element and task["state"] in ("READY", "ACTIVE")
        ]
        assert len(found) == 1, (element, found)
        return str(found[0])

    def do(self, user: str, instance_id: str, element: str, **values: object) -> str:
        """Take and complete the instance's task at an element; returns the task's id."""
        task = self.open_task(instance_id, element)
        if next(row for row in self.json("tasks") if row["id"] == task)["assignee"] is None:
            self.ok("claim", task, "--as", user)
        given = [part for key, value in values.items() for part in ("--var", f"{key}={json.dumps(value)}")]
        self.ok("complete", task, "--as", user, *given)
        return task


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Takes back what a command changes in this process's logging."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a demo, to be copied."""
    folder = tmp_path_factory.mktemp("demo-template") / "data"
    with open_engine(data_dir=folder) as engine:
        set_up_demo(engine, acting_as(None), lambda stage: None)
        engine.database.checkpoint()
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Terminal:
    """A terminal on a data directory that does not exist yet."""
    return Terminal(tmp_path / "data")


@pytest.fixture
def demo(tmp_path: Path, demo_template: Path) -> Terminal:
    """A terminal on a demo."""
    shutil.copytree(demo_template, tmp_path / "data")
    return Terminal(tmp_path / "data")


@pytest.fixture
def opening(demo: Terminal) -> str:
    """The id of a service day opened in the demo."""
    return demo.ok(*OPENING)


OPENING = (
    *("start", "pelayanan_prima", "--event", "mulai_hari_layanan", "--as", "kepala"),
    *("--var", "tim=tim-a", "--var", "shift=Pagi", "--var", "jam_layanan=2030-01-07T08:00:00+07:00"),
    *("--var", "versi_standar=v1"),
)


@pytest.fixture
def programs() -> Iterator[Callable[[subprocess.Popen[str]], subprocess.Popen[str]]]:
    """Keeps programs that a test started, to stop those that still run."""
    started: list[subprocess.Popen[str]] = []

    def keep(program: subprocess.Popen[str]) -> subprocess.Popen[str]:
        started.append(program)
        return program

    yield keep
    for program in started:
        if program.poll() is None:
            program.kill()
        program.communicate()
