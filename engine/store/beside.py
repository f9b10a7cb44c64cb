"""What is kept beside the journal and bound to it by a hash: states, personal values, texts, versions in force."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, select

from engine.store.free_texts import sealed_texts
from engine.store.journal import StoredEntry
from engine.store.personal import commitment_of
from engine.store.tables import catalogue_version, organisation_version, personal_value, snapshot
from engine.values import PERSONAL_MARK, is_personal, parse_json

_VERSIONS = {"organisation:adopted": organisation_version, "catalogue:adopted": catalogue_version}


@dataclass
class Bound:
    """What the journal says of it, gathered from its entries in order."""

    states: dict[str, tuple[int, str]] = field(default_factory=dict)  # stream -> (its last entry, state hash)
    in_force: dict[str, str] = field(default_factory=dict)  # event -> hash
    personal: dict[str, str] = field(default_factory=dict)  # commitment -> the first stream that holds it
    texts: dict[str, tuple[str, int]] = field(default_factory=dict)  # commitment -> (stream, entry)

    def note(self, stored: StoredEntry) -> None:
        """Take the next entry into account."""
        if stored.entry.state is not None:
            self.states[stored.entry.stream] = (stored.seq, stored.entry.state)
        for commitment in _references([stored.entry.command, stored.entry.events]):
            self.personal.setdefault(commitment, stored.entry.stream)
        for commitment in stored.entry.command.get("texts", ()):
            self.texts[commitment] = (stored.entry.stream, stored.seq)
        self.in_force |= {event["event"]: event["hash"] for event in stored.entry.events if event["event"] in _VERSIONS}


def contradictions(connection: Connection, tenant: str, bound: Bound) -> Iterator[str]:
    """A sentence for everything that is not what the journal says."""
    yield from _states(connection, tenant, bound)
    yield from _personal_values(connection, tenant, bound)
    yield from _texts(connection, tenant, bound)
    for event, table in _VERSIONS.items():
        expected, found = bound.in_force.get(event), _newest(connection, tenant, table)
        if expected != found:
            yield f"{table.name}: expected {expected} in force, found {found}"


def _states(connection: Connection, tenant: str, bound: Bound) -> Iterator[str]:
    left = dict(bound.states)
    rows = select(snapshot.c.stream, snapshot.c.seq, snapshot.c.state).where(snapshot.c.tenant == tenant)
    for row in connection.execute(rows.execution_options(yield_per=500)):
        expected, found = left.pop(row.stream, None), (row.seq, _digest(row.state))
        if expected != found:
            yield f"snapshot {row.stream}: expected {expected}, found {found}"
    yield from (f"snapshot {stream}: expected {expected}, found none" for stream, expected in left.items())


def _digest(state: bytes) -> str:
    try:
        return hashlib.sha256(zlib.decompress(state)).hexdigest()
    except zlib.error as error:
        return f"unreadable ({error})"


def _references(value: Any) -> Iterator[str]:
    if is_personal(value):
        yield value[PERSONAL_MARK]
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _references(item)


def _personal_values(connection: Connection, tenant: str, bound: Bound) -> Iterator[str]:
    v = personal_value.c
    left = dict(bound.personal)
    rows = select(v.commitment, v.stream, v.value, v.salt, v.erased_at).where(v.tenant == tenant)
    for row in connection.execute(rows.execution_options(yield_per=500)):
        left.pop(row.commitment, None)
        if row.erased_at is not None:
            continue
        kept = row.value is not None and row.salt is not None
        if not kept or commitment_of(parse_json(row.value), bytes(row.salt)) != row.commitment:
            yield f"personal_value {row.commitment} of {row.stream}: expected the value as it was given, found another"
    yield from (
        f"personal_value {commitment} of {stream}: expected its row, found none" for commitment, stream in left.items()
    )


def _texts(connection: Connection, tenant: str, bound: Bound) -> Iterator[str]:
    left = dict(bound.texts)
    for stream, seq, sealed in sealed_texts(connection, tenant):
        if left.pop(sealed.commitment, None) != (stream, seq):
            yield f"free_text {stream} {seq}: expected the {sealed.text.kind} as it was given, found another"
    yield from (f"free_text {stream} {seq}: expected a text, found none" for stream, seq in left.values())


def _newest(connection: Connection, tenant: str, table: Table) -> str | None:
    statement = select(table.c.hash).where(table.c.tenant == tenant).order_by(table.c.seq.desc()).limit(1)
    return connection.execute(statement).scalar()
