"""Admission of what job handlers report.  A report on an attempt that is over is rejected."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import to_text
from engine.commands import CompleteJob, FailJob, ThrowJobError
from engine.definition.executable import ExecutableDefinition
from engine.errors import Conflict
from engine.ids import global_id, local_id
from engine.runtime.entering import entering
from engine.runtime.execution.scopes import all_visible, scope_of
from engine.runtime.job_contract import Job
from engine.runtime.state import Phase, State, Token
from engine.runtime.world import World
from engine.store import queries, sequences
from engine.store.free_texts import FreeText
from engine.values import JsonObject

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)


def complete(world: World, state: State, definition: ExecutableDefinition, command: CompleteJob) -> JsonObject:
    """The job is done; what only the transaction can give (numbers) is settled here."""
    token = _current(state, command.job_id, command.attempt)
    job = job_of(world, state, definition, token)
    results = dict(command.variables)
    handler = world.job_handlers.get(job.type)
    if handler is not None:
        results = dict(
            handler.settle(job, results, lambda name: sequences.next_number(world.connection, world.tenant, name))
        )
    allowed = None if definition.model.variables_open else definition.job_results(token.element)
    return {"do": "complete_job", "job": token.id, "variables": entering(world, definition, results, allowed=allowed)}


def fail(world: World, state: State, definition: ExecutableDefinition, command: FailJob) -> JsonObject:
    """The attempt failed: another after a growing pause, or an incident when none is left."""
    token = _current(state, command.job_id, command.attempt)
    left = queries.job_retries(world.connection, world.tenant, command.job_id) - 1 if command.retry else 0
    world.free_texts.append(FreeText("reported_fault", command.detail[:2000], token.id))
    pause = min(FIRST_PAUSE * 2 ** (command.attempt - 1), LONGEST_PAUSE)
    given: JsonObject = {"do": "fail_job", "job": token.id, "retries": max(left, 0)}
    return given | {"not_before": to_text(world.moment + pause)} if left > 0 else given


def throw_error(world: World, state: State, definition: ExecutableDefinition, command: ThrowJobError) -> JsonObject:
    """The job raises a BPMN error."""
    token = _current(state, command.job_id, command.attempt)
    return {"do": "throw_error", "job": token.id, "code": command.code}


def job_of(world: World, state: State, definition: ExecutableDefinition, token: Token) -> Job:
    """The job of a token as its handler is given it."""
    node = definition.model.nodes[token.element]
    return Job(
        id=global_id(state.instance_id, token.id),
        attempt=token.attempt,
        type=node.job_type or "",
        instance_id=state.instance_id,
        element_id=node.id,
        headers=node.job_headers,
        variables=all_visible(state, scope_of(state, token)),
        now=world.moment,
        organisation=world.organisation,
        catalogue=world.catalogue,
    )


def _current(state: State, job_id: str, attempt: int) -> Token:
    token = state.tokens.get(local_id(job_id))
    if token is None or token.attempt != attempt or token.phase is not Phase.WAITING:
        raise Conflict("Pekerjaan %(job)s (percobaan %(attempt)s) sudah tidak berlaku.", job=job_id, attempt=attempt)
    return token
