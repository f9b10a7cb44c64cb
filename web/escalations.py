"""Escalations: the breaches of a time standard that the viewer was told of as the direct superior."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from web.context import engine, viewer, viewer_or_none

pages = Blueprint("escalations", __name__, url_prefix="/escalations")


def set_up(app: Flask) -> None:
    """Add the page, and the count for the header."""
    app.jinja_env.globals.update(unseen_escalations=unseen_escalations)
    app.register_blueprint(pages)


@pages.get("")
def overview() -> ResponseReturnValue:
    """What the viewer was told of, newest first; without the seen ones if asked so."""
    unseen_only = request.args.get("unseen") == "1"
    return render_template(
        "escalations.html", escalations=engine().escalations(viewer(), unseen_only=unseen_only), unseen_only=unseen_only
    )


@pages.post("/<path:escalation_id>/seen")
def mark_seen(escalation_id: str) -> ResponseReturnValue:
    """Note that the viewer knows."""
    engine().mark_escalation_seen(viewer(), escalation_id)
    return redirect(url_for("escalations.overview", unseen="1" if request.form.get("unseen") else None), 303)


def unseen_escalations() -> int:
    """How many escalations the viewer has not looked at yet."""
    account = viewer_or_none()
    return len(engine().escalations(account, unseen_only=True)) if account else 0
