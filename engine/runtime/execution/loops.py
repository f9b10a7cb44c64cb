"""Multi-instance activities: a body that holds the items, one activation of the activity per item.

As in Zeebe a body that collects has a scope, in which the output collection stands (nulls at first) where its items can
see it; the collection goes up when the body ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definition.model import FlowNode, MultiInstance
from engine.errors import ExecutionFault
from engine.runtime.execution import boundaries
from engine.runtime.execution.evaluation import evaluate, evaluate_condition, is_feel
from engine.runtime.execution.scopes import open_scope
from engine.runtime.state import Loop, Phase, Token
from engine.values import Value, holds_personal

if TYPE_CHECKING:
    from engine.runtime.execution.machine import Machine


def enter_body(m: Machine, node: FlowNode, scope: str) -> None:
    """A token arrives at a multi-instance activity: its collection is read once and its items begin."""
    token = Token(m.state.next_id(node.id, "b"), node.id, scope)
    m.state.tokens[token.id] = token
    m.emit("flow_node:entered", id=token.id, scope=scope or None)
    attempt_body(m, token)


def attempt_body(m: Machine, token: Token) -> None:
    """Begin the body, for the first time or again after an incident."""
    node, loop = m.node(token), _characteristics(m, token)
    token.phase = Phase.WAITING
    try:
        items = evaluate(loop.input_collection, m.state, token.scope, m.around)
        if not isinstance(items, list):
            raise ExecutionFault("collection_not_a_list", f"{loop.input_collection}: hasilnya {items!r}, bukan daftar")
        if holds_personal(items):
            raise ExecutionFault("personal_computed", f"{loop.input_collection}: berisi data pribadi")
        boundaries.arm_boundary(m, token)
    except ExecutionFault as fault:
        boundaries.disarm(m, token)
        m.fail(token, Phase.FAILED_ENTERING, fault)
        return
    token.loop = Loop(items=items)
    if loop.output_collection:
        open_scope(m.state, token, {})
        m.write_local(token.id, {loop.output_collection: [None] * len(items)})
    first = min(len(items), 1) if loop.sequential else len(items)
    for index in range(1, first + 1):
        m.queue_item(token.id, index)
    token.loop.started = first
    if not items:
        _end_body(m, token, node, loop)


def start_item(m: Machine, body_id: str, index: int) -> None:
    """One item begins: an activation of the activity with a scope of its own."""
    body = m.state.tokens[body_id]
    node, loop = m.node(body), _characteristics(m, body)
    if body.loop is None:
        raise RuntimeError(f"{body_id} is not a multi-instance body")
    token = Token(m.state.next_id(node.id), node.id, body.scope, body=body_id, index=index)
    local: dict[str, Value] = {"loopCounter": index}
    if loop.input_element:
        local[loop.input_element] = body.loop.items[index - 1]
    own = _own_output_variable(loop)
    if own is not None:
        local.setdefault(own, None)
    open_scope(m.state, token, {})
    m.state.tokens[token.id] = token
    m.emit("flow_node:entered", id=token.id, scope=token.scope or None)
    m.write_local(token.id, local)
    m.attempt(token)


def output_of(m: Machine, token: Token) -> Value:
    """What an item gives to the output collection.  Raises ExecutionFault."""
    loop = _characteristics(m, token)
    if not loop.output_collection or not loop.output_element:
        return None
    return evaluate(loop.output_element, m.state, token.id, m.around)


def item_ended(m: Machine, token: Token, output: Value) -> None:
    """An item is done: the next begins, or the body ends."""
    body = m.state.tokens[token.body or ""]
    node, loop = m.node(body), _characteristics(m, body)
    if body.loop is None:
        raise RuntimeError(f"{body.id} is not a multi-instance body")
    try:
        _collect(m, body, loop, token.index, output)
        enough = bool(loop.completion_condition) and evaluate_condition(
            loop.completion_condition or "", m.state, token.id, m.around, also=_numbers(body.loop)
        )
    except ExecutionFault as fault:
        m.fail(token, Phase.FAILED_LEAVING, fault)
        return
    body.loop.ended += 1
    boundaries.disarm(m, token)
    m.emit("flow_node:left", id=token.id)
    m.forget(token)
    if enough or body.loop.ended == len(body.loop.items):
        _end_body(m, body, node, loop)
    elif loop.sequential:
        body.loop.started += 1
        m.queue_item(body.id, body.loop.started)


def _numbers(loop: Loop) -> dict[str, Value]:
    """What a completion condition may ask (BPMN 2.0.2 clause 13.3.7), this item counted as completed."""
    return {
        "numberOfInstances": len(loop.items),
        "numberOfActiveInstances": loop.started - loop.ended - 1,
        "numberOfCompletedInstances": loop.ended + 1,
        "numberOfTerminatedInstances": 0,
    }


def _collect(m: Machine, body: Token, loop: MultiInstance, index: int, output: Value) -> None:
    """Put an item's output in its place.  Raises ExecutionFault when something has replaced the collection."""
    name = loop.output_collection
    if not name:
        return
    found = m.state.scopes[body.id].variables[name]
    if not isinstance(found, list) or len(found) < index:
        raise ExecutionFault("output_collection_not_a_list", f"{body.element}: {name} = {found!r}")
    m.write_local(body.id, {name: [*found[: index - 1], output, *found[index:]]})


def _end_body(m: Machine, body: Token, node: FlowNode, loop: MultiInstance) -> None:
    m.cancel_items(body)
    if loop.output_collection:
        m.write(body.scope, {loop.output_collection: m.state.scopes[body.id].variables[loop.output_collection]})
    boundaries.disarm(m, body)
    m.depart(body, list(node.outgoing))


def _characteristics(m: Machine, token: Token) -> MultiInstance:
    loop = m.node(token).multi_instance
    if loop is None:
        raise RuntimeError(f"{token.element} is not multi-instance")
    return loop


def _own_output_variable(loop: MultiInstance) -> str | None:
    """The variable of an output element that is just a variable: it is local to each item, as in Zeebe."""
    text = (loop.output_element or "").removeprefix("=").strip()
    return text if is_feel(loop.output_element) and text.isidentifier() else None
