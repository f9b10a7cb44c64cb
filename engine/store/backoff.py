"""Putting off what failed for a reason outside the record."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from engine.store.tables import timer


def timer_attempts(connection: Connection, tenant: str, instance_id: str) -> int:
    """How often firing the instance's timers has failed."""
    here = (timer.c.tenant == tenant, timer.c.instance_id == instance_id)
    return connection.execute(select(func.max(timer.c.attempts)).where(*here)).scalar() or 0


def postpone_timers(connection: Connection, tenant: str, instance_id: str, not_before: str) -> None:
    """The runner leaves an instance's timers alone until then; a command on the instance still fires them first."""
    here = (timer.c.tenant == tenant, timer.c.instance_id == instance_id)
    connection.execute(update(timer).where(*here).values(attempts=timer.c.attempts + 1, not_before=not_before))
