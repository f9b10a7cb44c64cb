"""Admission of calls: a called process is an instance of its own, and its end comes back as a command."""

from __future__ import annotations

from collections.abc import Mapping

from engine.commands import CallProcess, CompleteCall, FailCall
from engine.definition.executable import ExecutableDefinition
from engine.definition.model import EventKind
from engine.errors import Conflict, InvalidInput, NotFound
from engine.ids import CALL_MARK, local_id
from engine.runtime.entering import entering
from engine.runtime.handlers.instances import TEAM_VARIABLE
from engine.runtime.state import State, Token
from engine.runtime.world import World
from engine.store import queries
from engine.store.free_texts import FreeText
from engine.values import JsonObject, Value, holds_personal

DEEPEST = 20


def start(world: World, command: CallProcess) -> tuple[ExecutableDefinition, JsonObject]:
    """The version in force (or of the tag) and what its instance begins with.  Raises NotFound and InvalidInput."""
    if command.instance_id.count(CALL_MARK) > DEEPEST:
        raise InvalidInput("Panggilan proses lebih dari %(deepest)s tingkat.", deepest=DEEPEST)
    row = queries.effective_definition(world.connection, world.tenant, command.key, world.now)
    if command.version_tag is not None:
        row = queries.tagged_definition(world.connection, world.tenant, command.key, command.version_tag)
    if row is None:
        raise NotFound("Proses %(key)s tidak ada atau belum berlaku.", key=command.key)
    definition = world.definition(row.hash)
    plain = [node for node in definition.model.start_events if not node.event or node.event.kind is EventKind.NONE]
    if len(plain) != 1:
        raise InvalidInput("Proses %(key)s tidak punya tepat satu mulai biasa.", key=command.key)
    known = {name: value for name, value in command.variables.items() if _is_known(definition, name)}
    values = entering(world, definition, _refuse_leaks(definition, known))
    team = values.get(TEAM_VARIABLE)
    return definition, {
        "do": "start",
        "start_event": plain[0].id,
        "version": row.version,
        "variables": values,
        "caller": command.call_id,
        "excluded": sorted(command.excluded),
        "team": team if isinstance(team, str) and team else None,
    }


def complete(world: World, state: State, definition: ExecutableDefinition, command: CompleteCall) -> JsonObject:
    """The call ends with those of the called instance's variables that the call declares."""
    token = _waiting(state, command.call_id)
    node = definition.model.nodes[token.element]
    wanted = definition.job_results(node.id)
    results = {
        name: value
        for name, value in command.variables.items()
        if definition.model.variables_open or name in wanted
        if node.outputs or (node.call is not None and node.call.returns_all)
    }
    return {"do": "complete_call", "call": token.id, "variables": entering(world, definition, results)}


def fail(world: World, state: State, definition: ExecutableDefinition, command: FailCall) -> JsonObject:
    """The call becomes an incident."""
    token = _waiting(state, command.call_id)
    world.free_texts.append(FreeText("reported_fault", command.detail[:2000], token.id))
    return {"do": "fail_call", "call": token.id}


def _waiting(state: State, call_id: str) -> Token:
    token = state.tokens.get(local_id(call_id))
    if token is None or token.called is None:
        raise Conflict("Panggilan %(call)s sudah tidak ditunggu.", call=call_id)
    return token


def _is_known(definition: ExecutableDefinition, name: str) -> bool:
    return definition.model.variables_open or name in definition.variables


def _refuse_leaks(definition: ExecutableDefinition, values: Mapping[str, Value]) -> Mapping[str, Value]:
    """Personal data goes only into variables that are personal in the called process, too."""
    for name, value in values.items():
        if holds_personal(value) and name not in definition.personal:
            raise InvalidInput(
                "Variabel %(name)s berisi data pribadi, tetapi tidak di proses %(process)s.",
                name=name,
                process=definition.name,
            )
    return values
