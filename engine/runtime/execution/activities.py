"""What each kind of flow node does when a token enters it, and how a token leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from engine.definition.model import ACTIVITIES, HUMAN, JOB, EventKind, FlowNode, NodeType
from engine.errors import ExecutionFault
from engine.runtime.execution import boundaries, loops
from engine.runtime.execution.evaluation import (
    evaluate,
    evaluate_moment,
    evaluate_text,
    evaluate_texts,
)
from engine.runtime.execution.scopes import all_visible, open_scope, scope_of
from engine.runtime.state import Phase, Scope, Token, Work
from engine.values import Value

if TYPE_CHECKING:
    from engine.runtime.execution.machine import Machine

DEFAULT_RETRIES = 3

Entering: TypeAlias = "Callable[[Machine, Token, FlowNode], None]"


def on_enter(m: Machine, token: Token) -> None:
    """Do what the token's node does on entry.  Raises ExecutionFault; what was armed so far is then undone."""
    node = m.node(token)
    if node.type in ACTIVITIES:
        _open_local_scope(m, token, node)
        if token.body is None:
            boundaries.arm_boundary(m, token)
    _report_turns(m, token, node)
    if "excludedUsers" in node.properties:
        _exclude(m, token, node)
    _ENTER[node.type](m, token, node)


def undo_entry(m: Machine, token: Token) -> None:
    """Take back what a failed entry had armed, so that it can be entered again."""
    m.cancel_within(token.id)
    boundaries.disarm(m, token)
    if token.body is None:
        m.state.scopes.pop(token.id, None)


def leave(m: Machine, token: Token, results: Mapping[str, Value]) -> None:
    """The token's node is done: results and output mappings are written, and SpiffWorkflow says where to.

    A fault while leaving keeps the token as an incident with what it has; leaving is then tried again.
    """
    node = m.node(token)
    if results:
        _keep_results(m, token, node, results)
    finish(m, token)


def finish(m: Machine, token: Token) -> None:
    """The second half of leaving, which an incident can repeat."""
    node = m.node(token)
    try:
        _write_outputs(m, token, node)
        _name_instance(m, token, node)
        if token.body is not None:
            output = loops.output_of(m, token)
        flows = m.execute_node(token) if token.body is None else []
    except ExecutionFault as fault:
        m.fail(token, Phase.FAILED_LEAVING, fault)
        return
    boundaries.disarm(m, token)
    if token.body is None:
        m.depart(token, flows)
    else:
        loops.item_ended(m, token, output)


# -- entering -------------------------------------------------------------------------------------------------------


def _pass(m: Machine, token: Token, node: FlowNode) -> None:
    m.depart(token, m.execute_node(token))


def _enter_start(m: Machine, token: Token, node: FlowNode) -> None:
    _name_instance(m, token, node)
    _pass(m, token, node)


def _enter_end(m: Machine, token: Token, node: FlowNode) -> None:
    kind = node.event.kind if node.event else EventKind.NONE
    if kind is EventKind.ERROR:
        throw_error(m, token, node.event.error_code or "" if node.event else "")
        return
    if kind is EventKind.TERMINATE:
        del m.state.tokens[token.id]
        m.cancel_within(token.scope)
        m.state.tokens[token.id] = token
        m.state.scopes[token.scope].live = 1
    _pass(m, token, node)


def _enter_human(m: Machine, token: Token, node: FlowNode) -> None:
    token.work = _work(m, token, node)
    work = token.work
    scope = scope_of(m.state, token)
    priority = evaluate_text(node.priority, m.state, scope, m.around)
    m.emit(
        "user_task:created",
        id=token.id,
        groups=work.groups,
        users=work.users or None,
        assignee=work.assignee,
        due=work.due,
        follow_up=evaluate_moment(node.follow_up_date, m.state, scope, m.around),
        priority=int(priority) if priority and priority.isdigit() else None,
        excluded=work.excluded or None,
        waits_for_customer=node.properties.get("menunggu_pelanggan") == "true" or None,
    )


