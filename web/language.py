"""Two languages: the texts are written in Indonesian, and `locale/en` holds their English.

Catalogues are read from the `.po` files themselves, once per process, so that nothing has to be compiled first and no
stale `.mo` can be shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, redirect, request, session
from flask_babel import Babel, Domain, get_locale  # type: ignore[import-untyped]
from flask_babel import gettext as _gettext
from flask_babel import ngettext as _ngettext
from werkzeug.wrappers import Response

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
_SESSION_KEY = "language"
_LOCALE_FOLDER = Path(__file__).parent / "locale"

pages = Blueprint("language", __name__)


@cache
def catalogue(language: str, domain: str = "messages") -> NullTranslations:
    """The translations of a language; none for Indonesian, in which the texts are written."""
    source = _LOCALE_FOLDER / language / "LC_MESSAGES" / f"{domain}.po"
    if not source.exists():
        return NullTranslations()
    with source.open("rb") as text:
        messages = read_po(text, locale=language)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(fp=compiled)


class _PoDomain(Domain):  # type: ignore[misc]
    """Flask-Babel's source of translations, reading `.po` files."""

    def get_translations(self) -> NullTranslations:
        return catalogue(current_language())


def set_up(app: Flask) -> None:
    """Let the application speak the language that its reader chose."""
    babel = Babel(app, default_locale="id", locale_selector=_chosen_language)
    babel.domain_instance = _PoDomain()
    app.jinja_env.globals.update(spoken=spoken, current_language=current_language, languages=LANGUAGES)
    app.register_blueprint(pages)


def current_language() -> str:
    """`id` or `en`."""
    return str(get_locale() or "id")


def gettext(message: str, **params: Any) -> str:
    """A text of the pages in the reader's language."""
    return str(_gettext(message, **params))


def ngettext(singular: str, plural: str, num: int) -> str:
    """A text that tells a number, `%(num)d`, in the reader's language."""
    return str(_ngettext(singular, plural, num))


def spoken(message: str, params: Mapping[str, Any] | None = None) -> str:
    """A message of the engine (a catalogue id with its parameters) in the reader's language."""
    translated = gettext(message)
    return translated % dict(params) if params else translated


@pages.post("/language")
def choose() -> Response:
    """Remember the language for this browser, and go back to the page that asked."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        session[_SESSION_KEY] = wanted
    return redirect(local_path(request.form.get("back", "/")), 303)


def local_path(wanted: str) -> str:
    """The same path if it stays on this site, else the front page."""
    stays = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if stays and wanted.isprintable() else "/"


def kept_language() -> dict[str, str]:
    """What of the session outlives a login or logout."""
    chosen = session.get(_SESSION_KEY)
    return {_SESSION_KEY: chosen} if chosen in LANGUAGES else {}


def _chosen_language() -> str:
    chosen = session.get(_SESSION_KEY)
    return chosen if chosen in LANGUAGES else "id"
