"""Admission of what happens to a process instance as a whole.

ACTIVE -> SUSPENDED, TERMINATED (and COMPLETED, by itself);  SUSPENDED -> ACTIVE, TERMINATED
"""

from __future__ import annotations

from engine.commands import (
    Actor,
    CancelProcessInstance,
    Command,
    ResumeProcessInstance,
    RetryIncident,
    StartProcessInstance,
    SuspendProcessInstance,
)
from engine.definition.executable import ExecutableDefinition
from engine.definition.model import FlowNode
from engine.errors import Conflict, ExecutionFault, InvalidInput, NotFound, NotPermitted
from engine.ids import local_id
from engine.runtime.entering import entering
from engine.runtime.execution.evaluation import evaluate_texts
from engine.runtime.execution.machine import root_scope
from engine.runtime.form_options import prefilled
from engine.runtime.form_values import form_values
from engine.runtime.rights import is_the_system, may_manage
from engine.runtime.state import ROOT, InstanceState, Phase, State
from engine.runtime.world import World
from engine.store import queries
from engine.store.free_texts import FreeText
from engine.values import JsonObject, Value

TEAM_VARIABLE = "tim"


def start(
    world: World, command: StartProcessInstance, *, is_delivery: bool = False
) -> tuple[ExecutableDefinition, JsonObject]:
    """The effective version and what its new instance begins with; the caller draws the instance's id.

    What a delivery brings was checked by the form's rules when it was published, at that time.
    """
    row = queries.effective_definition(world.connection, world.tenant, command.key, world.now)
    if row is None:
        raise NotFound("Proses %(key)s tidak ada atau belum berlaku.", key=command.key)
    definition = world.definition(row.hash)
    node = _start_event(definition, command.start_event)
    given = entering(world, definition, command.variables) if is_delivery else None
    values = start_values(world, definition, node, command) if given is None else given
    _refuse_strangers(world, definition, node, values, command)
    team = values.get(TEAM_VARIABLE)
    return definition, {
        "do": "start",
        "start_event": node.id,
        "version": row.version,
        "variables": values,
        "business_key": command.business_key,
        "team": team if isinstance(team, str) and team else None,
    }


def start_values(
    world: World, definition: ExecutableDefinition, node: FlowNode, command: StartProcessInstance
) -> dict[str, Value]:
    """The values of the start form, checked by its rules, as state may hold them."""
    if node.form_id is None:
        return entering(world, definition, command.variables)
    form = definition.forms[node.form_id]
    values = form_values(
        world, form, command.variables, prefilled(form, command.actor.account, world.organisation), everyone=True
    )
    return entering(world, definition, values, allowed=frozenset(form.declared_variables()))


def may_start(
    world: World, definition: ExecutableDefinition, node: FlowNode, values: JsonObject, account_id: str
) -> bool:
    """Whether an account may start here: it is of the start event's groups (by default its lane's)."""
    account = world.account(account_id)
    lane = definition.model.lanes.get(node.lane_id or "")
    groups = node.properties.get("candidateGroups") or (lane.group if lane is not None else None)
    if groups is None:
        return account.has("staff") or account.has("admin")
    return not set(_groups(world, definition, node, groups, values)).isdisjoint(account.groups)


def refuse_the_concerned(
    world: World, definition: ExecutableDefinition, node: FlowNode, values: JsonObject, actor: Actor
) -> None:
    """Who is complained of does not write the complaint down.  Raises NotPermitted."""
    excluded = node.properties.get("excludedUsers")
    if excluded and actor.account in _groups(world, definition, node, excluded, values):
        raise NotPermitted(
            "%(name)s tidak dapat Anda catat sendiri karena menyangkut Anda.", name=f'"{node.name or node.id}"'
        )


def cancel(world: World, state: State, definition: ExecutableDefinition, command: CancelProcessInstance) -> JsonObject:
    """ACTIVE or SUSPENDED -> TERMINATED."""
    _manage(world, command)
    _keep_reason(world, command.reason)
    return {"do": "cancel"}


def suspend(
    world: World, state: State, definition: ExecutableDefinition, command: SuspendProcessInstance
) -> JsonObject:
    """ACTIVE -> SUSPENDED."""
    _manage(world, command)
    if state.state is InstanceState.SUSPENDED:
        raise Conflict("Berkas proses ini sudah ditangguhkan.")
    _keep_reason(world, command.reason)
    return {"do": "suspend"}


def resume(world: World, state: State, definition: ExecutableDefinition, command: ResumeProcessInstance) -> JsonObject:
    """SUSPENDED -> ACTIVE."""
    _manage(world, command)
    if state.state is not InstanceState.SUSPENDED:
        raise Conflict("Berkas proses ini tidak sedang ditangguhkan.")
    return {"do": "resume"}


def retry(world: World, state: State, definition: ExecutableDefinition, command: RetryIncident) -> JsonObject:
    """An incident is tried again where it stands."""
    _manage(world, command)
    token = state.tokens.get(local_id(command.incident_id))
    if token is None or token.phase is Phase.WAITING:
        raise Conflict("Gangguan %(id)s sudah tidak ada.", id=command.incident_id)
    return {"do": "retry", "token": token.id}


def _start_event(definition: ExecutableDefinition, wanted: str | None) -> FlowNode:
    starts = definition.model.start_events
    if wanted is None and len(starts) == 1:
        return starts[0]
    for node in starts:
        if node.id == wanted:
            return node
    names = ", ".join(node.id for node in starts)
    if wanted is None:
        raise InvalidInput("Sebutkan cara mulai proses %(name)s: %(starts)s.", name=definition.name, starts=names)
    raise NotFound(
        "%(wanted)s bukan cara mulai proses %(name)s (ada: %(starts)s).",
        wanted=wanted,
        name=definition.name,
        starts=names,
    )


def _refuse_strangers(
    world: World, definition: ExecutableDefinition, node: FlowNode, values: JsonObject, command: StartProcessInstance
) -> None:
    if is_the_system(command.actor):
        return
    if not may_start(world, definition, node, values, command.actor.account):
        raise NotPermitted("Anda tidak berwenang memulai %(name)s.", name=f'"{node.name or node.id}"')
    refuse_the_concerned(world, definition, node, values, command.actor)


def _groups(world: World, definition: ExecutableDefinition, node: FlowNode, text: str, values: JsonObject) -> list[str]:
    seen = State("", definition.key, definition.hash, node.id, scopes={ROOT: root_scope(values)})
    try:
        return evaluate_texts(text, seen, ROOT, world.circumstances)
    except ExecutionFault:
        return []


def _manage(world: World, command: Command) -> None:
    if is_the_system(command.actor):
        return
    if not may_manage(world.account(command.actor.account)):
        raise NotPermitted("Hanya administrator atau pemilik proses yang dapat melakukan ini.")


def _keep_reason(world: World, reason: str) -> None:
    if not reason.strip():
        raise InvalidInput("Alasan wajib diisi.")
    world.free_texts.append(FreeText("reason", reason.strip()))
