"""What Alembic runs: the revisions, on the connection that `engine.store.migrations.upgrade` was given."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from engine.store import columns
from engine.store.tables import metadata

COLUMN_TYPES = {id(columns.TEXT): "TEXT", id(columns.INTEGER): "INTEGER", id(columns.BYTES): "BYTES"}


def render_type(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Write our column types by name into a new revision; everything else as Alembic does."""
    if kind != "type":
        return False
    name = "JSON" if isinstance(item, columns.Json) else COLUMN_TYPES.get(id(item))
    if name is None:
        return False
    autogenerate.imports.add(f"from engine.store.columns import {name}")
    return name


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
    render_item=render_type,
)
with context.begin_transaction():
    context.run_migrations()
