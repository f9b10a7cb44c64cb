"""What commands and pages read.  Lists are keyset pages over an index; history costs them nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, tuple_

from engine.store import tables as t
from engine.views import Account, DefinitionView, Page, TaskView

AnyRow = Row[*tuple[Any, ...]]

# -- people ---------------------------------------------------------------------------------------------------------


def account(connection: Connection, tenant: str, account_id: str) -> Account | None:
    """An account, active or not."""
    row = connection.execute(_ACCOUNT, {"tenant": tenant, "id": account_id}).one_or_none()
    return None if row is None else _account(row)


def accounts(connection: Connection, tenant: str) -> tuple[Account, ...]:
    """Every account, by name of the account."""
    rows = connection.execute(select(t.account).where(t.account.c.tenant == tenant).order_by(t.account.c.id))
    return tuple(_account(row) for row in rows)


def names(connection: Connection, tenant: str, ids: Iterable[str | None]) -> dict[str, str]:
    """How accounts are called on the screen."""
    wanted = sorted({item for item in ids if item})
    if not wanted:
        return {}
    statement = select(t.account.c.id, t.account.c.display_name).where(
        t.account.c.tenant == tenant, t.account.c.id.in_(wanted)
    )
    return {row.id: row.display_name for row in connection.execute(statement)}


def _account(row: AnyRow) -> Account:
    return Account(
        id=row.id,
        display_name=row.display_name,
        roles=tuple(row.roles),
        groups=tuple(row.groups),
        team=row.team,
        superior=row.superior,
        active=row.state == "ACTIVE",
        demo=bool(row.demo),
        session_epoch=row.session_epoch,
    )


# -- definitions ----------------------------------------------------------------------------------------------------


def effective_definition(connection: Connection, tenant: str, key: str, now: str) -> AnyRow | None:
    """The version of a process that new instances run on."""
    return connection.execute(_EFFECTIVE, {"tenant": tenant, "key": key, "now": now}).first()


def tagged_definition(connection: Connection, tenant: str, key: str, version_tag: str) -> AnyRow | None:
    """The newest version of a process with a version tag."""
    d = t.definition.c
    here = (d.tenant == tenant, d.key == key, d.version_tag == version_tag, d.withdrawn_at.is_(None))
    return connection.execute(select(t.definition).where(*here).order_by(d.version.desc()).limit(1)).first()


def latest_definition(connection: Connection, tenant: str, key: str) -> AnyRow | None:
    """The newest version of a process, effective or not."""
    return connection.execute(_LATEST, {"tenant": tenant, "key": key}).first()


def definition_version(connection: Connection, tenant: str, key: str, version: int) -> AnyRow | None:
    """One version of a process."""
    d = t.definition.c
    return connection.execute(
        select(t.definition).where(d.tenant == tenant, d.key == key, d.version == version)
    ).one_or_none()


def definitions(connection: Connection, tenant: str, now: str) -> tuple[DefinitionView, ...]:
    """Every version of every process, newest first."""
    d = t.definition.c
    rows = connection.execute(select(t.definition).where(d.tenant == tenant).order_by(d.key, d.version.desc())).all()
    effective: dict[str, int] = {}
    for row in rows:
        usable = row.withdrawn_at is None and row.effective_from is not None and row.effective_from <= now
        if usable and row.key not in effective:
            effective[row.key] = row.version
    return tuple(
        DefinitionView(
            key=row.key,
            version=row.version,
            name=row.name,
            hash=row.hash,
            deployed_at=row.deployed_at,
            deployed_by=row.deployed_by,
            approved_by=row.approved_by,
            effective=effective.get(row.key) == row.version,
            version_tag=row.version_tag,
        )
        for row in rows
    )


# -- tasks ----------------------------------------------------------------------------------------------------------


def task_row(connection: Connection, tenant: str, task_id: str) -> AnyRow | None:
    """One task's row."""
    return connection.execute(_TASK, {"tenant": tenant, "id": task_id}).one_or_none()


def my_tasks(connection: Connection, tenant: str, viewer: Account, limit: int, after: str | None) -> Page[TaskView]:
    """The tasks that an account holds, least time left first."""
    u = t.user_task.c
    due = func.coalesce(u.due_at, t.NO_DUE_TIME)
    statement = select(t.user_task).where(u.tenant == tenant, u.assignee == viewer.id, t.user_task_is_open)
    return _task_page(connection, tenant, statement.order_by(due, u.id), (due, u.id), limit, after)


