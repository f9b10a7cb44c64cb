"""The task inbox: what I hold, what my team may take, what I have done."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, render_template, request
from flask.typing import ResponseReturnValue

from engine.views import Page, TaskView
from web.context import engine, viewer
from web.formats import is_past
from web.language import gettext

VIEWS = ("mine", "queue", "done")
_PAGE_SIZE = 50

pages = Blueprint("inbox", __name__)


@dataclass(frozen=True)
class Tab:
    """One of the three lists, and how many open tasks are in it (None: not counted)."""

    view: str
    title: str
    count: str | None
    current: bool


def set_up(app: Flask) -> None:
    """Add the inbox."""
    app.jinja_env.globals["is_late"] = is_late
    app.register_blueprint(pages)


@pages.get("/")
def inbox() -> ResponseReturnValue:
    """The inbox; without a wish, my own tasks, or the team's when I hold none."""
    wanted, after = request.args.get("view"), request.args.get("after")
    first = {view: engine().inbox(viewer(), view, limit=_PAGE_SIZE) for view in ("mine", "queue")}
    if wanted not in VIEWS:
        wanted = "mine" if first["mine"].rows or not first["queue"].rows else "queue"
    shown = first[wanted] if wanted in first and not after else _page(wanted, after)
    following = next((page.rows[0] for page in first.values() if page.rows), None)
    return render_template(
        "inbox_list.html" if _is_refresh() else "inbox.html",
        tabs=_tabs(wanted, first),
        view=wanted,
        page=shown,
        after=after,
        following=following,
    )


def _page(view: str, after: str | None) -> Page[TaskView]:
    return engine().inbox(viewer(), view, limit=_PAGE_SIZE, after=after or None)


def _is_refresh() -> bool:
    return request.headers.get("HX-Request-Type") == "partial"


def _tabs(current: str, first: dict[str, Page[TaskView]]) -> list[Tab]:
    titles = {"mine": gettext("Tugas Saya"), "queue": gettext("Antrean Tim"), "done": gettext("Selesai oleh Saya")}
    return [
        Tab(view, title, _count(first[view]) if view in first else None, view == current)
        for view, title in titles.items()
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
