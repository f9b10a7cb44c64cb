"""Loops that never wait: a token in one would go round without end within a single command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.definition.model import HUMAN, JOB, EventKind, FlowNode, NodeType
from engine.definition.rules.case import Case

_WAITING = (
    HUMAN
    | JOB
    | {
        NodeType.RECEIVE_TASK,
        NodeType.CALL_ACTIVITY,
        NodeType.INTERMEDIATE_CATCH_EVENT,
        NodeType.EVENT_BASED_GATEWAY,
    }
)
_SPLITTING = frozenset({NodeType.PARALLEL_GATEWAY, NodeType.INCLUSIVE_GATEWAY})

Steps = Mapping[str, frozenset[str]]  # from a node id to those that a token reaches next without waiting


def check(case: Case) -> None:
    """Refuse every loop in which nothing waits, naming its first node in document order."""
    steps = {node.id: frozenset(_next(case, node)) for node in case.nodes() if not _waits(node)}
    joins = _joins(case)
    while True:
        loops = _loops(steps)
        held = {join for loop in loops for join in loop & joins.keys() if _held(joins[join], _reached(steps, loop))}
        if not held:
            break
        steps = {node_id: following for node_id, following in steps.items() if node_id not in held}
    for loop in loops:
        first = next(node for node in case.nodes() if node.id in loop)
        names = [node.name or node.id for node in case.nodes() if node.id in loop]
        case.refuse("loop_without_wait", first, nodes=", ".join(names))


def _waits(node: FlowNode) -> bool:
    if node.type is NodeType.BOUNDARY_EVENT:
        return node.event is not None and node.event.kind is not EventKind.ERROR
    return node.type in _WAITING


def _next(case: Case, node: FlowNode) -> Iterable[str]:
    """Where a token goes at once; the end of a sub-process leads out of it."""
    if node.type is NodeType.SUB_PROCESS:
        return [start.id for start in case.model.starts_of(node.id)]
    if node.type is not NodeType.END_EVENT:
        return [target.id for target in case.targets(node)]
    holder = case.model.nodes.get(node.parent)
    if holder is None or node.event is None:
        return []
    if node.event.kind is EventKind.ERROR:
        return [catcher.id for catcher in catchers(case, node)]
    if node.event.kind is not EventKind.TERMINATE and _may_wait_elsewhere(case, holder):
        return []
    return [target.id for target in case.targets(holder)]


def catchers(case: Case, thrower: FlowNode) -> list[FlowNode]:
    """The boundary events that catch the error of an end event: those of the innermost sub-process that has any."""
    code = thrower.event.error_code if thrower.event else None
    holder = case.model.nodes.get(thrower.parent)
    while holder is not None:
        errors = [
            event
            for event in case.model.boundary_events(holder.id)
            if event.event is not None and event.event.kind is EventKind.ERROR
        ]
        exact = [event for event in errors if event.event is not None and event.event.error_code == code]
        found = exact or [event for event in errors if event.event is not None and event.event.error_code is None]
        if found:
            return found[:1]
        holder = case.model.nodes.get(holder.parent)
    return []


def _may_wait_elsewhere(case: Case, sub_process: FlowNode) -> bool:
    """Whether the end of one path need not be the end of the sub-process, because another may still wait."""
    inside = _inside(case, sub_process)
    return any(_waits(node) for node in inside) and any(node.type in _SPLITTING for node in inside)


def _inside(case: Case, sub_process: FlowNode) -> list[FlowNode]:
    held = {sub_process.id}
    found = []
    for node in case.nodes():  # a sub-process comes before what it holds
        if node.parent in held:
            held.add(node.id)
            found.append(node)
    return found


def _joins(case: Case) -> dict[str, frozenset[str]]:
    """Parallel joins, with the nodes that all have to bring a token."""
    return {
        node.id: frozenset(case.model.flows[flow_id].source for flow_id in node.incoming)
        for node in case.nodes(NodeType.PARALLEL_GATEWAY)
        if len(node.incoming) > 1
    }


def _held(sources: frozenset[str], reached: set[str]) -> bool:
    """Whether a join waits for a token that does not come from the loop without waiting."""
    return not sources <= reached


def _reached(steps: Steps, start: frozenset[str]) -> set[str]:
    reached = set(start)
    waiting = list(start)
    while waiting:
        for following in steps.get(waiting.pop(), ()):
            if following not in reached and following in steps:
                reached.add(following)
                waiting.append(following)
    return reached


def _loops(steps: Steps) -> list[frozenset[str]]:
    """The largest sets of nodes that lead round to one another (strongly connected; Kosaraju's two passes)."""
    order = _finishing_order(steps)
    back: dict[str, list[str]] = {}
    for node_id, following in steps.items():
        for target in following & steps.keys():
            back.setdefault(target, []).append(node_id)
    seen: set[str] = set()
    loops = []
    for root in reversed(order):
        if root in seen:
            continue
        seen.add(root)
        group, waiting = {root}, [root]
        while waiting:
            for previous in back.get(waiting.pop(), ()):
                if previous not in seen:
                    seen.add(previous)
                    group.add(previous)
                    waiting.append(previous)
        if len(group) > 1 or root in steps[root]:
            loops.append(frozenset(group))
    return loops


def _finishing_order(steps: Steps) -> list[str]:
    order: list[str] = []
    seen: set[str] = set()
    for root in steps:
        if root in seen:
            continue
        seen.add(root)
        path = [(root, iter(sorted(steps[root])))]
        while path:
            node_id, following = path[-1]
            fresh = next((target for target in following if target in steps and target not in seen), None)
            if fresh is None:
                order.append(node_id)
                path.pop()
            else:
                seen.add(fresh)
                path.append((fresh, iter(sorted(steps[fresh]))))
    return order
