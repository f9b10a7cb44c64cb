"""People's tasks: seeing them, taking them, doing them."""

from __future__ import annotations

import json

import click

from engine import Engine
from engine.commands import AssignUserTask, ClaimUserTask, CompleteUserTask, ReleaseUserTask
from engine.definition.forms import Form
from engine.values import JsonObject
from engine.views import Account, TaskDetail, TaskView
from web.commandline.session import Place, acting_as, as_json, as_user, carry_out, viewing_as
from web.commandline.terminal import moment, print_facts, print_heading, print_json, print_table
from web.commandline.values import values_options
from web.commandline.words import gettext as _
from web.commandline.words import state_of_task

VIEWS = ("mine", "queue", "done", "all")
PAGE = 200


@click.command("tasks", help=_("Daftar tugas: yang Anda pegang dan antrean Anda; tanpa --as semua yang terbuka."))
@click.option("--view", type=click.Choice(VIEWS), help=_("Hanya satu daftar: dipegang, antrean, selesai, semua."))
@click.option("--limit", type=click.IntRange(1), default=500, show_default=True, help=_("Paling banyak sekian."))
@as_json
@as_user(needed=False)
@click.pass_obj
def list_tasks(place: Place, view: str | None, limit: int, json_: bool, user: str | None) -> None:
    """The tasks that an account may do or has done."""
    with place.engine() as engine:
        viewer, zone = viewing_as(engine, user), engine.zone
        views = [view] if view else ["all"] if user is None else ["mine", "queue"]
        found = [task for name in views for task in _tasks(engine, viewer, name, limit)][:limit]
    if json_:
        print_json(found)
        return
    print_table(
        [_("Tugas"), _("Berkas"), _("Status"), _("Pemegang"), _("Tenggat"), _("nomor tugas")],
        [
            [
                task.name,
                task.business_key or task.team or "–",
                _("Ditangguhkan") if task.suspended else state_of_task(task.state),
                task.assignee_name or task.completed_by or "–",
                _due(task, zone),
                task.id,
            ]
            for task in found
        ],
        empty=_("Tidak ada tugas."),
        below=True,
    )


@click.command("task", help=_("Satu tugas: isian formulirnya, pilihan, dan apa yang sudah diketahui."))
@click.argument("task_id", metavar="TASK")
@as_json
@as_user(needed=False)
@click.pass_obj
def show_task(place: Place, task_id: str, json_: bool, user: str | None) -> None:
    """What doing a task asks for."""
    with place.engine() as engine:
        detail = engine.task(viewing_as(engine, user), task_id, actor=acting_as(user))
        form, zone = engine.form_of_task(detail), engine.zone
    fields = [] if form is None else _fields(form, detail)
    if json_:
        print_json({"detail": detail, "fields": fields})
        return
    task = detail.task
    print_facts(
        [
            (_("Tugas"), task.name),
            (_("Berkas"), task.instance_id),
            (_("Status"), state_of_task(task.state)),
            (_("Pemegang"), task.assignee_name or "–"),
            (_("Tenggat"), _due(task, zone)),
        ]
    )
    print_heading(_("Isian (--var)"))
    print_table(
        [_("Kunci"), _("Jenis"), _("Wajib"), _("Isian"), _("Pilihan")],
        [
            [row["key"], row["type"], "*" if row["required"] else "", row["label"], ", ".join(map(str, row["choices"]))]
            for row in fields
        ],
        empty=_("Tugas ini tidak punya formulir."),
    )
    print_heading(_("Yang sudah diketahui"))
    print_facts((name, json.dumps(value, ensure_ascii=False)) for name, value in sorted(detail.variables.items()))


@click.command(help=_("Ambil tugas dari antrean."))
@click.argument("task_id", metavar="TASK")
@as_user(needed=True)
@click.pass_obj
def claim(place: Place, task_id: str, user: str) -> None:
    """Take a task for oneself."""
    with place.engine() as engine:
        carry_out(engine, ClaimUserTask(actor=acting_as(user), task_id=task_id))
    click.echo(_("Tugas %(task)s diambil oleh %(user)s.", task=task_id, user=user))


@click.command(help=_("Kembalikan tugas ke antrean."))
@click.argument("task_id", metavar="TASK")
@as_user(needed=True)
@click.pass_obj
def release(place: Place, task_id: str, user: str) -> None:
    """Give a task back."""
    with place.engine() as engine:
        carry_out(engine, ReleaseUserTask(actor=acting_as(user), task_id=task_id))
    click.echo(_("Tugas %(task)s dikembalikan ke antrean.", task=task_id))


@click.command(help=_("Selesaikan tugas yang dipegang, dengan isian formulirnya."))
@click.argument("task_id", metavar="TASK")
@values_options
@as_user(needed=True)
@click.pass_obj
def complete(place: Place, task_id: str, values: JsonObject, user: str) -> None:
    """Complete a task with its form's values."""
    with place.engine() as engine:
        carry_out(engine, CompleteUserTask(actor=acting_as(user), task_id=task_id, values=values))
    click.echo(_("Tugas %(task)s diselesaikan oleh %(user)s.", task=task_id, user=user))


@click.command(help=_("Tugaskan kepada orang lain."))
@click.argument("task_id", metavar="TASK")
@click.argument("assignee", metavar="TO")
@click.option("--reason", default="", help=_("Alasan; wajib bila tugas sudah dipegang orang."))
@as_user(needed=True)
@click.pass_obj
def assign(place: Place, task_id: str, assignee: str, reason: str, user: str) -> None:
    """Give a task to somebody."""
    command = AssignUserTask(actor=acting_as(user), task_id=task_id, assignee=assignee, reason=reason)
    with place.engine() as engine:
        carry_out(engine, command)
    click.echo(_("Tugas %(task)s ditugaskan kepada %(user)s.", task=task_id, user=assignee))


def _tasks(engine: Engine, viewer: Account, view: str, limit: int) -> list[TaskView]:
    found: list[TaskView] = []
    after = None
    while len(found) < limit:
        page = engine.inbox(viewer, view, limit=min(PAGE, limit), after=after)
        found += page.rows
        after = page.next
        if after is None:
            break
    return found


def _due(task: TaskView, zone: str) -> str:
    text = moment(task.due_at, zone)
    return f"{text} ({_('Terlambat')})" if task.breached_at else text


def _fields(form: Form, detail: TaskDetail) -> list[JsonObject]:
    return [
        {
            "key": field.key,
            "type": field.kind,
            "label": field.label,
            "required": bool(field.required),
            "choices": [option.value for option in field.options or ()]
            or [choice.get("value") for choice in detail.options.get(field.options_key or "", [])],
        }
        for field in form.fields
    ]


COMMANDS = (list_tasks, show_task, claim, release, complete, assign)
