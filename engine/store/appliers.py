"""Turn events into rows: no decisions and no clock.  Applying the whole journal again gives the same rows.

Rows are named by the instance and the event's local ids; what a definition says of an element (its name, lane, form) is
looked up in the definition by which the entry was executed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine.definition.executable import ExecutableDefinition
from engine.ids import element_and_number, global_id
from engine.store import tables as t
from engine.values import JsonObject

Rows = list[dict[str, Any]]


@dataclass
class Entry:
    """What appliers know of the journal entry whose events they apply."""

    tenant: str
    stream: str
    seq: int
    at: str
    actor: str
    definition: ExecutableDefinition | None = None
    faults: Mapping[str, str] = field(default_factory=dict)  # not of the chain: details of incidents

    @property
    def subject(self) -> str:
        """What the stream is about: an instance's, definition's or account's id."""
        return self.stream.partition(":")[2]

    def known_definition(self) -> ExecutableDefinition:
        """The definition; events of process instances always have one."""
        if self.definition is None:
            raise ValueError(f"{self.stream}: the entry has no definition")
        return self.definition


def apply(connection: Connection, entry: Entry, events: list[JsonObject]) -> None:
    """Apply the events of one entry, in order."""
    for item in events:
        applier = _APPLIERS.get(item["event"])
        if applier is not None:
            applier(connection, entry, item)


# -- process instances ----------------------------------------------------------------------------------------------


def _instance_started(c: Connection, e: Entry, event: JsonObject) -> None:
    c.execute(
        _INSERT_INSTANCE,
        {
            "tenant": e.tenant,
            "id": e.subject,
            "key": event["key"],
            "version": event["version"],
            "definition_hash": event["definition"],
            "start_event": event["start"],
            "business_key": event.get("business_key"),
            "team": event.get("team"),
            "state": "ACTIVE",
            "started_at": e.at,
            "started_by": e.actor,
            "ended_at": None,
            "open_incidents": 0,
            "end_event": None,
        },
    )


def _instance_keyed(c: Connection, e: Entry, event: JsonObject) -> None:
    key = {"b_tenant": e.tenant, "b_id": e.subject, "business_key": event["business_key"]}
    c.execute(_KEY_INSTANCE, key)
    c.execute(_KEY_TASKS, key)


def _instance_ended(state: str) -> Callable[[Connection, Entry, JsonObject], None]:
    def apply_end(c: Connection, e: Entry, event: JsonObject) -> None:
        c.execute(_END_INSTANCE, {"b_tenant": e.tenant, "b_id": e.subject, "state": state, "ended_at": e.at})

    return apply_end


def _instance_suspended(c: Connection, e: Entry, event: JsonObject) -> None:
    _set_suspension(c, e, "SUSPENDED", 1, ("SCHEDULED", "SUSPENDED"), ("OPEN", "SUSPENDED"))


def _instance_resumed(c: Connection, e: Entry, event: JsonObject) -> None:
    _set_suspension(c, e, "ACTIVE", 0, ("SUSPENDED", "SCHEDULED"), ("SUSPENDED", "OPEN"))


def _set_suspension(
    c: Connection, e: Entry, state: str, suspended: int, timers: tuple[str, str], jobs: tuple[str, str]
) -> None:
    place = {"b_tenant": e.tenant, "b_id": e.subject}
    c.execute(_SET_INSTANCE_STATE, place | {"state": state})
    c.execute(_SUSPEND_TASKS, place | {"suspended": suspended})
    c.execute(_MOVE_TIMERS, place | {"before": timers[0], "state": timers[1]})
    c.execute(_MOVE_JOBS, place | {"before": jobs[0], "state": jobs[1]})


def _exclusion_added(c: Connection, e: Entry, event: JsonObject) -> None:
    rows = [{"tenant": e.tenant, "instance_id": e.subject, "account_id": account} for account in event["accounts"]]
    c.execute(insert(t.process_instance_exclusion), rows)


# -- user tasks -----------------------------------------------------------------------------------------------------


