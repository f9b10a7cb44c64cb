"""Values that enter from outside: each declared, and personal ones put apart before anything is recorded."""

from __future__ import annotations

from collections.abc import Mapping

from engine.definition.executable import ExecutableDefinition
from engine.errors import InvalidInput
from engine.runtime.personal_data import PersonalValue
from engine.runtime.world import World
from engine.store.personal import commitment_of
from engine.values import Value, checked, holds_personal, personal_reference


def entering(
    world: World,
    definition: ExecutableDefinition,
    values: Mapping[str, Value],
    *,
    allowed: frozenset[str] | None = None,
) -> dict[str, Value]:
    """The values as state and journal may hold them.

    `allowed` narrows the declared variables to those of one form or job; None allows every declared one.  Raises
    InvalidInput on undeclared names, wrong kinds and values that JSON cannot hold exactly.
    """
    found: dict[str, Value] = {}
    for name, value in sorted(values.items()):
        _refuse_undeclared(definition, name, allowed)
        found[name] = value if holds_personal(value) else _put_apart(world, definition, name, _checked(name, value))
    return found


def with_references(
    values: Mapping[str, Value], held: Mapping[str, Value], clear: Mapping[str, Value]
) -> dict[str, Value]:
    """The values, with the reference again where a personal one came back unchanged.

    `held` is what state holds by name, `clear` the same in clear.
    """
    return {
        name: held[name] if holds_personal(held.get(name)) and clear.get(name) == value else value
        for name, value in values.items()
    }


def _checked(name: str, value: Value) -> Value:
    try:
        return checked(value, where=name)
    except ValueError as error:
        raise InvalidInput("Nilai %(name)s tidak dapat disimpan: %(problem)s", name=name, problem=str(error)) from None


def _refuse_undeclared(definition: ExecutableDefinition, name: str, allowed: frozenset[str] | None) -> None:
    if definition.model.variables_open or name in (definition.variables if allowed is None else allowed):
        return
    raise InvalidInput("Variabel %(name)s tidak dikenal di proses %(process)s.", name=name, process=definition.name)


def _put_apart(world: World, definition: ExecutableDefinition, name: str, value: Value) -> Value:
    if name not in definition.personal or value is None or value == "":
        return value
    salt = world.clock.salt()
    commitment = commitment_of(value, salt)
    world.personal.append(PersonalValue(commitment, value, salt))
    return personal_reference(commitment)
