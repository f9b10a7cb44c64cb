"""What is shown when something is refused or fails: what is the case and the way back, never a stack trace."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.errors import CommandRejected, Conflict, InvalidInput, NotFound, NotPermitted
from web.auth import keep_inputs
from web.context import viewer_or_none
from web.language import gettext, spoken

_log = logging.getLogger(__name__)


def set_up(app: Flask) -> None:
    """Answer every error with a page, or with JSON where that was asked for."""
    app.register_error_handler(CommandRejected, show_rejection)
    app.register_error_handler(CSRFError, show_stale_page)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(Exception, show_failure)
    app.before_request(refuse_nul)


def refuse_nul() -> None:
    """No text of a person holds a NUL, and PostgreSQL keeps none: refused before it is looked for or kept."""
    sent = (request.path, *request.args.values(), *(text for _, text in request.form.items(multi=True)))
    if any("\0" in text for text in sent):
        abort(400)


def show_rejection(error: Exception) -> ResponseReturnValue:
    """A refusal of the engine, in its own words."""
    assert isinstance(error, CommandRejected)
    return _answer(error.http_status, _title_of(error), spoken(error.reason, error.params))


def show_stale_page(error: Exception) -> ResponseReturnValue:
    """A POST without a valid CSRF token: mostly a page left open for too long."""
    assert isinstance(error, CSRFError)
    if viewer_or_none() is None and (login := keep_inputs()) is not None:
        return login
    sentence = gettext(
        "Halaman ini sudah kedaluwarsa, misalnya karena Anda masuk kembali di tab lain. Tidak ada yang berubah. "
        "Kembali ke halaman itu, muat ulang, lalu kirim sekali lagi."
    )
    return _answer(400, gettext("Halaman sudah kedaluwarsa"), sentence)


def show_http_error(error: Exception) -> ResponseReturnValue:
    """An unknown address, a wrong method, a body that is too large."""
    assert isinstance(error, HTTPException)
    status = error.code or 500
    if status < 400:
        return error.get_response()  # a redirect that routing raised
    titles = {
        403: (gettext("Tidak diizinkan"), gettext("Anda tidak berhak melakukan ini.")),
        404: (
            gettext("Halaman tidak ditemukan"),
            gettext("Alamat ini tidak ada. Mungkin salah ketik, atau tautannya sudah tidak berlaku."),
        ),
        405: (gettext("Halaman tidak ditemukan"), gettext("Alamat ini tidak dapat dibuka dengan cara ini.")),
        413: (gettext("Kiriman terlalu besar"), gettext("Isian yang dikirim melebihi batas 1 MB.")),
    }
    title, sentence = titles.get(
        status, (gettext("Permintaan tidak dapat dilayani"), gettext("Permintaan itu tidak dapat dipahami."))
    )
    return _answer(status, title, sentence)


def show_failure(error: Exception) -> ResponseReturnValue:
    """A mistake of ours: recorded in full under a number, shown with the number only."""
    number = secrets.token_hex(4)
    _log.error("failure %s at %s %s", number, request.method, request.path, exc_info=error)
    sentence = gettext(
        "Terjadi kesalahan pada sistem, dan sudah dicatat dengan nomor %(number)s. "
        "Coba sekali lagi; bila berulang, sampaikan nomor itu kepada administrator.",
        number=number,
    )
    return _answer(500, gettext("Kesalahan sistem"), sentence)


def _title_of(error: CommandRejected) -> str:
    titles: list[tuple[type[CommandRejected], str]] = [
        (NotFound, gettext("Tidak ditemukan")),
        (NotPermitted, gettext("Tidak diizinkan")),
        (InvalidInput, gettext("Isian belum benar")),
        (Conflict, gettext("Keadaan sudah berubah")),
    ]
    return next((title for kind, title in titles if isinstance(error, kind)), gettext("Tidak dapat dilakukan"))


def _answer(status: int, title: str, sentence: str) -> ResponseReturnValue:
    if request.accept_mimetypes.best == "application/json":
        return jsonify(error=sentence), status
    page = render_template("error.html", title=title, sentence=sentence, known=viewer_or_none() is not None)
    # A script that refreshes part of a page leaves it as it is: the act itself will say what is the case.
    return page, status, {"HX-Reswap": "none"} if "HX-Request" in request.headers else {}
