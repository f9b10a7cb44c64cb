"""A process definition as the engine understands it: a frozen graph, free of XML and of SpiffWorkflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class NodeType(StrEnum):
    """BPMN's own element names; what is not listed is refused."""

    START_EVENT = "startEvent"
    END_EVENT = "endEvent"
    INTERMEDIATE_CATCH_EVENT = "intermediateCatchEvent"
    INTERMEDIATE_THROW_EVENT = "intermediateThrowEvent"
    BOUNDARY_EVENT = "boundaryEvent"
    USER_TASK = "userTask"
    MANUAL_TASK = "manualTask"
    TASK = "task"
    SERVICE_TASK = "serviceTask"
    SEND_TASK = "sendTask"
    RECEIVE_TASK = "receiveTask"
    SCRIPT_TASK = "scriptTask"
    EXCLUSIVE_GATEWAY = "exclusiveGateway"
    PARALLEL_GATEWAY = "parallelGateway"
    INCLUSIVE_GATEWAY = "inclusiveGateway"
    EVENT_BASED_GATEWAY = "eventBasedGateway"
    SUB_PROCESS = "subProcess"
    CALL_ACTIVITY = "callActivity"


HUMAN = frozenset({NodeType.USER_TASK, NodeType.MANUAL_TASK, NodeType.TASK})
JOB = frozenset({NodeType.SERVICE_TASK, NodeType.SEND_TASK})
ACTIVITIES = HUMAN | JOB | {NodeType.RECEIVE_TASK, NodeType.SCRIPT_TASK, NodeType.SUB_PROCESS, NodeType.CALL_ACTIVITY}
GATEWAYS = frozenset(
    {
        NodeType.EXCLUSIVE_GATEWAY,
        NodeType.PARALLEL_GATEWAY,
        NodeType.INCLUSIVE_GATEWAY,
        NodeType.EVENT_BASED_GATEWAY,
    }
)


class EventKind(StrEnum):
    """The event definitions we run; NONE is an event without one."""

    NONE = "none"
    TIMER = "timer"
    MESSAGE = "message"
    ERROR = "error"
    TERMINATE = "terminate"


class TimerKind(StrEnum):
    """BPMN's three ways to say when."""

    DURATION = "timeDuration"
    DATE = "timeDate"
    CYCLE = "timeCycle"


@dataclass(frozen=True)
class EventDefinition:
    """What an event waits for or throws.

    `timer_text` is the attribute as written: FEEL when it begins with `=`, ISO 8601 otherwise.
    """

    kind: EventKind
    timer_kind: TimerKind | None = None
    timer_text: str | None = None
    message_name: str | None = None
    correlation_key: str | None = None  # as written: FEEL when it begins with `=`
    error_code: str | None = None


@dataclass(frozen=True)
class VariableMapping:
    """One line of a zeebe:ioMapping: `source` as written, `target` a variable name."""

    source: str
    target: str


@dataclass(frozen=True)
class Assignment:
    """zeebe:assignmentDefinition, as written; None where the lane decides."""

    assignee: str | None = None
    candidate_groups: str | None = None
    candidate_users: str | None = None


@dataclass(frozen=True)
class MultiInstance:
    """zeebe:loopCharacteristics with BPMN's isSequential; expressions as written."""

    sequential: bool
    input_collection: str
    input_element: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    completion_condition: str | None = None


@dataclass(frozen=True)
class Call:
    """zeebe:calledElement: the process called (as written) and which of its versions; what goes in and comes back."""

    process: str
    version_tag: str | None = None  # None: the version in force at the call
    passes_all: bool = True  # every variable that the call sees, else only its input mappings
    returns_all: bool = True  # every result that is declared, else only by its output mappings


