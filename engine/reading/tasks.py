"""The inbox and a task's page."""

from __future__ import annotations

from engine.definition.executable import ExecutableDefinition
from engine.definition.forms import Form
from engine.errors import NotFound, NotPermitted
from engine.ids import instance_of, local_id
from engine.reading.desk import Desk
from engine.runtime.execution.scopes import all_visible, scope_of
from engine.runtime.form_options import form_options, prefilled
from engine.runtime.personal_data import masked, revealed
from engine.runtime.rights import is_candidate, may_be_given, may_claim, may_hand_out
from engine.runtime.state import State, Token, Work
from engine.store import queries
from engine.values import Value, holds_personal
from engine.views import Account, Page, TaskDetail, TaskView


def inbox(desk: Desk, view: str, limit: int, after: str | None) -> Page[TaskView]:
    """`mine`, `queue` or `done`; for those who oversee the office also `all`.  Raises NotFound on another name."""
    c, tenant, viewer = desk.world.connection, desk.world.tenant, desk.viewer
    if view == "mine":
        return queries.my_tasks(c, tenant, viewer, limit, after)
    if view == "queue":
        return queries.queue(c, tenant, viewer, limit, after)
    if view == "done":
        return queries.done_tasks(c, tenant, viewer, limit, after)
    if view == "all" and desk.sees_all:
        return queries.open_tasks(c, tenant, viewer, limit, after)
    raise NotFound("Daftar tugas %(view)s tidak ada.", view=view)


def detail(desk: Desk, task_id: str) -> TaskDetail:
    """A task as its page shows it; raises NotFound, and NotPermitted for those whose business it is not."""
    world = desk.world
    if desk.is_kept_from(instance_of(task_id)):  # whether there is such a task would tell of a complaint
        raise NotPermitted("Tugas ini tidak dapat Anda lihat.")
    row = queries.task_row(world.connection, world.tenant, task_id)
    if row is None:
        raise NotFound("Tugas %(task)s tidak ada.", task=task_id)
    (view,) = queries.task_views(world.connection, world.tenant, [row])
    state = desk.state(row.instance_id)
    definition = world.definition(state.definition)
    token = state.tokens.get(local_id(task_id))
    work = token.work if token is not None else None
    _refuse_strangers(desk, view, work, state)
    node = definition.model.nodes[row.element_id]
    version = queries.instance_row(world.connection, world.tenant, row.instance_id)
    open_ = token is not None and work is not None and not view.suspended
    return TaskDetail(
        task=view,
        definition_version=0 if version is None else version.version,
        form_id=node.form_id,
        sop={
            key.removeprefix("sop."): value
            for key, value in node.properties.items()
            if key.startswith("sop.") and value
        },
        variables=_variables(desk, view, state, token, definition),
        options=_options(desk, state, token),
        may_claim=bool(open_ and work and work.assignee is None and may_claim(desk.viewer, work, state.excluded)),
        may_release=bool(open_ and work and work.assignee == desk.viewer.id and (work.groups or work.users)),
        may_complete=bool(open_ and work and work.assignee == desk.viewer.id),
        may_assign=bool(open_ and work and may_hand_out(desk.viewer, work, world.directory)),
        assignable=_assignable(desk, work, state) if open_ and work else (),
        personal=_personal_shown(desk, view, state, token),
    )


def form_of(desk: Desk, task: TaskView) -> Form | None:
    """The form of a task, as deployed with the version that its instance runs on."""
    definition = desk.world.definition(desk.state(task.instance_id).definition)
    form_id = definition.model.nodes[task.element_id].form_id
    return None if form_id is None else definition.forms[form_id]


def _refuse_strangers(desk: Desk, view: TaskView, work: Work | None, state: State) -> None:
    viewer = desk.viewer
    excluded = {*queries.task_exclusions(desk.world.connection, desk.world.tenant, view.id), *state.excluded}
    if viewer.id in excluded:
        raise NotPermitted("Tugas ini tidak dapat Anda lihat.")
    involved = viewer.id in (view.assignee, view.completed_by)
    offered = not set(view.candidate_groups).isdisjoint(viewer.groups) or (
        work is not None and is_candidate(viewer, work)
    )
    hands_out = work is not None and may_hand_out(viewer, work, desk.world.directory)
    if not (involved or offered or hands_out or desk.sees_all):
        raise NotPermitted("Tugas ini bukan untuk Anda.")


def _variables(
    desk: Desk, view: TaskView, state: State, token: Token | None, definition: ExecutableDefinition
) -> dict[str, Value]:
    if token is None:
        return {}
    held = all_visible(state, scope_of(state, token))
    if view.assignee != desk.viewer.id:
        return masked(held)
    clear = revealed(desk.world.connection, desk.world.tenant, held)
    form_id = definition.model.nodes[view.element_id].form_id
    return (
        clear
        if form_id is None
        else clear | prefilled(definition.forms[form_id], desk.viewer.id, desk.world.organisation)
    )


def _personal_shown(desk: Desk, view: TaskView, state: State, token: Token | None) -> tuple[str, ...]:
    if token is None or view.assignee != desk.viewer.id:
        return ()
    held = all_visible(state, scope_of(state, token))
    return tuple(sorted(name for name, value in held.items() if holds_personal(value)))


def _options(desk: Desk, state: State, token: Token | None) -> dict[str, list[dict[str, Value]]]:
    context = {} if token is None else all_visible(state, scope_of(state, token))
    return form_options(desk.world.organisation, desk.world.catalogue, context, everyone=False)


def _assignable(desk: Desk, work: Work, state: State) -> tuple[Account, ...]:
    world = desk.world
    if not may_hand_out(desk.viewer, work, world.directory):
        return ()
    return tuple(
        account
        for account in queries.accounts(world.connection, world.tenant)
        if account.active
        and account.id != work.assignee
        and may_be_given(desk.viewer, account, work, state.excluded, world.directory)
    )