def queue(connection: Connection, tenant: str, viewer: Account, limit: int, after: str | None) -> Page[TaskView]:
    """The unclaimed tasks offered to an account, least time left first: one index range per group, merged."""
    offers, u = t.user_task_candidate.c, t.user_task.c
    found: dict[tuple[str, str], None] = {}
    start = _parse_key(after)
    for candidate in [f"user:{viewer.id}", *(f"group:{group}" for group in viewer.groups)]:
        statement = (
            select(offers.due_at, offers.task_id)
            .where(offers.tenant == tenant, offers.candidate == candidate)
            .order_by(offers.due_at, offers.task_id)
            .limit(limit + 1)
        )
        if start is not None:
            statement = statement.where(tuple_(offers.due_at, offers.task_id) > tuple_(*start))
        found |= dict.fromkeys((row.due_at, row.task_id) for row in connection.execute(statement))
    keys = sorted(found)[: limit + 1]
    rows = connection.execute(select(t.user_task).where(u.tenant == tenant, u.id.in_([key[1] for key in keys]))).all()
    hidden = _excluded(connection, tenant, viewer.id, [(row.id, row.instance_id) for row in rows])
    by_id = {row.id: row for row in rows if row.id not in hidden}
    page = keys[:limit]
    kept = [by_id[key[1]] for key in page if key[1] in by_id]
    more = _key(*page[-1]) if len(keys) > limit else None
    return Page(_tasks(connection, tenant, kept), more)


def done_tasks(connection: Connection, tenant: str, viewer: Account, limit: int, after: str | None) -> Page[TaskView]:
    """The tasks that an account completed, newest first."""
    u = t.user_task.c
    statement = select(t.user_task).where(u.tenant == tenant, u.completed_by == viewer.id)
    if after is not None:
        statement = statement.where(tuple_(u.ended_at, u.id) < tuple_(*(_parse_key(after) or ("", ""))))
    rows = connection.execute(statement.order_by(u.ended_at.desc(), u.id.desc()).limit(limit + 1)).all()
    more = _key(rows[limit - 1].ended_at, rows[limit - 1].id) if len(rows) > limit else None
    page = rows[:limit]
    hidden = _excluded(connection, tenant, viewer.id, [(row.id, row.instance_id) for row in page])
    views = _tasks(connection, tenant, page)
    return Page(tuple(replace(view, business_key=None) if view.id in hidden else view for view in views), more)


def open_tasks(connection: Connection, tenant: str, viewer: Account, limit: int, after: str | None) -> Page[TaskView]:
    """Every open task of the office, least time left first: for those who may see all that is not kept from them."""
    u = t.user_task.c
    due = func.coalesce(u.due_at, t.NO_DUE_TIME)
    statement = select(t.user_task).where(u.tenant == tenant, t.user_task_is_open)
    page = _task_page(connection, tenant, statement.order_by(due, u.id), (due, u.id), limit, after)
    hidden = _excluded(connection, tenant, viewer.id, [(view.id, view.instance_id) for view in page.rows])
    return Page(tuple(view for view in page.rows if view.id not in hidden), page.next)


def tasks_of_instance(connection: Connection, tenant: str, instance_id: str) -> tuple[TaskView, ...]:
    """The tasks of an instance, newest first, at most 200."""
    u = t.user_task.c
    statement = select(t.user_task).where(u.tenant == tenant, u.instance_id == instance_id)
    rows = connection.execute(statement.order_by(u.created_at.desc(), u.id).limit(200)).all()
    return _tasks(connection, tenant, rows)


def task_views(connection: Connection, tenant: str, rows: Iterable[AnyRow]) -> tuple[TaskView, ...]:
    """Rows as pages show them."""
    return _tasks(connection, tenant, list(rows))


def task_exclusions(connection: Connection, tenant: str, task_id: str) -> frozenset[str]:
    """The accounts that may not do or see a task."""
    x = t.user_task_exclusion.c
    statement = select(x.account_id).where(x.tenant == tenant, x.task_id == task_id)
    return frozenset(connection.execute(statement).scalars())


