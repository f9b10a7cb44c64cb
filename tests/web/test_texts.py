"""How moments, durations and values are written, what little Markdown notes know, and that both languages are whole."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask, session

from engine.clock import from_text
from engine.definition.rulebook import RULES
from engine.values import Value
from tests.engine.office import Office
from tests.web.conftest import Enter
from web import formats
from web.notes import typeset

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "web" / "locale" / "en" / "LC_MESSAGES" / "messages.po"
DUE = "2026-11-23T07:30:00.000000Z"
REFUSALS = {"CommandRejected", "NotFound", "NotPermitted", "Conflict", "InvalidInput", "Suspended"}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "id",
            ["Senin, 23 November 2026 14.30 WIB", "23 Nov 2026 14.30 WIB", "14.30.00 WIB", "Senin, 23 November 2026"],
        ),
        (
            "en",
            ["Monday, 23 November 2026 14:30 WIB", "23 Nov 2026 14:30 WIB", "14:30:00 WIB", "Monday, 23 November 2026"],
        ),
    ],
)
def test_moments_are_written_on_the_offices_clock(app: Flask, language: str, expected: list[str]) -> None:
    with app.test_request_context():
        session["language"] = language
        written = [formats.moment(DUE), formats.short_moment(DUE), formats.clock_time(DUE), formats.day(DUE)]
    assert written == expected


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Asia/Jakarta", "WIB"),
        ("Asia/Pontianak", "WIB"),
        ("Asia/Makassar", "WITA"),
        ("Asia/Jayapura", "WIT"),
        ("Asia/Kathmandu", "UTC+05.45"),
        ("America/St_Johns", "UTC-03.30"),
    ],
)
def test_zones_have_the_names_that_people_use(zone: str, name: str) -> None:
    assert formats.zone_name(ZoneInfo(zone), from_text(DUE)) == name


@pytest.mark.parametrize(
    ("seconds", "indonesian", "english"),
    [
        (0, "kurang dari 1 menit", "less than 1 minute"),
        (59, "kurang dari 1 menit", "less than 1 minute"),
        (60, "1 menit", "1 minute"),
        (12 * 60 + 59, "12 menit", "12 minutes"),
        (2 * 3600 + 600, "2 jam 10 menit", "2 hours 10 minutes"),
        (3600, "1 jam", "1 hour"),
        (3 * 86400 + 3600 + 59 * 60, "3 hari 1 jam", "3 days 1 hour"),
        (3 * 86400 + 5 * 60, "3 hari", "3 days"),
    ],
)
def test_durations_have_two_units_and_are_rounded_down(app: Flask, seconds: int, indonesian: str, english: str) -> None:
    for language, expected in (("id", indonesian), ("en", english)):
        with app.test_request_context():
            session["language"] = language
            assert formats.span(timedelta(seconds=seconds)) == expected


def test_time_left_turns_into_lateness_at_the_due_time(app: Flask, office: Office) -> None:
    with app.test_request_context():
        office.at("14:18")
        assert formats.time_left(DUE) == "sisa 12 menit"
        office.at("16:40")
        assert formats.time_left(DUE) == "lewat tenggat 2 jam 10 menit"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "Ya"),
        (False, "Tidak"),
        (None, "–"),
        ("", "–"),
        ([], "–"),
        (1234567.5, "1.234.567,5"),
        ("14:30:00", "14.30"),
        ("2026-11-23", "Senin, 23 November 2026"),
        ("2026-02-31", "2026-02-31"),
        (DUE, "Senin, 23 November 2026 14.30 WIB"),
        (["a", 2], "a, 2"),
        ({"a": True}, "a: Ya"),
    ],
)
def test_values_are_written_as_people_do(app: Flask, value: Value, expected: str) -> None:
    with app.test_request_context():
        assert formats.shown(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Satu\ndua\n\ntiga", "<p>Satu<br>dua</p>\n<p>tiga</p>"),
        ("- a\n- **b**", "<ul><li>a</li><li><strong>b</strong></li></ul>"),
        ("1. a\n2. *b*", "<ol><li>a</li><li><em>b</em></li></ol>"),
        ("# Judul\nisi", "<p><strong>Judul</strong></p>\n<p>isi</p>"),
        ("3 * 4 * 5 <b>x</b>", "<p>3 * 4 * 5 &lt;b&gt;x&lt;/b&gt;</p>"),
        ("**<script>**", "<p><strong>&lt;script&gt;</strong></p>"),
    ],
)
def test_notes_know_a_little_markdown_and_no_html(text: str, expected: str) -> None:
    assert str(typeset(text)) == expected


def test_the_language_is_chosen_and_outlives_the_login(office: Office, enter: Enter) -> None:
    office.opening()
    kepala = enter("kepala")
    page = kepala.sends(kepala.opens("/"), "/language", {"language": "en"})
    assert page.tree.get("lang") == "en"
    assert "Team queue" in page.text
    assert "35 minutes left" in page.text
    login = kepala.sends(page, "/logout")
    assert "You have logged out." in login.text
    assert "Atau dengan" not in login.text


def test_a_refusal_of_the_engine_is_translated(office: Office, enter: Enter) -> None:
    kepala = enter("kepala")
    kepala.sends(kepala.opens("/"), "/language", {"language": "en"})
    assert "There is no task tidak:ada.1." in kepala.opens("/tasks/tidak:ada.1").text


def test_an_unknown_language_changes_nothing(enter: Enter) -> None:
    kepala = enter("kepala")
    page = kepala.sends(kepala.opens("/"), "/language", {"language": "xx", "back": "//evil.example"}, follow=False)
    assert page.answer.location == "/"
    assert kepala.opens("/").tree.get("lang") == "id"


def texts_of_pages() -> Iterator[str]:
    found = extract_from_dir(
        str(ROOT / "web"),
        method_map=[
            ("js/**", "ignore"),
            ("**.py", "python"),
            ("templates/**.html", "jinja2"),
        ],
        keywords={"gettext": None, "_": None, "ngettext": (1, 2)},
    )
    for _, _, message, _, _ in found:
        yield message if isinstance(message, str) else message[0]


def texts_of_refusals() -> Iterator[str]:
    """The sentences of refusals, of the tables named `_MESSAGES`, and of the rules for models."""
    yield from RULES.values()
    for file in (*(ROOT / "engine").rglob("*.py"), *(ROOT / "web").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS:
                yield from (part.value for part in node.args[:1] if isinstance(part, ast.Constant))
            if isinstance(node, ast.Assign) and [getattr(name, "id", "") for name in node.targets] == ["_MESSAGES"]:
                assert isinstance(node.value, ast.Dict)
                yield from (part.value for part in node.value.values if isinstance(part, ast.Constant))


def test_every_text_has_its_english_with_the_same_places() -> None:
    with CATALOGUE.open("rb") as file:
        english = {
            message.id if isinstance(message.id, str) else message.id[0]: message.string
            for message in read_po(file, locale="en", abort_invalid=True)
            if message.id
        }
    needed = {*texts_of_pages(), *texts_of_refusals()}
    assert len(needed) > 200
    assert {text for text in needed if not english.get(text)} == set()
    for text, translated in english.items():
        for variant in [translated] if isinstance(translated, str) else translated:
            assert places(variant) == places(text), text


def places(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]", text))
