"""Who may have a data directory open together."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import StoreError
from engine.store.locks import DirectoryLocks
from engine.store.session import open_database
from tests.store.programs import go_on, program

SERVING = """
database = open_database(None, data_dir=data_dir, exclusive=True)
say("ready")
wait()
database.close()
"""
USING = SERVING.replace(", exclusive=True", "")


def test_a_second_server_is_refused_and_told_which_process_is_first(data_dir: Path) -> None:
    with program(SERVING, data_dir) as server:
        with pytest.raises(StoreError, match=rf"process {server.pid}\) is using {data_dir}"):
            open_database(None, data_dir=data_dir, exclusive=True)
        go_on(server)
    open_database(None, data_dir=data_dir, exclusive=True).close()


def test_a_second_server_in_the_same_program_is_refused(data_dir: Path) -> None:
    first = open_database(None, data_dir=data_dir, exclusive=True)
    with pytest.raises(StoreError, match=rf"process {os.getpid()}\)"):
        open_database(None, data_dir=data_dir, exclusive=True)
    first.close()


def test_a_killed_server_leaves_the_directory_free(data_dir: Path) -> None:
    with program(SERVING, data_dir) as server:
        server.kill()
        server.wait()
    following = open_database(None, data_dir=data_dir, exclusive=True)
    assert following.is_exclusive
    following.close()


def test_other_programs_use_the_database_beside_the_server_and_beside_each_other(data_dir: Path) -> None:
    with program(SERVING, data_dir), program(USING, data_dir), program(USING, data_dir):
        beside = open_database(None, data_dir=data_dir)
        assert not beside.is_exclusive
        assert beside.is_served()
        beside.close()


def test_a_server_starts_beside_a_program_that_uses_the_database(data_dir: Path) -> None:
    open_database(None, data_dir=data_dir).close()
    with program(USING, data_dir):
        server = open_database(None, data_dir=data_dir, exclusive=True)
        assert server.is_exclusive
        server.close()


def test_nobody_else_has_the_database_while_its_tables_change(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.locks.OWN_SCHEMA_SECONDS", 0.1)
    monkeypatch.setattr("engine.store.locks.SHARE_SCHEMA_SECONDS", 0.1)
    open_database(None, data_dir=data_dir).close()
    with program(USING, data_dir) as other:
        locks = DirectoryLocks(data_dir)
        with pytest.raises(StoreError, match="Other programs are using the database"):
            locks.own_schema()
        go_on(other)
        locks.own_schema()
        waiting = DirectoryLocks(data_dir)
        with pytest.raises(StoreError, match="is being migrated or restored"):
            waiting.share_schema()
        locks.release()
        waiting.share_schema()
        waiting.release()


def test_a_failed_start_lets_go_of_the_directory(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "prima.sqlite").write_bytes(b"not a database, but long enough to be taken for the header of one" * 20)
    with pytest.raises(StoreError, match="Cannot open the database"):
        open_database(None, data_dir=data_dir, exclusive=True)
    (data_dir / "prima.sqlite").unlink()
    open_database(None, data_dir=data_dir, exclusive=True).close()
