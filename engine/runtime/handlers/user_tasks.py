"""Admission of what people do with tasks.

state    claim   release  assign  complete
READY    ACTIVE  -        ACTIVE  -
ACTIVE   -       READY    ACTIVE  COMPLETED
"""

from __future__ import annotations

from engine.commands import AssignUserTask, ClaimUserTask, CompleteUserTask, ReleaseUserTask
from engine.definition.executable import ExecutableDefinition
from engine.errors import Conflict, InvalidInput, NotFound, NotPermitted
from engine.ids import local_id
from engine.runtime.entering import entering, with_references
from engine.runtime.execution.scopes import all_visible, scope_of
from engine.runtime.form_options import prefilled
from engine.runtime.form_values import form_values
from engine.runtime.personal_data import revealed
from engine.runtime.rights import may_be_given, may_claim, may_hand_out
from engine.runtime.state import State, Token, Work
from engine.runtime.world import World
from engine.store import queries
from engine.store.free_texts import FreeText
from engine.values import JsonObject, Value


def claim(world: World, state: State, definition: ExecutableDefinition, command: ClaimUserTask) -> JsonObject:
    """READY -> ACTIVE, held by who asks."""
    token, work = _open_task(world, state, definition, command.task_id)
    account = world.account(command.actor.account)
    _refuse_outsiders(world, state, definition, token, command.actor.account)
    if work.assignee == account.id:
        raise Conflict("Tugas %(task)s sudah Anda pegang.", task=_name(definition, token))
    if work.assignee is not None:
        raise Conflict(
            "Tugas %(task)s sudah diambil %(holder)s.",
            task=_name(definition, token),
            holder=_holder_since(world, work.assignee, command.task_id),
        )
    return {"do": "claim", "task": token.id, "by": account.id}


def release(world: World, state: State, definition: ExecutableDefinition, command: ReleaseUserTask) -> JsonObject:
    """ACTIVE -> READY, by its holder."""
    token, work = _open_task(world, state, definition, command.task_id)
    _refuse_others(world, definition, token, work, command)
    if not work.groups and not work.users:
        raise Conflict("Tugas %(task)s tidak punya antrean; mintalah untuk dialihkan.", task=_name(definition, token))
    return {"do": "release", "task": token.id, "by": command.actor.account}


def assign(world: World, state: State, definition: ExecutableDefinition, command: AssignUserTask) -> JsonObject:
    """READY or ACTIVE -> ACTIVE, held by somebody else, by a leader of theirs."""
    token, work = _open_task(world, state, definition, command.task_id)
    actor = world.account(command.actor.account)
    target = world.named_account(command.assignee)
    if not may_hand_out(actor, work, world.directory):
        raise NotPermitted("Anda tidak berwenang menugaskan %(task)s.", task=_name(definition, token))
    if not target.active or not may_be_given(actor, target, work, state.excluded, world.directory):
        raise NotPermitted(
            "%(person)s tidak dapat mengerjakan %(task)s.", person=target.display_name, task=_name(definition, token)
        )
    if work.assignee == target.id:
        raise Conflict(
            "Tugas %(task)s sudah dipegang %(holder)s.",
            task=_name(definition, token),
            holder=_holder_since(world, target.id, command.task_id),
        )
    if work.assignee is not None and not command.reason.strip():
        raise InvalidInput("Alasan pengalihan wajib diisi.")
    if command.reason.strip():
        world.free_texts.append(FreeText("reason", command.reason.strip(), token.id))
    return {"do": "assign", "task": token.id, "to": target.id}


def complete(world: World, state: State, definition: ExecutableDefinition, command: CompleteUserTask) -> JsonObject:
    """ACTIVE -> COMPLETED, by its holder, with values that keep the form's rules."""
    token, work = _open_task(world, state, definition, command.task_id)
    _refuse_others(world, definition, token, work, command)
    if command.revision is not None and command.revision != work.revision:
        raise Conflict(
            "Tugas %(task)s sudah berubah sejak Anda membukanya; bacalah lagi.", task=_name(definition, token)
        )
    if command.actor.account in (*work.excluded, *state.excluded):
        raise NotPermitted("Tugas %(task)s tidak lagi dapat Anda kerjakan.", task=_name(definition, token))
    values = _form_values(world, state, definition, token, command)
    return {"do": "complete", "task": token.id, "by": command.actor.account, "variables": values}


def _form_values(
    world: World, state: State, definition: ExecutableDefinition, token: Token, command: CompleteUserTask
) -> dict[str, Value]:
    form_id = definition.model.nodes[token.element].form_id
    if form_id is None:
        allowed = None if definition.model.variables_open else frozenset[str]()
        return entering(world, definition, command.values, allowed=allowed)
    form = definition.forms[form_id]
    held = all_visible(state, scope_of(state, token))
    context = revealed(world.connection, world.tenant, held) | prefilled(
        form, command.actor.account, world.organisation
    )
    values = form_values(world, form, command.values, context, everyone=False)
    kept = with_references(values, held, context)
    return entering(world, definition, kept, allowed=frozenset(form.declared_variables()))


def _open_task(world: World, state: State, definition: ExecutableDefinition, task_id: str) -> tuple[Token, Work]:
    token = state.tokens.get(local_id(task_id))
    if token is not None and token.work is not None:
        return token, token.work
    row = queries.task_row(world.connection, world.tenant, task_id)
    if row is None:
        raise NotFound("Tugas %(task)s tidak ada.", task=task_id)
    if row.state == "COMPLETED":
        who = _since(world, world.name_of(row.completed_by or ""), row.ended_at)
        raise Conflict("Tugas %(task)s sudah diselesaikan %(holder)s.", task=f'"{row.name}"', holder=who)
    when = world.local_time(row.ended_at or world.now)
    raise Conflict("Tugas %(task)s sudah ditarik (%(when)s).", task=f'"{row.name}"', when=when)


def _refuse_outsiders(
    world: World, state: State, definition: ExecutableDefinition, token: Token, account_id: str
) -> None:
    account = world.account(account_id)
    if token.work is None or not may_claim(account, token.work, state.excluded):
        raise NotPermitted("Tugas %(task)s bukan untuk Anda.", task=_name(definition, token))


def _refuse_others(
    world: World,
    definition: ExecutableDefinition,
    token: Token,
    work: Work,
    command: ReleaseUserTask | CompleteUserTask,
) -> None:
    account_id = world.account(command.actor.account).id
    if work.assignee is None:
        raise Conflict("Tugas %(task)s belum diambil; ambillah dahulu.", task=_name(definition, token))
    if work.assignee != account_id:
        raise NotPermitted(
            "Tugas %(task)s dipegang %(holder)s, bukan Anda.",
            task=_name(definition, token),
            holder=_holder_since(world, work.assignee, command.task_id),
        )


def _holder_since(world: World, holder: str, task_id: str) -> str:
    row = queries.task_row(world.connection, world.tenant, task_id)
    return _since(world, world.name_of(holder), row.claimed_at if row else None)


def _since(world: World, name: str, at: str | None) -> str:
    return f"{name} ({world.local_time(at)})" if at else name


def _name(definition: ExecutableDefinition, token: Token) -> str:
    return f'"{definition.model.nodes[token.element].name or token.element}"'
