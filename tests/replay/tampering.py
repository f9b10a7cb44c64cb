"""Ways past the engine into an SQLite file, as the owner of a database has them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from engine.store.session import DATABASE_FILE


def unlocked(data_dir: Path) -> sqlite3.Connection:
    """A connection that commits at once, to a file whose triggers are gone."""
    connection = sqlite3.connect(data_dir / DATABASE_FILE, isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    return connection


def change_the_diagram(connection: sqlite3.Connection) -> None:
    """Write another time standard into the deployed diagram, under its old name."""
    for hash_, data in connection.execute("SELECT hash, bytes FROM resource").fetchall():
        changed = data.replace(b">PT60M<", b">PT90M<")
        if changed != data:
            connection.execute("UPDATE resource SET bytes = ? WHERE hash = ?", (changed, hash_))
