"""What people have read: not part of the record, and never rebuilt."""

from __future__ import annotations

from sqlalchemy import Connection, update

from engine.store.tables import escalation


def mark_seen(connection: Connection, tenant: str, told: list[str], escalation_id: str, at: str) -> None:
    """Note that who goes by these names has read an escalation; quiet when it is not theirs."""
    x = escalation.c
    here = (x.tenant == tenant, x.id == escalation_id, x.account_id.in_(told), x.seen_at.is_(None))
    connection.execute(update(escalation).where(*here).values(seen_at=at))
