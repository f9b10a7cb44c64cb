"""Backups: whole, checked, and put back only when nobody is in the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import StoreError
from engine.store import journal, sqlite
from engine.store.backup import backup, restore
from engine.store.session import Database, open_database
from tests.store.programs import go_on, program
from tests.store.samples import OFFICE, STREAM, entry


def _append(database: Database, number: int) -> None:
    with database.write() as connection:
        journal.append(connection, entry(number))


def _count(database: Database) -> int:
    with database.read() as connection:
        assert journal.verify_chain(connection, OFFICE).is_sound
        return sum(1 for _ in journal.read(connection, OFFICE, STREAM))


@pytest.fixture
def saved(sqlite_database: Database, tmp_path: Path) -> Path:
    """A backup with one entry; the database, closed, has gone on to two."""
    _append(sqlite_database, 1)
    path = backup(sqlite_database, tmp_path / "aman" / "cadangan.sqlite")
    _append(sqlite_database, 2)
    sqlite_database.close()
    return path


def test_a_restored_backup_holds_what_was_committed_when_it_was_made(saved: Path, data_dir: Path) -> None:
    aside = restore(saved, data_dir)
    database = open_database(None, data_dir=data_dir, exclusive=True)
    assert _count(database) == 1
    _append(database, 3)
    database.close()
    assert saved.exists()
    assert os.name != "posix" or saved.stat().st_mode & 0o077 == 0
    assert aside is not None
    old = open_database(f"sqlite:///{aside}")
    assert _count(old) == 2
    old.close()


def test_a_backup_is_restored_where_there_was_nothing(saved: Path, tmp_path: Path) -> None:
    assert restore(saved, tmp_path / "baru") is None
    database = open_database(None, data_dir=tmp_path / "baru")
    assert _count(database) == 1
    database.close()


def test_a_backup_is_made_beside_an_unfinished_write(sqlite_database: Database, tmp_path: Path) -> None:
    _append(sqlite_database, 1)
    with sqlite_database.write() as connection:
        journal.append(connection, entry(2))
        path = backup(sqlite_database, tmp_path / "cadangan.sqlite")
    copy = open_database(f"sqlite:///{path}")
    assert _count(copy) == 1
    copy.close()


def test_what_was_in_the_log_of_a_killed_program_is_put_aside_with_its_database(saved: Path, data_dir: Path) -> None:
    body = """
database = open_database(None, data_dir=data_dir, exclusive=True)
with database.write() as connection:
    journal.append(connection, entry(3))
say("ready")
wait()
"""
    with program(body, data_dir) as running:
        running.kill()
        running.wait()
    aside = restore(saved, data_dir)
    restored = open_database(None, data_dir=data_dir)
    assert _count(restored) == 1
    restored.close()
    old = open_database(f"sqlite:///{aside}")
    assert _count(old) == 3
    old.close()


@pytest.mark.parametrize("exclusive", ["True", "False"])
def test_nothing_is_restored_while_somebody_uses_the_database(
    saved: Path, data_dir: Path, exclusive: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.store.locks.OWN_SCHEMA_SECONDS", 0.1)
    body = f"""
database = open_database(None, data_dir=data_dir, exclusive={exclusive})
say("ready")
wait()
database.close()
"""
    with program(body, data_dir) as running:
        with pytest.raises(StoreError, match=r"is using|are using"):
            restore(saved, data_dir)
        go_on(running)
    database = open_database(None, data_dir=data_dir)
    assert _count(database) == 2
    database.close()


def test_a_damaged_backup_is_not_restored(saved: Path, data_dir: Path) -> None:
    content = bytearray(saved.read_bytes())
    content[4096 * 3 : 4096 * 40] = bytes(4096 * 37)
    saved.write_bytes(content)
    with pytest.raises(StoreError, match=r"is damaged|not a usable SQLite database"):
        restore(saved, data_dir)
    database = open_database(None, data_dir=data_dir)
    assert _count(database) == 2
    database.close()


def test_something_that_is_no_backup_is_not_restored(data_dir: Path, tmp_path: Path) -> None:
    other = tmp_path / "lain"
    with pytest.raises(StoreError, match="lain does not exist"):
        restore(other, data_dir)
    other.write_text("bukan basis data " * 100)
    with pytest.raises(StoreError, match="not a usable SQLite database"):
        restore(other, data_dir)
    other.unlink()
    connection = sqlite.driver().connect(str(other))
    connection.execute("CREATE TABLE resep (nama TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="not one of Prima"):
        restore(other, data_dir)


def test_a_backup_never_overwrites(saved: Path, data_dir: Path) -> None:
    before = saved.read_bytes()
    database = open_database(None, data_dir=data_dir)
    with pytest.raises(StoreError, match=r"cadangan\.sqlite exists"):
        backup(database, saved)
    database.close()
    assert saved.read_bytes() == before


def test_a_backup_that_cannot_be_written_is_an_error_and_leaves_nothing(
    sqlite_database: Database, tmp_path: Path
) -> None:
    (tmp_path / "penuh").write_text("x")
    with pytest.raises(StoreError, match="could not be written"):
        backup(sqlite_database, tmp_path / "penuh" / "cadangan.sqlite")
    assert (tmp_path / "penuh").read_text() == "x"


def test_postgresql_is_left_to_its_own_tools(postgresql_database: Database, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="use pg_dump"):
        backup(postgresql_database, tmp_path / "x")
