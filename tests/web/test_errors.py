"""What is shown when something is wrong: a sentence and a way back, never a trace."""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path

import pytest
from flask import Flask

from tests.engine.office import Office
from tests.web.conftest import Enter
from tests.web.visitor import Visitor
from web import assets


def test_an_unknown_address_is_answered_kindly(visitor: Visitor, enter: Enter) -> None:
    stranger = visitor.opens("/tidak/ada")
    assert stranger.status == 404
    assert "Alamat ini tidak ada." in stranger.text
    assert stranger.all("//main//a[@href='/login']")
    known = enter("petugas").opens("/tidak/ada")
    assert known.status == 404
    assert known.all("//main//a[@href='/']")


def test_json_is_answered_where_it_was_asked_for(enter: Enter, visitor: Visitor) -> None:
    answer = enter("petugas").opens("/instances/tidak-ada/state.json", Accept="application/json").answer
    assert answer.status_code == 404
    assert answer.get_json() == {"error": "Berkas proses tidak-ada tidak ada."}
    answer = visitor.opens("/instances/x/state.json", Accept="application/json").answer
    assert (answer.status_code, answer.get_json()) == (401, {"error": "Silakan masuk lebih dulu."})


def test_a_mistake_of_ours_shows_a_number_that_is_in_the_record(
    app: Flask, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/static-of-a-test")
    def broken() -> str:
        raise ZeroDivisionError("secret detail")

    app.before_request_funcs[None] = [
        hook for hook in app.before_request_funcs[None] if hook.__name__ != "require_login"
    ]
    with caplog.at_level(logging.ERROR):
        page = visitor.opens("/static-of-a-test")
    assert page.status == 500
    assert "secret detail" not in page.source
    assert "Traceback" not in page.source
    found = re.search(r"dengan nomor ([0-9a-f]{8})", page.text)
    assert found is not None
    assert found[1] in caplog.text
    assert "secret detail" in caplog.text


def test_more_than_a_form_may_hold_is_refused(enter: Enter) -> None:
    officer = enter("petugas")
    token = officer.opens("/").fields("/logout")["csrf_token"]
    page = officer.posts("/language", {"csrf_token": token, "language": "x" * 1_100_000})
    assert page.status == 413
    assert "Isian yang dikirim melebihi batas 1 MB." in page.text


def test_a_script_that_refreshes_a_form_leaves_it_as_it_is_when_refused(office: Office, enter: Enter) -> None:
    task = office.task("delegasi", office.opening())
    officer = enter("petugas2")
    token = officer.opens("/").fields("/logout")["csrf_token"]
    answer = officer.posts(f"/tasks/{task.id}/form", {"csrf_token": token}, HX_Request="true").answer
    assert answer.status_code == 403
    assert answer.headers["HX-Reswap"] == "none"


def test_pages_work_without_what_the_front_end_build_gives(
    office: Office, enter: Enter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("prima.css", "prima.js", "prima.svg"):
        shutil.copyfile(assets.STATIC / name, tmp_path / name)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "BUILD_FAILED.txt").write_text("npm tidak ditemukan\n", encoding="utf-8")
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    instance = office.opening()
    page = enter("auditor").opens(f"/instances/{instance}")
    assert page.status == 200
    assert "Diagram tidak tersedia" in page.text
    assert "npm tidak ditemukan" in page.text
    assert "Sedang di mana" in page.text
    assert page.all("//a[@href='/definitions/pelayanan_prima/1/bpmn']")
    assert not page.all("//script[contains(@src, 'dist')] | //link[contains(@href, 'dist')]")
