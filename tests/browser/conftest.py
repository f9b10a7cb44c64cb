"""The pages in a real Chromium: a server of the demo office, and people each in a browser of their own.

    def test_…(site: Site) -> None:
        page = site.enters("petugas")                 # a Playwright page, logged in
        instance = site.office.visit()                # the office behind it, its clock moved by the test alone
        site.office.later(minutes=30)                 # timers fire within a moment: the runner is at work

At the end of each test no page may have reported a script's error or a breach of the content security policy.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from waitress.server import create_server

from engine import commands as c
from engine.jobs.runner import Runner
from tests.engine.fixtures import furnished_file, office, quick_verify
from tests.engine.office import SYSTEM, Office
from web import create_app

__all__ = ["furnished_file", "office", "quick_verify"]

PASSWORD = "kata-sandi-contoh"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
EXPECTED = "Failed to load resource: the server responded with a status of"  # a refusal, which the test looks at itself


@dataclass
class Site:
    """A server of the demo office, and the browsers that visit it."""

    url: str
    office: Office
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def visitor(self, *, phone: bool = False, script: bool = True) -> Page:
        """A new browser that has not logged in, at a desk or on a phone, with JavaScript or without."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
            java_script_enabled=script,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def enters(self, account: str, *, phone: bool = False, script: bool = True) -> Page:
        """A new browser in which an account has logged in; it shows the inbox."""
        self.office.handle(c.SetPassword(actor=SYSTEM, account_id=account, password=PASSWORD))
        page = self.visitor(phone=phone, script=script)
        page.goto("/login")
        page.fill("[name=account]", account)
        page.fill("[name=password]", PASSWORD)
        page.click("form[action='/login'] button")
        page.wait_for_url(f"{self.url}/")
        return page

    def close(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            context.close()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            self.complaints.append(message.text)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium (PRIMA_CHROMIUM names another), without a window."""
    named = os.environ.get("PRIMA_CHROMIUM")
    found = named or next((path for path in map(shutil.which, CHROMIUM) if path), None)
    assert found is not None, f"no Chromium is installed: expected one of {', '.join(CHROMIUM)} on the PATH"
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if as_root else [])
        yield started
        started.close()


@pytest.fixture
def site(office: Office, browser: Browser) -> Iterator[Site]:
    """The demo office, served, with its runner at work."""
    app = create_app(office.engine, secret_key="a secret of the tests", secure_cookies=False, demo=False)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    serving = threading.Thread(target=server.run, daemon=True)
    runner = Runner(office.engine)
    serving.start()
    runner.start()
    visited = Site(f"http://127.0.0.1:{server.effective_port}", office, browser)
    try:
        yield visited
    finally:
        visited.close()
        runner.stop()
        server.trigger.pull_trigger(server.close)  # in the server's own thread, whose loop then has nothing left
        serving.join(10)
        server.task_dispatcher.shutdown()
    assert visited.complaints == []


@pytest.fixture
def shots(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where a test may leave screenshots: PRIMA_SCREENSHOTS/<test>, or its own temporary folder."""
    folder = os.environ.get("PRIMA_SCREENSHOTS")
    place = Path(folder) / request.node.name if folder else tmp_path / "shots"
    place.mkdir(parents=True, exist_ok=True)
    return place
