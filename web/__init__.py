"""The web inbox: Flask pages over the engine, rendered by the server, usable without JavaScript."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from engine import Engine
from web import (
    assets,
    auth,
    context,
    definitions,
    errors,
    escalations,
    formats,
    headers,
    inbox,
    instances,
    language,
    people,
    start,
    tasks,
)

LARGEST_BODY = 1_000_000  # bytes
_MOST_INPUTS = 1_000


def create_app(
    engine: Engine, *, secret_key: str | bytes, secure_cookies: bool, base_url: str | None = None, demo: bool = False
) -> Flask:
    """The WSGI application of one office.

    `secret_key` signs sessions: at least 16 characters, the same after a restart.  `secure_cookies` is true behind TLS.
    `base_url` is the address by which people reach it: with https there, what one proxy in front says of the client is
    believed.  `demo` opens the one-click login.
    """
    if len(secret_key) < 16:
        raise ValueError(f"secret_key: expected at least 16 characters, found {len(secret_key)}")
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="prima",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure_cookies,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=_MOST_INPUTS,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open for an hour is still good
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = StrictUndefined
    context.set_up(app, context.Setting(engine, demo))
    headers.set_up(app, secure=secure_cookies)
    assets.set_up(app)
    language.set_up(app)
    formats.set_up(app)
    auth.set_up(app)  # who it is must be known before a refusal of the next line is worded
    CSRFProtect(app)
    app.before_request(auth.require_login)
    errors.set_up(app)
    for family in (people, inbox, tasks, instances, definitions, start, escalations):
        family.set_up(app)
    if base_url and base_url.startswith("https://"):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app
