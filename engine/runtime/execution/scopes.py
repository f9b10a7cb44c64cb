"""Variables: one tree of scopes per instance, with Zeebe's rules of visibility and propagation."""

from __future__ import annotations

from collections.abc import Mapping

from engine.runtime.state import Scope, State, Token
from engine.values import Value


def scope_of(state: State, token: Token) -> str:
    """The innermost scope that a token sees: its own if it has one, else the one it moves in."""
    return token.id if token.id in state.scopes else parent_scope(state, token)


def parent_scope(state: State, token: Token) -> str:
    """The scope around a token's flow node; for an item of a multi-instance its body's, which exists if it collects."""
    return token.body if token.body is not None and token.body in state.scopes else token.scope


def open_scope(state: State, token: Token, variables: Mapping[str, Value]) -> str:
    """A scope of the token's own, holding these local variables; returns its id."""
    state.scopes[token.id] = Scope(parent=parent_scope(state, token), variables=dict(variables))
    return token.id


def visible(state: State, scope: str, name: str) -> tuple[bool, Value]:
    """(whether it exists, its value) of a variable seen from a scope: the nearest one outward."""
    place: str | None = scope
    while place is not None:
        found = state.scopes[place]
        if name in found.variables:
            return True, found.variables[name]
        place = found.parent
    return False, None


def all_visible(state: State, scope: str) -> dict[str, Value]:
    """Every variable seen from a scope, the nearest of each name."""
    seen: dict[str, Value] = {}
    place: str | None = scope
    while place is not None:
        found = state.scopes[place]
        for name, value in found.variables.items():
            seen.setdefault(name, value)
        place = found.parent
    return seen


def owner(state: State, scope: str, name: str) -> str:
    """Where a variable of this name is written from a scope: the nearest scope that has it, else the root's."""
    place = scope
    while True:
        found = state.scopes[place]
        if name in found.variables or found.parent is None:
            return place
        place = found.parent


def propagate(state: State, scope: str, values: Mapping[str, Value]) -> dict[str, dict[str, Value]]:
    """Write each value where its variable lives; returns what was written, by scope."""
    written: dict[str, dict[str, Value]] = {}
    for name, value in values.items():
        place = owner(state, scope, name)
        state.scopes[place].variables[name] = value
        written.setdefault(place, {})[name] = value
    return written
