"""The latest state of each stream, so that a command does not read its whole history."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.tables import snapshot


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after the stream's entry `seq`, as the bytes that were saved."""

    seq: int
    state: bytes


def load(connection: Connection, tenant: str, stream: str) -> Snapshot | None:
    """The saved state of a stream; None if it has none."""
    row = connection.execute(_LOAD, {"tenant": tenant, "stream": stream}).one_or_none()
    return None if row is None else Snapshot(row.seq, zlib.decompress(row.state))


def save(connection: Connection, tenant: str, stream: str, seq: int, state: bytes) -> int:
    """Keep the state after entry `seq` in place of the one before; returns the bytes it takes."""
    stored = zlib.compress(state, level=6)
    values = {"tenant": tenant, "stream": stream, "seq": seq, "state": stored}
    connection.execute(_SAVE[connection.dialect.name], values)
    return len(stored)


def drop(connection: Connection, tenant: str, stream: str) -> None:
    """Forget the saved state of a stream; quiet if there is none."""
    connection.execute(_DROP, {"tenant": tenant, "stream": stream})


_KEY = [snapshot.c.tenant, snapshot.c.stream]
_HERE = (snapshot.c.tenant == bindparam("tenant"), snapshot.c.stream == bindparam("stream"))
_LOAD = select(snapshot.c.seq, snapshot.c.state).where(*_HERE)
_DROP = delete(snapshot).where(*_HERE)


def _save(statement: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    new = statement.excluded
    return statement.on_conflict_do_update(index_elements=_KEY, set_={"seq": new.seq, "state": new.state})


_SAVE = {"sqlite": _save(sqlite.insert(snapshot)), "postgresql": _save(postgresql.insert(snapshot))}
