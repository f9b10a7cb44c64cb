"""How nodes and flows are joined: ends, containers, starts, reachability (BPMN 2.0.2 clauses 8.3.13, 10.5, 13.2)."""

from __future__ import annotations

from engine.definition.model import ACTIVITIES, GATEWAYS, FlowNode, NodeType
from engine.definition.rules.case import Case

_ONE_WAY_OUT = ACTIVITIES | {
    NodeType.START_EVENT,
    NodeType.BOUNDARY_EVENT,
    NodeType.INTERMEDIATE_CATCH_EVENT,
    NodeType.INTERMEDIATE_THROW_EVENT,
}
_NEEDS_OUTGOING = _ONE_WAY_OUT - ACTIVITIES | GATEWAYS
_NO_INCOMING = frozenset({NodeType.START_EVENT, NodeType.BOUNDARY_EVENT})


def check(case: Case) -> None:
    """Check how nodes and flows are joined."""
    for node in case.nodes():
        _check_ends(case, node)
    _check_flows(case)
    _check_starts(case)
    _check_reachable(case)


def _check_ends(case: Case, node: FlowNode) -> None:
    if node.type in _NO_INCOMING and node.incoming:
        case.refuse("incoming_forbidden", node)
    if node.type is NodeType.END_EVENT and node.outgoing:
        case.refuse("outgoing_forbidden", node)
    if node.type in _NEEDS_OUTGOING and not node.outgoing:
        case.refuse("outgoing_missing", node)
    if node.type in GATEWAYS and not node.incoming:
        case.refuse("incoming_missing", node)
    if node.type in _ONE_WAY_OUT and len(node.outgoing) > 1:
        case.refuse("several_outgoing", node, count=len(node.outgoing))


def _check_flows(case: Case) -> None:
    nodes = case.model.nodes
    for flow in case.model.flows.values():
        for attribute, end in (("sourceRef", flow.source), ("targetRef", flow.target)):
            if end and end not in nodes:
                case.refuse("reference_unknown", flow, attribute=attribute, target=end)
            elif end and nodes[end].parent != flow.parent:
                case.refuse("flow_crosses_container", flow, node=nodes[end].name or end)


def _check_starts(case: Case) -> None:
    if not case.model.start_events:
        case.refuse_process("start_missing")
    for node in case.nodes(NodeType.SUB_PROCESS):
        count = len(case.model.starts_of(node.id))
        if count != 1:
            case.refuse("subprocess_start_count", node, count=count)


def _check_reachable(case: Case) -> None:
    """A node that no start event leads to would never run; nothing is said where there is no start to begin with."""
    waiting = list(case.model.start_events)
    reached = {node.id for node in waiting}
    while waiting:
        node = waiting.pop()
        inside = case.model.starts_of(node.id) if node.type is NodeType.SUB_PROCESS else ()
        for following in (*case.targets(node), *case.model.boundary_events(node.id), *inside):
            if following.id not in reached:
                reached.add(following.id)
                waiting.append(following)
    for node in case.nodes():
        holder_runs = node.parent in reached or node.parent == case.model.key
        said_already = (node.type in GATEWAYS and not node.incoming) or (
            node.type is NodeType.BOUNDARY_EVENT and node.attached_to not in case.model.nodes
        )
        if node.id not in reached and holder_runs and case.model.starts_of(node.parent) and not said_already:
            case.refuse("unreachable", node)
