"""Copies of the SQLite database, checked before anybody relies on them.

`VACUUM INTO` makes one consistent file beside running writers; the paged backup API never ends under writes, and a
plain file copy misses what is still in the log.  PostgreSQL has its own tools (pg_dump), so these refuse it.
"""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.clock import file_stamp
from engine.errors import StoreError
from engine.store import sqlite
from engine.store.locks import DirectoryLocks

if TYPE_CHECKING:
    from engine.store.session import Database

SIDE_FILES = ("-wal", "-shm")


def backup(database: Database, path: Path) -> Path:
    """Write a checked copy of the open database to `path`, a file that does not exist yet; returns it.

    Raises StoreError if the file is there, cannot be written, or fails the check.
    """
    if not database.is_sqlite:
        raise StoreError("Expected an SQLite database to back up, found PostgreSQL: use pg_dump.")
    copy_checked(Path(str(database.url.database)), path)
    return path


def restore(path: Path, data_dir: Path, database_file: str = "prima.sqlite") -> Path | None:
    """Put the backup at `path` in the place of the data directory's database.

    Returns where the old database was put aside, None if there was none.  Raises StoreError when anybody uses the
    database, or when the backup is missing, damaged, or no database of Prima.
    """
    _check(path)
    locks = DirectoryLocks(data_dir)
    try:
        locks.hold_serve()
        locks.own_schema()
        fresh = data_dir / f"{database_file}.restoring"
        fresh.unlink(missing_ok=True)
        copy_checked(path, fresh)
        current = data_dir / database_file
        aside = _put_aside(current)
        fresh.replace(current)
        _sync_directory(data_dir)
        return aside
    finally:
        locks.release()


def copy_checked(source: Path, target: Path) -> None:
    """A consistent copy of an SQLite file, possibly in use, that has passed SQLite's integrity check and is on disk."""
    if target.exists():
        raise StoreError(f"Expected a new file to write the backup to, but {target} exists.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    module: Any = sqlite.driver()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)  # SQLite fills an empty file, and keeps who may read it
        with closing(module.connect(str(source), isolation_level=None, timeout=sqlite.BUSY_SECONDS)) as connection:
            connection.execute("VACUUM INTO ?", (str(unfinished),))
        _check(unfinished)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    except (OSError, module.Error) as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise StoreError(f"The backup {target} could not be written: {error}") from error


def _check(path: Path) -> None:
    """Raises StoreError unless the file is a whole database of Prima."""
    if not path.is_file():
        raise StoreError(f"Expected a backup file, but {path} does not exist.")
    module: Any = sqlite.driver()
    try:
        with closing(module.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            findings = [row[0] for row in connection.execute("PRAGMA integrity_check(10)")]
            names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    except module.Error as error:
        raise StoreError(f"{path} is not a usable SQLite database: {error}") from error
    if findings != ["ok"]:
        raise StoreError(f"{path} is damaged: {findings[0]}")
    if not {"journal", "alembic_version"} <= names:
        raise StoreError(f"{path} is an SQLite database, but not one of Prima.")


def _put_aside(current: Path) -> Path | None:
    if not current.exists():
        return None
    aside = current.with_name(f"{current.name}.before-restore-{file_stamp()}")
    number = 1
    while aside.exists():
        number += 1
        aside = current.with_name(f"{current.name}.before-restore-{file_stamp()}-{number}")
    for suffix in ("", *SIDE_FILES):
        part = current.with_name(current.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    return aside


def _sync_directory(directory: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