@dataclass(frozen=True)
class FlowNode:
    """One flow node.  `parent` is the id of the process or sub-process that holds it."""

    id: str
    type: NodeType
    name: str
    parent: str
    lane_id: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default_flow: str | None = None
    event: EventDefinition | None = None
    attached_to: str | None = None
    interrupting: bool = True  # boundary events: cancelActivity
    properties: Mapping[str, str] = field(default_factory=dict)  # zeebe:properties
    assignment: Assignment = Assignment()
    form_id: str | None = None
    due_date: str | None = None
    follow_up_date: str | None = None
    priority: str | None = None
    job_type: str | None = None
    job_retries: str | None = None
    job_headers: Mapping[str, str] = field(default_factory=dict)
    script: str | None = None
    result_variable: str | None = None
    call: Call | None = None
    inputs: tuple[VariableMapping, ...] = ()
    outputs: tuple[VariableMapping, ...] = ()
    multi_instance: MultiInstance | None = None

    @property
    def sop_number(self) -> str | None:
        """The SOP's own number of this step."""
        return self.properties.get("sop.nomor")


@dataclass(frozen=True)
class SequenceFlow:
    """One sequence flow; `condition` as written (FEEL behind `=`)."""

    id: str
    name: str
    source: str
    target: str
    parent: str
    condition: str | None = None


@dataclass(frozen=True)
class Lane:
    """A lane; `group` is the candidate group of its user tasks, FEEL when it begins with `=`."""

    id: str
    name: str
    group: str


@dataclass(frozen=True)
class ProcessModel:
    """One executable process: its graph and nothing of its drawing."""

    key: str
    name: str
    nodes: Mapping[str, FlowNode]
    flows: Mapping[str, SequenceFlow]
    lanes: Mapping[str, Lane]
    properties: Mapping[str, str] = field(default_factory=dict)
    version_tag: str | None = None

    @cached_property
    def start_events(self) -> tuple[FlowNode, ...]:
        """The alternatives that create an instance, in document order."""
        return self.starts_of(self.key)

    def starts_of(self, container: str) -> tuple[FlowNode, ...]:
        """Start events directly inside a process or sub-process."""
        return self._starts.get(container, ())

    def boundary_events(self, node_id: str) -> tuple[FlowNode, ...]:
        """Boundary events attached to an activity, in document order."""
        return self._boundaries.get(node_id, ())

    @cached_property
    def _starts(self) -> dict[str, tuple[FlowNode, ...]]:
        found: dict[str, tuple[FlowNode, ...]] = {}
        for node in self.nodes.values():
            if node.type is NodeType.START_EVENT:
                found[node.parent] = (*found.get(node.parent, ()), node)
        return found

    @cached_property
    def _boundaries(self) -> dict[str, tuple[FlowNode, ...]]:
        found: dict[str, tuple[FlowNode, ...]] = {}
        for node in self.nodes.values():
            if node.attached_to is not None:
                found[node.attached_to] = (*found.get(node.attached_to, ()), node)
        return found

    @cached_property
    def variables_open(self) -> bool:
        """Whether undeclared variables may enter (models made for other engines)."""
        return self.properties.get("variables") == "open"

    @cached_property
    def inclusive_joins(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """For each joining inclusive gateway and each of its incoming flows: the nodes from which a token can come
        over that flow without visiting the gateway (BPMN 2.0.2 clause 13.4.3).  Boundary events belong to the paths.
        """
        return {
            node.id: {flow: self._sources_of(flow, node.id) for flow in node.incoming}
            for node in self.nodes.values()
            if node.type is NodeType.INCLUSIVE_GATEWAY and len(node.incoming) > 1
        }

    def _sources_of(self, flow_id: str, without: str) -> frozenset[str]:
        found: set[str] = set()
        todo = [self.flows[flow_id].source]
        while todo:
            node = self.nodes[todo.pop()]
            if node.id in found or node.id == without:
                continue
            found.add(node.id)
            todo.extend(self.flows[item].source for item in node.incoming)
            if node.attached_to is not None:
                todo.append(node.attached_to)
        return frozenset(found)
