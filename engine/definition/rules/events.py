"""Events: which kind may stand where, timers, messages, errors, and what boundary events hang on (clause 10.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from engine.definition.calendar import parse_cycle, parse_duration, parse_moment
from engine.definition.model import ACTIVITIES, JOB, EventDefinition, EventKind, FlowNode, NodeType, TimerKind
from engine.definition.rules.case import Case
from engine.definition.rules.loops import catchers

_ALLOWED: Final = {
    NodeType.START_EVENT: {EventKind.NONE, EventKind.MESSAGE},
    NodeType.END_EVENT: {EventKind.NONE, EventKind.TERMINATE, EventKind.ERROR},
    NodeType.INTERMEDIATE_CATCH_EVENT: {EventKind.TIMER, EventKind.MESSAGE},
    NodeType.INTERMEDIATE_THROW_EVENT: {EventKind.NONE},
    NodeType.BOUNDARY_EVENT: {EventKind.TIMER, EventKind.MESSAGE, EventKind.ERROR},
}
_OWN_WORDS: Final = {
    (NodeType.START_EVENT, EventKind.TIMER): "timer_start_unsupported",
    (NodeType.END_EVENT, EventKind.MESSAGE): "message_throw_unsupported",
    (NodeType.INTERMEDIATE_THROW_EVENT, EventKind.MESSAGE): "message_throw_unsupported",
    (NodeType.INTERMEDIATE_CATCH_EVENT, EventKind.NONE): "event_definition_missing",
    (NodeType.BOUNDARY_EVENT, EventKind.NONE): "event_definition_missing",
}
_READERS: Final[dict[TimerKind, Callable[[str], object]]] = {
    TimerKind.DURATION: parse_duration,
    TimerKind.DATE: lambda text: parse_moment(text, "UTC"),
    TimerKind.CYCLE: parse_cycle,
}
_EXAMPLES: Final = {
    TimerKind.DURATION: "PT30M",
    TimerKind.DATE: "2026-11-23T08:00:00+07:00",
    TimerKind.CYCLE: "R3/PT10M",
}


def check(case: Case) -> None:
    """Check every event."""
    for node in case.nodes():
        if node.event is None:
            continue
        _check_kind(case, node, node.event)
        if node.event.kind is EventKind.TIMER:
            _check_timer(case, node, node.event)
        elif node.event.kind is EventKind.MESSAGE:
            _check_message(case, node, node.event)
        elif node.event.kind is EventKind.ERROR:
            _check_error(case, node, node.event)
        if node.type is NodeType.BOUNDARY_EVENT:
            _check_boundary(case, node, node.event)
    _check_ambiguity(case)


def _check_kind(case: Case, node: FlowNode, event: EventDefinition) -> None:
    inside = node.type is NodeType.START_EVENT and node.parent != case.model.key
    if inside and event.kind is not EventKind.NONE:
        case.refuse("subprocess_start_kind", node)
    elif event.kind not in _ALLOWED.get(node.type, {event.kind}):
        case.refuse(_OWN_WORDS.get((node.type, event.kind), "event_misplaced"), node, kind=event.kind.value)


def _check_timer(case: Case, node: FlowNode, event: EventDefinition) -> None:
    if event.timer_kind is None or event.timer_text is None:
        return  # refused while reading
    if event.timer_kind is TimerKind.CYCLE and (node.type is not NodeType.BOUNDARY_EVENT or node.interrupting):
        case.refuse("cycle_misplaced", node)
    if event.timer_text.startswith("="):
        return
    try:
        value = _READERS[event.timer_kind](event.timer_text)
    except ValueError:
        value = None
    if value is None or getattr(value, "negative", False):
        case.refuse(
            "timer_invalid",
            node,
            attribute=event.timer_kind.value,
            text=event.timer_text,
            example=_EXAMPLES[event.timer_kind],
        )


def _check_message(case: Case, node: FlowNode, event: EventDefinition) -> None:
    if event.message_name is None:
        case.refuse("message_name_missing", node)
    elif event.message_name.startswith("="):
        case.refuse("message_name_not_literal", node, text=event.message_name)
    if event.correlation_key is None and node.type is not NodeType.START_EVENT:
        case.refuse("correlation_key_missing", node)


def _check_error(case: Case, node: FlowNode, event: EventDefinition) -> None:
    if event.error_code is not None and event.error_code.startswith("="):
        case.refuse("error_code_not_literal", node, text=event.error_code)
    if node.type is not NodeType.END_EVENT:
        return
    if event.error_code is None:
        case.refuse("error_code_missing", node)
    elif not catchers(case, node):
        case.refuse("error_uncaught", node, code=event.error_code)


def _check_boundary(case: Case, node: FlowNode, event: EventDefinition) -> None:
    if node.attached_to is None:
        case.refuse("reference_missing", node, attribute="attachedToRef")
        return
    host = case.model.nodes.get(node.attached_to)
    if host is None:
        case.refuse("reference_unknown", node, attribute="attachedToRef", target=node.attached_to)
    elif host.type not in ACTIVITIES or host.parent != node.parent:
        case.refuse("boundary_host", node, node=host.name or host.id)
    elif host.type is NodeType.SCRIPT_TASK:
        case.refuse("boundary_never_fires", node, node=host.name or host.id)
    elif event.kind is EventKind.ERROR:
        if host.type not in JOB | {NodeType.SUB_PROCESS} and host.id not in case.stand_ins:
            case.refuse("error_host", node, node=host.name or host.id)
        if not node.interrupting:
            case.refuse("error_not_interrupting", node)


def _check_ambiguity(case: Case) -> None:
    """Two events that one happening would trigger at once: which of them comes first is nowhere said."""
    for name in _repeated(_message(node) for node in case.model.start_events):
        case.refuse_process("message_start_repeated", message=name)
    for host in case.nodes():
        events = case.model.boundary_events(host.id)
        waiting = (*events, host) if host.type is NodeType.RECEIVE_TASK else events
        for name in _repeated(_message(node) for node in waiting):
            case.refuse("message_ambiguous", host, message=name)
        for code in _repeated(_code(node) for node in events):
            case.refuse("error_ambiguous", host, code=code or "–")


def _message(node: FlowNode) -> str | None:
    return node.event.message_name if node.event else None


def _code(node: FlowNode) -> str | None:
    """The code that an error boundary event catches, empty for every code; None for other events."""
    return (node.event.error_code or "") if node.event and node.event.kind is EventKind.ERROR else None


def _repeated(names: Iterable[str | None]) -> list[str]:
    counts = Counter(name for name in names if name is not None)
    return sorted(name for name, count in counts.items() if count > 1)
