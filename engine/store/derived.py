"""The tables that the appliers fill: compared row by row with what the journal gives when it is applied again."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, select

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
    statement = select(*columns).where(table.c.tenant == tenant).order_by(*order)
    found = {tuple(row._mapping[key.name] for key in order): row for row in live.execute(statement)}
    wanted = {tuple(row._mapping[key.name] for key in order): row for row in rebuilt.execute(statement)}
    for key in sorted(found.keys() | wanted.keys()):
        if found.get(key) != wanted.get(key):
            name = "/".join(str(part) for part in key[1:])
            yield f"{table.name} {name}: expected {_row(wanted.get(key))}, found {_row(found.get(key))}"


def _row(row: object) -> str:
    return "no row" if row is None else str(row)