def _work(m: Machine, token: Token, node: FlowNode) -> Work:
    state, scope, around = m.state, scope_of(m.state, token), m.around
    given = node.assignment
    groups = evaluate_texts(given.candidate_groups, state, scope, around)
    users = evaluate_texts(given.candidate_users, state, scope, around)
    if not groups and not users and node.lane_id is not None:
        groups = evaluate_texts(m.model.lanes[node.lane_id].group, state, scope, around)
    assignee = evaluate_text(given.assignee, state, scope, around)
    excluded = evaluate_texts(node.properties.get("excludedUsers"), state, scope, around)
    if not groups and not users and assignee is None:
        raise ExecutionFault("nobody_may_do_it", f"{node.id}: tidak ada kelompok atau orang yang dapat mengerjakan")
    return Work(
        groups=groups,
        users=users,
        assignee=None if assignee in excluded else assignee,
        excluded=excluded,
        due=evaluate_moment(node.due_date, state, scope, around) or _standard_due(m, token),
    )


def _standard_due(m: Machine, token: Token) -> str | None:
    """When the earliest time standard that holds for this task is due: its own, else the nearest one around it."""
    place: Token | None = token
    while place is not None:
        dues = [timer.due for timer in place.timers.values() if m.model.nodes[timer.element].attached_to is not None]
        if dues:
            return min(dues)
        place = m.state.tokens.get(place.body or place.scope)
    return None


def _enter_job(m: Machine, token: Token, node: FlowNode) -> None:
    retries = evaluate_text(node.job_retries, m.state, scope_of(m.state, token), m.around)
    token.attempt = 1
    m.emit(
        "job:created",
        id=token.id,
        type=node.job_type,
        retries=int(retries) if retries and retries.isdigit() else DEFAULT_RETRIES,
    )


def request_call(m: Machine, token: Token, node: FlowNode) -> None:
    """Ask for an instance of another process; it is started by its own command, which records the version."""
    call = node.call
    scope = scope_of(m.state, token)
    process = evaluate_text(call.process if call else None, m.state, scope, m.around)
    if call is None or process is None:
        raise ExecutionFault("called_process_missing", f"{node.id}: proses yang dipanggil tidak disebut")
    own = m.state.scopes[token.id].variables if token.id in m.state.scopes else {}
    seen = all_visible(m.state, scope) if call.passes_all else own
    collected = node.multi_instance.output_collection if node.multi_instance else None
    token.called = m.state.next_id(node.id, "c")
    m.emit(
        "call:requested",
        id=token.id,
        call=token.called,
        process=process,
        version_tag=call.version_tag,
        excluded=m.state.excluded or None,
        variables={name: value for name, value in seen.items() if name not in ("loopCounter", collected)},
    )


def _enter_script(m: Machine, token: Token, node: FlowNode) -> None:
    flows = m.execute_node(token)
    results = m.take_script_results()
    _keep_results(m, token, node, results)
    _write_outputs(m, token, node)
    if token.body is None:
        boundaries.disarm(m, token)
        m.depart(token, flows)
    else:
        loops.item_ended(m, token, loops.output_of(m, token))


def _enter_waiting(m: Machine, token: Token, node: FlowNode) -> None:
    boundaries.arm(m, token, node)


def _enter_event_gateway(m: Machine, token: Token, node: FlowNode) -> None:
    for flow_id in node.outgoing:
        boundaries.arm(m, token, m.model.nodes[m.model.flows[flow_id].target])


def _enter_sub_process(m: Machine, token: Token, node: FlowNode) -> None:
    if token.id not in m.state.scopes:
        open_scope(m.state, token, {})
    m.state.scopes[token.id].live = 1
    (start,) = m.model.starts_of(node.id)
    m.enter(start, token.id)


