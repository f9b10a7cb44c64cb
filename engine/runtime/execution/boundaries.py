"""What can happen to a token from outside while it waits: timers and messages, on it or on its boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definition.model import EventKind, FlowNode
from engine.errors import ExecutionFault
from engine.runtime.execution import times
from engine.runtime.execution.evaluation import evaluate_text
from engine.runtime.execution.scopes import scope_of
from engine.runtime.state import Subscription, Timer, Token
from engine.values import Value

if TYPE_CHECKING:
    from engine.runtime.execution.machine import Machine

CHAIN_LIMIT = 100  # timers in a row that are overdue as soon as they are armed


def arm(m: Machine, token: Token, node: FlowNode) -> None:
    """Wait for the event of `node` on behalf of a token.  Raises ExecutionFault."""
    event = node.event
    if event is None or event.kind is EventKind.ERROR:
        return
    scope = scope_of(m.state, token)
    if event.kind is EventKind.TIMER:
        _keep(m, token, _counted(m, times.schedule(node, m.state, scope, m.around)))
    elif event.kind is EventKind.MESSAGE:
        key = evaluate_text(event.correlation_key, m.state, scope, m.around)
        if key is None:
            raise ExecutionFault("correlation_key_missing", f"{node.id}: {event.correlation_key} tidak bernilai")
        subscription_id = m.state.next_id(node.id, "m")
        token.subscriptions[subscription_id] = Subscription(node.id, event.message_name or "", key)
        m.emit("subscription:opened", id=subscription_id, message=event.message_name, key=key)


def arm_boundary(m: Machine, token: Token) -> None:
    """Arm every boundary event of the token's activity.  Raises ExecutionFault."""
    for node in m.model.boundary_events(token.element):
        arm(m, token, node)


def disarm(m: Machine, token: Token) -> None:
    """Nothing from outside reaches this token any more: its timers, messages, job and work are withdrawn."""
    for timer_id in sorted(token.timers):
        m.emit("timer:cancelled", id=timer_id)
    for subscription_id in sorted(token.subscriptions):
        m.emit("subscription:closed", id=subscription_id)
    token.timers.clear()
    token.subscriptions.clear()
    if token.work is not None:
        m.emit("user_task:withdrawn", id=token.id)
        token.work = None
    if token.attempt:
        m.emit("job:withdrawn", id=token.id)
        token.attempt = 0
    if token.called is not None:
        m.emit("call:withdrawn", id=token.id, call=token.called)
        token.called = None


def fire(m: Machine, token: Token, timer_id: str, superiors: dict[str, str]) -> None:
    """A timer of the token is due.  `superiors` names whom a breach is told to, by task."""
    timer = token.timers.pop(timer_id)
    m.chain = timer.chain
    node = m.model.nodes[timer.element]
    m.emit("timer:fired", id=timer_id, due=timer.due)
    if node.properties.get("standar_waktu") == "true":
        _breach(m, token, timer_id, timer, superiors)
    following = times.next_cycle(timer, node, m.around)
    if following is not None:
        _keep(m, token, following)
    happen(m, token, node, {})


def deliver(m: Machine, token: Token, subscription_id: str, variables: dict[str, Value]) -> None:
    """A message reaches one of the token's subscriptions; a non-interrupting boundary event goes on listening."""
    node = m.model.nodes[token.subscriptions[subscription_id].element]
    if node.attached_to is None or node.interrupting:
        del token.subscriptions[subscription_id]
        m.emit("subscription:closed", id=subscription_id)
    happen(m, token, node, variables)


def happen(m: Machine, token: Token, node: FlowNode, variables: dict[str, Value]) -> None:
    """An event happens to a waiting token: on its boundary, behind its gateway, or what it waited for."""
    if node.attached_to is not None:
        _on_boundary(m, token, node, variables)
    elif node.id == token.element:
        m.leave(token, variables)
    else:
        _behind_gateway(m, token, node, variables)


def _on_boundary(m: Machine, token: Token, node: FlowNode, variables: dict[str, Value]) -> None:
    scope = token.scope
    if node.interrupting:
        m.cancel(token)
    else:
        m.state.scopes[scope].live += 1
    m.caught(node, scope, variables)


def _behind_gateway(m: Machine, token: Token, node: FlowNode, variables: dict[str, Value]) -> None:
    disarm(m, token)
    m.emit("flow_node:left", id=token.id)
    m.forget(token)
    m.emit("sequence_flow:taken", flow=node.incoming[0])
    m.caught(node, token.scope, variables)


def _counted(m: Machine, timer: Timer) -> Timer:
    """The timer, with its place in a chain of overdue ones.  Raises ExecutionFault when that chain has no end."""
    if timer.due > m.around.now:
        return timer
    timer.chain = m.chain + 1
    if timer.chain > CHAIN_LIMIT:
        raise ExecutionFault("endless_loop", f"{timer.element}: {CHAIN_LIMIT} kali berturut-turut langsung jatuh tempo")
    return timer


def _keep(m: Machine, token: Token, timer: Timer) -> None:
    timer_id = m.state.next_id(timer.element, "t")
    token.timers[timer_id] = timer
    m.emit("timer:scheduled", id=timer_id, due=timer.due, of=token.id)


def _breach(m: Machine, token: Token, timer_id: str, timer: Timer, superiors: dict[str, str]) -> None:
    for task in open_tasks(m.state.tokens, token):
        held_by = task.work.assignee if task.work else None
        m.emit(
            "time_standard:breached",
            timer=timer_id,
            task=task.id,
            held_by=held_by,
            superior=superiors.get(task.id),
            due=timer.due,
        )


def open_tasks(tokens: dict[str, Token], token: Token) -> list[Token]:
    """The human tasks that a token stands for: itself, its items, or those inside its sub-process."""
    if token.work is not None:
        return [token]
    inner = [item for item in tokens.values() if item.body == token.id or (item.scope == token.id and not item.body)]
    return [task for item in sorted(inner, key=lambda item: item.id) for task in open_tasks(tokens, item)]
