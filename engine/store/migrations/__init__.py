"""The tables' versions, by Alembic; `HEAD` is the one that this build works with.

`python -m engine.store.migrations "what changes"` writes a new revision from the difference between the revisions and
`tables.py`; read it before trusting it, and set `HEAD` to it.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, func, inspect, select, table

from engine.store.migrations.append_only import protect_journal

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0001"
VERSION_TABLE = "alembic_version"
UPGRADE_LOCK = 5_787_213  # any number: the PostgreSQL advisory lock of two programs that migrate at once


class SchemaState(Enum):
    """How the tables of a database stand to this build."""

    EMPTY = "empty"
    CURRENT = "current"
    BEHIND = "behind"
    NEWER = "newer"
    FOREIGN = "foreign"


def schema_state(connection: Connection) -> SchemaState:
    """How the tables stand; looks only."""
    names = set(inspect(connection).get_table_names())
    if not names:
        return SchemaState.EMPTY
    if VERSION_TABLE not in names:
        return SchemaState.FOREIGN
    revision = connection.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar()
    if revision == HEAD:
        return SchemaState.CURRENT
    if revision is None:
        return SchemaState.EMPTY if names == {VERSION_TABLE} else SchemaState.FOREIGN
    return SchemaState.BEHIND if revision in _revisions() else SchemaState.NEWER


def lock_for_upgrade(connection: Connection) -> None:
    """Make other programs that migrate this PostgreSQL database wait; SQLite's write lock already does."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Carry out what is missing up to `revision` inside the connection's transaction, and protect the journal again."""
    from alembic import command  # here, because most starts need no migration and this import is slow

    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    protect_journal(connection)


def configuration() -> Config:
    """Alembic's settings, without its file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}
