"""Serving for real: a process of its own, its answer, and its end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.store.session import DATABASE_FILE

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys, time
from pathlib import Path
from engine import open_engine
from engine.jobs.runner import Runner
import web.server

make = web.server.create_app

def create_app(*given, **named):
    app = make(*given, **named)
    answer = app.view_functions["auth.login"]
    def slowly():
        print("asked", flush=True)
        time.sleep(1)
        return answer()
    app.view_functions["auth.login"] = slowly
    return app

web.server.create_app = create_app
with open_engine(data_dir=Path(sys.argv[1]), exclusive=True) as engine:
    web.server.serve(engine, Runner(engine), host="127.0.0.1", port=int(sys.argv[2]), secret="s" * 32)
print("ended", flush=True)
"""


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(data_dir: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(data_dir), str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGTERM")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_hand_is_answered_before_the_server_ends(
    tmp_path: Path, furnished_file: Path, port: int, sign: signal.Signals
) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    shutil.copyfile(furnished_file, data_dir / DATABASE_FILE)
    with serving(data_dir, port) as process, socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n"
        process.send_signal(sign)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"</html>" in answer
        assert process.wait(30) == 0
        assert process.stdout.read() == "ended\n"


def test_an_address_that_is_none_is_refused(office: object) -> None:
    from web.server import serve

    with pytest.raises(ValueError, match="expected an address like https://"):
        serve(office.engine, None, host="127.0.0.1", port=0, base_url="prima.example", secret="s" * 32)  # type: ignore[attr-defined, arg-type]
