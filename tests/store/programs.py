"""Other programs that use the same database at the same time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_OPENING = """
import pathlib, sys
from engine.store import journal
from engine.store.session import open_database
from tests.store.samples import OFFICE, entry
data_dir = pathlib.Path(sys.argv[1])
def say(word):
    print(word, flush=True)
def wait():
    sys.stdin.readline()
"""


@contextmanager
def program(body: str, data_dir: Path, ready: str = "ready") -> Iterator[subprocess.Popen[str]]:
    """A Python program that has said `ready` and goes on when it is sent a line; killed afterwards if it still runs."""
    command = [sys.executable, "-c", _OPENING + body, str(data_dir)]
    running = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == f"{ready}\n"
            yield running
        finally:
            running.kill()


def go_on(running: subprocess.Popen[str]) -> None:
    """Let a program that waits go on, and wait for its end."""
    running.communicate("\n", timeout=30)
    assert running.returncode == 0
