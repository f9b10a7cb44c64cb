"""Process instances: the list with its search, and one instance with diagram, tokens, history and variables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from flask import Blueprint, Flask, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import CancelProcessInstance, ResumeProcessInstance, RetryIncident, SuspendProcessInstance
from engine.values import JsonObject, Value
from engine.views import HistoryLine, InstanceDetail, TokenView
from web.context import actor, engine, fresh_command_id, viewer
from web.formats import day, span, span_until_now, time_left
from web.labels import words_of
from web.language import gettext, spoken

STATES = ("ACTIVE", "SUSPENDED", "COMPLETED", "TERMINATED")
_PAGE_SIZE = 50
_LONGEST_SEARCH = 200

pages = Blueprint("instances", __name__, url_prefix="/instances")


def set_up(app: Flask) -> None:
    """Add the instance pages."""
    app.jinja_env.globals.update(
        state_label=state_label, task_state_label=task_state_label, history_by_day=history_by_day
    )
    app.register_blueprint(pages)


@pages.get("")
def search() -> ResponseReturnValue:
    """The instances that the viewer may know of, newest first, narrowed by what is in the address."""
    text = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    state = request.args.get("state", "")
    key = request.args.get("key", "")
    page = engine().instances(
        viewer(),
        key=key or None,
        state=state if state in STATES else None,
        text=text or None,
        limit=_PAGE_SIZE,
        after=request.args.get("after") or None,
    )
    processes = {found.key: found.name for found in engine().definitions(viewer()) if found.effective}
    return render_template(
        "instances.html", page=page, text=text, state=state, key=key, states=STATES, processes=processes
    )


@pages.get("/<instance_id>")
def show(instance_id: str) -> ResponseReturnValue:
    """One instance."""
    detail = engine().instance(viewer(), instance_id)
    return render_template(
        "instance.html",
        detail=detail,
        instance=detail.instance,
        words=words_of(detail.instance),
        command_id=fresh_command_id(),
    )


@pages.get("/<instance_id>/state.json")
def state(instance_id: str) -> ResponseReturnValue:
    """Where the instance stands, for the marks on the diagram."""
    return jsonify(marks(engine().instance(viewer(), instance_id)))


@pages.post("/<instance_id>/incidents/<incident_id>/retry")
def retry(instance_id: str, incident_id: str) -> ResponseReturnValue:
    """Try again where an incident stands."""
    engine().handle(RetryIncident(incident_id, actor=actor(), command_id=_command_id()))
    flash(gettext("Langkah itu dicoba lagi."), "done")
    return _back_to(instance_id)


@pages.post("/<instance_id>/suspend")
def suspend(instance_id: str) -> ResponseReturnValue:
    """Let nothing happen until it is resumed."""
    engine().handle(SuspendProcessInstance(instance_id, _reason(), actor=actor(), command_id=_command_id()))
    flash(gettext("Berkas proses ini ditangguhkan."), "done")
    return _back_to(instance_id)


@pages.post("/<instance_id>/resume")
def resume(instance_id: str) -> ResponseReturnValue:
    """Let a suspended instance go on."""
    engine().handle(ResumeProcessInstance(instance_id, actor=actor(), command_id=_command_id()))
    flash(gettext("Berkas proses ini dilanjutkan."), "done")
    return _back_to(instance_id)


@pages.post("/<instance_id>/cancel")
def cancel(instance_id: str) -> ResponseReturnValue:
    """End it before its time."""
    engine().handle(CancelProcessInstance(instance_id, _reason(), actor=actor(), command_id=_command_id()))
    flash(gettext("Berkas proses ini dibatalkan."), "done")
    return _back_to(instance_id)


def _back_to(instance_id: str) -> ResponseReturnValue:
    return redirect(url_for("instances.show", instance_id=instance_id), 303)


def _command_id() -> str | None:
    return request.form.get("command_id") or None


def _reason() -> str:
    return request.form.get("reason", "").strip()


def marks(detail: InstanceDetail) -> JsonObject:
    """What the diagram shows: tokens by element (how many, whether late), visits, incidents."""
    waiting: dict[str, list[TokenView]] = defaultdict(list)
    for token in detail.tokens:
        waiting[token.element_id].append(token)
    return {
        "active": [
            {
                "element_id": element_id,
                "count": len(tokens),
                "late": any(token.late for token in tokens),
                "label": "; ".join(_token_in_words(token) for token in tokens),
            }
            for element_id, tokens in waiting.items()
        ],
        "completed": dict(detail.visits),
        "incidents": [{"element_id": incident.element_id, "label": incident.detail} for incident in detail.incidents],
    }


def _token_in_words(token: TokenView) -> str:
    parts = [token.name or token.element_id]
    if token.holder:
        parts.append(token.holder)
    if token.due_at:
        parts.append(time_left(token.due_at))
    elif token.since:
        parts.append(gettext("sejak %(time)s yang lalu", time=span_until_now(token.since)))
    return ", ".join(parts)


@dataclass(frozen=True)
class Told:
    """A line of the history with its sentence; the first of an entry tells the act, with the values that were given."""

    line: HistoryLine
    sentence: str
    is_act: bool  # what somebody did; the other lines of the entry are what followed from it
    late_by: str | None
    values: Mapping[str, Value]


def history_by_day(history: tuple[HistoryLine, ...]) -> list[tuple[str, list[Told]]]:
    """(day, its lines) from the latest on."""
    told = [
        _told(line, first=before is None or before.seq != line.seq)
        for before, line in zip((None, *history), history, strict=False)
    ]
    return [(name, list(lines)) for name, lines in groupby(reversed(told), key=lambda item: day(item.line.at))]


def _told(line: HistoryLine, *, first: bool) -> Told:
    minutes = line.params.get("late", "0") if line.late else "0"
    late_by = span(timedelta(minutes=int(minutes))) if minutes.isdigit() and minutes != "0" else None
    return Told(line, spoken(line.message, line.params), first, late_by, line.detail if first else {})


def state_label(state: str) -> str:
    """An instance's state in words."""
    labels = {
        "ACTIVE": gettext("Sedang Berjalan"),
        "SUSPENDED": gettext("Ditangguhkan"),
        "COMPLETED": gettext("Selesai"),
        "TERMINATED": gettext("Dibatalkan"),
    }
    return labels.get(state, state)


def task_state_label(state: str) -> str:
    """A task's state in words."""
    labels = {
        "READY": gettext("Tersedia"),
        "ACTIVE": gettext("Sedang Dikerjakan"),
        "COMPLETED": gettext("Selesai"),
        "WITHDRAWN": gettext("Ditarik"),
    }
    return labels.get(state, state)