def _task_created(c: Connection, e: Entry, event: JsonObject) -> None:
    definition = e.known_definition()
    element, number = element_and_number(event["id"])
    node = definition.model.nodes[element]
    lane = definition.model.lanes.get(node.lane_id or "")
    instance = c.execute(_INSTANCE_LABELS, {"tenant": e.tenant, "id": e.subject}).one()
    task_id = global_id(e.subject, event["id"])
    assignee = event.get("assignee")
    c.execute(
        _INSERT_TASK,
        {
            "tenant": e.tenant,
            "id": task_id,
            "instance_id": e.subject,
            "key": definition.key,
            "element_id": element,
            "activation": number,
            "name": node.name or element,
            "lane_id": node.lane_id,
            "lane_name": lane.name if lane else None,
            "sop_number": node.sop_number,
            "state": "READY" if assignee is None else "ACTIVE",
            "assignee": assignee,
            "candidate_groups": event["groups"],
            "candidate_users": event.get("users", []),
            "form_id": node.form_id,
            "due_at": event.get("due"),
            "follow_up_at": event.get("follow_up"),
            "priority": event.get("priority", 50),
            "created_at": e.at,
            "claimed_at": None if assignee is None else e.at,
            "ended_at": None,
            "completed_by": None,
            "revision": 1,
            "breached_at": None,
            "waits_for_customer": int(event.get("waits_for_customer", False)),
            "business_key": instance.business_key,
            "team": instance.team,
            "suspended": 0,
        },
    )
    excluded = [
        {"tenant": e.tenant, "task_id": task_id, "account_id": account} for account in event.get("excluded", [])
    ]
    if excluded:
        c.execute(insert(t.user_task_exclusion), excluded)
    if assignee is None:
        _offer(c, e, task_id, event["groups"], event.get("users", []), event.get("due"))


def _task_claimed(c: Connection, e: Entry, event: JsonObject) -> None:
    _hold(c, e, event["id"], event["by"])


def _task_assigned(c: Connection, e: Entry, event: JsonObject) -> None:
    _hold(c, e, event["id"], event["to"])


def _hold(c: Connection, e: Entry, local: str, assignee: str) -> None:
    task_id = global_id(e.subject, local)
    c.execute(_HOLD_TASK, {"b_tenant": e.tenant, "b_id": task_id, "assignee": assignee, "claimed_at": e.at})
    c.execute(_WITHDRAW_OFFER, {"tenant": e.tenant, "id": task_id})


def _task_released(c: Connection, e: Entry, event: JsonObject) -> None:
    task_id = global_id(e.subject, event["id"])
    c.execute(_RELEASE_TASK, {"b_tenant": e.tenant, "b_id": task_id})
    row = c.execute(_TASK_OFFER, {"tenant": e.tenant, "id": task_id}).one()
    _offer(c, e, task_id, row.candidate_groups, row.candidate_users, row.due_at)


def _task_ended(state: str) -> Callable[[Connection, Entry, JsonObject], None]:
    def apply_end(c: Connection, e: Entry, event: JsonObject) -> None:
        task_id = global_id(e.subject, event["id"])
        c.execute(
            _END_TASK,
            {"b_tenant": e.tenant, "b_id": task_id, "state": state, "ended_at": e.at, "completed_by": event.get("by")},
        )
        c.execute(_WITHDRAW_OFFER, {"tenant": e.tenant, "id": task_id})

    return apply_end


def _offer(c: Connection, e: Entry, task_id: str, groups: list[str], users: list[str], due: str | None) -> None:
    candidates = dict.fromkeys([f"group:{group}" for group in groups] + [f"user:{user}" for user in users])
    rows = [
        {"tenant": e.tenant, "task_id": task_id, "candidate": candidate, "due_at": due or t.NO_DUE_TIME}
        for candidate in candidates
    ]
    if rows:
        c.execute(_INSERT_OFFER, rows)


# -- timers, jobs, messages, incidents ------------------------------------------------------------------------------


def _timer_scheduled(c: Connection, e: Entry, event: JsonObject) -> None:
    element, number = element_and_number(event["id"])
    node = e.known_definition().model.nodes[element]
    c.execute(
        _INSERT_TIMER,
        {
            "tenant": e.tenant,
            "id": global_id(e.subject, event["id"]),
            "instance_id": e.subject,
            "element_id": element,
            "activation": number,
            "attached_to": event["of"],
            "kind": node.event.timer_kind.value if node.event and node.event.timer_kind else "",
            "due_at": event["due"],
            "calendar": node.properties.get("calendar"),
            "state": "SCHEDULED",
            "attempts": 0,
            "not_before": None,
        },
    )


def _timer_gone(c: Connection, e: Entry, event: JsonObject) -> None:
    c.execute(_DELETE_TIMER, {"tenant": e.tenant, "id": global_id(e.subject, event["id"])})


