"""Reasons, comments and error details: kept beside the journal, not in its hash chain, because people write in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from engine.store.tables import free_text


@dataclass(frozen=True)
class FreeText:
    """One text; `kind` says what it is (`reason`, `incident`, `reported_fault`), `about` whom (a token, say)."""

    kind: str
    text: str
    about: str = ""


def keep(connection: Connection, tenant: str, stream: str, seq: int, texts: Iterable[FreeText]) -> None:
    """Keep the texts of one journal entry."""
    rows = [
        {
            "tenant": tenant,
            "id": f"{stream}/{seq}/{number}",
            "stream": stream,
            "seq": seq,
            "kind": f"{text.kind}:{text.about}" if text.about else text.kind,
            "text": text.text,
        }
        for number, text in enumerate(texts)
    ]
    if rows:
        connection.execute(_KEEP, rows)


def of_stream(connection: Connection, tenant: str, stream: str) -> dict[int, list[FreeText]]:
    """The texts of a stream by the number of their entry."""
    found: dict[int, list[FreeText]] = {}
    for row in connection.execute(_OF_STREAM, {"tenant": tenant, "stream": stream}):
        kind, _, about = row.kind.partition(":")
        found.setdefault(row.seq, []).append(FreeText(kind, row.text, about))
    return found


def of_entry(connection: Connection, tenant: str, stream: str, seq: int) -> list[FreeText]:
    """The texts of one journal entry."""
    found = connection.execute(_OF_ENTRY, {"tenant": tenant, "stream": stream, "seq": seq})
    return [FreeText(row.kind.partition(":")[0], row.text, row.kind.partition(":")[2]) for row in found]


_KEEP = insert(free_text)
_OF_STREAM = (
    select(free_text.c.seq, free_text.c.kind, free_text.c.text)
    .where(free_text.c.tenant == bindparam("tenant"), free_text.c.stream == bindparam("stream"))
    .order_by(free_text.c.seq, free_text.c.id)
)
_OF_ENTRY = (
    select(free_text.c.kind, free_text.c.text)
    .where(
        free_text.c.tenant == bindparam("tenant"),
        free_text.c.stream == bindparam("stream"),
        free_text.c.seq == bindparam("seq"),
    )
    .order_by(free_text.c.id)
)
