"""How Prima talks to SQLite: a version that does not corrupt, one writer, readers beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from engine.errors import StoreError

Version = tuple[int, int, int]

# Two connections that checkpoint at once can corrupt a WAL up to 3.51.2: https://sqlite.org/wal.html#walresetbug
FIRST_SAFE: Version = (3, 51, 3)
SAFE_PATCHES: Sequence[Version] = ((3, 50, 7), (3, 44, 6))
BUSY_SECONDS = 10.0
READERS = 16

# Order matters: journal_mode first, because it waits for nobody once it is set.
WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",  # or INSERT OR REPLACE slips past the journal's delete trigger
    "PRAGMA secure_delete=ON",  # an erased personal value is overwritten
    "PRAGMA journal_size_limit=67108864",
)
READER_PRAGMAS = ("PRAGMA foreign_keys=ON", "PRAGMA query_only=ON")


def is_safe(version: Version) -> bool:
    """Whether this SQLite has the correction of the WAL corruption."""
    return version >= FIRST_SAFE or any(version[:2] == patch[:2] and version >= patch for patch in SAFE_PATCHES)


def driver() -> ModuleType:
    """The Python module to open SQLite with: pysqlite3 if it is there, else Python's own if its SQLite is safe.

    Raises StoreError naming the versions found and wanted.
    """
    found = []
    for name, module in (("pysqlite3", _pysqlite3()), ("Python's sqlite3", sqlite3)):
        if module is None:
            continue
        if is_safe(module.sqlite_version_info):
            return module
        found.append(f"{module.sqlite_version} in {name}")
    raise StoreError(
        f"This SQLite can corrupt a database: found {' and '.join(found)}; wanted 3.51.3 or later, 3.50.7 or 3.44.6. "
        "Install the package pysqlite3."
    )


def writer_engine(url: URL, *, checkpoints: bool) -> Engine:
    """The engine of the one writing connection; every transaction takes the write lock when it begins."""
    pragmas = WRITER_PRAGMAS if checkpoints else (*WRITER_PRAGMAS, "PRAGMA wal_autocheckpoint=0")
    engine = _engine(url, pragmas, pool_size=1, max_overflow=0)
    _begin_with(engine, "BEGIN IMMEDIATE")
    return engine


def reader_engine(url: URL) -> Engine:
    """The engine of connections that can only read, each transaction one snapshot."""
    engine = _engine(url, READER_PRAGMAS, pool_size=READERS, max_overflow=0)
    _begin_with(engine, "BEGIN")
    return engine


def _pysqlite3() -> ModuleType | None:
    try:
        return import_module("pysqlite3.dbapi2")
    except ImportError:
        return None


def _engine(url: URL, pragmas: Sequence[str], **pool: Any) -> Engine:
    # isolation_level None: the driver begins nothing by itself, or updates are lost silently.
    connect_args = {
        "isolation_level": None,
        "timeout": BUSY_SECONDS,
        "check_same_thread": False,
        "cached_statements": 512,
    }
    engine = create_engine(url, module=driver(), connect_args=connect_args, **pool)
    event.listen(engine, "connect", _run_pragmas(pragmas))
    return engine


def _run_pragmas(pragmas: Sequence[str]) -> Callable[[Any, Any], None]:
    def run(dbapi_connection: Any, _record: Any) -> None:
        cursor = dbapi_connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    return run


def _begin_with(engine: Engine, statement: str) -> None:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    event.listen(engine, "begin", begin)
