"""Moves tokens: one flow node at a time, first come first served, until every token waits.

Tokens on their way stand in a queue; a new one goes to its end, outgoing flows in document order.  Joins count arrivals
per incoming flow in the state.  A scope ends when nothing in it is alive.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from engine.definition.executable import ExecutableDefinition
from engine.definition.model import FlowNode, NodeType, ProcessModel
from engine.definition.specs import LiveWorkflow
from engine.errors import ExecutionFault
from engine.events import event
from engine.runtime.execution import activities, boundaries, loops, reachability
from engine.runtime.execution.evaluation import Circumstances, evaluate, evaluate_condition
from engine.runtime.execution.scopes import propagate, scope_of
from engine.runtime.state import ROOT, InstanceState, Phase, Scope, State, Token
from engine.values import JsonObject, Value

STEP_LIMIT = 1000


@dataclass(frozen=True)
class Travelling:
    """A token on a sequence flow."""

    flow: str
    scope: str


@dataclass(frozen=True)
class NextItem:
    """The turn of an item of a multi-instance body."""

    body: str
    index: int


class ScopeScriptEngine:
    """SpiffWorkflow's script engine, with FEEL over the scopes of the token that is being moved."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.token: Token | None = None

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        """A condition of a gateway."""
        token = self._current()
        state = self._machine.state
        return evaluate_condition(expression, state, scope_of(state, token), self._machine.around)

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        """The script of a script task; its result goes where job results go."""
        token, machine = self._current(), self._machine
        found = evaluate(script, machine.state, scope_of(machine.state, token), machine.around)
        machine.script_result(token, found)
        return True

    def _current(self) -> Token:
        if self.token is None:
            raise RuntimeError("no token is being moved")
        return self.token


