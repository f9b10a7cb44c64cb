"""The values that variables hold, and their canonical bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import rfc8785

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
JsonObject: TypeAlias = dict[str, Any]

LARGEST_INTEGER = 2**53
PERSONAL_MARK = "$personal"


def canonical_bytes(value: Any) -> bytes:
    """The one byte string of a JSON value, by RFC 8785 (JCS).

    Raises ValueError on what JSON cannot hold exactly (integers beyond 2^53, NaN, infinities).
    """
    return rfc8785.dumps(value)


def parse_json(data: bytes | str) -> Any:
    """The JSON value of bytes that `canonical_bytes` wrote."""
    return json.loads(data)


def checked(value: Any, *, where: str) -> Value:
    """The same value, proved to be one that a variable can hold; integral floats become integers.

    `where` names the variable in the error.  Raises ValueError.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise ValueError(f"{where}: expected an integer up to 2^53, found {value}")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{where}: expected a finite number, found {value}")
        return checked(int(value), where=where) if value.is_integer() and abs(value) <= LARGEST_INTEGER else value
    if isinstance(value, list | tuple):
        return [checked(item, where=f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise ValueError(f"{where}: expected text as a key, found {key!r}")
        return {key: checked(item, where=f"{where}.{key}") for key, item in value.items()}
    raise ValueError(f"{where}: expected a JSON value, found {type(value).__name__} {value!r}")


def personal_reference(commitment: str) -> JsonObject:
    """What state and journal hold in place of a personal value."""
    return {PERSONAL_MARK: commitment}


def is_personal(value: object) -> bool:
    """Whether this is a personal value's place holder."""
    return isinstance(value, dict) and len(value) == 1 and PERSONAL_MARK in value


def holds_personal(value: object) -> bool:
    """Whether a personal place holder is anywhere in the value."""
    if isinstance(value, dict):
        return PERSONAL_MARK in value or any(holds_personal(item) for item in value.values())
    return isinstance(value, list) and any(holds_personal(item) for item in value)