_ENTER: dict[NodeType, Entering] = {
    NodeType.START_EVENT: _enter_start,
    NodeType.END_EVENT: _enter_end,
    NodeType.INTERMEDIATE_THROW_EVENT: _pass,
    NodeType.INTERMEDIATE_CATCH_EVENT: _enter_waiting,
    NodeType.RECEIVE_TASK: _enter_waiting,
    NodeType.SCRIPT_TASK: _enter_script,
    NodeType.EXCLUSIVE_GATEWAY: _pass,
    NodeType.PARALLEL_GATEWAY: _pass,
    NodeType.INCLUSIVE_GATEWAY: _pass,
    NodeType.EVENT_BASED_GATEWAY: _enter_event_gateway,
    NodeType.SUB_PROCESS: _enter_sub_process,
    NodeType.CALL_ACTIVITY: request_call,
    **dict.fromkeys(HUMAN, _enter_human),
    **dict.fromkeys(JOB, _enter_job),
}


def throw_error(m: Machine, token: Token, code: str) -> None:
    """A BPMN error leaves the token's scope for the nearest boundary event that catches it (clause 10.5.6).

    Raises ExecutionFault when none does.
    """
    place: Token | None = token
    while place is not None:
        caught = _error_boundary(m, place, code)
        if caught is not None:
            boundaries.happen(m, place, caught, {})
            return
        place = m.state.tokens.get(place.body or place.scope)
    raise ExecutionFault("error_not_caught", f"{token.element}: galat {code!r} tidak ditangkap")


def _error_boundary(m: Machine, token: Token, code: str) -> FlowNode | None:
    events = [
        node
        for node in m.model.boundary_events(token.element)
        if token.body is None and node.event is not None and node.event.kind is EventKind.ERROR
    ]
    exact = [node for node in events if node.event and node.event.error_code == code]
    any_code = [node for node in events if node.event and not node.event.error_code]
    return next(iter(exact + any_code), None)


# -- variables ------------------------------------------------------------------------------------------------------


def _open_local_scope(m: Machine, token: Token, node: FlowNode) -> None:
    if token.body is None and (node.inputs or node.type is NodeType.SUB_PROCESS):
        open_scope(m.state, token, {})
    for mapping in node.inputs:
        value = evaluate(mapping.source, m.state, token.id, m.around)
        m.write_local(token.id, {mapping.target: value})


def _keep_results(m: Machine, token: Token, node: FlowNode, results: Mapping[str, Value]) -> None:
    if not results:
        return
    if not node.outputs:
        m.write(scope_of(m.state, token), dict(results))
        return
    if token.id not in m.state.scopes:
        m.state.scopes[token.id] = Scope(parent=token.scope)
    m.write_local(token.id, dict(results))


def _write_outputs(m: Machine, token: Token, node: FlowNode) -> None:
    if not node.outputs:
        return
    scope = scope_of(m.state, token)
    values: dict[str, Value] = {}
    for item in node.outputs:  # a later one sees the targets of those before it
        values[item.target] = evaluate(item.source, m.state, scope, m.around, also=values)
    m.write(token.scope, values) if token.body is None else m.write(token.id, values)


def _name_instance(m: Machine, token: Token, node: FlowNode) -> None:
    text = node.properties.get("businessKey")
    if text is None:
        return
    key = evaluate_text(text, m.state, scope_of(m.state, token), m.around)
    if key is not None and key != m.state.business_key:
        m.state.business_key = key
        m.emit("process_instance:keyed", business_key=key)


def _report_turns(m: Machine, token: Token, node: FlowNode) -> None:
    """From the activation that `loopReportFrom` names on, a group is told that the instance came here again."""
    first, turn = node.properties.get("loopReportFrom", ""), m.state.counts[node.id]
    if first.isdigit() and turn >= int(first):
        m.emit("loop:repeated", id=token.id, turn=turn, told=node.properties["loopReportTo"])


def _exclude(m: Machine, token: Token, node: FlowNode) -> None:
    accounts = evaluate_texts(node.properties["excludedUsers"], m.state, scope_of(m.state, token), m.around)
    new = [account for account in accounts if account not in m.state.excluded]
    if new:
        m.state.excluded = sorted({*m.state.excluded, *new})
        m.emit("exclusion:added", accounts=new)
