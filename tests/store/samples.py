"""Entries, and ways to do what nobody may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from engine.store.journal import Cause, JournalEntry
from engine.store.migrations.append_only import protect_journal
from engine.store.session import Database

OFFICE = "kantor"
STREAM = "process_instance/a"

# SHA-256 over 32 zero bytes and the canonical body of entry(1), the first of its office: worked out by hand.
FIRST_HASH = "652d82d55d2690c63af4f51b2a31625e307a9a735eff29662f5e9e017bef1809"


def entry(number: int, stream: str = STREAM, **changes: Any) -> JournalEntry:
    """The `number`-th command of a stream: an hour after the one before."""
    values: dict[str, Any] = {
        "tenant": OFFICE,
        "stream": stream,
        "at": f"2026-11-{23 + number // 24:02}T{number % 24:02}:30:00.000000Z",
        "actor": {"account": "petugas", "acting_for": None, "door": "web"},
        "command_id": f"{stream}:{number}",
        "command": {
            "kind": "CompleteUserTask",
            "user_task_id": f"Tugas.{number}",
            "values": {"setuju": True, "luas": 2.5},
        },
        "events": [
            {"event": "user_task:completed", "id": f"Tugas.{number}", "by": "petugas"},
            {"event": "variables:set", "scope": "", "values": {"setuju": True, "catatan": "Sudah é ✓"}},
        ],
        "semantics": 1,
        "state": f"{number:064x}",
        "cause": Cause("message/keluhan", 3),
        "definition": "d" * 64,
        "calendar": None,
        "organisation": "0" * 64,
    }
    return JournalEntry(**(values | changes))


@contextmanager
def tampering(database: Database) -> Iterator[Connection]:
    """A transaction of somebody who owns the database: the journal's triggers do not stop it."""
    with database.write() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER journal_refuses_update")
            connection.exec_driver_sql("DROP TRIGGER journal_refuses_delete")
        else:
            connection.exec_driver_sql("ALTER TABLE journal DISABLE TRIGGER ALL")
        yield connection
        if database.is_sqlite:
            protect_journal(connection)
        else:
            connection.exec_driver_sql("ALTER TABLE journal ENABLE TRIGGER ALL")