class Machine:
    """One step's working copy: state, events so far, and the queue of travelling tokens."""

    def __init__(self, definition: ExecutableDefinition, state: State, around: Circumstances) -> None:
        self.definition = definition
        self.model: ProcessModel = definition.model
        self.state = state
        self.around = around
        self.events: list[JsonObject] = []
        self.queue: deque[Travelling | NextItem] = deque()
        self.faults: dict[str, str] = {}  # token -> what was found; kept outside the hash chain
        self.chain = 0  # of the timer that this step fires
        self._steps = 0
        self._script_results: dict[str, Value] = {}
        self._scripts = ScopeScriptEngine(self)
        self._workflow = LiveWorkflow(definition.spec, self._scripts)

    # -- the record -------------------------------------------------------------------------------------------------

    def emit(self, tag: str, **fields: Any) -> None:
        """Add an event to this step's record."""
        self.events.append(event(tag, **fields))

    def write(self, scope: str, values: dict[str, Value]) -> None:
        """Set variables from a scope upward, each where it lives, and record it."""
        for place, written in propagate(self.state, scope, values).items():
            self.emit("variables:set", scope=place, values=written)

    def write_local(self, scope: str, values: dict[str, Value]) -> None:
        """Set variables in just this scope and record it."""
        self.state.scopes[scope].variables.update(values)
        self.emit("variables:set", scope=scope, values=dict(values))

    def node(self, token: Token) -> FlowNode:
        """The flow node that a token rests on."""
        return self.model.nodes[token.element]

    # -- driving ----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Move until every token waits, inclusive joins last: they fire only when nothing else can reach them."""
        while True:
            while self.queue:
                self._advance(self.queue.popleft())
            ready = reachability.ready_inclusive_join(self.model, self.state)
            if ready is None:
                return
            self._join(*ready)

    def _advance(self, item: Travelling | NextItem) -> None:
        if isinstance(item, NextItem):
            loops.start_item(self, item.body, item.index)
            return
        node = self.model.nodes[self.model.flows[item.flow].target]
        if not is_join(node):
            self.enter(node, item.scope)
            return
        arrivals = self.state.scopes[item.scope].arrivals.setdefault(node.id, {})
        arrivals[item.flow] = arrivals.get(item.flow, 0) + 1
        if node.type is NodeType.PARALLEL_GATEWAY and len(arrivals) == len(node.incoming):
            self._join(item.scope, node.id)

    def _join(self, scope_id: str, gateway: str) -> None:
        """One token from each flow that has any goes through the gateway (clauses 13.4.1 and 13.4.3)."""
        scope = self.state.scopes[scope_id]
        arrivals = scope.arrivals[gateway]
        scope.live -= len(arrivals) - 1
        rest = {flow: count - 1 for flow, count in arrivals.items() if count > 1}
        if rest:
            scope.arrivals[gateway] = rest
        else:
            del scope.arrivals[gateway]
        self.enter(self.model.nodes[gateway], scope_id)

    def enter(self, node: FlowNode, scope: str) -> None:
        """A token arrives on a flow node in a scope where it is already counted as live."""
        if node.multi_instance is not None:
            loops.enter_body(self, node, scope)
            return
        token = Token(self.state.next_id(node.id), node.id, scope)
        self.begin(token)

    def begin(self, token: Token) -> None:
        """The token starts on its node."""
        self.state.tokens[token.id] = token
        self.emit("flow_node:entered", id=token.id, scope=token.scope or None)
        self.attempt(token)

    def attempt(self, token: Token) -> None:
        """Do what the node does on entry, for the first time or again after an incident."""
        token.phase = Phase.WAITING
        self._steps += 1
        try:
            if self._steps > STEP_LIMIT:
                raise ExecutionFault("endless_loop", f"lebih dari {STEP_LIMIT} langkah tanpa menunggu")
            activities.on_enter(self, token)
        except ExecutionFault as fault:
            activities.undo_entry(self, token)
            self.fail(token, Phase.FAILED_ENTERING, fault)

    def fail(self, token: Token, phase: Phase, fault: ExecutionFault) -> None:
        """The token stays where it is as an incident; everything else goes on."""
        token.phase = phase
        self.faults[token.id] = fault.detail
        self.emit("incident:raised", id=token.id, kind=fault.kind)

    # -- SpiffWorkflow ----------------------------------------------------------------------------------------------

    def execute_node(self, token: Token) -> list[str]:
        """SpiffWorkflow executes the token's node; returns the sequence flows it takes.  Raises ExecutionFault."""
        self._scripts.token = token
        return self._workflow.execute(token.element)

    def script_result(self, token: Token, value: Value) -> None:
        """Keep the result of a script task until it leaves."""
        name = self.node(token).result_variable
        self._script_results = {name: value} if name else {}

    def take_script_results(self) -> dict[str, Value]:
        """The results of the script task that has just run."""
        results, self._script_results = self._script_results, {}
        return results

    def leave(self, token: Token, results: dict[str, Value]) -> None:
        """The token's node is done, with these results."""
        activities.leave(self, token, results)

    def caught(self, node: FlowNode, scope: str, variables: dict[str, Value]) -> None:
        """An event happened: a token that the scope already counts passes it, with what the event brought."""
        token = Token(self.state.next_id(node.id), node.id, scope)
        self.state.tokens[token.id] = token
        self.emit("flow_node:entered", id=token.id, scope=scope or None)
        activities.leave(self, token, variables)

    def queue_item(self, body: str, index: int) -> None:
        """Let an item of a multi-instance body have its turn."""
        self.queue.append(NextItem(body, index))

    # -- leaving ----------------------------------------------------------------------------------------------------

    def depart(self, token: Token, flows: list[str]) -> None:
        """The token leaves its node along these flows; without any it ends, and perhaps its scope with it."""
        self.emit("flow_node:left", id=token.id)
        self.forget(token)
        self.travel(flows, token.scope)

    def forget(self, token: Token) -> None:
        """Take a token, and the scope it owns, out of the state."""
        self.state.tokens.pop(token.id, None)
        self.state.scopes.pop(token.id, None)

    def travel(self, flows: list[str], scope_id: str) -> None:
        """One of the scope's live tokens goes on along these flows."""
        for flow in flows:
            self.emit("sequence_flow:taken", flow=flow)
            self.queue.append(Travelling(flow, scope_id))
        scope = self.state.scopes[scope_id]
        scope.live += len(flows) - 1
        if scope.live == 0:
            self._end_scope(scope_id)

    def _end_scope(self, scope_id: str) -> None:
        if scope_id != ROOT:
            activities.leave(self, self.state.tokens[scope_id], {})
            return
        self.state.state = InstanceState.COMPLETED
        self.emit("process_instance:completed")

    # -- cancelling -------------------------------------------------------------------------------------------------

    def cancel(self, token: Token) -> None:
        """Withdraw a token and all that lives within it; its place in its scope's count is the caller's to use."""
        self.cancel_within(token.id)
        self.cancel_items(token)
        boundaries.disarm(self, token)
        if token.phase is not Phase.WAITING:
            self.emit("incident:resolved", id=token.id)
        self.emit("flow_node:left", id=token.id, outcome="withdrawn")
        self.forget(token)

    def cancel_items(self, body: Token) -> None:
        """Withdraw the items of a multi-instance body that have begun or stand in the queue."""
        for token_id in sorted(self.state.tokens):
            found = self.state.tokens.get(token_id)
            if found is not None and found.body == body.id:
                self.cancel(found)
        self.queue = deque(entry for entry in self.queue if not (isinstance(entry, NextItem) and entry.body == body.id))

    def cancel_within(self, scope_id: str) -> None:
        """Withdraw every token of a scope, resting, travelling or waiting at a join."""
        scope = self.state.scopes.get(scope_id)
        if scope is None:
            return
        for token_id in sorted(self.state.tokens):
            token = self.state.tokens.get(token_id)
            if token is not None and token.scope == scope_id and token.body is None:
                self.cancel(token)
        self.queue = deque(
            entry for entry in self.queue if not (isinstance(entry, Travelling) and entry.scope == scope_id)
        )
        scope.arrivals.clear()
        scope.live = 0


def is_join(node: FlowNode) -> bool:
    """Whether tokens are counted here before they pass."""
    return node.type in (NodeType.PARALLEL_GATEWAY, NodeType.INCLUSIVE_GATEWAY) and len(node.incoming) > 1


def root_scope(variables: dict[str, Value]) -> Scope:
    """The scope of a new instance, with its one token counted."""
    return Scope(parent=None, variables=dict(variables), live=1)
