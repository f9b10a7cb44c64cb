"""Process definitions: what is in force, its versions, and each version's diagram."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, Flask, Response, abort, render_template
from flask.typing import ResponseReturnValue

from engine.views import DefinitionView
from web.context import engine, viewer

pages = Blueprint("definitions", __name__, url_prefix="/definitions")


def set_up(app: Flask) -> None:
    """Add the definition pages."""
    app.register_blueprint(pages)


@pages.get("")
def overview() -> ResponseReturnValue:
    """Every process with its versions, newest first."""
    ordered = sorted(engine().definitions(viewer()), key=lambda found: (found.key, -found.version))
    return render_template(
        "definitions.html", processes=[list(found) for _, found in groupby(ordered, key=lambda found: found.key)]
    )


@pages.get("/<key>/<int:version>")
def show(key: str, version: int) -> ResponseReturnValue:
    """One version with its diagram."""
    return render_template("definition.html", definition=_version(key, version))


@pages.get("/<key>/<int:version>/bpmn")
def bpmn(key: str, version: int) -> ResponseReturnValue:
    """The version's BPMN, byte for byte as it was deployed."""
    _version(key, version)
    answer = Response(engine().bpmn(key, version), mimetype="application/xml")
    answer.headers["Content-Disposition"] = f'inline; filename="{key}-{version}.bpmn"'
    return answer


def _version(key: str, version: int) -> DefinitionView:
    found = next(
        (found for found in engine().definitions(viewer()) if (found.key, found.version) == (key, version)), None
    )
    return found if found is not None else abort(404)
