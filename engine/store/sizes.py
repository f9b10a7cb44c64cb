"""How many bytes things take."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from engine.store.tables import journal, snapshot


def journal_bytes(connection: Connection, tenant: str, stream: str) -> int:
    """The stored bytes of a stream's journal bodies."""
    total = select(func.sum(func.length(journal.c.body))).where(journal.c.tenant == tenant, journal.c.stream == stream)
    return int(connection.execute(total).scalar() or 0)


def snapshot_bytes(connection: Connection, tenant: str, stream: str) -> int:
    """The stored bytes of a stream's latest state."""
    size = select(func.length(snapshot.c.state)).where(snapshot.c.tenant == tenant, snapshot.c.stream == stream)
    return int(connection.execute(size).scalar() or 0)
