"""The only place that asks the time or makes ids."""

from __future__ import annotations

import secrets
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the engine needs of a clock; all times are aware and UTC."""

    def now(self) -> datetime:
        """The present moment."""

    def new_id(self) -> str:
        """An id that nobody else has, sortable by the time it was made."""

    def salt(self) -> bytes:
        """32 unguessable bytes."""


class SystemClock:
    """The computer's clock; ids are UUID version 7 (RFC 9562 clause 5.7)."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> str:
        millis = time.time_ns() // 1_000_000
        value = (millis & ((1 << 48) - 1)) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62
        return str(uuid.UUID(int=value | secrets.randbits(62)))

    def salt(self) -> bytes:
        return secrets.token_bytes(32)


class VirtualClock:
    """A clock that moves only when told to: for tests, seeds and try-outs.  Ids and salts count up."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError(f"expected an aware datetime, found {start!r}")
        self._now = start.astimezone(UTC)
        self._count = 0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move on by a positive duration; returns the new now."""
        return self.set(self._now + by)

    def set(self, to: datetime) -> datetime:
        """Move to an aware moment not before now; returns it."""
        moment = to.astimezone(UTC)
        if moment < self._now:
            raise ValueError(f"time does not go backwards: now is {self._now}, asked for {moment}")
        self._now = moment
        return moment

    def new_id(self) -> str:
        with self._lock:
            self._count += 1
            return f"id-{self._count:08d}"

    def salt(self) -> bytes:
        with self._lock:
            self._count += 1
            return self._count.to_bytes(32, "big")


def to_text(moment: datetime) -> str:
    """UTC text of fixed width (`2026-11-23T07:30:00.000000Z`): sorts as the moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """The moment that `to_text` wrote; any ISO 8601 text with an offset is understood."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"expected a time with its offset, found {text!r}")
    return moment.astimezone(UTC)


def file_stamp() -> str:
    """Local date and time as a part of a file name: for backups and exports."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
