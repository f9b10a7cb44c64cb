"""One task: its row of the SOP, its form, and taking, returning, giving and completing it."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import AssignUserTask, ClaimUserTask, CompleteUserTask, ReleaseUserTask
from engine.definition.forms import Form
from engine.errors import FormRejected, InvalidInput
from engine.views import TaskDetail
from web.context import actor, engine, fresh_command_id, viewer
from web.form_page import FormPage
from web.inbox import step_name
from web.language import gettext, spoken

_NO_FORM = Form("", ())  # a task without a form has only its button

pages = Blueprint("tasks", __name__, url_prefix="/tasks")


def set_up(app: Flask) -> None:
    """Add the task pages."""
    app.register_blueprint(pages)


@pages.get("/<task_id>")
def show(task_id: str) -> ResponseReturnValue:
    """The task and its form."""
    detail = engine().task(viewer(), task_id)
    return _page(detail, _form_page(detail, posted=False))


@pages.get("/<task_id>/<any(claim, release, assign, form, complete):act>")
def back_to(task_id: str, act: str) -> ResponseReturnValue:
    """The task itself, for who comes to an act's address by the back button or a reload."""
    return redirect(url_for(".show", task_id=task_id), 303)


@pages.post("/<task_id>/claim")
def claim(task_id: str) -> ResponseReturnValue:
    """Take the task and open it; if a colleague was quicker, the refusal says who."""
    engine().handle(ClaimUserTask(task_id, actor=actor(), command_id=_command_id()))
    return redirect(url_for("tasks.show", task_id=task_id), 303)


@pages.post("/<task_id>/release")
def release(task_id: str) -> ResponseReturnValue:
    """Give the task back to the queue."""
    name = step_name(engine().task(viewer(), task_id).task)
    engine().handle(ReleaseUserTask(task_id, actor=actor(), command_id=_command_id()))
    flash(gettext("“%(task)s” sudah dikembalikan ke antrean.", task=name), "done")
    return redirect(url_for("inbox.inbox", view="queue"), 303)


@pages.post("/<task_id>/assign")
def assign(task_id: str) -> ResponseReturnValue:
    """Give the task to somebody."""
    assignee, reason = request.form.get("assignee", ""), request.form.get("reason", "").strip()
    detail = engine().task(viewer(), task_id)
    if not assignee:
        return _page(
            detail, _form_page(detail, posted=False), assign_problem=gettext("Pilih siapa yang ditugasi.")
        ), 422
    try:
        engine().handle(AssignUserTask(task_id, assignee, reason, actor=actor(), command_id=_command_id()))
    except InvalidInput as error:
        problem = spoken(error.reason, error.params)
        return _page(detail, _form_page(detail, posted=False), assign_problem=problem), 422
    account = engine().account(assignee)
    name = account.display_name if account else assignee
    flash(gettext("“%(task)s” sudah ditugaskan kepada %(name)s.", task=step_name(detail.task), name=name), "done")
    return redirect(url_for("inbox.inbox"), 303)


@pages.post("/<task_id>/form")
def refresh(task_id: str) -> ResponseReturnValue:
    """The form again, with what the answers so far bring up or make needless; nothing is stored."""
    detail = engine().task(viewer(), task_id)
    form = _form_page(detail).rechecked()
    if "HX-Request" in request.headers:
        return render_template("form_fields.html", form=form)
    return _page(detail, form)


@pages.post("/<task_id>/complete")
def complete(task_id: str) -> ResponseReturnValue:
    """Complete the task; what is wrong with the form is shown beside what was typed."""
    detail = engine().task(viewer(), task_id)
    form = _form_page(detail)
    if detail.may_complete and form.has_unseen:
        notice = gettext("Jawaban Anda memunculkan isian baru. Lengkapi, lalu kirim sekali lagi.")
        return _page(detail, form, notice=notice), 422
    try:
        engine().handle(CompleteUserTask(task_id, form.values, _revision(), actor=actor(), command_id=_command_id()))
    except FormRejected as error:
        return _page(detail, form.with_problems(error.problems)), 422
    flash(gettext("“%(task)s” selesai.", task=step_name(detail.task)), "done")
    return redirect(url_for("inbox.inbox"), 303)


def _form_page(detail: TaskDetail, *, posted: bool = True) -> FormPage:
    form = engine().form_of_task(detail) or _NO_FORM
    return FormPage(form, detail.variables, detail.options, request.form if posted else None)


def _command_id() -> str | None:
    return request.form.get("command_id") or None


def _revision() -> int | None:
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _page(detail: TaskDetail, form: FormPage, *, notice: str | None = None, assign_problem: str | None = None) -> str:
    return render_template(
        "task.html",
        detail=detail,
        task=detail.task,
        form=form,
        notice=notice,
        assign_problem=assign_problem,
        command_id=fresh_command_id(),
        revision=_revision() if form.posted is not None else detail.task.revision,
    )
