"""Admission of a deployment: what does not run right is refused with every reason, and nothing is stored."""

from __future__ import annotations

from engine.commands import DeployDefinition
from engine.definition.executable import ExecutableDefinition
from engine.definition.model import EventKind
from engine.errors import NotPermitted
from engine.events import event
from engine.runtime.rights import is_the_system
from engine.runtime.world import World
from engine.store import queries
from engine.store.free_texts import FreeText
from engine.values import JsonObject


def deploy(
    world: World, definition: ExecutableDefinition, command: DeployDefinition, files: list[list[str]]
) -> tuple[JsonObject, list[JsonObject]]:
    """The next version, effective at once; deploying what is already effective gives no new version."""
    _refuse_others(world, command)
    approver = world.named_account(command.approved_by)
    latest = queries.latest_definition(world.connection, world.tenant, definition.key)
    record: JsonObject = {"kind": "DeployDefinition", "hash": definition.hash, "approved_by": approver.id}
    if command.note.strip():
        world.free_texts.append(FreeText("note", command.note.strip()))
    if latest is not None and latest.hash == definition.hash:
        return record, []
    starts = [
        [node.event.message_name, node.id]
        for node in definition.model.start_events
        if node.event is not None and node.event.kind is EventKind.MESSAGE
    ]
    return record, [
        event(
            "definition:deployed",
            key=definition.key,
            version=1 if latest is None else latest.version + 1,
            hash=definition.hash,
            name=definition.name,
            files=files,
            approved_by=approver.id,
            version_tag=definition.model.version_tag,
            notes=[str(note) for note in definition.notes],
            message_starts=starts,
        )
    ]


def _refuse_others(world: World, command: DeployDefinition) -> None:
    if is_the_system(command.actor):
        return
    actor = world.account(command.actor.account)
    if not (actor.has("process_owner") or actor.has("admin")):
        raise NotPermitted("Hanya pemilik proses yang dapat menerbitkan definisi.")