def _job_created(c: Connection, e: Entry, event: JsonObject) -> None:
    element, number = element_and_number(event["id"])
    node = e.known_definition().model.nodes[element]
    job_id = global_id(e.subject, event["id"])
    attempts = c.execute(_JOB_ATTEMPT, {"tenant": e.tenant, "id": job_id}).scalar()
    if attempts is not None:
        again = {"b_tenant": e.tenant, "b_id": job_id, "attempt": attempts + 1, "retries": event["retries"]}
        c.execute(_REOPEN_JOB, again)
        return
    c.execute(
        _INSERT_JOB,
        {
            "tenant": e.tenant,
            "id": job_id,
            "instance_id": e.subject,
            "element_id": element,
            "activation": number,
            "type": event["type"],
            "state": "OPEN",
            "attempt": 1,
            "retries": event["retries"],
            "not_before": None,
            "headers": dict(node.job_headers),
            "created_at": e.at,
        },
    )


def _job_failed(c: Connection, e: Entry, event: JsonObject) -> None:
    left = event["retries"]
    c.execute(
        _FAIL_JOB,
        {
            "b_tenant": e.tenant,
            "b_id": global_id(e.subject, event["id"]),
            "attempt": event["attempt"] + (1 if left else 0),
            "retries": left,
            "not_before": event.get("not_before"),
            "state": "OPEN" if left else "FAILED",
        },
    )


def _job_gone(c: Connection, e: Entry, event: JsonObject) -> None:
    c.execute(_DELETE_JOB, {"tenant": e.tenant, "id": global_id(e.subject, event["id"])})


def _subscription_opened(c: Connection, e: Entry, event: JsonObject) -> None:
    element, number = element_and_number(event["id"])
    c.execute(
        insert(t.message_subscription),
        {
            "tenant": e.tenant,
            "id": global_id(e.subject, event["id"]),
            "instance_id": e.subject,
            "element_id": element,
            "activation": number,
            "message_name": event["message"],
            "correlation_key": event["key"],
            "created_at": e.at,
        },
    )


def _subscription_closed(c: Connection, e: Entry, event: JsonObject) -> None:
    c.execute(_DELETE_SUBSCRIPTION, {"tenant": e.tenant, "id": global_id(e.subject, event["id"])})


def _incident_raised(c: Connection, e: Entry, event: JsonObject) -> None:
    element, number = element_and_number(event["id"])
    incident_id = global_id(e.subject, event["id"])
    c.execute(_DELETE_INCIDENT, {"tenant": e.tenant, "id": incident_id})
    c.execute(
        insert(t.incident),
        {
            "tenant": e.tenant,
            "id": incident_id,
            "instance_id": e.subject,
            "element_id": element,
            "activation": number,
            "kind": event["kind"],
            "detail": e.faults.get(event["id"], ""),
            "raised_at": e.at,
            "resolved_at": None,
            "job_id": None,
        },
    )
    c.execute(_COUNT_INCIDENTS, {"b_tenant": e.tenant, "b_id": e.subject, "by": 1})


def _incident_resolved(c: Connection, e: Entry, event: JsonObject) -> None:
    incident_id = global_id(e.subject, event["id"])
    c.execute(_RESOLVE_INCIDENT, {"b_tenant": e.tenant, "b_id": incident_id, "resolved_at": e.at})
    c.execute(_COUNT_INCIDENTS, {"b_tenant": e.tenant, "b_id": e.subject, "by": -1})


def _standard_breached(c: Connection, e: Entry, event: JsonObject) -> None:
    element, _ = element_and_number(event["timer"])
    task_id = global_id(e.subject, event["task"])
    row = {
        "tenant": e.tenant,
        "instance_id": e.subject,
        "timer_id": event["timer"],
        "element_id": element,
        "user_task_id": task_id,
        "held_by": event.get("held_by"),
        "superior": event.get("superior"),
        "due_at": event["due"],
        "fired_at": e.at,
    }
    c.execute(insert(t.time_breach), row)
    c.execute(_BREACH_TASK, {"b_tenant": e.tenant, "b_id": task_id, "breached_at": e.at})
    if event.get("superior") is None:
        return
    c.execute(
        insert(t.escalation),
        {
            "tenant": e.tenant,
            "id": global_id(e.subject, f"{event['timer']}/{event['task']}"),
            "instance_id": e.subject,
            "user_task_id": task_id,
            "element_id": element_and_number(event["task"])[0],
            "account_id": event["superior"],
            "held_by": event.get("held_by"),
            "due_at": event["due"],
            "fired_at": e.at,
            "reason": element,
            "seen_at": None,
        },
    )


