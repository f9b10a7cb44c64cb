"""One executable process element to a process model: its containers, lanes, flow nodes and sequence flows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from engine.definition.bpmn_xml import (
    BPMN,
    TRUE,
    Element,
    attribute,
    bpmn_children,
    children,
    local_reference,
    names,
    text_of,
)
from engine.definition.event_reader import EventReader
from engine.definition.extensions import Extensions, read_extensions
from engine.definition.findings import Findings, check_element, check_part
from engine.definition.model import (
    Assignment,
    Call,
    EventDefinition,
    FlowNode,
    Lane,
    NodeType,
    ProcessModel,
    SequenceFlow,
)
from engine.definition.rulebook import problem
from engine.definition.vocabulary import BESIDE_FLOW_NODES, FLOW_NODES_REFUSED

_NODE_TYPES: Final = {node_type.value: node_type for node_type in NodeType}
_EVENTS: Final = frozenset(
    {
        NodeType.START_EVENT,
        NodeType.END_EVENT,
        NodeType.INTERMEDIATE_CATCH_EVENT,
        NodeType.INTERMEDIATE_THROW_EVENT,
        NodeType.BOUNDARY_EVENT,
    }
)


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens: `Kepala KKP` becomes `kepala-kkp`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


class ProcessReader:
    """Reads one process; what is not executed goes to `findings`."""

    def __init__(self, process: Element, events: EventReader, findings: Findings) -> None:
        self._process = process
        self._events = events
        self._findings = findings
        self._elements: dict[str, Element] = {}
        self._nodes: dict[str, FlowNode] = {}
        self._flows: dict[str, SequenceFlow] = {}
        self._lanes: dict[str, Lane] = {}
        self._lane_of: dict[str, str] = {}

    def read(self) -> ProcessModel:
        """The model; flow nodes and sequence flows in document order, a sub-process before what it holds."""
        key = self._id_of(self._process)
        check_element(self._process, self._findings, check_children=False)
        extensions = read_extensions(self._process, self._findings)
        self._read_container(self._process, key, inherited_lane=None)
        self._check_lane_references()
        return ProcessModel(
            key=key,
            name=attribute(self._process, "name") or self._pool_name(key) or key,
            nodes=self._joined_nodes(),
            flows=self._flows,
            lanes=self._lanes,
            properties=extensions.properties,
            version_tag=extensions.get("versionTag", "value"),
        )

    def _pool_name(self, key: str) -> str | None:
        root = self._process.getroottree().getroot()
        for collaboration in bpmn_children(root, "collaboration"):
            for participant in bpmn_children(collaboration, "participant"):
                if local_reference(attribute(participant, "processRef")) == key:
                    return attribute(participant, "name")
        return None

    # --- containers and lanes ---------------------------------------------------------------------------------------

    def _read_container(self, container: Element, container_id: str, inherited_lane: str | None) -> None:
        """Everything directly inside; what stands in no lane of its own belongs to its sub-process's lane."""
        for lane_set in bpmn_children(container, "laneSet"):
            self._read_lane_set(lane_set, around=frozenset())
        beside = BESIDE_FLOW_NODES[names(container)[1]]
        for child in children(container):
            namespace, local = names(child)
            if namespace != BPMN:
                self._findings.stranger(child)
            elif local == "sequenceFlow":
                self._read_flow(child, container_id)
            elif local in _NODE_TYPES:
                self._read_node(child, container_id, inherited_lane)
            elif local in FLOW_NODES_REFUSED:
                self._refuse_node(child, container_id, inherited_lane)
            else:
                check_part(child, beside, self._findings)

    def _read_lane_set(self, lane_set: Element, around: frozenset[str]) -> None:
        check_element(lane_set, self._findings)
        for lane in bpmn_children(lane_set, "lane"):
            self._read_lane(lane, around)

    def _read_lane(self, element: Element, around: frozenset[str]) -> None:
        check_element(element, self._findings)
        lane_id = self._id_of(element)
        name = attribute(element, "name") or ""
        group = read_extensions(element, self._findings).properties.get("group", "").strip() or slug(name)
        if not group:
            self._findings.add("lane_group_missing", element)
        self._lanes[lane_id] = Lane(lane_id, name, group)
        for reference in bpmn_children(element, "flowNodeRef"):
            self._place(text_of(reference), lane_id, around)
        for inner in bpmn_children(element, "childLaneSet"):
            self._read_lane_set(inner, around | {lane_id})

    def _place(self, node_id: str, lane_id: str, around: frozenset[str]) -> None:
        """Put a node in a lane; a lane inside the one that already holds it wins, any other is an overlap."""
        held_by = self._lane_of.get(node_id)
        if held_by is not None and held_by not in around | {lane_id}:
            lanes = f"{self._lanes[held_by].name}, {self._lanes[lane_id].name}"
            self._findings.problems.append(problem("lane_overlap", node_id, "", lanes=lanes))
        self._lane_of[node_id] = lane_id

    def _check_lane_references(self) -> None:
        for node_id, lane_id in self._lane_of.items():
            if node_id not in self._nodes:
                name = self._lanes[lane_id].name
                self._findings.problems.append(
                    problem("reference_unknown", lane_id, name, attribute="flowNodeRef", target=node_id)
                )

    # --- flow nodes and sequence flows ------------------------------------------------------------------------------

    def _read_flow(self, element: Element, container_id: str) -> None:
        check_element(element, self._findings)
        read_extensions(element, self._findings)
        conditions = bpmn_children(element, "conditionExpression")
        flow_id = self._id_of(element)
        for name in ("sourceRef", "targetRef"):
            if attribute(element, name) is None:
                self._findings.add("reference_missing", element, attribute=name)
        self._flows[flow_id] = SequenceFlow(
            id=flow_id,
            name=attribute(element, "name") or "",
            source=attribute(element, "sourceRef") or "",
            target=attribute(element, "targetRef") or "",
            parent=container_id,
            condition=self._events.expression(conditions[0], element) if conditions else None,
        )

    def _read_node(self, element: Element, container_id: str, inherited_lane: str | None) -> None:
        node_type = _NODE_TYPES[names(element)[1]]
        is_container = node_type is NodeType.SUB_PROCESS
        if is_container and attribute(element, "triggeredByEvent") in TRUE:
            self._findings.add("event_subprocess_unsupported", element)
            self._add(element, self._bare_node(element, node_type, container_id, inherited_lane), stand_in=True)
            return
        check_element(element, self._findings, check_children=not is_container)
        extensions = read_extensions(element, self._findings)
        bare = self._bare_node(element, node_type, container_id, inherited_lane)
        node = replace(
            bare,
            event=self._event(element, node_type),
            attached_to=attribute(element, "attachedToRef"),
            interrupting=(attribute(element, "cancelActivity") or "true") in TRUE,
            multi_instance=self._events.multi_instance(element),
        )
        self._add(element, _with_extensions(node, extensions))
        if is_container:
            self._read_container(element, node.id, node.lane_id)

    def _refuse_node(self, element: Element, container_id: str, inherited_lane: str | None) -> None:
        local = names(element)[1]
        rule, node_type = FLOW_NODES_REFUSED[local]
        self._findings.add(rule, element, type=local)
        self._add(element, self._bare_node(element, node_type, container_id, inherited_lane), stand_in=True)

    def _bare_node(
        self, element: Element, node_type: NodeType, container_id: str, inherited_lane: str | None
    ) -> FlowNode:
        node_id = self._id_of(element)
        return FlowNode(
            id=node_id,
            type=node_type,
            name=attribute(element, "name") or "",
            parent=container_id,
            lane_id=self._lane_of.get(node_id, inherited_lane),
            default_flow=attribute(element, "default"),
        )

    def _add(self, element: Element, node: FlowNode, *, stand_in: bool = False) -> None:
        self._elements[node.id] = element
        self._nodes[node.id] = node
        if stand_in:
            self._events.stand_ins.add(node.id)

    def _event(self, element: Element, node_type: NodeType) -> EventDefinition | None:
        if node_type in _EVENTS:
            return self._events.event(element)
        return self._events.receive(element) if node_type is NodeType.RECEIVE_TASK else None

    def _id_of(self, element: Element) -> str:
        element_id = element.get("id")
        if element_id:
            return element_id
        self._findings.add("id_missing", element, element=names(element)[1])
        return f"#{element.sourceline}"

    # --- putting it together ----------------------------------------------------------------------------------------

    def _joined_nodes(self) -> dict[str, FlowNode]:
        """The nodes with their flows and lanes; a boundary event in no lane is in that of what it is attached to."""
        incoming: dict[str, list[str]] = {}
        outgoing: dict[str, list[str]] = {}
        for flow in self._flows.values():
            outgoing.setdefault(flow.source, []).append(flow.id)
            incoming.setdefault(flow.target, []).append(flow.id)
        return {
            node.id: replace(
                node,
                lane_id=node.lane_id or self._host_lane(node),
                incoming=self._ordered(node.id, "incoming", incoming.get(node.id, [])),
                outgoing=self._ordered(node.id, "outgoing", outgoing.get(node.id, [])),
            )
            for node in self._nodes.values()
        }

    def _host_lane(self, node: FlowNode) -> str | None:
        host = self._nodes.get(node.attached_to or "")
        return host.lane_id if host is not None else None

    def _ordered(self, node_id: str, kind: str, actual: Iterable[str]) -> tuple[str, ...]:
        """A node's flows in the order that the node lists them, then those that it does not list in document order."""
        flows = list(actual)
        listed = [text_of(item) for item in bpmn_children(self._elements[node_id], kind)]
        for flow_id in listed:
            if local_reference(flow_id) not in flows:
                self._findings.add("flow_listing_mismatch", self._elements[node_id], element=kind, flow=flow_id)
        rank = {local_reference(flow_id): place for place, flow_id in enumerate(listed)}
        return tuple(sorted(flows, key=lambda flow_id: rank.get(flow_id, len(rank))))


