"""Admission of messages: the recipients of one are fixed when it is published."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import to_text
from engine.commands import SYSTEM, CorrelateMessage, PublishMessage, StartProcessInstance
from engine.definition.executable import ExecutableDefinition
from engine.errors import Conflict, InvalidInput, NotFound, NotPermitted
from engine.events import event
from engine.ids import local_id
from engine.runtime.entering import entering
from engine.runtime.handlers import instances
from engine.runtime.state import State
from engine.runtime.world import World
from engine.store import queries
from engine.values import JsonObject, Value

LONGEST_LIFE = 30 * 24 * 3600


def stream(world: World, command: PublishMessage) -> str:
    """One stream per message name."""
    return f"message:{command.name}"


def publish(world: World, command: PublishMessage, message_id: str) -> tuple[JsonObject, list[JsonObject]]:
    """Starts by this name, and the oldest subscription of each process that waits for this name and key.

    As in Zeebe a process gets a message once.  One that nobody waits for is kept for its time to live.
    """
    _refuse_onlookers(world, command)
    if not 0 <= command.time_to_live <= LONGEST_LIFE:
        raise InvalidInput("Masa simpan pesan antara 0 dan %(longest)s detik.", longest=LONGEST_LIFE)
    starts = queries.message_starts(world.connection, world.tenant, command.name)
    waiting = queries.waiting_subscriptions(world.connection, world.tenant, command.name, command.correlation_key)
    receivers = _receivers(world, command.name)
    if not starts and not receivers:
        raise NotFound("Tidak ada proses yang mengenal pesan %(name)s.", name=command.name)
    variables = _variables(world, command, receivers)
    targets: list[JsonObject] = [{"start": row.key, "event": row.start_event} for row in starts]
    targets += [{"subscription": identifier} for identifier in waiting]
    expires = to_text(world.moment + timedelta(seconds=command.time_to_live))
    record: JsonObject = {
        "kind": "PublishMessage",
        "id": message_id,
        "name": command.name,
        "key": command.correlation_key,
        "variables": variables,
    }
    if targets:
        return record, [
            event("message:published", name=command.name, key=command.correlation_key, expires=expires, targets=targets)
        ]
    return record, [event("message:buffered", name=command.name, key=command.correlation_key, expires=expires)]


def correlate(world: World, state: State, definition: ExecutableDefinition, command: CorrelateMessage) -> JsonObject:
    """A message reaches a subscription, if that still waits."""
    subscription = local_id(command.subscription_id)
    if not any(subscription in token.subscriptions for token in state.tokens.values()):
        raise Conflict("Penunggu pesan %(id)s sudah tidak ada.", id=command.subscription_id)
    variables = entering(world, definition, command.variables)
    return {"do": "correlate", "subscription": subscription, "message": command.message_id, "variables": variables}


def _refuse_onlookers(world: World, command: PublishMessage) -> None:
    """Whoever works here may pass a message on; an auditor changes nothing."""
    if command.actor.door == "engine" or command.actor.account == SYSTEM.account:
        return
    account = world.account(command.actor.account)
    if not any(account.has(role) for role in ("staff", "admin", "process_owner")):
        raise NotPermitted("Anda tidak berwenang mengirim pesan ke proses.")


def _receivers(world: World, name: str) -> list[ExecutableDefinition]:
    """The definitions in which a message is waited for: those in force, and those whose instances wait now."""
    in_force = [view.hash for view in queries.definitions(world.connection, world.tenant, world.now) if view.effective]
    waiting = queries.definitions_waiting_for(world.connection, world.tenant, name)
    found = [world.definition(hash_) for hash_ in dict.fromkeys(in_force + waiting)]
    return [definition for definition in found if _waits_for(definition, name)]


def _waits_for(definition: ExecutableDefinition, name: str) -> bool:
    starts = definition.model.start_events
    return any(
        node.event is not None and node.event.message_name == name and node not in starts
        for node in definition.model.nodes.values()
    )


def _variables(world: World, command: PublishMessage, receivers: list[ExecutableDefinition]) -> dict[str, Value]:
    """Checked against every definition that knows the message; personal by any is personal."""
    merged: dict[str, Value] = dict(command.variables)
    for row in queries.message_starts(world.connection, world.tenant, command.name):
        found = queries.effective_definition(world.connection, world.tenant, row.key, world.now)
        if found is not None:
            definition = world.definition(found.hash)
            node = definition.model.nodes[row.start_event]
            start = StartProcessInstance(actor=command.actor, key=row.key, variables=merged)
            merged = instances.start_values(world, definition, node, start)
            instances.refuse_the_concerned(world, definition, node, merged, command.actor)
    for definition in receivers:
        merged = entering(world, definition, merged)
    return merged
