"""When a timer is due."""

from __future__ import annotations

from engine.clock import from_text, to_text
from engine.definition.calendar import Cycle, Duration, parse_cycle, parse_duration
from engine.definition.model import FlowNode, TimerKind
from engine.errors import ExecutionFault
from engine.runtime.execution.evaluation import Circumstances, evaluate, is_feel, moment_text
from engine.runtime.state import State, Timer


def schedule(node: FlowNode, state: State, scope: str, around: Circumstances) -> Timer:
    """The timer that an event arms now.  Raises ExecutionFault when its text is no duration, date or cycle."""
    event = node.event
    if event is None or event.timer_kind is None or event.timer_text is None:
        raise ExecutionFault("timer_missing", f"{node.id}: tidak ada waktu")
    text = event.timer_text
    found = evaluate(text, state, scope, around) if is_feel(text) else text
    if event.timer_kind is TimerKind.DATE:
        return Timer(node.id, moment_text(found, text, around.zone))
    if event.timer_kind is TimerKind.DURATION:
        return Timer(node.id, _after(around.now, _duration(found, text), node, around))
    return _cycle(node, _parsed_cycle(found, text), around)


def next_cycle(timer: Timer, node: FlowNode, around: Circumstances) -> Timer | None:
    """The next firing of a cycle, counted from the due time of the last; None when it has ended."""
    if timer.every is None or timer.left == 1:
        return None
    left = timer.left - 1 if timer.left > 0 else timer.left
    return Timer(node.id, _after(timer.due, parse_duration(timer.every), node, around), left, timer.every)


def _cycle(node: FlowNode, cycle: Cycle, around: Circumstances) -> Timer:
    if cycle.start is not None:
        due = to_text(cycle.first_due(around.moment, around.zone))
    else:
        due = _after(around.now, cycle.interval, node, around)
    return Timer(node.id, due, -1 if cycle.times is None else cycle.times, str(cycle.interval))


def _after(start: str, duration: Duration, node: FlowNode, around: Circumstances) -> str:
    name = node.properties.get("calendar")
    moment = from_text(start)
    if name is None:
        return to_text(duration.after(moment, around.zone))
    calendar = around.calendars.get(name)
    if calendar is None:
        raise ExecutionFault("calendar_unknown", f"{node.id}: kalender {name!r} tidak ada")
    return to_text(calendar.add(moment, duration))


def _duration(found: object, text: str) -> Duration:
    try:
        return parse_duration(str(found))
    except ValueError:
        raise ExecutionFault("timer_not_a_duration", f"{text}: hasilnya {found!r}, bukan lama waktu") from None


def _parsed_cycle(found: object, text: str) -> Cycle:
    try:
        return parse_cycle(str(found))
    except ValueError:
        raise ExecutionFault("timer_not_a_cycle", f"{text}: hasilnya {found!r}, bukan perulangan") from None