def _with_extensions(node: FlowNode, extensions: Extensions) -> FlowNode:
    """The node with what its zeebe extensions say."""
    return replace(
        node,
        properties=extensions.properties,
        assignment=Assignment(
            assignee=extensions.get("assignmentDefinition", "assignee"),
            candidate_groups=extensions.get("assignmentDefinition", "candidateGroups"),
            candidate_users=extensions.get("assignmentDefinition", "candidateUsers"),
        ),
        form_id=extensions.get("formDefinition", "formId"),
        due_date=extensions.get("taskSchedule", "dueDate"),
        follow_up_date=extensions.get("taskSchedule", "followUpDate"),
        priority=extensions.get("priorityDefinition", "priority"),
        job_type=extensions.get("taskDefinition", "type"),
        job_retries=extensions.get("taskDefinition", "retries"),
        job_headers=extensions.headers,
        script=extensions.get("script", "expression"),
        result_variable=extensions.get("script", "resultVariable"),
        call=_call(extensions),
        inputs=extensions.inputs,
        outputs=extensions.outputs,
    )


def _call(extensions: Extensions) -> Call | None:
    process = extensions.get("calledElement", "processId")
    if process is None:
        return None
    by_tag = extensions.get("calledElement", "bindingType") == "versionTag"
    return Call(
        process=process,
        version_tag=(extensions.get("calledElement", "versionTag") or "") if by_tag else None,
        passes_all=extensions.get("calledElement", "propagateAllParentVariables") != "false",
        returns_all=extensions.get("calledElement", "propagateAllChildVariables") != "false",
    )
