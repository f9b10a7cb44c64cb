"""Who is at the other end: login, logout, and the session between them.

The session is a signed cookie.  It names the account and the account's `session_epoch`, which a new password or a
disabled account moves on, so that older sessions end.  A logout is remembered until the cookie would have expired by
itself: a copy of it is of no use.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from flask import Blueprint, Flask, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from engine.clock import from_text, to_text
from engine.views import Account
from web.context import engine, now, organisation, setting, viewer_or_none
from web.form_page import FLAGGED, PREFIX, SHOWN
from web.formats import span
from web.language import gettext, kept_language, local_path
from web.throttle import LoginThrottle

IDLE_LIFETIME = timedelta(hours=2)
ABSOLUTE_LIFETIME = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)  # how exactly the last use is kept
_LONGEST_NAME = 100
_LONGEST_PASSWORD = 1024
_OPEN_TO_ALL = frozenset({"static", "auth.login", "auth.log_in", "auth.log_in_for_demo", "language.choose"})
_FORM_PAGES = {"tasks.complete": "tasks.show", "start.begin": "start.show"}
_THROTTLE = "prima_login_throttle"
_ENDED = "prima_ended_sessions"

pages = Blueprint("auth", __name__)


def set_up(app: Flask) -> None:
    """Ask for a login wherever a page is not open to all."""
    app.extensions[_THROTTLE] = LoginThrottle()
    app.extensions[_ENDED] = dict[str, datetime]()
    app.before_request(_recognise)
    app.register_blueprint(pages)


def require_login() -> ResponseReturnValue | None:
    """Send a stranger to the login page (a request of a script is told where to go)."""
    if viewer_or_none() is not None or request.endpoint is None or request.endpoint in _OPEN_TO_ALL:
        return None
    page = url_for("auth.login", next=request.full_path.rstrip("?") if request.method == "GET" else None)
    if "HX-Request" in request.headers:
        return "", 401, {"HX-Redirect": url_for("auth.login")}
    if request.accept_mimetypes.best == "application/json":
        return {"error": gettext("Silakan masuk lebih dulu.")}, 401
    return redirect(page, 303)


def _recognise() -> None:
    """Find out whose session it is; one that is over is emptied."""
    g.viewer = None
    if "account" not in session:
        return
    account = _account_of_session(now())
    if account is None:
        _begin_anew()
        flash(gettext("Sesi Anda sudah berakhir. Silakan masuk kembali."), "info")
    g.viewer = account


def _account_of_session(at: datetime) -> Account | None:
    ended: dict[str, datetime] = current_app.extensions[_ENDED]
    started, seen = from_text(session["started"]), from_text(session["seen"])
    if session["sid"] in ended or at - started > ABSOLUTE_LIFETIME or at - seen > IDLE_LIFETIME:
        return None
    account = engine().account(session["account"])
    if account is None or not account.active or account.session_epoch != session["epoch"]:
        return None
    if at - seen > _SEEN_EVERY:
        session["seen"] = to_text(at)
    return account


def _begin_anew() -> None:
    kept = kept_language()
    session.clear()
    session.update(kept)


def _begin_session(account: Account) -> None:
    """Start a session with a new id and a new CSRF token: nothing from before the login is carried over."""
    _begin_anew()
    moment = to_text(now())
    session.update(
        account=account.id, epoch=account.session_epoch, sid=secrets.token_urlsafe(16), started=moment, seen=moment
    )
    g.pop("csrf_token", None)
    g.viewer = account


@pages.get("/login")
def login() -> ResponseReturnValue:
    """The login page."""
    if viewer_or_none() is not None:
        return redirect(local_path(request.args.get("next", "/")), 303)
    return _login_page()


@pages.post("/login")
def log_in() -> ResponseReturnValue:
    """Check the password; after several failures, refuse to look at it for a while."""
    name = request.form.get("account", "").strip()[:_LONGEST_NAME]
    password = request.form.get("password", "")
    throttle: LoginThrottle = current_app.extensions[_THROTTLE]
    address, at = request.remote_addr or "", now()
    if not name or not password:
        return _login_page(gettext("Isi nama akun dan kata sandi."), name), 422
    wait = throttle.attempt(name, address, at)
    if wait is not None:
        sentence = gettext(
            "Terlalu banyak percobaan masuk yang gagal. Coba lagi dalam %(time)s.",
            time=span(wait + timedelta(minutes=1)),
        )
        return _login_page(sentence, name), 429, {"Retry-After": str(int(wait.total_seconds()) + 1)}
    account = engine().authenticate(name, password) if len(password) <= _LONGEST_PASSWORD else None
    if account is None:
        current_app.logger.warning("failed login for %r from %s", name, address)
        return _login_page(gettext("Nama akun atau kata sandi salah."), name), 401
    throttle.succeeded(name, address, at)
    return _entered(account)


@pages.post("/login/demo")
def log_in_for_demo() -> ResponseReturnValue:
    """Enter as one of the demo's people, without a password; there is no such door outside a demo."""
    account = engine().account(request.form.get("account", "")) if setting().demo else None
    if account is None or not account.demo or not account.active:
        return _login_page(gettext("Orang ini tidak ada dalam demo.")), 403
    return _entered(account)


@pages.post("/logout")
def log_out() -> ResponseReturnValue:
    """End the session, here and in every copy of its cookie."""
    if viewer_or_none() is not None:
        ended: dict[str, datetime] = current_app.extensions[_ENDED]
        at = now()
        for sid in [sid for sid, until in ended.items() if until < at]:
            ended.pop(sid, None)
        ended[session["sid"]] = at + ABSOLUTE_LIFETIME
    _begin_anew()
    flash(gettext("Anda sudah keluar."), "info")
    return redirect(url_for("auth.login"), 303)


def _entered(account: Account) -> ResponseReturnValue:
    _begin_session(account)
    page_after = local_path(request.form.get("next") or "/")
    kept = _kept_inputs()
    if kept:
        return render_template("kept.html", kept=kept, form_page=page_after)
    return redirect(page_after, 303)


def keep_inputs() -> ResponseReturnValue | None:
    """The login page with what was typed into a form whose session has ended meanwhile; None for anything else.

    Only for forms that this site sent: what another site makes a browser post is dropped.
    """
    page = _FORM_PAGES.get(request.endpoint or "")
    if page is None or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return None
    return _login_page(page_after=url_for(page, **(request.view_args or {}))), 401


def _kept_inputs() -> list[tuple[str, str]]:
    """The inputs of a task's or start form that came along, for the next page's form."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name.startswith(PREFIX) or name in (SHOWN, FLAGGED, "revision")
    ]


def _login_page(problem: str | None = None, name: str = "", page_after: str | None = None) -> str:
    return render_template(
        "login.html",
        problem=problem,
        name=name,
        people=_demo_people(),
        next=page_after or local_path(request.values.get("next") or "/"),
        kept=_kept_inputs(),
    )


def _demo_people() -> list[Account]:
    """The people of the one-click login, in the order of the organisation."""
    if not setting().demo:
        return []
    office = organisation()
    order = {person: index for index, person in enumerate(office.people if office else ())}
    people = (account for account in engine().accounts() if account.demo and account.active)
    return sorted(people, key=lambda account: (order.get(account.id, len(order)), account.id))
