"""The record: one row per accepted command, append-only, each stream chained by hashes.

The stored body is everything; the columns beside it are there to be searched and must say the same (`verify_chain`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.chain import ChainBreak, ChainReport, verify_chain
from engine.store.encoding import FORMAT, GENESIS, chain_hash, deflate, inflate
from engine.store.sequences import JOURNAL_POSITION, next_number
from engine.store.tables import journal, stream_head
from engine.values import JsonObject, canonical_bytes, parse_json

__all__ = [
    "Cause",
    "ChainBreak",
    "ChainReport",
    "JournalEntry",
    "StoredEntry",
    "StreamHead",
    "append",
    "find_command",
    "head",
    "read",
    "read_all",
    "verify_chain",
]

ROWS_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Cause:
    """The journal row, in whichever stream, that led to a command."""

    stream: str
    seq: int


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What is to be recorded of one command; becomes a row by `append`."""

    tenant: str
    stream: str
    at: str  # UTC, as engine.clock.to_text writes it; never before the stream's last
    actor: JsonObject  # `account` is the account id; beside it acting for whom and by which door
    command_id: str  # unique per office
    command: JsonObject  # `kind` is the command's name; with what admission resolved
    events: list[JsonObject]
    semantics: int
    state: str | None = None  # hash of the state after it
    cause: Cause | None = None
    definition: str | None = None  # hash
    calendar: str | None = None  # hash
    organisation: str | None = None  # hash

    @property
    def kind(self) -> str:
        """The command's name."""
        return str(self.command["kind"])


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row of the journal, as it stands."""

    entry: JournalEntry
    seq: int
    position: int
    prev_hash: str
    hash: str
    stored_bytes: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class StreamHead:
    """The end of a stream; seq 0 and no time if nothing is in it yet."""

    seq: int = 0
    hash: str = GENESIS
    at: str | None = None


def head(connection: Connection, tenant: str, stream: str, *, lock: bool = True) -> StreamHead:
    """The end of a stream, which nobody else extends until this transaction ends if `lock`.

    SQLite's write transaction is the lock; PostgreSQL locks the head's row, or the stream's name while it has no row.
    """
    key = {"tenant": tenant, "stream": stream}
    if not lock or connection.dialect.name == "sqlite":
        return _head(connection.execute(_HEAD, key).one_or_none())
    row = connection.execute(_HEAD_FOR_UPDATE, key).one_or_none()
    if row is None:
        connection.execute(_LOCK_NAME, {"name": f"{tenant}\n{stream}"})
        row = connection.execute(_HEAD_FOR_UPDATE, key).one_or_none()
    return _head(row)


def append(connection: Connection, entry: JournalEntry, after: StreamHead | None = None) -> StoredEntry:
    """Add an entry to the end of its stream and of the office's journal.

    `after` is the stream's head as `head` gave it, locked, in this transaction; it is looked up if not given.  Raises
    ValueError if the entry's time is before the stream's last, and SQLAlchemy's IntegrityError if the command id was
    used before.
    """
    last = after or head(connection, entry.tenant, entry.stream)
    if last.at is not None and entry.at < last.at:
        raise ValueError(f"time does not go backwards in {entry.stream}: it stands at {last.at}, found {entry.at}")
    seq = last.seq + 1
    position = next_number(connection, entry.tenant, JOURNAL_POSITION)
    body = _body(entry, seq, position)
    stored = deflate(body)
    hash_ = chain_hash(last.hash, body)
    connection.execute(_APPEND, {**_columns(entry, seq, position, last.hash, hash_), "body": stored})
    connection.execute(
        _MOVE_HEAD[connection.dialect.name],
        {"tenant": entry.tenant, "stream": entry.stream, "seq": seq, "hash": hash_, "at": entry.at},
    )
    return StoredEntry(entry, seq, position, last.hash, hash_, len(stored))


def read(connection: Connection, tenant: str, stream: str, after_seq: int = 0) -> Iterator[StoredEntry]:
    """The entries of one stream after a sequence number, in order, a few hundred in memory at a time."""
    yield from _entries(connection, _READ_STREAM, {"tenant": tenant, "stream": stream, "after": after_seq})


def read_all(connection: Connection, tenant: str, after_position: int = 0) -> Iterator[StoredEntry]:
    """The entries of an office after a position, in the order in which they were committed."""
    yield from _entries(connection, _READ_ALL, {"tenant": tenant, "after": after_position})


def await_command(connection: Connection, tenant: str, command_id: str) -> None:
    """Wait for the end of another transaction that carries out the command of this id, so that its entry is found.

    SQLite has one write transaction at a time; PostgreSQL locks the id until this transaction ends.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_LOCK_NAME, {"name": f"{tenant}\ncommand\n{command_id}"})


