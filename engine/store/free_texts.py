"""Reasons, comments and error details: kept beside the journal, because people write in them.

The journal holds a salted commitment to each, so that none can be changed unseen, and each can be erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from engine.store.personal import commitment_of
from engine.store.tables import free_text


@dataclass(frozen=True)
class FreeText:
    """One text; `kind` says what it is (`reason`, `incident`, `reported_fault`), `about` whom (a token, say)."""

    kind: str
    text: str
    about: str = ""


@dataclass(frozen=True)
class SealedText:
    """A text with the salt of its commitment."""

    text: FreeText
    salt: bytes

    @property
    def commitment(self) -> str:
        """What the journal holds of it."""
        return commitment_of([self.text.kind, self.text.about, self.text.text], self.salt)


def keep(connection: Connection, tenant: str, stream: str, seq: int, texts: Iterable[SealedText]) -> None:
    """Keep the texts of one journal entry."""
    rows = [
        {
            "tenant": tenant,
            "id": f"{stream}/{seq}/{number}",
            "stream": stream,
            "seq": seq,
            "kind": f"{sealed.text.kind}:{sealed.text.about}" if sealed.text.about else sealed.text.kind,
            "text": sealed.text.text,
            "salt": sealed.salt,
        }
        for number, sealed in enumerate(texts)
    ]
    if rows:
        connection.execute(_KEEP, rows)


def sealed_texts(connection: Connection, tenant: str) -> Iterator[tuple[str, int, SealedText]]:
    """(stream, entry, text) of every text of the office, in order."""
    everything = select(free_text).where(free_text.c.tenant == tenant).order_by(free_text.c.id)
    for row in connection.execute(everything.execution_options(yield_per=500)):
        kind, _, about = row.kind.partition(":")
        yield row.stream, row.seq, SealedText(FreeText(kind, row.text, about), bytes(row.salt))


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
