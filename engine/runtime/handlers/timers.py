"""Admission of a timer that is due: who is told when a time standard is broken."""

from __future__ import annotations

from engine.definition.executable import ExecutableDefinition
from engine.runtime.execution.boundaries import open_tasks
from engine.runtime.rights import told_of_breach
from engine.runtime.state import State
from engine.runtime.world import World
from engine.values import JsonObject


def trigger(world: World, state: State, definition: ExecutableDefinition, timer_id: str) -> JsonObject:
    """What firing this timer needs: for a time standard, the superior of each task that it finds open."""
    given: JsonObject = {"do": "trigger", "timer": timer_id}
    token = next(token for token in state.tokens.values() if timer_id in token.timers)
    node = definition.model.nodes[token.timers[timer_id].element]
    if node.properties.get("standar_waktu") != "true":
        return given
    told = {
        task.id: told_of_breach(task.work, state.excluded, world.directory)
        for task in open_tasks(state.tokens, token)
        if task.work is not None
    }
    return given | {"superiors": {task: account for task, account in told.items() if account is not None}}
