"""Lists of instances and an instance's page."""

from __future__ import annotations

from collections import Counter

from engine.errors import NotPermitted
from engine.ids import element_and_number, global_id
from engine.reading.desk import Desk
from engine.reading.history import history
from engine.runtime.personal_data import masked
from engine.runtime.rights import may_manage
from engine.runtime.state import ROOT, Phase, State
from engine.store import journal, queries
from engine.store.queries import AnyRow
from engine.views import EscalationView, IncidentView, InstanceDetail, InstanceView, Page, TaskView, TokenView


def listing(
    desk: Desk, *, key: str | None, state: str | None, text: str | None, limit: int, after: str | None
) -> Page[InstanceView]:
    """The instances that the viewer may see, newest first."""
    rows, more = queries.instances(
        desk.world.connection,
        desk.world.tenant,
        desk.viewer,
        sees_all=desk.sees_all,
        teams_led=desk.teams_led,
        key=key,
        state=state,
        text=text,
        limit=limit,
        after=after,
    )
    return Page(tuple(_view(desk, row) for row in rows), more)


def detail(desk: Desk, instance_id: str) -> InstanceDetail:
    """An instance's page; one that is kept from a viewer who had a part in it shows only that this is over."""
    row = desk.instance_row(instance_id)
    view = _view(desk, row)
    if view.restricted:
        return InstanceDetail(view, (), (), {}, (), (), {}, ())
    state = desk.state(instance_id)
    definition = desk.world.definition(state.definition)
    tasks = queries.tasks_of_instance(desk.world.connection, desk.world.tenant, instance_id)
    lines = history(desk, instance_id, definition)
    return InstanceDetail(
        instance=view,
        tokens=_tokens(desk, state, tasks),
        tasks=tasks,
        visits=_visits(desk, instance_id),
        incidents=tuple(
            incident(desk, item) for item in queries.incidents(desk.world.connection, desk.world.tenant, instance_id)
        ),
        history=lines,
        variables=masked(state.scopes[ROOT].variables) if ROOT in state.scopes else {},
        breaches=tuple(
            {
                "element_id": item.element_id,
                "task_id": item.user_task_id,
                "held_by": item.held_by,
                "superior": item.superior,
                "due_at": item.due_at,
                "fired_at": item.fired_at,
            }
            for item in queries.breaches(desk.world.connection, desk.world.tenant, instance_id)
        ),
        may_manage=may_manage(desk.viewer),
    )


def incident(desk: Desk, row: AnyRow) -> IncidentView:
    """An incident as pages show it."""
    state = queries.instance_row(desk.world.connection, desk.world.tenant, row.instance_id)
    node = None if state is None else desk.world.definition(state.definition_hash).model.nodes.get(row.element_id)
    return IncidentView(
        id=row.id,
        instance_id=row.instance_id,
        element_id=row.element_id,
        name=node.name or row.element_id if node else row.element_id,
        kind=row.kind,
        detail=row.detail,
        raised_at=row.raised_at,
    )


def incidents(desk: Desk) -> tuple[IncidentView, ...]:
    """Every open incident, for those who may retry or audit."""
    if not desk.sees_all:
        raise NotPermitted("Daftar gangguan hanya untuk administrator, pemilik proses, dan auditor.")
    rows = queries.incidents(desk.world.connection, desk.world.tenant)
    return tuple(incident(desk, row) for row in rows if not desk.is_kept_from(row.instance_id))


def escalations(desk: Desk, *, unseen_only: bool) -> tuple[EscalationView, ...]:
    """The breaches that the viewer was told of."""
    c, tenant = desk.world.connection, desk.world.tenant
    rows = queries.escalations(c, tenant, desk.viewer, unseen_only=unseen_only)
    called = queries.names(c, tenant, [row.held_by for row in rows])
    found = []
    for row in rows:
        if desk.is_kept_from(row.instance_id):
            continue
        instance = queries.instance_row(c, tenant, row.instance_id)
        node = None if instance is None else desk.world.definition(instance.definition_hash).model.nodes[row.element_id]
        found.append(
            EscalationView(
                id=row.id,
                instance_id=row.instance_id,
                task_id=row.user_task_id,
                element_id=row.element_id,
                name=node.name or row.element_id if node else row.element_id,
                sop_number=node.sop_number if node else None,
                held_by=row.held_by,
                held_by_name=called.get(row.held_by, row.held_by),
                due_at=row.due_at,
                fired_at=row.fired_at,
                seen_at=row.seen_at,
                business_key=instance.business_key if instance else None,
                reason=row.reason,
            )
        )
    return tuple(found)


def _view(desk: Desk, row: AnyRow) -> InstanceView:
    definition = desk.world.definition(row.definition_hash)
    start = definition.model.nodes[row.start_event]
    restricted = desk.is_kept_from(row.id)
    return InstanceView(
        id=row.id,
        key=row.key,
        version=row.version,
        start_event=row.start_event,
        start_name=start.properties.get("jenis_berkas") or start.name or start.id,
        business_key=None if restricted else row.business_key,
        team=row.team,
        state="COMPLETED" if restricted else row.state,
        started_at=row.started_at,
        started_by=row.started_by,
        ended_at=None if restricted else row.ended_at,
        open_incidents=0 if restricted else row.open_incidents,
        restricted=restricted,
    )


def _tokens(desk: Desk, state: State, tasks: tuple[TaskView, ...]) -> tuple[TokenView, ...]:
    definition = desk.world.definition(state.definition)
    by_id = {task.id: task for task in tasks}
    now = desk.world.now
    found = []
    for token_id, token in sorted(state.tokens.items()):
        node = definition.model.nodes[token.element]
        task = by_id.get(global_id(state.instance_id, token_id))
        due = task.due_at if task else None
        waits = task is not None and task.waits_for_customer
        found.append(
            TokenView(
                element_id=token.element,
                name=node.name or token.element,
                state="waiting" if token.phase is Phase.WAITING else "failed",
                since=task.created_at if task else None,
                holder=task.assignee_name if task else None,
                due_at=due,
                late=not waits and due is not None and due <= now,
            )
        )
    return tuple(found)


def _visits(desk: Desk, instance_id: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for stored in journal.read(desk.world.connection, desk.world.tenant, f"instance:{instance_id}"):
        for event in stored.entry.events:
            if event["event"] == "flow_node:left" and event.get("outcome") is None:
                counts[element_and_number(event["id"])[0]] += 1
    return dict(counts)
