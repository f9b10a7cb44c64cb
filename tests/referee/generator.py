"""Hypothesis strategies for random processes: structured and not, sound and not, all valid in the engine's dialect.

A builder grows the graph from the start event.  It carries *open ends*: flows that have a source and no target yet.
A block takes open ends and gives back open ends; one that is not closed by a join of its own gives back several, and
the next block takes them as they are: branches merge straight into an activity, or into the join of an outer block.
An end may also be *set aside* and let in again anywhere later in the same scope (a forward jump, also out of loops
and into other branches).  Loops go back only to a task that waits, so every cycle waits.  Variables: `x1`-`x3` are
integers and `l1`, `l2` lists of integers from the start; `u1` is unknown until a task sets it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Protocol

from hypothesis import strategies as st

from . import model
from .model import Flow, Mapping, MultiInstance, Node, Process, Timer
from .token_game import Action

INTEGERS = ("x1", "x2", "x3")
LISTS = ("l1", "l2")
LATE = "u1"
_BUDGET = 18  # blocks per process
_DEPTH = 3


class Choices(Protocol):
    """Where chance comes from: Hypothesis (shrinks, but likes variations of one example) or a seed (spreads widely)."""

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""

    def pick(self, options: Sequence[Any]) -> Any:
        """One of the options; the simplest is first."""


@dataclass(frozen=True)
class Drawn:
    """Choices of a Hypothesis test: `Drawn(data.draw)`."""

    draw: Callable[[st.SearchStrategy[Any]], Any]

    def integer(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def pick(self, options: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(options))


class Seeded:
    """Choices that follow from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def integer(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def pick(self, options: Sequence[Any]) -> Any:
        return options[self._random.randrange(len(options))]


def random_process(choices: Choices) -> Process:
    """A process with a none start event and every node reachable."""
    return _Builder(choices).process()


def start_values(choices: Choices) -> dict[str, Any]:
    """The variables of a new instance: every one that expressions read but the late one."""
    return results_for(choices, (*INTEGERS, *LISTS))


def results_for(choices: Choices, names: Sequence[str]) -> dict[str, Any]:
    """What a user task is completed with, or a message carries (`Action.sets`): small integers, short lists."""
    values: dict[str, Any] = {}
    for name in names:
        length = choices.integer(0, 3) if name in LISTS else None
        values[name] = _integer(choices) if length is None else [_integer(choices) for _ in range(length)]
    return values


def next_action(choices: Choices, actions: list[Action]) -> Action:
    """One of the actions that may happen: most often a task is completed, an incident is mostly left alone."""
    dice = choices.integer(0, 9)
    work = ("complete", "job")
    kinds = work if dice < 6 else (*work, "timer", "message", "throw")
    return choices.pick([action for action in actions if action.kind in kinds and dice < 9] or actions)


def _integer(choices: Choices) -> int:
    """On both sides of the constants in conditions."""
    return choices.integer(-1, 4)


@st.composite
def processes(draw: st.DrawFn) -> Process:
    """`random_process` as a strategy."""
    return random_process(Drawn(draw))


@dataclass
class _End:
    """A flow that has no target yet."""

    source: str
    condition: str | None = None
    default: bool = False


@dataclass
class _Scope:
    """The process or a sub-process while it is being built."""

    parent: str | None
    readable: tuple[str, ...]  # integers that expressions may read
    settable: tuple[str, ...]
    set_aside: list[_End] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # codes of the error ends inside that nothing inside catches


class _Builder:
    """Draws one process; nodes and flows in the order they are made, which is document order."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._nodes: list[Node] = []
        self._flows: list[Flow] = []
        self._left = _BUDGET
        self._names = 0

    def process(self) -> Process:
        self._fill(_Scope(None, INTEGERS, (*INTEGERS, *LISTS, LATE)), depth=0)
        return Process(tuple(self._nodes), tuple(self._flows))

    # Choosing

    def _pick(self, *options: Any) -> Any:
        return self._choices.pick(options)

    def _chance(self, one_in: int) -> bool:
        return self._choices.integer(0, one_in - 1) == one_in - 1

    def _some(self, options: Sequence[Any], at_most: int) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(self._choices.pick(options) for _ in range(self._choices.integer(0, at_most))))

    # Graph

    def _new(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}_{self._names}"

    def _add(self, scope: _Scope, prefix: str, kind: str, **attributes: Any) -> Node:
        node = Node(self._new(prefix), kind, scope.parent, **attributes)
        self._nodes.append(node)
        return node

    def _change(self, node_id: str, **attributes: Any) -> None:
        at = next(index for index, node in enumerate(self._nodes) if node.id == node_id)
        self._nodes[at] = replace(self._nodes[at], **attributes)

    def _connect(self, ends: list[_End], target: str) -> None:
        for end in ends:
            flow = Flow(self._new("flow"), end.source, target, end.condition)
            self._flows.append(flow)
            if end.default:
                self._change(end.source, default=flow.id)

    def _single(self, scope: _Scope, ends: list[_End]) -> list[_End]:
        """At most one open end: several meet in an exclusive merge."""
        if len(ends) < 2:
            return ends
        merge = self._add(scope, "merge", model.EXCLUSIVE)
        self._connect(ends, merge.id)
        return [_End(merge.id)]

    # Scopes and sequences

    def _fill(self, scope: _Scope, depth: int) -> None:
        start = self._add(scope, "start", model.START)
        ends = self._sequence(scope, [_End(start.id)], depth, shortest=2 if depth == 0 else 1)
        ends += scope.set_aside
        scope.set_aside = []
        if ends and len(ends) > 1 and self._chance(3):
            for end in ends:
                self._connect([end], self._add(scope, "end", model.END).id)
        elif ends:
            self._connect(ends, self._add(scope, "end", model.END).id)

    def _sequence(
        self, scope: _Scope, ends: list[_End], depth: int, *, shortest: int = 1, longest: int = 3
    ) -> list[_End]:
        for done in range(self._choices.integer(shortest, longest)):
            if self._left <= 0 and done >= shortest:
                break
            if scope.set_aside and (not ends or self._chance(2)):
                ends = [*ends, scope.set_aside.pop()]
            if not ends:
                break
            ends = self._block(scope, ends, depth)
        return ends

    def _block(self, scope: _Scope, ends: list[_End], depth: int) -> list[_End]:
        self._left -= 1
        tasks = [*[self._user_task] * 3, *[self._script_task] * 2, self._service_task, self._receive_task]
        large = [*[self._split] * 6, *[self._loop] * 5, *[self._sub_process] * 2, self._event_gateway]
        if depth >= _DEPTH or self._left <= 0:
            return self._pick(*tasks)(scope, ends, depth)
        return self._pick(*tasks, *large, self._catch, self._throw)(scope, ends, depth)

    # Small blocks

    def _user_task(self, scope: _Scope, ends: list[_End], depth: int, *, once: bool = False) -> list[_End]:
        node = self._add(scope, "task", model.USER)
        self._connect(ends, node.id)
        self._give(self._dress(scope, node.id, once=once), node.id)
        self._map_outputs(scope, node.id)
        return [_End(node.id), *self._boundaries(scope, node.id, depth)]

    def _service_task(self, scope: _Scope, ends: list[_End], depth: int, *, once: bool = False) -> list[_End]:
        node = self._add(scope, "job", model.SERVICE)
        self._connect(ends, node.id)
        inner = self._dress(scope, node.id, once=once)
        self._give(inner, node.id)
        self._map_outputs(scope, node.id)
        caught: list[_End] = []
        if self._chance(3):
            code = self._new("galat")
            self._change(node.id, throws=code)
            if self._chance(2):
                inner.errors.append(code)
                caught = self._error_boundary(scope, node.id, inner, depth)
        return [_End(node.id), *caught, *self._boundaries(scope, node.id, depth)]

    def _receive_task(self, scope: _Scope, ends: list[_End], depth: int, *, once: bool = False) -> list[_End]:
        node = self._add(scope, "receive", model.RECEIVE, event=model.MESSAGE, message=self._new("pesan"))
        self._connect(ends, node.id)
        self._give(self._dress(scope, node.id, once=once), node.id)
        self._map_outputs(scope, node.id)
        return [_End(node.id), *self._boundaries(scope, node.id, depth)]

    def _give(self, inner: _Scope, node_id: str) -> None:
        """Draw what whoever ends this task gives."""
        output = _bare_output(self._node(node_id))
        names = self._some(inner.settable, 2)
        self._change(node_id, sets=tuple(dict.fromkeys((*names, *([output] if output else ())))))

    def _script_task(self, scope: _Scope, ends: list[_End], _depth: int) -> list[_End]:
        node = self._add(scope, "script", model.SCRIPT)
        self._connect(ends, node.id)
        inner = self._dress(scope, node.id)
        integers = [name for name in inner.settable if name not in (*LISTS, LATE)]
        result = _bare_output(self._node(node.id)) or self._pick(*integers)
        self._change(node.id, script=self._number(inner), result=result)
        self._map_outputs(scope, node.id)
        return [_End(node.id)]

    def _catch(self, scope: _Scope, ends: list[_End], _depth: int) -> list[_End]:
        node = self._add(scope, "catch", model.CATCH, **self._waits_for(scope))
        self._connect(ends, node.id)
        return [_End(node.id)]

    def _throw(self, scope: _Scope, ends: list[_End], _depth: int) -> list[_End]:
        node = self._add(scope, "event", model.THROW)
        self._connect(ends, node.id)
        return [_End(node.id)]

    def _waits_for(self, scope: _Scope) -> dict[str, Any]:
        if self._pick(model.TIMER, model.MESSAGE) == model.TIMER:
            kind, minutes = self._pick("duration", "date"), self._choices.integer(1, 90)
            timer = Timer(kind, minutes, feel=self._chance(3), variable=self._timer_variable(kind))
            return {"event": model.TIMER, "timer": timer}
        return {"event": model.MESSAGE, "message": self._new("pesan"), "sets": self._message_variables(scope)}

    def _timer_variable(self, kind: str) -> str | None:
        return self._pick(*INTEGERS) if kind != "date" and self._chance(3) else None

    def _message_variables(self, scope: _Scope) -> tuple[str, ...]:
        return self._some(scope.settable, 1)

    # Gateways

    def _split(self, scope: _Scope, ends: list[_End], depth: int) -> list[_End]:
        ends = self._single(scope, ends)
        kind = self._pick(model.PARALLEL, model.INCLUSIVE, model.EXCLUSIVE, model.PARALLEL, model.INCLUSIVE)
        gateway = self._add(scope, "split", kind)
        self._connect(ends, gateway.id)
        starts = self._branch_starts(scope, gateway)
        branches = [self._branch(scope, start, depth) for start in starts]
        return self._close(scope, [end for branch in branches for end in branch], kind)

    def _branch_starts(self, scope: _Scope, gateway: Node) -> list[_End]:
        count = self._choices.integer(2, 3)
        if gateway.kind == model.PARALLEL:
            return [_End(gateway.id) for _ in range(count)]
        default = None if self._chance(10) else self._choices.integer(0, count - 1)
        return [
            _End(gateway.id, default=True) if index == default else _End(gateway.id, self._condition(scope))
            for index in range(count)
        ]

    def _branch(self, scope: _Scope, start: _End, depth: int, *, longest: int = 3) -> list[_End]:
        """A branch's open ends: none if it stops or is set aside."""
        ends = self._sequence(scope, [start], depth + 1, shortest=0 if start.condition is None else 1, longest=longest)
        fate = self._choices.integer(0, 15)
        if fate == 15 and ends:
            self._stop(scope, ends)
            return []
        if fate >= 13 and ends:
            scope.set_aside.append(ends.pop())
        return ends

    def _stop(self, scope: _Scope, ends: list[_End]) -> None:
        events = [*[model.NONE] * 4, model.TERMINATE]
        if scope.parent is not None:
            events += [model.ERROR] * 4
        event = self._pick(*events)
        node = self._add(scope, "end", model.END, event=event)
        self._connect(ends, node.id)
        if event == model.ERROR:
            code = self._new("galat")
            self._change(node.id, error_code=code)
            scope.errors.append(code)

    def _close(self, scope: _Scope, ends: list[_End], kind: str) -> list[_End]:
        """Join as the split was, or otherwise, or not at all."""
        way = self._choices.integer(0, 9)
        if len(ends) < 2 or way >= 8:
            return ends
        if way >= 6:
            kind = self._pick(model.EXCLUSIVE, model.PARALLEL, model.INCLUSIVE)
        join = self._add(scope, "join", kind)
        self._connect(ends, join.id)
        return [_End(join.id)]

    def _loop(self, scope: _Scope, ends: list[_End], depth: int) -> list[_End]:
        head: str | None = None
        if self._chance(2):
            head = self._add(scope, "merge", model.EXCLUSIVE).id
            self._connect(ends, head)
            ends = [_End(head)]
        first = len(self._nodes)
        waiting = self._pick(self._user_task, self._user_task, self._service_task, self._receive_task)
        ends = waiting(scope, ends, depth, once=True)  # over an empty collection the loop would not wait
        head = head or self._nodes[first].id
        if self._chance(2) and depth + 1 < _DEPTH and self._left > 0:
            ends = self._split(scope, ends, depth + 1)
        else:
            ends = self._sequence(scope, ends, depth + 1, shortest=0)
        ends = self._single(scope, ends)
        if not ends:
            return []
        split = self._add(scope, "again", model.EXCLUSIVE)
        self._connect(ends, split.id)
        back_is_default = self._chance(2)
        condition = self._condition(scope)
        self._connect([_End(split.id, default=True) if back_is_default else _End(split.id, condition)], head)
        return [_End(split.id, condition) if back_is_default else _End(split.id, default=True)]

    def _event_gateway(self, scope: _Scope, ends: list[_End], depth: int) -> list[_End]:
        ends = self._single(scope, ends)
        gateway = self._add(scope, "await", model.EVENT_BASED)
        self._connect(ends, gateway.id)
        after: list[_End] = []
        for _ in range(self._choices.integer(2, 3)):
            event = self._add(scope, "catch", model.CATCH, **self._waits_for(scope))
            self._connect([_End(gateway.id)], event.id)
            after += self._branch(scope, _End(event.id), depth)
        return self._close(scope, after, model.EXCLUSIVE)

    # Activities

    def _sub_process(self, scope: _Scope, ends: list[_End], depth: int) -> list[_End]:
        node = self._add(scope, "sub", model.SUB_PROCESS)
        self._connect(ends, node.id)
        inner = self._dress(scope, node.id)
        self._fill(inner, depth + 1)
        self._map_outputs(scope, node.id)
        caught = self._error_boundary(scope, node.id, inner, depth)
        return [_End(node.id), *caught, *self._boundaries(scope, node.id, depth)]

    def _error_boundary(self, scope: _Scope, host: str, inner: _Scope, depth: int) -> list[_End]:
        if not inner.errors:
            return []
        ways = ["any"] if scope.parent is None else ["any", "code", "none"]  # an error that nobody catches is refused
        way = self._pick(*ways, "code") if len(inner.errors) == 1 else self._pick(*ways)
        caught = {"code": inner.errors[:1], "any": inner.errors, "none": []}[way]
        scope.errors += [code for code in inner.errors if code not in caught]
        if way == "none":
            return []
        code = inner.errors[0] if way == "code" else None
        event = self._add(scope, "boundary", model.BOUNDARY, event=model.ERROR, error_code=code, attached_to=host)
        return self._branch(scope, _End(event.id), depth)

    def _boundaries(self, scope: _Scope, host: str, depth: int) -> list[_End]:
        """Timer and message boundary events, and where their paths are left open."""
        after: list[_End] = []
        for _ in range(self._pick(0, 0, 0, 0, 0, 0, 1, 1, 2)):
            interrupting = self._chance(2)
            waits = self._waits_for(scope)
            if not interrupting and "timer" in waits and self._chance(2):
                minutes, times = self._choices.integer(1, 60), self._pick(1, 2, None)
                waits["timer"] = Timer("cycle", minutes, times, self._chance(3), self._timer_variable("cycle"))
            event = self._add(scope, "boundary", model.BOUNDARY, attached_to=host, interrupting=interrupting, **waits)
            ends = self._branch(scope, _End(event.id), depth if self._chance(4) else _DEPTH, longest=2)
            if ends and self._chance(2):
                self._stop(scope, ends)
                ends = []
            after += ends
        return after

    def _dress(self, scope: _Scope, node_id: str, *, once: bool = False) -> _Scope:
        """Draw multi-instance (not with `once`) and input mappings; the scope as seen inside the activity."""
        multi, readable, settable = self._multi_instance(scope, once=once)
        inputs: list[Mapping] = []
        for _ in range(self._choices.integer(1, 3) if self._chance(4) else 0):
            target = self._pick("p1", *INTEGERS)
            inputs.append(Mapping(self._number(replace(scope, readable=readable)), target))
            readable = tuple(dict.fromkeys((*readable, target)))
            settable = tuple(dict.fromkeys((*settable, target)))
        self._change(node_id, multi=multi, inputs=tuple(inputs))
        return _Scope(node_id, readable, settable)

    def _multi_instance(
        self, scope: _Scope, *, once: bool
    ) -> tuple[MultiInstance | None, tuple[str, ...], tuple[str, ...]]:
        if once or not self._chance(6):
            return None, scope.readable, scope.settable
        items = "item" if self._chance(3) else self._new("item")
        source = self._pick("=l1", "=l2", "=[1, 2]", "=[]", "=[3]", "=u1" if self._chance(6) else "=[2, 0, 1]")
        readable = tuple(dict.fromkeys((*scope.readable, items, "loopCounter")))
        settable = tuple(dict.fromkeys((*scope.settable, items)))
        collection = element = None
        if self._chance(2):
            collection = self._new("hasil")
            element = f"={self._new('h')}" if self._chance(2) else self._number(replace(scope, readable=readable))
        if element is not None and (output := _bare(element)) is not None and output not in readable:
            settable = (*settable, output)
        sequential = self._chance(2)
        condition = self._condition(replace(scope, readable=readable), rarely=False) if self._chance(3) else None
        return MultiInstance(sequential, source, items, collection, element, condition), readable, settable

    def _map_outputs(self, scope: _Scope, node_id: str) -> None:
        """Sometimes an output mapping.  On a multi-instance it only targets the item's output element."""
        node = self._node(node_id)
        if not self._chance(4):
            return
        target: str | None = self._pick(*INTEGERS, "m1")
        if node.multi is not None:
            target = _bare_output(node)
        sources = [name for name in (*node.sets, node.result, *INTEGERS) if name and name not in (*LISTS, LATE, target)]
        sources = [name for name in sources if name in scope.readable or name in node.sets or name == node.result]
        if target is None:
            return
        outputs = [Mapping(f"={self._pick(*sources)}", target)]
        while self._chance(2):  # a later one may read the target of one before
            source = self._pick(target, *sources)
            outputs.append(Mapping(f"={source} + 1", target if node.multi is not None else self._pick(*INTEGERS, "m2")))
        self._change(node_id, outputs=tuple(outputs))

    def _node(self, node_id: str) -> Node:
        return next(node for node in self._nodes if node.id == node_id)

    # Expressions

    def _number(self, scope: _Scope) -> str:
        name = self._pick(*scope.readable)
        form = self._choices.integer(0, 2)
        other = self._choices.integer(0, 3) if form < 2 else self._pick(*scope.readable)
        return f"={name} {'-' if form == 1 else '+'} {other}"

    def _condition(self, scope: _Scope, *, rarely: bool = True) -> str:
        """A condition; `rarely` one that is an incident."""
        rare = self._choices.integer(0, 39) if rarely else 0
        if rare >= 38:
            return f"={LATE} > 0" if rare == 38 else f"={self._pick(*INTEGERS)}"
        parts = [self._comparison(scope)]
        if self._chance(4):
            parts += [self._pick("and", "or"), self._comparison(scope)]
        return "=" + " ".join(parts)

    def _comparison(self, scope: _Scope) -> str:
        return f"{self._pick(*scope.readable)} {self._pick('>', '<', '>=', '<=', '=')} {self._choices.integer(0, 3)}"


def _bare(expression: str) -> str | None:
    return expression[1:] if expression[1:].isidentifier() else None


def _bare_output(node: Node) -> str | None:
    """The name that an item's result goes to, when the output element is a bare name."""
    if node.multi is None or node.multi.output_element is None:
        return None
    return _bare(node.multi.output_element)
