"""The few FEEL expressions that random models use, evaluated without any FEEL library.

Integers, comparison, `+`, `-`, `and`, `or`, names, list literals, `true`, `false`, `null`, text in double quotes.
Null spreads through arithmetic and order comparisons; `and` and `or` are three-valued (DMN 1.5, 10.3.2.10 and
10.3.2.15).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r'\s*(?:(\d+)|([A-Za-z_]\w*)|"([^"]*)"|(<=|>=|!=|[<>=+\-\[\](),]))')


class UnknownVariableError(Exception):
    """A name that no scope holds, where that matters (at a gateway)."""


def names_in(expression: str) -> set[str]:
    """The variables that an expression reads."""
    return {name for _, name, _, _ in _tokens(expression) if name and name not in _WORDS}


def evaluate(expression: str, variables: Mapping[str, Any], *, strict: bool = False) -> Any:
    """The value of a FEEL expression written with its leading `=`.

    A missing variable is null; with `strict` it raises UnknownVariableError, even where the rest would decide.
    """
    if strict:
        for name in sorted(names_in(expression)):
            if name not in variables:
                raise UnknownVariableError(name)
    return _Reader(_tokens(expression), variables).whole()


_WORDS = {"and", "or", "true", "false", "null"}
_CONSTANTS = {"true": True, "false": False, "null": None}


def _tokens(expression: str) -> list[tuple[str, str, str | None, str]]:
    if not expression.startswith("="):
        raise ValueError(f"expected a FEEL expression behind '=', found {expression!r}")
    text, position, found = expression[1:].rstrip(), 0, []
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"expected an expression of the referee's subset, found {expression!r}")
        found.append((match[1] or "", match[2] or "", match[3], match[4] or ""))
        position = match.end()
    return found


class _Reader:
    """Evaluates while it reads, one method per level of precedence."""

    def __init__(self, tokens: list[tuple[str, str, str | None, str]], variables: Mapping[str, Any]) -> None:
        self._tokens = tokens
        self._variables = variables
        self._at = 0

    def whole(self) -> Any:
        value = self._disjunction()
        if self._at != len(self._tokens):
            raise ValueError(f"expected the end of the expression, found {self._tokens[self._at]}")
        return value

    def _peek(self) -> str:
        if self._at == len(self._tokens):
            return ""
        _, name, _, sign = self._tokens[self._at]
        return sign or name

    def _take(self, *expected: str) -> str | None:
        word = self._peek()
        if word and word in expected:
            self._at += 1
            return word
        return None

    def _disjunction(self) -> Any:
        value = self._conjunction()
        while self._take("or"):
            value = _either(value, self._conjunction())
        return value

    def _conjunction(self) -> Any:
        value = self._comparison()
        while self._take("and"):
            value = _both(value, self._comparison())
        return value

    def _comparison(self) -> Any:
        left = self._sum()
        sign = self._take("<", ">", "<=", ">=", "=", "!=")
        return left if sign is None else _compare(sign, left, self._sum())

    def _sum(self) -> Any:
        value = self._atom()
        while sign := self._take("+", "-"):
            other = self._atom()
            numbers = _is_number(value) and _is_number(other)
            value = (value + other if sign == "+" else value - other) if numbers else None
        return value

    def _atom(self) -> Any:
        if self._take("("):
            value = self._disjunction()
            self._expect(")")
            return value
        if self._take("["):
            return self._items()
        if self._take("-"):
            value = self._atom()
            return -value if _is_number(value) else None
        if self._at == len(self._tokens):
            raise ValueError("expected a value, found the end of the expression")
        number, name, text, sign = self._tokens[self._at]
        self._at += 1
        if number:
            return int(number)
        if name:
            return _CONSTANTS[name] if name in _CONSTANTS else self._variables.get(name)
        if text is None:
            raise ValueError(f"expected a value, found {sign!r}")
        return text

    def _items(self) -> list[Any]:
        items: list[Any] = []
        while not self._take("]"):
            items.append(self._disjunction())
            if not self._take(","):
                self._expect("]")
                break
        return items

    def _expect(self, sign: str) -> None:
        if self._take(sign) is None:
            raise ValueError(f"expected {sign!r}, found {self._peek()!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _compare(sign: str, left: Any, right: Any) -> bool | None:
    if sign in ("=", "!="):
        return (left == right) is (sign == "=")
    if not (_is_number(left) and _is_number(right)):
        return None
    return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[sign]


def _both(left: Any, right: Any) -> bool | None:
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def _either(left: Any, right: Any) -> bool | None:
    if left is True or right is True:
        return True
    return False if left is False and right is False else None
