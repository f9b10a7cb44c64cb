"""What can be done to a running instance from outside, after admission."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.errors import ExecutionFault
from engine.runtime.execution import activities, boundaries, loops
from engine.runtime.execution.machine import Machine
from engine.runtime.state import ROOT, InstanceState, Phase, Token, Work
from engine.values import JsonObject


def _claim(m: Machine, given: JsonObject) -> None:
    work = _work(m, given["task"])
    work.assignee = given["by"]
    work.revision += 1
    m.emit("user_task:claimed", id=given["task"], by=given["by"])


def _release(m: Machine, given: JsonObject) -> None:
    work = _work(m, given["task"])
    work.assignee = None
    work.revision += 1
    m.emit("user_task:released", id=given["task"], by=given["by"])


def _assign(m: Machine, given: JsonObject) -> None:
    work = _work(m, given["task"])
    work.assignee = given["to"]
    work.revision += 1
    m.emit("user_task:assigned", id=given["task"], to=given["to"])


def _complete(m: Machine, given: JsonObject) -> None:
    token = m.state.tokens[given["task"]]
    token.work = None
    m.emit("user_task:completed", id=token.id, by=given["by"])
    m.leave(token, given["variables"])


def _trigger(m: Machine, given: JsonObject) -> None:
    token = _holder(m, lambda item: given["timer"] in item.timers)
    try:
        boundaries.fire(m, token, given["timer"], given.get("superiors", {}))
    except ExecutionFault as fault:
        m.fail(token, Phase.FAILED_WAITING, fault)


def _correlate(m: Machine, given: JsonObject) -> None:
    token = _holder(m, lambda item: given["subscription"] in item.subscriptions)
    boundaries.deliver(m, token, given["subscription"], given["variables"])


def _complete_job(m: Machine, given: JsonObject) -> None:
    token = m.state.tokens[given["job"]]
    token.attempt = 0
    m.emit("job:completed", id=token.id)
    m.leave(token, given["variables"])


def _fail_job(m: Machine, given: JsonObject) -> None:
    token = m.state.tokens[given["job"]]
    m.emit(
        "job:failed",
        id=token.id,
        attempt=token.attempt,
        retries=given["retries"],
        not_before=given.get("not_before"),
    )
    if given["retries"] > 0:
        token.attempt += 1
        return
    m.fail(token, Phase.FAILED_WAITING, ExecutionFault("job_failed", ""))


def _throw_error(m: Machine, given: JsonObject) -> None:
    token = m.state.tokens[given["job"]]
    try:
        activities.throw_error(m, token, given["code"])
    except ExecutionFault as fault:
        m.emit("job:failed", id=token.id, attempt=token.attempt, retries=0)
        m.fail(token, Phase.FAILED_WAITING, fault)


def _complete_call(m: Machine, given: JsonObject) -> None:
    token = m.state.tokens[given["call"]]
    token.called = None
    m.emit("call:completed", id=token.id)
    m.leave(token, given["variables"])


def _fail_call(m: Machine, given: JsonObject) -> None:
    token = m.state.tokens[given["call"]]
    m.fail(token, Phase.FAILED_WAITING, ExecutionFault("call_failed", ""))


def _retry(m: Machine, given: JsonObject) -> None:
    token = m.state.tokens[given["token"]]
    phase = token.phase
    m.emit("incident:resolved", id=token.id)
    token.phase = Phase.WAITING
    if phase is Phase.FAILED_ENTERING and m.node(token).multi_instance is not None and token.body is None:
        loops.attempt_body(m, token)
    elif phase is Phase.FAILED_ENTERING:
        m.attempt(token)
    elif phase is Phase.FAILED_LEAVING:
        activities.finish(m, token)
    elif token.called:
        activities.request_call(m, token, m.node(token))
    elif token.attempt:
        token.attempt += 1
        m.emit("job:created", id=token.id, type=m.node(token).job_type, retries=1)


def _cancel(m: Machine, given: JsonObject) -> None:
    m.cancel_within(ROOT)
    m.state.state = InstanceState.TERMINATED
    m.emit("process_instance:terminated")


def _suspend(m: Machine, given: JsonObject) -> None:
    m.state.state = InstanceState.SUSPENDED
    m.emit("process_instance:suspended")


def _resume(m: Machine, given: JsonObject) -> None:
    m.state.state = InstanceState.ACTIVE
    m.emit("process_instance:resumed")


INPUTS: Mapping[str, Callable[[Machine, JsonObject], None]] = {
    "claim": _claim,
    "release": _release,
    "assign": _assign,
    "complete": _complete,
    "trigger": _trigger,
    "correlate": _correlate,
    "complete_job": _complete_job,
    "fail_job": _fail_job,
    "throw_error": _throw_error,
    "complete_call": _complete_call,
    "fail_call": _fail_call,
    "retry": _retry,
    "cancel": _cancel,
    "suspend": _suspend,
    "resume": _resume,
}


def _work(m: Machine, task_id: str) -> Work:
    work = m.state.tokens[task_id].work
    if work is None:
        raise KeyError(task_id)
    return work


def _holder(m: Machine, holds: Callable[[Token], bool]) -> Token:
    for token_id in sorted(m.state.tokens):
        if holds(m.state.tokens[token_id]):
            return m.state.tokens[token_id]
    raise KeyError("no token holds it")