def _loop_repeated(c: Connection, e: Entry, event: JsonObject) -> None:
    c.execute(
        insert(t.escalation),
        {
            "tenant": e.tenant,
            "id": global_id(e.subject, f"{event['id']}/turns"),
            "instance_id": e.subject,
            "user_task_id": global_id(e.subject, event["id"]),
            "element_id": element_and_number(event["id"])[0],
            "account_id": f"group:{event['told']}",
            "held_by": None,
            "due_at": e.at,
            "fired_at": e.at,
            "reason": f"turns:{event['turn']}",
            "seen_at": None,
        },
    )


# -- definitions, accounts, the office, messages --------------------------------------------------------------------


def _definition_deployed(c: Connection, e: Entry, event: JsonObject) -> None:
    c.execute(
        insert(t.definition),
        {
            "tenant": e.tenant,
            "key": event["key"],
            "version": event["version"],
            "hash": event["hash"],
            "name": event["name"],
            "files": event["files"],
            "deployed_by": e.actor,
            "deployed_at": e.at,
            "approved_by": event["approved_by"],
            "approved_at": e.at,
            "effective_from": e.at,
            "withdrawn_at": None,
            "version_tag": event.get("version_tag"),
            "notes": event.get("notes", []),
        },
    )
    c.execute(
        delete(t.message_start).where(t.message_start.c.tenant == e.tenant, t.message_start.c.key == event["key"])
    )
    rows = [
        {
            "tenant": e.tenant,
            "message_name": name,
            "key": event["key"],
            "version": event["version"],
            "start_event": start,
        }
        for name, start in event.get("message_starts", [])
    ]
    if rows:
        c.execute(insert(t.message_start), rows)


def _account_added(c: Connection, e: Entry, event: JsonObject) -> None:
    c.execute(
        insert(t.account),
        {
            "tenant": e.tenant,
            "id": e.subject,
            "display_name": event["display_name"],
            "roles": event["roles"],
            "groups": event["groups"],
            "team": event.get("team"),
            "superior": event.get("superior"),
            "password_hash": None,
            "state": "ACTIVE",
            "created_at": e.at,
            "demo": int(event.get("demo", False)),
            "session_epoch": 0,
        },
    )


def _account_changed(c: Connection, e: Entry, event: JsonObject) -> None:
    values = {key: value for key, value in event.items() if key != "event"}
    if values:
        c.execute(update(t.account).where(t.account.c.tenant == e.tenant, t.account.c.id == e.subject).values(values))


def _sessions_ended(**values: Any) -> Callable[[Connection, Entry, JsonObject], None]:
    def apply_end(c: Connection, e: Entry, event: JsonObject) -> None:
        here = (t.account.c.tenant == e.tenant, t.account.c.id == e.subject)
        c.execute(update(t.account).where(*here).values(session_epoch=t.account.c.session_epoch + 1, **values))

    return apply_end


def _message_buffered(c: Connection, e: Entry, event: JsonObject) -> None:
    c.execute(
        insert(t.message),
        {
            "tenant": e.tenant,
            "id": f"{e.stream}/{e.seq}",
            "name": event["name"],
            "correlation_key": event["key"],
            "variables": {},
            "published_at": e.at,
            "expires_at": event["expires"],
        },
    )


Applier = Callable[[Connection, Entry, JsonObject], None]

_APPLIERS: Mapping[str, Applier] = {
    "process_instance:started": _instance_started,
    "process_instance:keyed": _instance_keyed,
    "process_instance:completed": _instance_ended("COMPLETED"),
    "process_instance:terminated": _instance_ended("TERMINATED"),
    "process_instance:suspended": _instance_suspended,
    "process_instance:resumed": _instance_resumed,
    "exclusion:added": _exclusion_added,
    "user_task:created": _task_created,
    "user_task:claimed": _task_claimed,
    "user_task:assigned": _task_assigned,
    "user_task:released": _task_released,
    "user_task:completed": _task_ended("COMPLETED"),
    "user_task:withdrawn": _task_ended("WITHDRAWN"),
    "timer:scheduled": _timer_scheduled,
    "timer:fired": _timer_gone,
    "timer:cancelled": _timer_gone,
    "job:created": _job_created,
    "job:failed": _job_failed,
    "job:completed": _job_gone,
    "job:withdrawn": _job_gone,
    "subscription:opened": _subscription_opened,
    "subscription:closed": _subscription_closed,
    "incident:raised": _incident_raised,
    "incident:resolved": _incident_resolved,
    "time_standard:breached": _standard_breached,
    "loop:repeated": _loop_repeated,
    "definition:deployed": _definition_deployed,
    "account:added": _account_added,
    "account:changed": _account_changed,
    "account:password_set": _sessions_ended(),
    "account:disabled": _sessions_ended(state="DISABLED"),
    "account:enabled": _sessions_ended(state="ACTIVE"),
    "message:buffered": _message_buffered,
}