def instance_exclusions(connection: Connection, tenant: str, instance_id: str) -> frozenset[str]:
    """The accounts from which an instance is kept (its complainant is protected from them)."""
    x = t.process_instance_exclusion.c
    statement = select(x.account_id).where(x.tenant == tenant, x.instance_id == instance_id)
    return frozenset(connection.execute(statement).scalars())


def _excluded(connection: Connection, tenant: str, account_id: str, tasks: list[tuple[str, str]]) -> frozenset[str]:
    x, y = t.user_task_exclusion.c, t.process_instance_exclusion.c
    by_task = select(x.task_id).where(
        x.tenant == tenant, x.account_id == account_id, x.task_id.in_([task for task, _ in tasks])
    )
    by_instance = select(y.instance_id).where(
        y.tenant == tenant, y.account_id == account_id, y.instance_id.in_([instance for _, instance in tasks])
    )
    instances = set(connection.execute(by_instance).scalars())
    hidden = set(connection.execute(by_task).scalars())
    return frozenset(hidden | {task for task, instance in tasks if instance in instances})


def _task_page(
    connection: Connection, tenant: str, statement: Any, key: tuple[Any, Any], limit: int, after: str | None
) -> Page[TaskView]:
    start = _parse_key(after)
    if start is not None:
        statement = statement.where(tuple_(*key) > tuple_(*start))
    rows = connection.execute(statement.limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    more = None if last is None else _key(last.due_at or t.NO_DUE_TIME, last.id)
    return Page(_tasks(connection, tenant, rows[:limit]), more)


def _tasks(connection: Connection, tenant: str, rows: Any) -> tuple[TaskView, ...]:
    called = names(connection, tenant, [row.assignee for row in rows])
    return tuple(
        TaskView(
            id=row.id,
            instance_id=row.instance_id,
            process_key=row.key,
            element_id=row.element_id,
            name=row.name,
            sop_number=row.sop_number,
            lane_name=row.lane_name,
            state=row.state,
            assignee=row.assignee,
            assignee_name=called.get(row.assignee, row.assignee),
            candidate_groups=tuple(row.candidate_groups),
            business_key=row.business_key,
            team=row.team,
            due_at=row.due_at,
            created_at=row.created_at,
            claimed_at=row.claimed_at,
            ended_at=row.ended_at,
            completed_by=row.completed_by,
            breached_at=row.breached_at,
            waits_for_customer=bool(row.waits_for_customer),
            suspended=bool(row.suspended),
            revision=row.revision,
            priority=row.priority,
        )
        for row in rows
    )


# -- instances ------------------------------------------------------------------------------------------------------


def instance_row(connection: Connection, tenant: str, instance_id: str) -> AnyRow | None:
    """One instance's row."""
    p = t.process_instance.c
    return connection.execute(select(t.process_instance).where(p.tenant == tenant, p.id == instance_id)).one_or_none()


def instances(
    connection: Connection,
    tenant: str,
    viewer: Account,
    *,
    sees_all: bool,
    teams_led: list[str],
    key: str | None,
    state: str | None,
    text: str | None,
    limit: int,
    after: str | None,
) -> tuple[list[AnyRow], str | None]:
    """Instances that an account may see, newest first.

    One that is kept from the account is there only if it had a part in it, counts as completed and has no key.
    """
    p = t.process_instance.c
    statement = select(t.process_instance).where(p.tenant == tenant)
    if key:
        statement = statement.where(p.key == key)
    kept = _is_kept_from(tenant, viewer)
    statement = statement.where(or_(~kept, _had_part(tenant, viewer)))
    if state:
        statement = statement.where(
            or_(p.state == state, kept) if state == "COMPLETED" else and_(p.state == state, ~kept)
        )
    if text:
        by_key = or_(p.business_key == text, p.business_key.startswith(text, autoescape=True))
        statement = statement.where(or_(p.id == text, and_(by_key, ~kept)))
    if not sees_all:
        statement = statement.where(_takes_part(tenant, viewer, teams_led))
    start = _parse_key(after)
    if start is not None:
        statement = statement.where(tuple_(p.started_at, p.id) < tuple_(*start))
    rows = list(connection.execute(statement.order_by(p.started_at.desc(), p.id.desc()).limit(limit + 1)))
    more = _key(rows[limit - 1].started_at, rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], more


def instance_ids(connection: Connection, tenant: str) -> list[str]:
    """Every instance, in the order in which they were started."""
    p = t.process_instance.c
    return list(connection.execute(select(p.id).where(p.tenant == tenant).order_by(p.started_at, p.id)).scalars())


def takes_part(connection: Connection, tenant: str, viewer: Account, teams_led: list[str], instance_id: str) -> bool:
    """Whether an account started an instance, did or may do a task of it, or leads its team."""
    p = t.process_instance.c
    statement = select(p.id).where(p.tenant == tenant, p.id == instance_id, _takes_part(tenant, viewer, teams_led))
    return connection.execute(statement).first() is not None


def _takes_part(tenant: str, viewer: Account, teams_led: list[str]) -> Any:
    p, u, o = t.process_instance.c, t.user_task.c, t.user_task_candidate.c
    candidates = [f"user:{viewer.id}", *(f"group:{group}" for group in viewer.groups)]
    offered = (
        select(u.id)
        .join(t.user_task_candidate, and_(o.tenant == u.tenant, o.task_id == u.id))
        .where(u.tenant == tenant, u.instance_id == p.id, o.candidate.in_(candidates))
    )
    return or_(_had_part(tenant, viewer), offered.exists(), p.team.in_(teams_led))


def had_part(connection: Connection, tenant: str, viewer: Account, instance_id: str) -> bool:
    """Whether an account started an instance or held a task of it."""
    p = t.process_instance.c
    statement = select(p.id).where(p.tenant == tenant, p.id == instance_id, _had_part(tenant, viewer))
    return connection.execute(statement).first() is not None


def _had_part(tenant: str, viewer: Account) -> Any:
    p, u = t.process_instance.c, t.user_task.c
    mine = select(u.id).where(
        u.tenant == tenant, u.instance_id == p.id, or_(u.assignee == viewer.id, u.completed_by == viewer.id)
    )
    return or_(p.started_by == viewer.id, mine.exists())


def _is_kept_from(tenant: str, viewer: Account) -> Any:
    p, x = t.process_instance.c, t.process_instance_exclusion.c
    here = (x.tenant == tenant, x.instance_id == p.id, x.account_id == viewer.id)
    return select(x.account_id).where(*here).exists()


def incidents(connection: Connection, tenant: str, instance_id: str | None = None) -> list[AnyRow]:
    """Open incidents, oldest first, at most 500."""
    i = t.incident.c
    statement = select(t.incident).where(i.tenant == tenant, i.resolved_at.is_(None))
    if instance_id is not None:
        statement = statement.where(i.instance_id == instance_id)
    return list(connection.execute(statement.order_by(i.raised_at, i.id).limit(500)))


def breaches(connection: Connection, tenant: str, instance_id: str) -> list[AnyRow]:
    """The broken time standards of an instance, in the order of their due times."""
    b = t.time_breach.c
    statement = select(t.time_breach).where(b.tenant == tenant, b.instance_id == instance_id)
    return list(connection.execute(statement.order_by(b.due_at, b.timer_id)))


def escalations(connection: Connection, tenant: str, viewer: Account, *, unseen_only: bool) -> list[AnyRow]:
    """What an account, or a group it is of, was told of, newest first, at most 200."""
    told = addresses(viewer)
    x = t.escalation.c
    statement = select(t.escalation).where(x.tenant == tenant, x.account_id.in_(told))
    if unseen_only:
        statement = statement.where(x.seen_at.is_(None))
    return list(connection.execute(statement.order_by(x.fired_at.desc(), x.id).limit(200)))


def addresses(viewer: Account) -> list[str]:
    """The names under which something may be told to an account: its own, and its groups'."""
    return [viewer.id, *(f"group:{group}" for group in viewer.groups)]


# -- what waits -----------------------------------------------------------------------------------------------------


def next_timer_due(connection: Connection, tenant: str, now: str) -> str | None:
    """When the runner next has to look at a timer: at its due time, or later where firing failed and was put off."""
    m = t.timer.c
    scheduled = (m.tenant == tenant, t.timer_is_scheduled)
    due = select(m.due_at).where(*scheduled, m.not_before.is_(None)).order_by(m.due_at).limit(1)
    put_off = select(func.min(m.not_before)).where(*scheduled, m.due_at <= now, m.not_before.is_not(None))
    found = [connection.execute(statement).scalar() for statement in (due, put_off)]
    return min((moment for moment in found if moment is not None), default=None)


def instances_with_due_timers(connection: Connection, tenant: str, now: str, limit: int) -> list[str]:
    """Instances that have timers due, those due longest first."""
    m = t.timer.c
    statement = (
        select(m.instance_id, func.min(m.due_at).label("due"))
        .where(
            m.tenant == tenant, t.timer_is_scheduled, m.due_at <= now, or_(m.not_before.is_(None), m.not_before <= now)
        )
        .group_by(m.instance_id)
        .order_by("due")
        .limit(limit)
    )
    return [row.instance_id for row in connection.execute(statement)]


def open_jobs(connection: Connection, tenant: str, now: str, limit: int) -> list[tuple[str, int]]:
    """(id, attempt) of the jobs that may be carried out now, oldest first."""
    j = t.job.c
    statement = (
        select(j.id, j.attempt)
        .where(j.tenant == tenant, t.job_is_open, or_(j.not_before.is_(None), j.not_before <= now))
        .order_by(j.created_at, j.id)
        .limit(limit)
    )
    return [(row.id, row.attempt) for row in connection.execute(statement)]


def next_job_due(connection: Connection, tenant: str) -> str | None:
    """When the next job that waits for a later attempt may be tried."""
    j = t.job.c
    return connection.execute(
        select(func.min(func.coalesce(j.not_before, j.created_at))).where(j.tenant == tenant, t.job_is_open)
    ).scalar()


def job_retries(connection: Connection, tenant: str, job_id: str) -> int:
    """How many attempts a job has left, this one included."""
    j = t.job.c
    return connection.execute(select(j.retries).where(j.tenant == tenant, j.id == job_id)).scalar() or 0


def organisation_since(connection: Connection, tenant: str) -> str | None:
    """When the office's first organisation came into force."""
    o = t.organisation_version.c
    return connection.execute(select(func.min(o.effective_at)).where(o.tenant == tenant)).scalar()


# -- messages -------------------------------------------------------------------------------------------------------


def message_starts(connection: Connection, tenant: str, name: str) -> list[AnyRow]:
    """The start events that a message of this name triggers."""
    s = t.message_start.c
    return list(
        connection.execute(select(t.message_start).where(s.tenant == tenant, s.message_name == name).order_by(s.key))
    )


def waiting_subscriptions(connection: Connection, tenant: str, name: str, key: str) -> list[str]:
    """The oldest subscription of each process that waits for this name and key."""
    s, p = t.message_subscription.c, t.process_instance.c
    statement = (
        select(s.id, p.key)
        .join(t.process_instance, and_(p.tenant == s.tenant, p.id == s.instance_id))
        .where(s.tenant == tenant, s.message_name == name, s.correlation_key == key)
        .order_by(s.created_at, s.id)
    )
    oldest: dict[str, str] = {}
    for row in connection.execute(statement):
        oldest.setdefault(row.key, row.id)
    return list(oldest.values())


def definitions_waiting_for(connection: Connection, tenant: str, name: str) -> list[str]:
    """The hashes of the definitions whose instances wait for a message of this name."""
    s, p = t.message_subscription.c, t.process_instance.c
    statement = (
        select(p.definition_hash)
        .join(t.message_subscription, and_(s.tenant == p.tenant, s.instance_id == p.id))
        .where(s.tenant == tenant, s.message_name == name)
        .distinct()
        .order_by(p.definition_hash)
    )
    return list(connection.execute(statement).scalars())


# -- keys of pages --------------------------------------------------------------------------------------------------


def _key(first: str, second: str) -> str:
    return f"{first}~{second}"


def _parse_key(text: str | None) -> tuple[str, str] | None:
    if not text:
        return None
    first, _, second = text.partition("~")
    return first, second


_ACCOUNT = select(t.account).where(t.account.c.tenant == bindparam("tenant"), t.account.c.id == bindparam("id"))
_TASK = select(t.user_task).where(t.user_task.c.tenant == bindparam("tenant"), t.user_task.c.id == bindparam("id"))
_LATEST = (
    select(t.definition)
    .where(t.definition.c.tenant == bindparam("tenant"), t.definition.c.key == bindparam("key"))
    .order_by(t.definition.c.version.desc())
    .limit(1)
)
_EFFECTIVE = _LATEST.where(t.definition.c.withdrawn_at.is_(None), t.definition.c.effective_from <= bindparam("now"))
