"""An abstract process: what the generator draws, the writer writes and the referee plays."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

USER, SCRIPT, SUB_PROCESS = "userTask", "scriptTask", "subProcess"
SERVICE, RECEIVE = "serviceTask", "receiveTask"
START, END, CATCH, THROW, BOUNDARY = (
    "startEvent",
    "endEvent",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "boundaryEvent",
)
EXCLUSIVE, PARALLEL, INCLUSIVE, EVENT_BASED = (
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
)
ACTIVITIES = frozenset({USER, SCRIPT, SUB_PROCESS, SERVICE, RECEIVE})
NONE, TIMER, MESSAGE, ERROR, TERMINATE = "none", "timer", "message", "error", "terminate"


@dataclass(frozen=True)
class Timer:
    """When: `minutes` after arming (duration, cycle) or after the epoch of the test (date).

    `repetitions` counts a cycle's firings, None for ever; `feel` writes it as an expression.  With `variable` a
    duration or a cycle's interval is that many minutes if it is positive when the timer is armed, else `minutes`.
    """

    kind: str = "duration"  # or "date", "cycle"
    minutes: int = 10
    repetitions: int | None = None
    feel: bool = False
    variable: str | None = None


@dataclass(frozen=True)
class Mapping:
    """One input or output mapping; `source` is FEEL behind `=`."""

    source: str
    target: str


@dataclass(frozen=True)
class MultiInstance:
    """Once per item of `input_collection`; expressions are FEEL behind `=`, names are bare.

    Whenever an item has ended, `completion_condition` may end the rest.
    """

    sequential: bool
    input_collection: str
    input_element: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    completion_condition: str | None = None


@dataclass(frozen=True)
class Node:
    """One flow node; `parent` is the sub-process that holds it, None at the top."""

    id: str
    kind: str
    parent: str | None = None
    event: str = NONE
    timer: Timer | None = None
    message: str | None = None
    error_code: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    sets: tuple[str, ...] = ()  # what whoever completes this user task or job (or sends this message) gives
    throws: str | None = None  # the code of a BPMN error that the job may end in
    script: str | None = None
    result: str | None = None
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    multi: MultiInstance | None = None
    default: str | None = None


@dataclass(frozen=True)
class Flow:
    """One sequence flow; `condition` is FEEL behind `=`."""

    id: str
    source: str
    target: str
    condition: str | None = None


@dataclass(frozen=True)
class Process:
    """Nodes and flows in document order."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    key: str = "proses_acak"

    def node(self, node_id: str) -> Node:
        """The node of that id."""
        return self._by_id[node_id]

    def outgoing(self, node_id: str) -> tuple[Flow, ...]:
        """Flows out of a node, in document order."""
        return tuple(self._outgoing.get(node_id, ()))

    def incoming(self, node_id: str) -> tuple[Flow, ...]:
        """Flows into a node, in document order."""
        return tuple(self._incoming.get(node_id, ()))

    def boundaries(self, node_id: str) -> tuple[Node, ...]:
        """Boundary events attached to an activity, in document order."""
        return tuple(self._boundaries.get(node_id, ()))

    def inside(self, parent: str | None) -> tuple[Node, ...]:
        """The nodes directly inside a sub-process (None: the process), in document order."""
        return tuple(self._inside.get(parent, ()))

    def start(self, parent: str | None) -> Node:
        """The none start event of the process or sub-process."""
        return next(node for node in self.inside(parent) if node.kind == START)

    @cached_property
    def _by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def _outgoing(self) -> dict[str, list[Flow]]:
        found = defaultdict(list)
        for flow in self.flows:
            found[flow.source].append(flow)
        return found

    @cached_property
    def _incoming(self) -> dict[str, list[Flow]]:
        found = defaultdict(list)
        for flow in self.flows:
            found[flow.target].append(flow)
        return found

    @cached_property
    def _boundaries(self) -> dict[str | None, list[Node]]:
        found = defaultdict(list)
        for node in self.nodes:
            if node.attached_to is not None:
                found[node.attached_to].append(node)
        return found

    @cached_property
    def _inside(self) -> dict[str | None, list[Node]]:
        found = defaultdict(list)
        for node in self.nodes:
            found[node.parent].append(node)
        return found
