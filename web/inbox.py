"""The task inbox: what I hold, what my team may take, what I have done; for those who oversee, all that is open."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, render_template, request
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from engine.views import EscalationView, Page, TaskView
from web.context import engine, viewer
from web.formats import is_past
from web.language import gettext

_PAGE_SIZE = 50

pages = Blueprint("inbox", __name__)


@dataclass(frozen=True)
class Tab:
    """One of the lists, and how many open tasks are in it (None: not counted)."""

    view: str
    title: str
    count: str | None
    current: bool


def set_up(app: Flask) -> None:
    """Add the inbox."""
    app.jinja_env.globals.update(is_late=is_late, step_name=step_name)
    app.register_blueprint(pages)


@pages.get("/")
def inbox() -> ResponseReturnValue:
    """The inbox; without a wish, the first list that has something in it."""
    first = _first_pages()
    wanted, after = request.args.get("view"), request.args.get("after")
    if wanted != "done" and wanted not in first:
        wanted = next((view for view, page in first.items() if page.rows), "mine")
    shown = first[wanted] if wanted in first and not after else _page(wanted, after)
    following = next((first[view].rows[0] for view in ("mine", "queue") if first[view].rows), None)
    return render_template(
        "inbox_list.html" if request.headers.get("HX-Request-Type") == "partial" else "inbox.html",
        tabs=_tabs(wanted, first),
        view=wanted,
        page=shown,
        after=after,
        following=following,
    )


def _first_pages() -> dict[str, Page[TaskView]]:
    """The beginnings of the lists of open tasks that the viewer has: those who oversee the office see them all."""
    views = ("mine", "queue", "all") if _oversees() else ("mine", "queue")
    return {view: _page(view, None) for view in views}


def _oversees() -> bool:
    try:
        engine().inbox(viewer(), "all", limit=1)
    except NotFound:
        return False
    return True


def _page(view: str, after: str | None) -> Page[TaskView]:
    return engine().inbox(viewer(), view, limit=_PAGE_SIZE, after=after or None)


def _tabs(current: str, first: dict[str, Page[TaskView]]) -> list[Tab]:
    titles = {
        "mine": gettext("Tugas Saya"),
        "queue": gettext("Antrean Tim"),
        "done": gettext("Selesai oleh Saya"),
        "all": gettext("Semua yang Terbuka"),
    }
    return [
        Tab(view, title, _count(first[view]) if view in first else None, view == current)
        for view, title in titles.items()
        if view in first or view == "done"
    ]


def _count(page: Page[TaskView]) -> str:
    total = page.total
    if total is None:
        return f"{len(page.rows)}+" if page.next else str(len(page.rows))
    return "1000+" if total > 1000 else str(total)


def is_late(task: TaskView) -> bool:
    """Whether a task is (or, once done, was) past its time standard; waiting for a customer never is."""
    if task.waits_for_customer:
        return False
    return task.breached_at is not None or (task.ended_at is None and is_past(task.due_at))


def step_name(step: TaskView | EscalationView) -> str:
    """A step's name without the SOP's number in front, which is shown by itself."""
    return step.name.removeprefix(f"{step.sop_number}. ") if step.sop_number else step.name
