"""Where a token goes: conditions, defaults, event-based gateways (BPMN 2.0.2 clauses 8.3.13, 10.6, 13.4)."""

from __future__ import annotations

from engine.definition.model import EventKind, FlowNode, NodeType
from engine.definition.rules.case import Case

_CONDITIONAL = frozenset({NodeType.EXCLUSIVE_GATEWAY, NodeType.INCLUSIVE_GATEWAY})
_AWAITED = frozenset({EventKind.TIMER, EventKind.MESSAGE})


def check(case: Case) -> None:
    """Check gateways and the conditions of the flows that leave them."""
    for flow in case.model.flows.values():
        source = case.model.nodes.get(flow.source)
        if flow.condition is not None and source is not None and source.type not in _CONDITIONAL:
            if source.id not in case.stand_ins:
                case.refuse("condition_misplaced", flow, node=source.name or source.id)
        elif flow.condition == "":
            case.refuse("condition_empty", flow)
    for node in case.nodes():
        _check_default(case, node)
        if node.type in _CONDITIONAL:
            _check_split(case, node)
        elif node.type is NodeType.EVENT_BASED_GATEWAY:
            _check_event_based(case, node)


def _check_default(case: Case, node: FlowNode) -> None:
    if node.default_flow is None:
        return
    if node.type not in _CONDITIONAL:
        case.refuse("default_misplaced", node)
    elif node.default_flow not in node.outgoing:
        case.refuse("default_unknown", node, flow=node.default_flow)
    elif case.model.flows[node.default_flow].condition is not None:
        case.refuse("default_with_condition", case.model.flows[node.default_flow])


def _check_split(case: Case, node: FlowNode) -> None:
    if len(node.outgoing) < 2 or node.id in case.stand_ins:
        return
    for flow_id in node.outgoing:
        flow = case.model.flows[flow_id]
        if flow.condition is None and flow_id != node.default_flow:
            case.refuse("condition_missing", flow, node=node.name or node.id)


def _check_event_based(case: Case, node: FlowNode) -> None:
    if len(node.outgoing) < 2:
        case.refuse("event_gateway_too_few", node)
    targets = list(case.targets(node))
    for target in targets:
        _check_awaited(case, node, target)
    kinds = {target.type for target in targets if target.event is not None and target.event.kind is EventKind.MESSAGE}
    if len(kinds) > 1:
        case.refuse("event_gateway_mixed", node)
    messages = [target.event.message_name for target in targets if target.event and target.event.message_name]
    for name in sorted({name for name in messages if messages.count(name) > 1}):
        case.refuse("message_ambiguous", node, message=name)


def _check_awaited(case: Case, gateway: FlowNode, target: FlowNode) -> None:
    awaits = target.type is NodeType.INTERMEDIATE_CATCH_EVENT and target.event and target.event.kind in _AWAITED
    if not awaits and target.type is not NodeType.RECEIVE_TASK and target.id not in case.stand_ins:
        case.refuse("event_gateway_target", gateway, node=target.name or target.id)
    if len(target.incoming) != 1:
        case.refuse("event_gateway_target_incoming", target)
    if case.model.boundary_events(target.id):
        case.refuse("event_gateway_target_boundary", target)
    if target.multi_instance is not None:
        case.refuse("event_gateway_target_repeated", target)
