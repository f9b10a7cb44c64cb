"""What every page asks for: the engine, who looks at it, and in whose name an act is done."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g

from engine import Engine
from engine.commands import Actor
from engine.definition.feel import FeelEngine
from engine.definition.organisation import Organisation
from engine.views import Account

_EXTENSION = "prima"


@dataclass(frozen=True)
class Setting:
    """What `create_app` was given; one per application.

    Pages have a FEEL isolate of their own for the conditions of forms, so that drawing a page never delays a command.
    """

    engine: Engine
    demo: bool
    feel: FeelEngine = field(default_factory=FeelEngine)


def set_up(app: Flask, setting: Setting) -> None:
    """Keep the setting with the application."""
    app.extensions[_EXTENSION] = setting


def setting() -> Setting:
    """The setting of the current application."""
    found = current_app.extensions[_EXTENSION]
    assert isinstance(found, Setting)
    return found


def engine() -> Engine:
    """The engine behind the current application."""
    return setting().engine


def now() -> datetime:
    """The engine's present moment, UTC: pages and deadlines go by the same clock."""
    return engine().clock.now()


def organisation() -> Organisation | None:
    """The organisation in force, read once per request."""
    if "organisation" not in g:
        g.organisation = engine().organisation
    found: Organisation | None = g.organisation
    return found


def office_zone() -> ZoneInfo:
    """The zone in which the office reads its clocks, asked for once per request."""
    if "office_zone" not in g:
        g.office_zone = ZoneInfo(engine().zone)
    found: ZoneInfo = g.office_zone
    return found


def viewer_or_none() -> Account | None:
    """Who is logged in, if anybody is."""
    found: Account | None = g.get("viewer")
    return found


def viewer() -> Account:
    """Who is logged in; a page that anybody may see asks `viewer_or_none`."""
    found = viewer_or_none()
    if found is None:
        raise RuntimeError("a page that needs an account was asked for without one")
    return found


def actor() -> Actor:
    """The name in which the viewer's commands are given."""
    return Actor(viewer().id, door="web")


def acts(account: Account) -> bool:
    """Whether the account is offered acting buttons: an auditor reads and changes nothing."""
    return not account.has("auditor")


def fresh_command_id() -> str:
    """An id for a form that is about to be shown: sent twice, it is carried out once."""
    return secrets.token_urlsafe(18)
