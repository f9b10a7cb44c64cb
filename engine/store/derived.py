"""The tables that the appliers fill: compared row by row with what the journal gives when it is applied again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, Table, select

from engine.store import tables as t

DERIVED = (
    t.process_instance,
    t.process_instance_exclusion,
    t.user_task,
    t.user_task_candidate,
    t.user_task_exclusion,
    t.timer,
    t.job,
    t.message_subscription,
    t.message_start,
    t.incident,
    t.escalation,
    t.time_breach,
    t.definition,
    t.account,
)
# Not of the record: what people have read, secrets, and what the runner puts off.
BESIDE = {
    "escalation": {"seen_at"},
    "account": {"password_hash"},
    "timer": {"attempts", "not_before"},
}


def differences(live: Connection, rebuilt: Connection, tenant: str) -> Iterator[str]:
    """A sentence for every row of the live database that is not the rebuilt one's, table by table."""
    for table in DERIVED:
        yield from _differences(live, rebuilt, table, tenant)


def _differences(live: Connection, rebuilt: Connection, table: Table, tenant: str) -> Iterator[str]:
    beside = BESIDE.get(table.name, set())
    columns = [column for column in table.columns if column.name not in beside]
    order = list(table.primary_key.columns)
    statement = select(*columns).where(table.c.tenant == tenant).order_by(*order).execution_options(yield_per=500)
    found, wanted = (_by_key(connection.execute(statement), order) for connection in (live, rebuilt))
    for key, here, there in _side_by_side(found, wanted):
        if here != there:
            name = "/".join(str(part) for part in key[1:])
            yield f"{table.name} {name}: expected {_row(there)}, found {_row(here)}"


Keyed = tuple[tuple[Any, ...], tuple[Any, ...]]


def _by_key(rows: Iterable[Any], order: list[Column[Any]]) -> Iterator[Keyed]:
    return ((tuple(row._mapping[column.name] for column in order), tuple(row)) for row in rows)


def _side_by_side(
    left: Iterator[Keyed], right: Iterator[Keyed]
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...] | None, tuple[Any, ...] | None]]:
    """Rows of two sorted sides by key, None where one has no such row; neither side is held in memory."""
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            assert one is not None
            yield one[0], one[1], None
            one = next(left, None)
        elif one is None or other[0] < one[0]:
            yield other[0], None, other[1]
            other = next(right, None)
        else:
            yield one[0], one[1], other[1]
            one, other = next(left, None), next(right, None)


def _row(row: object) -> str:
    return "no row" if row is None else str(row)