def find_command(connection: Connection, tenant: str, command_id: str) -> StoredEntry | None:
    """The entry of a command that was accepted before; None if there is none."""
    row = connection.execute(_FIND_COMMAND, {"tenant": tenant, "command_id": command_id}).one_or_none()
    return None if row is None else _stored(row)


def _body(entry: JournalEntry, seq: int, position: int) -> bytes:
    return canonical_bytes(
        {
            "format": FORMAT,
            "tenant": entry.tenant,
            "stream": entry.stream,
            "seq": seq,
            "position": position,
            "at": entry.at,
            "actor": entry.actor,
            "command_id": entry.command_id,
            "cause": None if entry.cause is None else {"stream": entry.cause.stream, "seq": entry.cause.seq},
            "semantics": entry.semantics,
            "definition": entry.definition,
            "calendar": entry.calendar,
            "organisation": entry.organisation,
            "command": entry.command,
            "events": entry.events,
            "state": entry.state,
        }
    )


def _columns(entry: JournalEntry, seq: int, position: int, prev_hash: str, hash_: str) -> dict[str, Any]:
    return {
        "tenant": entry.tenant,
        "position": position,
        "stream": entry.stream,
        "seq": seq,
        "at": entry.at,
        "actor": entry.actor["account"],
        "command_id": entry.command_id,
        "kind": entry.kind,
        "cause_stream": entry.cause.stream if entry.cause else None,
        "cause_seq": entry.cause.seq if entry.cause else None,
        "semantics": entry.semantics,
        "prev_hash": prev_hash,
        "hash": hash_,
    }


def _entries(connection: Connection, statement: Select[Any], values: dict[str, Any]) -> Iterator[StoredEntry]:
    with connection.execute(statement, values, execution_options={"yield_per": ROWS_AT_A_TIME}) as result:
        for row in result:
            yield _stored(row)


def _stored(row: Row[*tuple[Any, ...]]) -> StoredEntry:
    body = parse_json(inflate(row.body))
    cause = body["cause"]
    entry = JournalEntry(
        tenant=body["tenant"],
        stream=body["stream"],
        at=body["at"],
        actor=body["actor"],
        command_id=body["command_id"],
        command=body["command"],
        events=body["events"],
        semantics=body["semantics"],
        state=body["state"],
        cause=None if cause is None else Cause(cause["stream"], cause["seq"]),
        definition=body["definition"],
        calendar=body["calendar"],
        organisation=body["organisation"],
    )
    return StoredEntry(entry, body["seq"], body["position"], row.prev_hash, row.hash, len(row.body))


def _head(row: Row[*tuple[Any, ...]] | None) -> StreamHead:
    return StreamHead() if row is None else StreamHead(row.seq, row.hash, row.at)


_HEAD = select(stream_head.c.seq, stream_head.c.hash, stream_head.c.at).where(
    stream_head.c.tenant == bindparam("tenant"), stream_head.c.stream == bindparam("stream")
)
_HEAD_FOR_UPDATE = _HEAD.with_for_update()
_LOCK_NAME = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name"), 0)))
_APPEND = insert(journal)
_KEY = [stream_head.c.tenant, stream_head.c.stream]
_STORED = select(journal.c.prev_hash, journal.c.hash, journal.c.body).where(journal.c.tenant == bindparam("tenant"))
_READ_STREAM = _STORED.where(journal.c.stream == bindparam("stream"), journal.c.seq > bindparam("after")).order_by(
    journal.c.seq
)
_READ_ALL = _STORED.where(journal.c.position > bindparam("after")).order_by(journal.c.position)
_FIND_COMMAND = _STORED.where(journal.c.command_id == bindparam("command_id"))


def _move_head(statement: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    new = statement.excluded
    return statement.on_conflict_do_update(index_elements=_KEY, set_={"seq": new.seq, "hash": new.hash, "at": new.at})


_MOVE_HEAD = {
    "sqlite": _move_head(sqlite.insert(stream_head)),
    "postgresql": _move_head(postgresql.insert(stream_head)),
}
