"""The execution port: (definition, state, input, circumstances) -> (state, events).

Pure: the same arguments give the same result, byte for byte.  SpiffWorkflow stands behind it and nothing outside sees
its types, ids or habits.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.definition.executable import ExecutableDefinition
from engine.runtime.execution.evaluation import BusinessTime, Circumstances, Stops
from engine.runtime.execution.inputs import INPUTS
from engine.runtime.execution.machine import Machine, root_scope
from engine.runtime.state import ROOT, State
from engine.values import JsonObject

__all__ = ["BusinessTime", "Circumstances", "Step", "Stops", "begin", "step"]


@dataclass(frozen=True)
class Step:
    """What one input led to.

    `faults` tells, by token, what was found: it is kept beside the hash chain.  `stops` are the
    evaluations that a limit cut off.
    """

    state: State
    events: list[JsonObject]
    faults: dict[str, str]
    stops: list[int]


def begin(definition: ExecutableDefinition, instance_id: str, given: JsonObject, around: Circumstances) -> Step:
    """A new instance, run until every token waits.

    `given` has `start_event`, `variables`, `version`, and perhaps `business_key` and `team`.
    """
    state = State(
        instance_id, definition.key, definition.hash, given["start_event"], business_key=given.get("business_key")
    )
    state.caller = given.get("caller")
    state.excluded = list(given.get("excluded", []))
    state.scopes[ROOT] = root_scope(given["variables"])
    machine = Machine(definition, state, around)
    machine.emit(
        "process_instance:started",
        key=definition.key,
        version=given["version"],
        definition=definition.hash,
        start=given["start_event"],
        business_key=given.get("business_key"),
        team=given.get("team"),
        caller=given.get("caller"),
    )
    if state.excluded:
        machine.emit("exclusion:added", accounts=state.excluded)
    if given["variables"]:
        machine.emit("variables:set", scope=ROOT, values=given["variables"])
    machine.enter(definition.model.nodes[given["start_event"]], ROOT)
    machine.run()
    return Step(machine.state, machine.events, machine.faults, around.stops.found)


def step(definition: ExecutableDefinition, state: State, given: JsonObject, around: Circumstances) -> Step:
    """Apply one admitted input (its `do` names it) and run until every token waits.

    The state given is used up.  Raises KeyError when the input names what the state does not hold: admission has
    checked that.
    """
    machine = Machine(definition, state, around)
    INPUTS[given["do"]](machine, given)
    machine.run()
    return Step(machine.state, machine.events, machine.faults, around.stops.found)
