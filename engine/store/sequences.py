"""Numbers that are given out once each, in order, without gaps."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.tables import sequence_number

JOURNAL_POSITION = "journal position"

_KEY = [sequence_number.c.tenant, sequence_number.c.name]
_FIRST = {"tenant": bindparam("tenant"), "name": bindparam("name"), "value": 1}
_NEXT = {"value": sequence_number.c.value + 1}
_DRAW = {
    "sqlite": sqlite.insert(sequence_number).values(_FIRST).on_conflict_do_update(index_elements=_KEY, set_=_NEXT),
    "postgresql": postgresql.insert(sequence_number)
    .values(_FIRST)
    .on_conflict_do_update(index_elements=_KEY, set_=_NEXT),
}
_DRAW_RETURNING = {name: draw.returning(sequence_number.c.value) for name, draw in _DRAW.items()}


def next_number(connection: Connection, tenant: str, name: str) -> int:
    """The next number of the sequence, from 1.

    It is given back if the transaction rolls back: other transactions wait for this one to end, so there are no gaps.
    """
    statement = _DRAW_RETURNING[connection.dialect.name]
    return cast("int", connection.execute(statement, {"tenant": tenant, "name": name}).scalar_one())


def last_number(connection: Connection, tenant: str, name: str) -> int:
    """The number given out last; 0 if none was."""
    value = select(sequence_number.c.value).where(sequence_number.c.tenant == tenant, sequence_number.c.name == name)
    return int(connection.execute(value).scalar() or 0)
