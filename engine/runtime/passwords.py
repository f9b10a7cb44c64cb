"""Passwords: argon2id by argon2-cffi, with its recommended cost (RFC 9106)."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.commands import AddAccount, Command, SetPassword

_HASHER = PasswordHasher()


def hash_of(command: Command) -> str | None:
    """The hash of the password that a command sets, made before the transaction begins; None when it sets none."""
    password = command.password if isinstance(command, AddAccount | SetPassword) else None
    return None if password is None else _HASHER.hash(password)


def matches(password: str, hash_: str | None) -> bool:
    """Whether a password is the one hashed; takes as long when there is no hash, so that nobody learns who exists."""
    try:
        _HASHER.verify(hash_ or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return hash_ is not None


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")
