"""Personal values: kept beside the record, which holds only a commitment to each.

A commitment is HMAC-SHA256 over the value's canonical bytes, keyed by a salt that nobody can guess.  Erasing value and
salt leaves a commitment that tells nothing and a record whose hashes still agree.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from engine.store.tables import personal_value
from engine.values import canonical_bytes, parse_json

AT_A_TIME = 500


def commitment_of(value: Any, salt: bytes) -> str:
    """The commitment to a value under a salt, in hexadecimal."""
    return hmac.new(salt, canonical_bytes(value), hashlib.sha256).hexdigest()


def commit_value(connection: Connection, tenant: str, stream: str, value: Any, salt: bytes) -> str:
    """Keep a personal value of a stream and return the commitment that stands for it in the record.

    `salt` is 32 unguessable bytes, never used for another value.
    """
    commitment = commitment_of(value, salt)
    keep(connection, tenant, stream, commitment, value, salt)
    return commitment


def keep(connection: Connection, tenant: str, stream: str, commitment: str, value: Any, salt: bytes) -> None:
    """Keep a personal value of a stream whose commitment is already known."""
    connection.execute(
        insert(personal_value),
        {
            "tenant": tenant,
            "commitment": commitment,
            "stream": stream,
            "value": canonical_bytes(value).decode(),
            "salt": salt,
            "erased_at": None,
        },
    )


def reveal(connection: Connection, tenant: str, commitments: Iterable[str]) -> Mapping[str, Any]:
    """The values behind the commitments; those erased or never kept are absent."""
    wanted = sorted(set(commitments))
    found: dict[str, Any] = {}
    for start in range(0, len(wanted), AT_A_TIME):
        statement = select(personal_value.c.commitment, personal_value.c.value).where(
            personal_value.c.tenant == tenant,
            personal_value.c.commitment.in_(wanted[start : start + AT_A_TIME]),
            personal_value.c.value.is_not(None),
        )
        found |= {row.commitment: parse_json(row.value) for row in connection.execute(statement)}
    return found


def erased(connection: Connection, tenant: str, commitments: Iterable[str]) -> Mapping[str, str]:
    """When those of the commitments that were erased were."""
    statement = select(personal_value.c.commitment, personal_value.c.erased_at).where(
        personal_value.c.tenant == tenant,
        personal_value.c.commitment.in_(sorted(set(commitments))),
        personal_value.c.erased_at.is_not(None),
    )
    return {row.commitment: row.erased_at for row in connection.execute(statement)}


def erase(connection: Connection, tenant: str, commitments: Iterable[str], at: str) -> int:
    """Erase values and salts for good; returns how many were there to erase.

    `at` is the time as `engine.clock.to_text` writes it.  SQLite overwrites the bytes in the file when its log is next
    written back (`Database.checkpoint`); backups keep them until they are thrown away.
    """
    return _erase(connection, tenant, personal_value.c.commitment.in_(sorted(set(commitments))), at)


def erase_stream(connection: Connection, tenant: str, stream: str, at: str) -> int:
    """Erase every personal value of a stream, as `erase` does; returns how many were there to erase."""
    return _erase(connection, tenant, personal_value.c.stream == stream, at)


def _erase(connection: Connection, tenant: str, which: ColumnElement[bool], at: str) -> int:
    statement = (
        update(personal_value)
        .where(personal_value.c.tenant == tenant, which, personal_value.c.erased_at.is_(None))
        .values(value=None, salt=None, erased_at=at)
    )
    return connection.execute(statement).rowcount
