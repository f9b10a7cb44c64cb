"""What every test may ask for: a data directory, and an open database of either kind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store.session import DATABASE_FILE, Database, migrate, open_database
from engine.store.tables import metadata
from tests.postgresql import PostgresqlServer, empty_tables, postgresql_server


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory that does not exist yet."""
    return tmp_path / "data"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables and nothing in them, to be copied."""
    directory = tmp_path_factory.mktemp("sqlite-template")
    open_database(None, data_dir=directory).close()
    return directory / DATABASE_FILE


@pytest.fixture
def sqlite_database(data_dir: Path, sqlite_template: Path) -> Iterator[Database]:
    """An open SQLite database with all tables and nothing in them, held as the server would."""
    data_dir.mkdir()
    shutil.copyfile(sqlite_template, data_dir / DATABASE_FILE)
    database = open_database(None, data_dir=data_dir, exclusive=True)
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server for the whole run."""
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgresqlServer) -> str:
    """The name of a PostgreSQL database with all tables and nothing in them, to be copied."""
    name = postgresql.create()
    database = open_database(postgresql.url(name), check_schema=False)
    migrate(database)
    database.close()
    return name


@pytest.fixture
def empty_postgresql_url(postgresql: PostgresqlServer) -> Iterator[str]:
    """The address of a PostgreSQL database without tables."""
    name = postgresql.create()
    yield postgresql.url(name)
    postgresql.drop(name)


@pytest.fixture
def postgresql_url(postgresql: PostgresqlServer, postgresql_template: str) -> Iterator[str]:
    """The address of a PostgreSQL database with all tables and nothing in them."""
    name = postgresql.create(postgresql_template)
    yield postgresql.url(name)
    postgresql.drop(name)


@pytest.fixture(scope="session")
def shared_postgresql_url(postgresql: PostgresqlServer, postgresql_template: str) -> str:
    """The address of the one PostgreSQL database that tests use in turn: quicker than one for each."""
    return postgresql.url(postgresql.create(postgresql_template))


@pytest.fixture
def postgresql_database(shared_postgresql_url: str) -> Iterator[Database]:
    """An open PostgreSQL database with all tables and nothing in them.

    It is emptied afterwards; a test that changes tables takes `postgresql_url`, which is its own.
    """
    database = open_database(shared_postgresql_url)
    yield database
    database.close()
    empty_tables(shared_postgresql_url, metadata.tables)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An open database with all tables and nothing in them: the test runs once on each kind."""
    opened: Database = request.getfixturevalue(f"{request.param}_database")
    return opened
