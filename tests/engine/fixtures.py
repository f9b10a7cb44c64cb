"""The demo office as fixtures, on either database; at the end of each test its record must hold."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.bootstrap import open_engine
from engine.door import Engine
from engine.store.session import DATABASE_FILE
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
def office(data_dir: Path, furnished_file: Path) -> Iterator[Office]:
    """The demo office on SQLite, Monday 23 November 2026, 07.00 WIB."""
    data_dir.mkdir()
    shutil.copyfile(furnished_file, data_dir / DATABASE_FILE)
    yield from _opened(lambda office: _open(None, data_dir, office))


@pytest.fixture
def postgresql_office(postgresql: PostgresqlServer, furnished_postgresql: str, tmp_path: Path) -> Iterator[Office]:
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
