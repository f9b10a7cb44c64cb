"""The referee: plays a `Process` by the token game of BPMN 2.0.2 clause 13 and Zeebe's rules for variables.

**Order inside one action** (variables depend on it):

- A token that is produced goes to the back of one queue; outgoing flows in document order.  The front token arrives
  at its node; all that the node does at once (a script, a gateway's choice, the end of the scope that it closes)
  belongs to that step.
- A sub-process that is entered passes its start event in the same step.
- The items of a multi-instance stand in the same queue: all of them from when it is entered (parallel), or the first,
  and each next one when the one before has ended (sequential).  An item opens when its turn comes.
- A parallel gateway fires in the step in which the last empty incoming flow gets a token: one token from each flow,
  the rest stay.
- An inclusive gateway with several incoming flows is looked at only when the queue is empty: the first that may fire
  does, and the queue runs on.  First is by the text `element.number` of the scope (none for the process), then by the
  id of the gateway.
- A scope ends in the step that takes its last token; a failed token (incident) is a token.

**Inclusive join** (clause 13.4.3, table 13.3).  Gateway G in scope S fires when
  1. at least one incoming flow of G holds a token, and
  2. no token elsewhere in S can reach an empty incoming flow of G without being able to reach a filled one too;
where a token "can reach" a flow over sequence flows inside S that do not visit G.  A token waiting in a node starts
at all outgoing flows of the node; a token at another join starts there as well; whatever is inside a sub-process or
multi-instance body counts as one token at that activity.  A path leaves an activity by its outgoing flow or by those
of the boundary events attached to it, whether or not they can still fire.  It takes one token from every filled
incoming flow.

**Variables** (Camunda 8 documentation, "Variables", "Multi-instance").  Every activity instance is a scope.  Input
mappings create variables in it.  A result goes to the nearest scope that has the name, beginning with the activity's
own, else to the root.  With output mappings results stay in the activity's scope, and only the targets go up,
beginning with the surrounding scope (for an item of a multi-instance: with the item's own, where input element,
`loopCounter` and, when the output element is a bare name, that name live).  A mapping sees the targets of those before
it.  The multi-instance body holds the output collection (nulls at first) and hands it up when it ends; a completion
condition is asked in the item's scope whenever one has ended, after its output was put in place.  The input collection
is read once, on entry.  A message that arrives gives its variables to the scope around the event; a boundary event's
is the one around the activity; a receive task's are its results.  Timers of an activity are armed when its input
mappings have been made.

**Jobs.**  A service task waits until its job is done, throws an error (clause 10.5.6: to the nearest boundary event,
its own first) or fails for good; an error that nothing catches, and a failure, are incidents, and a retry lets it wait
again.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import model
from .expressions import UnknownVariableError, evaluate
from .model import Flow, Node, Process

_BARE_NAME = re.compile(r"=\s*([A-Za-z_]\w*)\s*")
_STEP_LIMIT = 10_000


@dataclass(frozen=True, order=True)
class Action:
    """Something from outside that may happen now.

    `kind` is complete, job, throw, fail, timer, message, retry or retry_item; `element_id` the task, the event or the
    failed node (retry_item: of an item of a multi-instance).  `number` says which: the n-th entry of that element (from
    1; for an item of a multi-instance the n-th item ever opened), for a boundary event the n-th entry of its activity
    (the body's, if multi-instance), for an event behind an event-based gateway the n-th entry of the gateway.
    """

    kind: str
    element_id: str
    number: int
    holder: str = field(compare=False)  # the element whose n-th entry `number` is
    due: int | None = field(default=None, compare=False)  # minutes on the referee's clock
    sets: tuple[str, ...] = field(default=(), compare=False)  # the variables that the model expects with it
    armed: int = field(default=0, compare=False)  # order of arming: decides between equal due times


@dataclass
class Trace:
    """What one action caused, in the order it happened."""

    flows: list[str] = field(default_factory=list)  # sequence flows taken
    entered: list[str] = field(default_factory=list)  # a join when it fires, a multi-instance once, for its body
    items: list[str] = field(default_factory=list)  # the activity's id for each item opened
    withdrawn: list[tuple[str, int]] = field(default_factory=list)  # user tasks taken away undone

    def counts(self) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """Flows, entries and items as multisets."""
        return Counter(self.flows), Counter(self.entered), Counter(self.items)


@dataclass(frozen=True)
class Marking:
    """Leaf nodes that wait or failed, open sub-process instances, and the tokens stored at joins by incoming flow."""

    waiting: Counter[str]
    scopes: Counter[str]
    arrivals: Counter[str]


@dataclass(eq=False)
class _Armed:
    """A timer or message that an activation waits for; `remaining` None is without end."""

    event: Node
    sequence: int
    due: int | None = None
    remaining: int | None = 1
    interval: int = 0  # minutes from one firing of a cycle to the next


@dataclass(eq=False)
class _Activation:
    """One node instance, and the scope that it is; the root's node is None."""

    node: Node | None
    number: int
    parent: _Activation | None
    variables: dict[str, Any] = field(default_factory=dict)
    children: list[_Activation] = field(default_factory=list)
    arrivals: Counter[str] = field(default_factory=Counter)
    armed: list[_Armed] = field(default_factory=list)
    alive: bool = True
    failed: str | None = None
    collection: list[Any] | None = None  # of a multi-instance body: what it goes over
    results: list[Any] = field(default_factory=list)  # ... its output so far
    pending: int = 0  # ... items not ended
    index: int | None = None  # of an item: its place in the collection
    is_body: bool = False
    leaving: bool = False  # its work is done; what failed is its end

    @property
    def is_item(self) -> bool:
        return self.parent is not None and self.parent.is_body

    def name(self) -> str:
        return "" if self.node is None else f"{self.node.id}.{self.number}"

    def holds(self) -> Node:
        if self.node is None:
            raise ValueError("the process instance itself is no node")
        return self.node


class Referee:
    """One process instance.  `start` and `act` run until nothing moves and return what happened."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.now = 0  # minutes
        self.finished = False
        self.trace = Trace()
        self._root = _Activation(None, 1, None)
        self._queue: deque[tuple[_Activation, Flow | int]] = (
            deque()
        )  # a token on a flow in a scope, or a body and an index
        self._entries: Counter[str] = Counter()
        self._items: Counter[str] = Counter()
        self._armings = 0

    # What the test does

    def start(self, variables: Mapping[str, Any]) -> Trace:
        """Create the instance with these variables at the root."""
        self._root.variables.update(variables)
        self._enter(self._root, self.process.start(None))
        return self._run()

    def act(self, action: Action, variables: Mapping[str, Any] | None = None, *, at: int | None = None) -> Trace:
        """Let one of `enabled()` happen, `at` minutes (never back; a timer at least when due)."""
        activation, armed = self._locate(action)
        self.now = max(self.now, at or 0, armed.due or 0 if armed is not None and action.kind == "timer" else 0)
        self.trace = Trace()
        if action.kind in ("complete", "job"):
            self._complete(activation, variables or {})
        elif action.kind in ("retry", "retry_item"):
            self._retry(activation)
        elif action.kind == "throw":
            if not self._caught(activation, activation.holds().throws):
                activation.failed = "error_uncaught"
        elif action.kind == "fail":
            activation.failed = "job_failed"
        elif armed is not None:
            self._trigger(activation, armed, (variables or {}) if action.kind == "message" else {})
        return self._run()

    # What the test sees

    def enabled(self) -> list[Action]:
        """Everything that may happen now, sorted by kind, element and number."""
        return sorted(action for action, _, _ in self._possible())

    def enabled_in_time(self) -> list[Action]:
        """`enabled()` for an engine that fires what is due before anything else, in due order.

        Of the timers only the first that falls due; if it is due by now (a date that has passed), nothing but it.
        """
        actions = self.enabled()
        timers = sorted((a for a in actions if a.due is not None), key=lambda each: (each.due, each.armed))
        if timers and timers[0].due is not None and timers[0].due <= self.now:
            return timers[:1]
        return sorted([*timers[:1], *(a for a in actions if a.due is None)])

    @property
    def stuck(self) -> bool:
        """Whether tokens wait at joins for ever."""
        return not self.finished and not self.enabled()

    @property
    def marking(self) -> Marking:
        """Where the tokens are between actions."""
        live = [activation for activation in self._live() if activation.node is not None]
        leaves = [a for a in live if a.failed or (not a.is_body and a.holds().kind != model.SUB_PROCESS)]
        inner = [a for a in live if not a.failed and not a.is_body and a.holds().kind == model.SUB_PROCESS]
        arrivals = Counter[str]()
        for activation in self._live():
            arrivals.update(+activation.arrivals)
        return Marking(Counter(a.holds().id for a in leaves), Counter(a.holds().id for a in inner), arrivals)

    @property
    def variables(self) -> dict[str, Any]:
        """The process instance's own variables."""
        return dict(self._root.variables)

    @property
    def incidents(self) -> list[tuple[str, int, str]]:
        """Element, number and kind of every failed token.

        Kinds: unknown_variable, condition_not_boolean, no_flow, not_a_list, error_uncaught, job_failed.
        """
        return sorted((a.holds().id, a.number, a.failed) for a in self._live() if a.failed is not None)

    def user_tasks(self) -> list[tuple[str, int]]:
        """The user tasks that wait, in order of (element, number)."""
        return [(action.element_id, action.number) for action in self.enabled() if action.kind == "complete"]

    def visible(self, element_id: str, number: int, *, collecting: bool = True) -> dict[str, Any]:
        """The variables that a waiting or failed leaf (as `marking` counts them) sees, inner ones over outer ones.

        Without `collecting`, what multi-instance bodies have collected so far is left out.
        """
        for activation in self._live():
            node = activation.node
            leaf = node is not None and not (activation.is_body and activation.failed is None)
            if leaf and node is not None and (node.id, activation.number) == (element_id, number):
                return self._visible(activation, collecting=collecting)
        raise KeyError((element_id, number))

    def scope_tree(self) -> dict[str, Any]:
        """Every open scope as `{"element", "number", "variables", "scopes"}`, inner ones in order of opening."""
        return _tree(self._root)

    # Finding

    def _live(self) -> Iterator[_Activation]:
        """The open activations, outer before inner, older before younger."""
        level = [] if self.finished else [self._root]
        while level:
            yield from level
            level = [child for activation in level for child in activation.children]

    def _possible(self) -> Iterator[tuple[Action, _Activation, _Armed | None]]:
        for activation in self._live():
            node = activation.node
            if node is None:
                continue
            if activation.failed is not None:
                kind = "retry_item" if activation.is_item else "retry"
                yield Action(kind, node.id, activation.number, node.id), activation, None
            elif node.kind == model.USER and not activation.is_body:
                yield Action("complete", node.id, activation.number, node.id, sets=node.sets), activation, None
            elif node.kind == model.SERVICE and not activation.is_body:
                yield Action("job", node.id, activation.number, node.id, sets=node.sets), activation, None
                yield Action("fail", node.id, activation.number, node.id), activation, None
                if node.throws is not None:
                    yield Action("throw", node.id, activation.number, node.id), activation, None
            for armed in activation.armed:
                event = armed.event
                action = Action(
                    event.event, event.id, activation.number, node.id, armed.due, event.sets, armed.sequence
                )
                yield action, activation, armed

    def _locate(self, action: Action) -> tuple[_Activation, _Armed | None]:
        for possible, activation, armed in self._possible():
            if possible == action:
                return activation, armed
        raise KeyError(f"expected one of {self.enabled()}, found {action}")

    # Running

    def _run(self) -> Trace:
        for _ in range(_STEP_LIMIT):
            if self._queue:
                scope, waits = self._queue.popleft()
                self._open_item(scope, waits) if isinstance(waits, int) else self._arrive(scope, waits)
            elif not self._fire_an_inclusive_join():
                return self.trace
        raise RuntimeError(f"expected every loop to wait somewhere, found more than {_STEP_LIMIT} steps in one action")

    def _arrive(self, scope: _Activation, flow: Flow) -> None:
        node, incoming = self.process.node(flow.target), self.process.incoming(flow.target)
        if node.kind not in (model.PARALLEL, model.INCLUSIVE) or len(incoming) < 2:
            self._enter(scope, node)
            return
        scope.arrivals[flow.id] += 1
        if node.kind == model.PARALLEL and all(scope.arrivals[each.id] for each in incoming):
            self._consume(scope, incoming)
            self._enter(scope, node)

    def _consume(self, scope: _Activation, flows: Iterable[Flow]) -> None:
        for flow in flows:
            scope.arrivals[flow.id] -= 1
        scope.arrivals = +scope.arrivals

    def _enter(self, scope: _Activation, node: Node) -> None:
        self._entries[node.id] += 1
        number = self._entries[node.id]
        self.trace.entered.append(node.id)
        if node.kind in model.ACTIVITIES:
            self._enter_activity(scope, node, number)
        elif node.kind == model.END:
            self._end(scope, node, number)
        elif node.kind in (model.CATCH, model.EVENT_BASED):
            self._wait(scope, node, number)
        else:
            self._pass(scope, node, number)

    def _wait(self, scope: _Activation, node: Node, number: int) -> None:
        activation = self._open(scope, node, number)
        if node.kind == model.CATCH:
            self._arm(activation, [node])
        else:
            self._arm(activation, [self.process.node(flow.target) for flow in self.process.outgoing(node.id)])

    def _pass(self, scope: _Activation, node: Node, number: int) -> None:
        """Go on at once: gateways by their conditions (clauses 13.4.1-13.4.3), events by all outgoing flows."""
        flows = self.process.outgoing(node.id)
        if node.kind in (model.EXCLUSIVE, model.INCLUSIVE) and len(flows) > 1:
            chosen = self._choose(scope, node)
            if isinstance(chosen, str):
                self._open(scope, node, number).failed = chosen
                return
            flows = chosen
        self._emit(scope, flows)

    def _emit(self, scope: _Activation, flows: Iterable[Flow]) -> None:
        for flow in flows:
            self.trace.flows.append(flow.id)
            self._queue.append((scope, flow))

    def _choose(self, scope: _Activation, node: Node) -> tuple[Flow, ...] | str:
        """The flows that get a token, or the kind of incident."""
        visible, chosen = self._visible(scope), []
        for flow in self.process.outgoing(node.id):
            if flow.condition is None:
                continue
            try:
                answer = evaluate(flow.condition, visible, strict=True)
            except UnknownVariableError:
                return "unknown_variable"
            if not isinstance(answer, bool):
                return "condition_not_boolean"
            if answer:
                chosen.append(flow)
                if node.kind == model.EXCLUSIVE:
                    break
        if not chosen:
            chosen = [flow for flow in self.process.outgoing(node.id) if flow.id == node.default]
        return tuple(chosen) or "no_flow"

    # Inclusive joins

    def _fire_an_inclusive_join(self) -> bool:
        for scope in sorted((each for each in self._live() if each.arrivals), key=_Activation.name):
            for gateway in sorted(self.process.inside(scope.node and scope.node.id), key=lambda node: node.id):
                incoming = self.process.incoming(gateway.id)
                filled = {flow.id for flow in incoming if scope.arrivals[flow.id]}
                if gateway.kind == model.INCLUSIVE and filled and self._may_fire(scope, gateway, filled):
                    self._consume(scope, [flow for flow in incoming if flow.id in filled])
                    self._enter(scope, gateway)
                    return True
        return False

    def _may_fire(self, scope: _Activation, gateway: Node, filled: set[str]) -> bool:
        empty = {flow.id for flow in self.process.incoming(gateway.id)} - filled
        elsewhere = {child.holds().id for child in scope.children}
        elsewhere |= {flow.target for flow in self.process.flows if scope.arrivals[flow.id]} - {gateway.id}
        for place in sorted(elsewhere):
            reachable = self._flows_after(place, gateway.id)
            if reachable & empty and not reachable & filled:
                return False
        return True

    def _flows_after(self, node_id: str, gateway_id: str) -> set[str]:
        """The sequence flows on the paths out of a node that do not visit the gateway."""
        found: set[str] = set()
        nodes, seen = [node_id], {gateway_id}
        while nodes:
            at = nodes.pop()
            if at in seen:
                continue
            seen.add(at)
            for source in (at, *(boundary.id for boundary in self.process.boundaries(at))):
                for flow in self.process.outgoing(source):
                    found.add(flow.id)
                    nodes.append(flow.target)
        return found

    # Activities

    def _open(self, scope: _Activation, node: Node, number: int) -> _Activation:
        activation = _Activation(node, number, scope)
        scope.children.append(activation)
        return activation

    def _enter_activity(self, scope: _Activation, node: Node, number: int) -> None:
        activation = self._open(scope, node, number)
        if node.multi is not None:
            activation.is_body = True
            self._open_body(activation)
            return
        self._begin(activation)

    def _open_body(self, body: _Activation) -> None:
        multi, node = body.holds().multi, body.holds()
        items = evaluate(multi.input_collection, self._visible(body))
        if not isinstance(items, list):
            body.failed = "not_a_list"
            return
        self._arm(body, self.process.boundaries(node.id))
        body.collection, body.results, body.pending = list(items), [None] * len(items), len(items)
        if multi.output_collection is not None:
            body.variables[multi.output_collection] = list(body.results)
        for index in range(min(1, len(items)) if multi.sequential else len(items)):
            self._queue.append((body, index))
        if not items:
            self._close_body(body)

    def _open_item(self, body: _Activation, index: int) -> None:
        node, multi = body.holds(), body.holds().multi
        self._items[node.id] += 1
        self.trace.items.append(node.id)
        item = self._open(body, node, self._items[node.id])
        item.index = index
        output = _BARE_NAME.fullmatch(multi.output_element or "")
        if output is not None:
            item.variables[output[1]] = None
        if multi.input_element is not None:
            item.variables[multi.input_element] = body.collection[index]
        item.variables["loopCounter"] = index + 1
        self._begin(item)

    def _begin(self, activation: _Activation) -> None:
        node = activation.holds()
        for mapping in node.inputs:
            activation.variables[mapping.target] = evaluate(mapping.source, self._visible(activation))
        if not activation.is_item:
            self._arm(activation, self.process.boundaries(node.id))
        if node.kind == model.RECEIVE:
            self._arm(activation, [node])
        if node.kind == model.SCRIPT:
            self._complete(activation, {node.result: evaluate(node.script, self._visible(activation))})
        elif node.kind == model.SUB_PROCESS:
            self._enter(activation, self.process.start(node.id))

    def _complete(self, activation: _Activation, results: Mapping[str, Any]) -> None:
        if activation.holds().outputs:
            activation.variables.update(results)
        else:
            self._propagate(activation, results)
        self._finish(activation)

    def _finish(self, activation: _Activation) -> None:
        """Map the results and go; done again when it failed."""
        parent, values = activation.parent, dict[str, Any]()
        for mapping in activation.holds().outputs:
            values[mapping.target] = evaluate(mapping.source, self._visible(activation) | values)
        self._propagate(activation if activation.is_item else parent, values)
        if activation.is_item:
            self._close_item(parent, activation)
        else:
            self._leave(activation)

    def _close_item(self, body: _Activation, item: _Activation) -> None:
        multi = body.holds().multi
        if multi.output_element is not None and item.index is not None:
            body.results[item.index] = evaluate(multi.output_element, self._visible(item))
        if multi.output_collection is not None:
            body.variables[multi.output_collection] = list(body.results)
        enough = self._is_enough(item, multi)
        if not isinstance(enough, bool):
            item.failed, item.leaving = enough, True
            return
        body.pending -= 1
        self._remove(item)
        if enough or body.pending == 0:
            self._close_body(body)
        elif multi.sequential and item.index is not None:
            self._queue.append((body, item.index + 1))

    def _is_enough(self, item: _Activation, multi: model.MultiInstance) -> bool | str:
        """Whether the completion condition holds, or the kind of incident."""
        if multi.completion_condition is None:
            return False
        answer = evaluate(multi.completion_condition, self._visible(item), strict=True)
        return answer if isinstance(answer, bool) else "condition_not_boolean"

    def _close_body(self, body: _Activation) -> None:
        for item in list(body.children):
            self._kill(item)
        self._queue = deque(entry for entry in self._queue if entry[0] is not body)
        collection = body.holds().multi.output_collection
        if collection is not None:
            self._propagate(body.parent, {collection: list(body.results)})
        self._leave(body)

    def _leave(self, activation: _Activation) -> None:
        scope = activation.parent
        self._remove(activation)
        self._emit(scope, self.process.outgoing(activation.holds().id))
        self._settle(scope)

    # Ends

    def _end(self, scope: _Activation, node: Node, number: int) -> None:
        if node.event == model.ERROR:
            self._throw(scope, node, number)
            return
        if node.event == model.TERMINATE:
            for child in list(scope.children):
                self._kill(child)
            scope.arrivals.clear()
            self._queue = deque(entry for entry in self._queue if entry[0] is not scope)
        self._settle(scope)

    def _settle(self, scope: _Activation) -> None:
        """End the scope when it holds no token (clause 13.3.4 for sub-processes, 13.5.6 for processes)."""
        if not scope.alive or scope.children or scope.arrivals or any(entry[0] is scope for entry in self._queue):
            return
        if scope.node is None:
            self.finished, scope.alive = True, False
        else:
            self._complete(scope, {})

    def _throw(self, scope: _Activation, end: Node, number: int) -> None:
        if not self._caught(scope, end.error_code):
            self._open(scope, end, number).failed = "error_uncaught"

    def _caught(self, host: _Activation, code: str | None) -> bool:
        """Hand an error to the nearest activity outward that catches its code, or any (clause 10.5.6, 13.5.3)."""
        while host.node is not None:
            host = host.parent if host.is_item else host
            for boundary in sorted(self.process.boundaries(host.holds().id), key=lambda each: each.error_code is None):
                if boundary.event == model.ERROR and boundary.error_code in (code, None):
                    self._kill(host)
                    self._enter(host.parent, boundary)
                    return True
            host = host.parent
        return False

    def _remove(self, activation: _Activation) -> None:
        activation.alive = False
        activation.parent.children.remove(activation)

    def _kill(self, activation: _Activation) -> None:
        for child in list(activation.children):
            self._kill(child)
        node = activation.holds()
        if node.kind == model.USER and not activation.is_body and activation.failed is None:
            self.trace.withdrawn.append((node.id, activation.number))
        self._remove(activation)
        self._queue = deque(entry for entry in self._queue if entry[0] is not activation)

    def _retry(self, activation: _Activation) -> None:
        """Enter the failed node again; it is not counted as a new entry.  A failed job waits again."""
        node, scope, activation.failed = activation.holds(), activation.parent, None
        if activation.is_body:
            self._open_body(activation)
            return
        if activation.leaving:
            self._finish(activation)
            return
        if node.kind == model.SERVICE:
            return
        self._remove(activation)
        if node.kind == model.END:
            self._throw(scope, node, activation.number)
        else:
            self._pass(scope, node, activation.number)

    # Events

    def _arm(self, activation: _Activation, events: Iterable[Node]) -> None:
        for event in events:
            if event.event not in (model.TIMER, model.MESSAGE):
                continue
            self._armings += 1
            armed = _Armed(event, self._armings)
            timer = event.timer
            if timer is not None:
                armed.interval = self._minutes(timer, activation)
                armed.due = timer.minutes if timer.kind == "date" else self.now + armed.interval
                armed.remaining = timer.repetitions if timer.kind == "cycle" else 1
            elif event.kind == model.BOUNDARY and not event.interrupting:
                armed.remaining = None
            activation.armed.append(armed)

    def _minutes(self, timer: model.Timer, activation: _Activation) -> int:
        if timer.variable is None:
            return timer.minutes
        value = self._visible(activation).get(timer.variable)
        return value if isinstance(value, int) and value > 0 else timer.minutes

    def _trigger(self, activation: _Activation, armed: _Armed, variables: Mapping[str, Any]) -> None:
        event, scope = armed.event, activation.parent
        if event.kind == model.RECEIVE:
            activation.armed.remove(armed)
            self._complete(activation, variables)
            return
        if event.kind != model.BOUNDARY:
            self._remove(activation)
            if activation.holds().kind == model.EVENT_BASED:
                self._note_entry_behind_gateway(activation.holds(), event)
            self._propagate(scope, variables)
            self._emit(scope, self.process.outgoing(event.id))
            return
        if event.interrupting:
            self._kill(activation)
        else:
            self._disarm(activation, armed)
        self._propagate(scope, variables)
        self._enter(scope, event)

    def _note_entry_behind_gateway(self, gateway: Node, event: Node) -> None:
        """Only the winner's flow carries a token (clause 13.4.4)."""
        flow = next(flow for flow in self.process.outgoing(gateway.id) if flow.target == event.id)
        self.trace.flows.append(flow.id)
        self._entries[event.id] += 1
        self.trace.entered.append(event.id)

    def _disarm(self, activation: _Activation, armed: _Armed) -> None:
        if armed.remaining is not None:
            armed.remaining -= 1
        if armed.remaining == 0:
            activation.armed.remove(armed)
        elif armed.due is not None:
            armed.due += armed.interval

    # Variables

    def _visible(self, scope: _Activation | None, *, collecting: bool = True) -> dict[str, Any]:
        if scope is None:
            return {}
        own = scope.variables if collecting or not scope.is_body else {}
        return self._visible(scope.parent, collecting=collecting) | own

    def _propagate(self, scope: _Activation, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            at = scope
            while at.parent is not None and name not in at.variables:
                at = at.parent
            at.variables[name] = value


def _tree(activation: _Activation) -> dict[str, Any]:
    return {
        "element": None if activation.node is None else activation.node.id,
        "number": activation.number,
        "variables": dict(activation.variables),
        "scopes": [_tree(child) for child in activation.children],
    }