# Statements are made once: building one costs as much as running it.


def _here(table: Any) -> tuple[Any, Any]:
    return table.c.tenant == bindparam("tenant"), table.c.id == bindparam("id")


def _there(table: Any, column: str = "id") -> tuple[Any, Any]:
    return table.c.tenant == bindparam("b_tenant"), table.c[column] == bindparam("b_id")


_INSERT_INSTANCE = insert(t.process_instance)
_KEY_INSTANCE = (
    update(t.process_instance).where(*_there(t.process_instance)).values(business_key=bindparam("business_key"))
)
_KEY_TASKS = (
    update(t.user_task).where(*_there(t.user_task, "instance_id")).values(business_key=bindparam("business_key"))
)
_END_INSTANCE = (
    update(t.process_instance)
    .where(*_there(t.process_instance))
    .values(state=bindparam("state"), ended_at=bindparam("ended_at"))
)
_SET_INSTANCE_STATE = update(t.process_instance).where(*_there(t.process_instance)).values(state=bindparam("state"))
_SUSPEND_TASKS = (
    update(t.user_task)
    .where(*_there(t.user_task, "instance_id"), t.user_task.c.ended_at.is_(None))
    .values(suspended=bindparam("suspended"))
)
_MOVE_TIMERS = (
    update(t.timer)
    .where(*_there(t.timer, "instance_id"), t.timer.c.state == bindparam("before"))
    .values(state=bindparam("state"))
)
_MOVE_JOBS = (
    update(t.job)
    .where(*_there(t.job, "instance_id"), t.job.c.state == bindparam("before"))
    .values(state=bindparam("state"))
)
_INSTANCE_LABELS = select(t.process_instance.c.business_key, t.process_instance.c.team).where(
    *_here(t.process_instance)
)
_INSERT_TASK = insert(t.user_task)
_INSERT_OFFER = insert(t.user_task_candidate)
_WITHDRAW_OFFER = delete(t.user_task_candidate).where(
    t.user_task_candidate.c.tenant == bindparam("tenant"), t.user_task_candidate.c.task_id == bindparam("id")
)
_TASK_OFFER = select(t.user_task.c.candidate_groups, t.user_task.c.candidate_users, t.user_task.c.due_at).where(
    *_here(t.user_task)
)
_HOLD_TASK = (
    update(t.user_task)
    .where(*_there(t.user_task))
    .values(
        state="ACTIVE",
        assignee=bindparam("assignee"),
        claimed_at=bindparam("claimed_at"),
        revision=t.user_task.c.revision + 1,
    )
)
_RELEASE_TASK = (
    update(t.user_task)
    .where(*_there(t.user_task))
    .values(state="READY", assignee=None, claimed_at=None, revision=t.user_task.c.revision + 1)
)
_END_TASK = (
    update(t.user_task)
    .where(*_there(t.user_task))
    .values(state=bindparam("state"), ended_at=bindparam("ended_at"), completed_by=bindparam("completed_by"))
)
_BREACH_TASK = (
    update(t.user_task)
    .where(*_there(t.user_task), t.user_task.c.breached_at.is_(None))
    .values(breached_at=bindparam("breached_at"))
)
_INSERT_TIMER = insert(t.timer)
_DELETE_TIMER = delete(t.timer).where(*_here(t.timer))
_INSERT_JOB = insert(t.job)
_JOB_ATTEMPT = select(t.job.c.attempt).where(*_here(t.job))
_REOPEN_JOB = (
    update(t.job)
    .where(*_there(t.job))
    .values(state="OPEN", attempt=bindparam("attempt"), retries=bindparam("retries"), not_before=None)
)
_FAIL_JOB = (
    update(t.job)
    .where(*_there(t.job))
    .values(
        state=bindparam("state"),
        attempt=bindparam("attempt"),
        retries=bindparam("retries"),
        not_before=bindparam("not_before"),
    )
)
_DELETE_JOB = delete(t.job).where(*_here(t.job))
_DELETE_SUBSCRIPTION = delete(t.message_subscription).where(*_here(t.message_subscription))
_DELETE_INCIDENT = delete(t.incident).where(*_here(t.incident))
_RESOLVE_INCIDENT = update(t.incident).where(*_there(t.incident)).values(resolved_at=bindparam("resolved_at"))
_COUNT_INCIDENTS = (
    update(t.process_instance)
    .where(*_there(t.process_instance))
    .values(open_incidents=t.process_instance.c.open_incidents + bindparam("by"))
)
