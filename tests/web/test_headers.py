"""What every answer carries, and how files travel."""

from __future__ import annotations

import gzip

import pytest

from tests.engine.office import Office
from tests.web.conftest import Enter
from tests.web.visitor import Visitor

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", ["/", "/login", "/nowhere", "/static/prima.css", "/static/nowhere.css", "/instances"])
def test_every_answer_says_what_a_browser_may_do(enter: Enter, path: str) -> None:
    headers = enter("petugas").opens(path).answer.headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_pages_are_never_kept_and_versioned_files_long(enter: Enter) -> None:
    person = enter("petugas")
    page = person.opens("/")
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert person.opens("/instances/tidak-ada").answer.headers["Cache-Control"] == "no-store"
    (style,) = [link for link in page.tree.xpath("//link[@rel='stylesheet']/@href") if "prima.css" in link]
    assert "immutable" in person.opens(style).answer.headers["Cache-Control"]
    assert "immutable" not in person.opens("/static/prima.css").answer.headers["Cache-Control"]


def test_files_travel_compressed_and_pages_do_not(visitor: Visitor) -> None:
    plain = visitor.opens("/static/prima.css").answer
    small = visitor.opens("/static/prima.css", Accept_Encoding="gzip").answer
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    page = visitor.opens("/login", Accept_Encoding="gzip").answer
    assert "Content-Encoding" not in page.headers


def test_pages_hold_no_inline_script_or_style(enter: Enter, office: Office) -> None:
    instance = office.opening()
    person = enter("kepala")
    task = office.task("delegasi", instance).id
    for path in (
        "/",
        "/start",
        "/instances",
        f"/instances/{instance}",
        f"/tasks/{task}",
        "/definitions",
        "/escalations",
    ):
        page = person.opens(path)
        assert page.status == 200
        assert page.all("//script[not(@src)] | //style | //@style | //@*[starts-with(name(), 'on')]") == []
