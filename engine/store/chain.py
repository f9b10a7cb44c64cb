"""Checking the journal: is every entry where it was put, with the bytes it was written with?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from engine.errors import StoreError
from engine.store.encoding import GENESIS, chain_hash, inflate
from engine.store.sequences import JOURNAL_POSITION, last_number
from engine.store.tables import journal, stream_head
from engine.values import JsonObject, parse_json

ROWS_AT_A_TIME = 5_000
MOST_BREAKS = 100

# The columns that repeat what the body says, in the order in which `_said` gives them.
SAID_TWICE = (
    "position",
    "stream",
    "seq",
    "at",
    "actor",
    "command_id",
    "kind",
    "cause_stream",
    "cause_seq",
    "semantics",
)
_UNREADABLE = (StoreError, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """One place where the record is not what it was: what was looked at, what it should be and what it is."""

    stream: str
    seq: int
    position: int
    what: str  # body, hash, prev_hash, seq, position, time, head, or column <name>
    expected: str
    found: str

    def __str__(self) -> str:
        place = f"{self.stream} {self.seq} (position {self.position})"
        return f"{place}: expected {self.what} {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check of one office's journal found; `breaks` in the order of the journal, at most a hundred."""

    entries: int
    streams: int
    breaks: tuple[ChainBreak, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.breaks

    @property
    def first(self) -> ChainBreak | None:
        """The first break, which may have caused others after it."""
        return self.breaks[0] if self.breaks else None


@dataclass(slots=True)
class _End:
    seq: int = 0
    hash: str = GENESIS
    at: str = ""


def verify_chain(connection: Connection, tenant: str) -> ChainReport:
    """Read the office's journal from the first entry to the last and check all that can be checked from within.

    Every hash is computed again; sequence numbers and positions have no gaps; times do not go backwards in a stream;
    columns say what the body says; heads and the position counter stand at the last entries.  Somebody who owns the
    database can rewrite all of it: that is seen only against an anchor kept elsewhere.
    """
    ends: defaultdict[str, _End] = defaultdict(_End)
    breaks: list[ChainBreak] = []
    entries = position = 0
    for row in _rows(connection, tenant):
        entries += 1
        end = ends[row.stream]
        if not _is_sound(row, position + 1, end, tenant):
            breaks.extend(_entry_breaks(row, position + 1, end, tenant))
            if len(breaks) >= MOST_BREAKS:
                break
        position = row.position
        end.seq, end.hash, end.at = row.seq, row.hash, row.at
    else:
        breaks.extend(_head_breaks(connection, tenant, ends))
        breaks.extend(_counter_break(connection, tenant, position))
    return ChainReport(entries, len(ends), tuple(breaks[:MOST_BREAKS]))


def _rows(connection: Connection, tenant: str) -> Iterator[Row[*tuple[Any, ...]]]:
    columns = (*(journal.c[name] for name in SAID_TWICE), journal.c.prev_hash, journal.c.hash, journal.c.body)
    statement = select(*columns).where(journal.c.tenant == tenant).order_by(journal.c.position)
    with connection.execute(statement, execution_options={"yield_per": ROWS_AT_A_TIME}) as result:
        yield from result


def _is_sound(row: Row[*tuple[Any, ...]], position: int, end: _End, tenant: str) -> bool:
    """Whether nothing at all is wrong with a row: the quick question, asked of every one."""
    *columns, prev_hash, hash_, stored = row
    try:
        body = inflate(stored)
        return (
            hash_ == chain_hash(end.hash, body)
            and prev_hash == end.hash
            and row.position == position
            and row.seq == end.seq + 1
            and row.at >= end.at
            and columns == _said(values := parse_json(body))
            and values["tenant"] == tenant
        )
    except _UNREADABLE:
        return False


def _entry_breaks(row: Row[*tuple[Any, ...]], position: int, end: _End, tenant: str) -> Iterator[ChainBreak]:
    """All that is wrong with one row after the end of its stream."""
    if row.position != position:
        yield _at(row, "position", position, row.position)
    if row.seq != end.seq + 1:
        yield _at(row, "seq", end.seq + 1, row.seq)
    if row.at < end.at:
        yield _at(row, "time", f"not before {end.at}", row.at)
    if row.prev_hash != end.hash:
        yield _at(row, "prev_hash", end.hash, row.prev_hash)
    try:
        body = inflate(row.body)
        values = parse_json(body)
        said = [*_said(values), values["tenant"]]
    except _UNREADABLE as error:
        yield _at(row, "body", "readable", error)
        return
    computed = [_computed(previous, body) for previous in (end.hash, row.prev_hash)]
    if row.hash not in computed:
        yield _at(row, "hash", computed[0], row.hash)
    for name, expected, found in zip((*SAID_TWICE, "tenant"), said, (*row[:-3], tenant), strict=True):
        if expected != found:
            yield _at(row, f"column {name}", expected, found)


def _said(body: JsonObject) -> list[Any]:
    """What the body says of the columns in SAID_TWICE."""
    cause = body["cause"]
    return [
        body["position"],
        body["stream"],
        body["seq"],
        body["at"],
        body["actor"]["account"],
        body["command_id"],
        body["command"]["kind"],
        cause and cause["stream"],
        cause and cause["seq"],
        body["semantics"],
    ]


def _head_breaks(connection: Connection, tenant: str, ends: Mapping[str, _End]) -> Iterator[ChainBreak]:
    statement = select(stream_head).where(stream_head.c.tenant == tenant).order_by(stream_head.c.stream)
    left = dict(ends)
    for row in connection.execute(statement, execution_options={"yield_per": ROWS_AT_A_TIME}):
        end = left.pop(row.stream, _End())
        expected, found = (end.seq, end.hash, end.at), (row.seq, row.hash, row.at)
        if expected != found:
            yield ChainBreak(row.stream, row.seq, 0, "head", str(expected), str(found))
    for stream, end in left.items():
        yield ChainBreak(stream, end.seq, 0, "head", str((end.seq, end.hash, end.at)), "none")


def _counter_break(connection: Connection, tenant: str, position: int) -> Iterator[ChainBreak]:
    counted = last_number(connection, tenant, JOURNAL_POSITION)
    if counted != position:
        yield ChainBreak("", 0, position, "last position", str(counted), str(position))


def _at(row: Row[*tuple[Any, ...]], what: str, expected: object, found: object) -> ChainBreak:
    return ChainBreak(row.stream, row.seq, row.position, what, str(expected), str(found))


def _computed(prev_hash: str, body: bytes) -> str:
    try:
        return chain_hash(prev_hash, body)
    except ValueError:
        return "one that follows a readable hash"
