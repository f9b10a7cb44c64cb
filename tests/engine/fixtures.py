"""The demo office as fixtures, on either database; at the end of each test its record must hold."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from engine.bootstrap import open_engine
from engine.door import Engine
from engine.replay import verification
from engine.store.session import DATABASE_FILE, Database, open_database
from tests.engine.office import Office, furnish
from tests.postgresql import PostgresqlServer


@pytest.fixture(scope="session")
def furnished_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the demo office, to be copied."""
    directory = tmp_path_factory.mktemp("office-template")
    furnish(None, directory)
    return directory / DATABASE_FILE


@pytest.fixture(scope="session")
def furnished_postgresql(postgresql: PostgresqlServer, postgresql_template: str) -> str:
    """The name of a PostgreSQL database with the demo office, to be copied."""
    name = postgresql.create(postgresql_template)
    furnish(postgresql.url(name), None)
    return name


@pytest.fixture
def quick_verify(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`verify` rebuilds into a copy of an empty database: migrating one takes longer than most tests."""

    @contextmanager
    def scratch_database() -> Iterator[Database]:
        with TemporaryDirectory(dir=tmp_path) as directory:
            shutil.copyfile(sqlite_template, Path(directory) / DATABASE_FILE)
            database = open_database(None, data_dir=Path(directory))
            yield database
            database.close()

    monkeypatch.setattr(verification, "scratch_database", scratch_database)


@pytest.fixture
def office(data_dir: Path, furnished_file: Path, quick_verify: None) -> Iterator[Office]:
    """The demo office on SQLite, Monday 23 November 2026, 07.00 WIB."""
    data_dir.mkdir()
    shutil.copyfile(furnished_file, data_dir / DATABASE_FILE)
    yield from _opened(lambda office: _open(None, data_dir, office))


@pytest.fixture
def postgresql_office(postgresql: PostgresqlServer, furnished_postgresql: str, quick_verify: None) -> Iterator[Office]:
    """The same on PostgreSQL."""
    name = postgresql.create(furnished_postgresql)
    yield from _opened(lambda office: _open(postgresql.url(name), None, office))
    postgresql.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_office(request: pytest.FixtureRequest) -> Office:
    """The demo office: the test runs once on each kind of database."""
    found: Office = request.getfixturevalue("office" if request.param == "sqlite" else "postgresql_office")
    return found


def _open(url: str | None, data_dir: Path | None, office: Office) -> Engine:
    return open_engine(url, data_dir=data_dir, clock=office.clock, job_handlers=office.handlers)


def _opened(open_: Callable[[Office], Engine]) -> Iterator[Office]:
    office = Office(open_)
    yield office
    try:
        if not office.is_tampered:
            for report in (office.engine.verify(), office.engine.replay()):
                assert report.ok, report.lines
    finally:
        office.engine.close()
