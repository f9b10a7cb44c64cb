"""The triggers that refuse to change or delete what the journal holds."""

from __future__ import annotations

from sqlalchemy import Connection

MESSAGE = "the journal is append-only"

_SQLITE = (
    "DROP TRIGGER IF EXISTS journal_refuses_update",
    "DROP TRIGGER IF EXISTS journal_refuses_delete",
    f"CREATE TRIGGER journal_refuses_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
    f"CREATE TRIGGER journal_refuses_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
)
_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION journal_refuses_change() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$""",
    """CREATE OR REPLACE TRIGGER journal_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
       FOR EACH STATEMENT EXECUTE FUNCTION journal_refuses_change()""",
)


def protect_journal(connection: Connection) -> None:
    """Make the triggers (again): Alembic's batch mode on SQLite drops them with the table that it rewrites."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)
