"""Personal values on their way in and out: state and journal hold references, the values live apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.store import personal
from engine.store.session import Connection
from engine.values import PERSONAL_MARK, Value, is_personal

MASK = "•••"


@dataclass(frozen=True)
class PersonalValue:
    """One value to be kept apart, and the salt of its commitment."""

    commitment: str
    value: Value
    salt: bytes


def revealed(connection: Connection, tenant: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """The same values with personal ones in clear; an erased one is null."""
    wanted = {reference for value in values.values() for reference in _references(value)}
    if not wanted:
        return dict(values)
    known = personal.reveal(connection, tenant, wanted)
    return {name: _replace(value, known.get) for name, value in values.items()}


def masked(values: Mapping[str, Value]) -> dict[str, Value]:
    """The same values with a mask in place of each personal one."""
    return {name: _replace(value, lambda reference: MASK) for name, value in values.items()}


def _references(value: Any) -> Iterator[str]:
    if is_personal(value):
        yield value[PERSONAL_MARK]
    elif isinstance(value, dict):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _replace(value: Any, give: Any) -> Any:
    if is_personal(value):
        return give(value[PERSONAL_MARK])
    if isinstance(value, dict):
        return {key: _replace(item, give) for key, item in value.items()}
    return [_replace(item, give) for item in value] if isinstance(value, list) else value
