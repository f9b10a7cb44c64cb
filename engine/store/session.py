"""Opening the database: one writer at a time, readers with a consistent view, the right tables, the right locks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from engine.clock import file_stamp
from engine.errors import StoreError
from engine.store import sqlite, tables
from engine.store.backup import copy_checked
from engine.store.locks import DirectoryLocks, FairLock
from engine.store.migrations import SchemaState, lock_for_upgrade, schema_state, upgrade
from engine.store.sequences import JOURNAL_POSITION

__all__ = ["Connection", "Database", "migrate", "open_database"]

DATABASE_FILE = "prima.sqlite"
BACKUP_DIRECTORY = "backups"
DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


class Database:
    """An open database; made by `open_database`, safe to use from many threads."""

    def __init__(self, url: URL, data_dir: Path | None, locks: DirectoryLocks | None, *, exclusive: bool) -> None:
        self.url = url
        self.data_dir = data_dir
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.is_exclusive = exclusive
        self._locks = locks
        self._turn = FairLock()
        self._watch_guard = threading.Lock()
        self._watching: Connection | None = None
        self._writer, self._reader = self._engines()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that alone may write: committed at the end, rolled back on any exception.

        On SQLite threads get their turn in the order they came; a thread that has one must not ask for another.
        Raises StoreError when another program keeps the database busy for ten seconds.
        """
        if not self.is_sqlite:
            with self._writer.begin() as connection:
                yield connection
            return
        with self._turn, _busy_is_a_store_error(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of everything committed; it can change nothing."""
        with self._reader.begin() as connection:
            yield connection

    def data_version(self) -> int:
        """A number that differs from the last one when somebody, this program or another, has committed since."""
        if not self.is_sqlite:
            position = select(func.coalesce(func.sum(tables.sequence_number.c.value), 0)).where(
                tables.sequence_number.c.name == JOURNAL_POSITION
            )
            with self.read() as connection:
                return int(connection.execute(position).scalar_one())
        with self._watch_guard:
            if self._watching is None:
                self._watching = self._reader.connect()
            return int(self._driver_value(self._watching, "PRAGMA data_version"))

    def checkpoint(self) -> bool:
        """Write everything in SQLite's log into the file and empty the log (after an erasure, say).

        False if a reader of an older state kept it from that; PostgreSQL sees to its log itself.
        """
        if not self.is_sqlite:
            return True
        with self._turn, self._writer.connect() as connection:
            return self._driver_value(connection, "PRAGMA wal_checkpoint(TRUNCATE)") == 0

    def is_served(self) -> bool:
        """Whether another program serves this data directory now."""
        return not self.is_exclusive and self._locks is not None and self._locks.is_served()

    def close(self) -> None:
        """Let go of connections and locks; quiet when already closed."""
        with self._watch_guard:
            if self._watching is not None:
                self._watching.close()
                self._watching = None
        self._reader.dispose()
        self._writer.dispose()
        if self._locks is not None:
            self._locks.release()

    def damage(self) -> list[str]:
        """What SQLite's own checks find wrong in the file, at most ten lines; none for a sound one."""
        if not self.is_sqlite:
            return []
        try:
            with self.read() as connection:
                found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(10)")]
                orphans = {str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        except DBAPIError as error:
            return [str(error.orig)]
        return [line for line in found if line != "ok"] + [f"rows without their parent in {name}" for name in orphans]

    def schema_state(self) -> SchemaState:
        """Which tables the database has, measured against this build."""
        with self.read() as connection:
            return schema_state(connection)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other program has this data directory's database open meanwhile.  Raises StoreError if one keeps it."""
        if self._locks is None:
            yield
            return
        try:
            self._locks.own_schema()
            yield
        finally:
            self._locks.share_schema()

    def _engines(self) -> tuple[Engine, Engine]:
        if self.is_sqlite:
            checkpoints = self.is_exclusive or self._locks is None or not self._locks.is_served()
            return sqlite.writer_engine(self.url, checkpoints=checkpoints), sqlite.reader_engine(self.url)
        writer = create_engine(self.url, isolation_level="READ COMMITTED", pool_pre_ping=True, pool_size=10)
        reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return writer, reader

    @staticmethod
    def _driver_value(connection: Connection, statement: str) -> int:
        # Past SQLAlchemy, which would begin a transaction that then hides other programs' commits.
        dbapi_connection = connection.connection.dbapi_connection
        if dbapi_connection is None:
            raise StoreError("The database connection has been closed.")
        cursor = dbapi_connection.cursor()
        try:
            cursor.execute(statement)
            (value, *_) = cursor.fetchone() or (0,)
            return int(value)
        finally:
            cursor.close()


def open_database(
    url: str | None, *, data_dir: Path | None = None, exclusive: bool = False, check_schema: bool = True
) -> Database:
    """The database at `url` (`sqlite:///path` or `postgresql://…`), by default the SQLite file in `data_dir`.

    `exclusive` is for the server: it refuses a second server on the directory and brings an older SQLite database up
    to date.  Everybody else shares the directory, may create the tables of an empty SQLite database, and never
    changes older ones.  `check_schema` false leaves the tables as they are, for `migrate`.

    Raises StoreError when the address is not understood, another server runs, the tables do not fit, or this SQLite
    is one that can corrupt a database.
    """
    address = _address(url, data_dir)
    is_sqlite = address.get_backend_name() == "sqlite"
    directory = data_dir or (Path(str(address.database)).parent if is_sqlite else None)
    locks = DirectoryLocks(directory) if directory is not None else None
    database = None
    try:
        if locks is not None:
            if exclusive:
                locks.hold_serve()
            locks.share_schema()
        database = Database(address, directory, locks, exclusive=exclusive)
        if check_schema:
            _check_schema(database)
    except BaseException as error:
        if database is not None:
            database.close()
        elif locks is not None:
            locks.release()
        if isinstance(error, DBAPIError):
            raise StoreError(f"Cannot open the database {address}: {error.orig}") from error
        raise
    return database


def sqlite_file(url: str | None, data_dir: Path | None) -> Path | None:
    """The file that `open_database` would use; None when the address is not SQLite's.  Raises StoreError."""
    address = _address(url, data_dir)
    return Path(str(address.database)) if address.get_backend_name() == "sqlite" else None


def migrate(database: Database) -> Path | None:
    """Bring the tables up to this build, alone; returns the backup made before (SQLite that had tables), else None.

    Raises StoreError when other programs use the database, or when it is newer than this build.
    """
    with database.alone():
        state = database.schema_state()
        if state is SchemaState.CURRENT:
            return None
        _refuse_unusable(database, state)
        saved = _backup_before_migration(database) if state is SchemaState.BEHIND else None
        with database.write() as connection:
            lock_for_upgrade(connection)
            upgrade(connection)
        return saved


def _check_schema(database: Database) -> None:
    state = database.schema_state()
    if state is SchemaState.CURRENT:
        return
    _refuse_unusable(database, state)
    may_change = database.is_sqlite and (database.is_exclusive or state is SchemaState.EMPTY)
    if not may_change:
        have = "has no tables yet" if state is SchemaState.EMPTY else "was made by an older Prima"
        raise StoreError(f"The database {database.url} {have}. Run `prima migrate` first.")
    migrate(database)


def _refuse_unusable(database: Database, state: SchemaState) -> None:
    if state is SchemaState.NEWER:
        raise StoreError(f"The database {database.url} was made by a newer Prima. Install that version or a later one.")
    if state is SchemaState.FOREIGN:
        raise StoreError(f"The database {database.url} has tables, but they are not Prima's. Name an empty one.")


def _backup_before_migration(database: Database) -> Path | None:
    if not database.is_sqlite or database.data_dir is None:
        return None
    target = database.data_dir / BACKUP_DIRECTORY / f"before-migration-{file_stamp()}.sqlite"
    copy_checked(Path(str(database.url.database)), target)
    return target


def _address(url: str | None, data_dir: Path | None) -> URL:
    if url is None:
        if data_dir is None:
            raise StoreError("Expected a database address or a data directory, found neither.")
        return URL.create(DRIVERS["sqlite"], database=str(data_dir / DATABASE_FILE))
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"Expected sqlite:///path or postgresql://…, found '{url}'.") from error
    if address.drivername not in DRIVERS:
        raise StoreError(f"Expected a sqlite or postgresql database, found '{address.drivername}'.")
    address = address.set(drivername=DRIVERS[address.drivername])
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        raise StoreError("Expected the path of an SQLite file, found none: a database in memory would not be kept.")
    return address


@contextmanager
def _busy_is_a_store_error() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if "database is locked" in str(error.orig):
            raise StoreError(
                f"Another program has been writing to the database for {sqlite.BUSY_SECONDS:.0f} seconds. Try again."
            ) from error
        raise
