"""Every main page in the middle of a working day: quiet, within the policy, and in English where English was chosen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import ConsoleMessage, Page, expect

import web
from tests.browser.conftest import Site
from tests.engine.office import COMPLAINING, DELEGATED, INSTRUCTED, NOT_READY, Office

CATALOGUE = Path(web.__file__).parent / "locale" / "en" / "LC_MESSAGES" / "messages.po"
MISSING = "tidak-ditemukan"
FEWEST_LETTERS = 5  # of a sentence besides its parameters, below which it could be anything
# The page's own words: not those of the process, its forms and what was filled in, which stay as the office wrote them.
PAGES_OWN_WORDS = """() => {
  const others = "label, legend, dd, .note, .field-fixed, .values dt, .defect, .hint, .djs-container, script, noscript";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(others)) found.push(walker.currentNode.textContent);
  }
  for (const element of document.body.querySelectorAll("[aria-label], [title]")) {
    if (!element.closest(others)) found.push(element.getAttribute("aria-label"), element.getAttribute("title"));
  }
  return found.filter(Boolean).map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""


def working_day(office: Office) -> dict[str, str]:
    """An opening that turned twice, a visit that is late, a complaint in hand; returns what the addresses need."""
    opening = office.opening()
    office.completes("kepala", "delegasi", opening, DELEGATED)
    for _ in range(2):
        office.later(minutes=2)
        office.completes("katim", "instruksi", opening, INSTRUCTED)
        office.later(minutes=2)
        office.completes("petugas", "kesiapan", opening, NOT_READY)
    complained = office.served()
    office.completes("katim", "penerimaan", complained, COMPLAINING)
    visit = office.visit()
    office.later(minutes=25)
    office.runs()
    return {
        "opening": opening,
        "complained": complained,
        "visit": visit,
        "instruksi": office.claims("katim", "instruksi", opening),
        "tindak_lanjut": office.claims("katim", "tindak_lanjut", complained),
        "delegasi": office.task("delegasi", office.opening(team="tim-b")).id,
        "pelayanan": office.task("pelayanan", visit).id,
    }


PAGES = {
    "kepala": {
        "antrean": "/?view=queue",
        "semua": "/?view=all",
        "selesai": "/?view=done",
        "tugas-tersedia": "/tasks/{delegasi}",
        "mulai": "/start",
        "mulai-hari-layanan": "/start/pelayanan_prima/mulai_hari_layanan",
        "berkas-proses": "/instances",
        "berkas-kosong": "/instances?q=tidak-ada",
        "berkas": "/instances/{complained}",
        "definisi-proses": "/definitions",
        "definisi": "/definitions/pelayanan_prima/1",
        "eskalasi": "/escalations",
        MISSING: "/tidak-ada",
    },
    "katim": {
        "tugas-saya": "/?view=mine",
        "langkah-2": "/tasks/{instruksi}",
        "langkah-7": "/tasks/{tindak_lanjut}",
        "orang-lain": "/tasks/{pelayanan}",
        "mulai-keluhan": "/start/pelayanan_prima/keluhan_masuk",
        "mulai-kunjungan": "/start/pelayanan_prima/pelanggan_datang",
    },
    "petugas": {"langkah-4": "/tasks/{pelayanan}", "dilindungi": "/instances/{complained}"},
    "admin": {"pengelola": "/instances/{visit}"},
}


def indonesian_left_over(words: list[str]) -> list[str]:
    """Which of an English page's words are texts of the catalogue that were not translated."""
    with CATALOGUE.open("rb") as source:
        messages = [message for message in read_po(source, locale="en") if message.id]
    texts = {text for message in messages for text in ([message.id] if isinstance(message.id, str) else message.id)} - {
        message.string for message in messages
    }
    patterns = [re.split(r"%\(\w+\)[sd]", text) for text in texts]
    known = re.compile(
        "|".join(
            ".+".join(map(re.escape, parts))
            for parts in patterns
            if len(parts) == 1 or len(re.findall(r"[A-Za-z]", "".join(parts))) >= FEWEST_LETTERS
        )
    )
    return [text for text in words if known.fullmatch(text) or known.fullmatch(text.partition(": ")[2])]


def settled(page: Page) -> None:
    """Wait until every diagram of the page is drawn (and marked, if it shows an instance)."""
    for diagram in page.locator("[data-bpmn-viewer]").all():
        expect(diagram.locator(".djs-container")).to_be_visible()
    for diagram in page.locator("[data-bpmn-viewer][data-state-url]").all():
        expect(diagram).to_have_attribute("data-marked", "true")


def switch(page: Page, language: str) -> None:
    page.locator(f".language [value={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def look_at(page: Page, site: Site, pages: Mapping[str, str], shots: Path) -> dict[str, list[str]]:
    """See each page in Indonesian and in English, and leave pictures; returns the words left in Indonesian."""
    left_over = {}
    for name, path in pages.items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == (404 if name == MISSING else 200), path
        for language in ("id", "en"):
            switch(page, language)
            assert page.url == f"{site.url}{path}"
            settled(page)
            page.screenshot(path=shots / f"{name}-{language}.png", full_page=True)
        left_over[name] = indonesian_left_over(page.evaluate(PAGES_OWN_WORDS))
    return left_over


@pytest.mark.parametrize("account", list(PAGES))
def test_the_pages_are_quiet_in_both_languages_and_english_is_english(site: Site, account: str, shots: Path) -> None:
    day = working_day(site.office)
    page = site.enters(account)
    warnings: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "warning":
            warnings.append(message.text)

    page.on("console", note)
    pages = {name: path.format(**day) for name, path in PAGES[account].items()}
    left_over = look_at(page, site, pages, shots)
    assert left_over == {name: [] for name in pages}
    assert warnings == []


def test_the_login_page_in_both_languages(site: Site, shots: Path) -> None:
    assert look_at(site.visitor(), site, {"masuk": "/login"}, shots) == {"masuk": []}


def test_indonesian_on_an_english_page_would_be_noticed(site: Site) -> None:
    page = site.enters("kepala")
    words = page.evaluate(PAGES_OWN_WORDS)
    assert {"Kotak Tugas", "Keluar", "Menu utama"} <= set(indonesian_left_over(words))


def test_a_breach_of_the_policy_would_be_noticed(site: Site) -> None:
    page = site.visitor()
    page.goto("/login")
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(
            "() => { const s = document.createElement('script'); s.textContent = 'seen = 1'; document.body.append(s) }"
        )
    assert page.evaluate("typeof seen") == "undefined"
    assert len(site.complaints) == 1
    site.complaints.clear()


def test_an_open_page_says_so_when_its_session_has_ended(site: Site) -> None:
    instance = site.office.visit()
    page = site.enters("auditor")
    page.goto(f"/instances/{instance}")
    settled(page)
    site.office.later(hours=13)
    page.dispatch_event("[data-bpmn-viewer]", "prima:refresh")
    expect(page.get_by_role("alert")).to_contain_text("Sesi Anda sudah berakhir")
