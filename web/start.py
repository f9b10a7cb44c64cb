"""Starting something new: what the viewer may start, and the start form."""

from __future__ import annotations

import time

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import StartProcessInstance
from engine.definition.forms import Form
from engine.errors import FormRejected, NotFound, NotPermitted
from engine.views import InstanceDetail, Startable
from web.context import actor, engine, fresh_command_id, viewer
from web.form_page import FormPage
from web.language import gettext

_NO_FORM = Form("", ())
_LOOKS, _LOOK_EVERY = 10, 0.1  # seconds

pages = Blueprint("start", __name__, url_prefix="/start")


def set_up(app: Flask) -> None:
    """Add the start pages."""
    app.register_blueprint(pages)


@pages.get("")
def overview() -> ResponseReturnValue:
    """What the viewer may start."""
    return render_template("start.html", startable=engine().startable(viewer()))


@pages.get("/<key>/<event>")
def show(key: str, event: str) -> ResponseReturnValue:
    """The start form."""
    start = _startable(key, event)
    return _page(start, _form_page(start, posted=False))


@pages.post("/<key>/<event>/form")
def refresh(key: str, event: str) -> ResponseReturnValue:
    """The form again, with what the answers so far bring up or make needless."""
    start = _startable(key, event)
    form = _form_page(start).rechecked()
    if "HX-Request" in request.headers:
        return render_template("form_fields.html", form=form)
    return _page(start, form)


@pages.post("/<key>/<event>")
def begin(key: str, event: str) -> ResponseReturnValue:
    """Start it, and go on to the task that it gave the viewer, if it did."""
    start = _startable(key, event)
    form = _form_page(start)
    if form.has_unseen:
        notice = gettext("Jawaban Anda memunculkan isian baru. Lengkapi, lalu kirim sekali lagi.")
        return _page(start, form, notice=notice), 422
    try:
        outcome = engine().handle(
            StartProcessInstance(
                key, event, form.values, actor=actor(), command_id=request.form.get("command_id") or None
            )
        )
    except FormRejected as error:
        return _page(start, form.with_problems(error.problems)), 422
    flash(gettext("“%(name)s” sudah dimulai.", name=start.name), "done")
    return redirect(_where_it_goes_on(outcome.instance_id), 303)


def _where_it_goes_on(instance_id: str) -> str:
    """The task that the viewer now holds, else the instance, else the list of what can be started."""
    try:
        instance = _first_stop(instance_id)
    except (NotFound, NotPermitted):  # a complaint is no longer for the eyes of who typed it in
        return url_for("start.overview")
    mine = next((task for task in instance.tasks if task.assignee == viewer().id and task.ended_at is None), None)
    if mine is not None:
        return url_for("tasks.show", task_id=mine.id)
    return url_for("instances.show", instance_id=instance_id)


def _first_stop(instance_id: str) -> InstanceDetail:
    """The instance once it waits for a person; for at most a second, as long as the system's own steps may take."""
    for _ in range(_LOOKS):
        instance = engine().instance(viewer(), instance_id)
        if instance.tasks or not instance.tokens or instance.incidents:
            break
        time.sleep(_LOOK_EVERY)
    return instance


def _startable(key: str, event: str) -> Startable:
    found = next(
        (found for found in engine().startable(viewer()) if (found.key, found.start_event) == (key, event)), None
    )
    if found is None:
        engine().form_of_start(key, event)  # raises NotFound where there is nothing to start at all
        raise NotPermitted("Anda tidak berwenang memulai %(name)s.", name=f'"{event}"')
    return found


def _form_page(start: Startable, *, posted: bool = True) -> FormPage:
    values, options = engine().start_options(viewer(), start.key, start.start_event)
    form = engine().form_of_start(start.key, start.start_event) or _NO_FORM
    return FormPage(form, values, options, request.form if posted else None)


def _page(start: Startable, form: FormPage, *, notice: str | None = None) -> str:
    return render_template("start_form.html", start=start, form=form, notice=notice, command_id=fresh_command_id())
