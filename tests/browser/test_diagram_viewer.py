"""The diagram viewer as it is built, in a real Chromium, under the content security policy of every page."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
STATE = {
    "active": [
        {"element_id": "periksa", "count": 2, "late": True, "label": "Budi, lewat tenggat 2 jam"},
        {"element_id": "layani", "count": 1, "late": False, "label": "Sari"},
    ],
    "completed": {"mulai": 3, "f1": 3},
    "incidents": [{"element_id": "cukup", "label": "Syarat bukan ya/tidak"}],
}


class Site(SimpleHTTPRequestHandler):
    """The built files, one page with a diagram, and a state that a test may change."""

    pages: ClassVar[dict[str, tuple[str, bytes]]] = {}

    def do_GET(self) -> None:
        if self.path not in self.pages:
            super().do_GET()
            return
        kind, body = self.pages[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        """Requests are no news in a test."""


def page_with_diagram(language: str = "id", bpmn: str = "/diagram.bpmn", attributes: str = "") -> bytes:
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Diagram</title>
    <meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
    <link rel="stylesheet" href="/bootstrap.css"><link rel="stylesheet" href="/viewer.css">
    <script src="/watch.js"></script><script src="/htmx.js" defer></script><script src="/viewer.js" defer></script>
    </head><body><h1>Berkas</h1>
    <div data-bpmn-viewer data-bpmn-url="{bpmn}" data-state-url="/state.json" {attributes}></div>
    </body></html>""".encode()


WATCH = b"""window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(
  `${event.violatedDirective} ${event.sourceFile}:${event.lineNumber} ${event.sample}`));"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, directory=str(ROOT / "web/static/dist")))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    Site.pages = {
        "/": ("text/html", page_with_diagram()),
        "/english": ("text/html", page_with_diagram("en", attributes='data-poll-seconds="0.1"')),
        "/gone": ("text/html", page_with_diagram(bpmn="/gone.bpmn")),
        "/watch.js": ("text/javascript", WATCH),
        "/diagram.bpmn": ("application/xml", (FIXTURES / "dua_lajur.bpmn").read_bytes()),
        "/state.json": ("application/json", json.dumps(STATE).encode()),
    }
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def open_marked(page: Page, path: str = "/") -> None:
    page.goto(path)
    page.wait_for_selector("[data-bpmn-viewer][data-marked=true]")


def element(page: Page, element_id: str) -> Any:
    return page.locator(f".djs-element[data-element-id={element_id}]")


def place(page: Page, element_id: str) -> Any:
    """Where on the page the element is: {x, y, width, height} in px."""
    return element(page, element_id).bounding_box()


def until(holds: Callable[[], bool]) -> None:
    """Wait for what the page does by itself; Playwright's own waiting evaluates texts, which the policy forbids."""
    for _ in range(100):
        if holds():
            return
        time.sleep(0.05)
    assert holds()


def test_the_diagram_breaks_no_rule_of_the_content_security_policy(page: Page) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    open_marked(page)
    page.get_by_title("Perbesar").click()
    page.locator(".bjs-powered-by").click()
    expect(page.locator(".bjs-powered-by-lightbox")).to_be_visible()
    assert page.evaluate("window.violations") == []
    assert complaints == []


def test_tokens_late_ones_done_ones_and_incidents_are_marked(page: Page) -> None:
    open_marked(page)
    expect(element(page, "periksa")).to_have_class("djs-element djs-shape prima-late")
    expect(element(page, "layani")).to_have_class("djs-element djs-shape prima-active")
    expect(element(page, "cukup")).to_have_class("djs-element djs-shape prima-incident")
    expect(element(page, "mulai")).to_have_class("djs-element djs-shape prima-completed")
    expect(element(page, "f1")).to_have_class("djs-element djs-connection prima-completed")
    words = page.locator(".prima-badge").all_text_contents()
    assert sorted(words) == sorted(["2", "Terlambat", "1", "✓ 3", "! Gangguan"])
    assert page.locator(".prima-badge", has_text="Terlambat").get_attribute("title") == "Budi, lewat tenggat 2 jam"


def test_marks_are_seen_on_the_shapes(page: Page) -> None:
    open_marked(page)
    stroke = "shape => getComputedStyle(shape.querySelector('.djs-visual > :is(rect, path, circle, polygon)')).stroke"
    assert element(page, "periksa").evaluate(stroke) == "rgb(176, 42, 55)"
    assert element(page, "layani").evaluate(stroke) == "rgb(11, 92, 173)"
    assert element(page, "selesai").evaluate(stroke) == "rgb(34, 36, 42)"
    flow = "flow => getComputedStyle(flow.querySelector('.djs-visual > path')).stroke"
    assert element(page, "f1").evaluate(flow) == "rgb(20, 108, 67)"


def test_a_new_state_takes_the_old_marks_off(page: Page) -> None:
    open_marked(page, "/english")
    expect(page.get_by_text("Overdue")).to_be_visible()
    state = {"active": [{"element_id": "layani", "count": 4, "late": False}]}
    Site.pages["/state.json"] = ("application/json", json.dumps(state).encode())
    expect(page.locator(".prima-badge")).to_have_text(["4"])
    expect(page.locator(".prima-late, .prima-incident, .prima-completed")).to_have_count(0)
    assert page.locator(".prima-badge").get_attribute("title") == "4 in progress"


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, {"width": 360, "height": 640}], ids=["desk", "phone"])
def test_the_whole_diagram_fits_and_the_watermark_stays_uncovered(page: Page, size: Any) -> None:
    page.set_viewport_size(size)
    open_marked(page)
    frame, drawing = page.locator("[data-bpmn-viewer]").bounding_box(), place(page, "kantor")
    assert frame is not None
    assert frame["x"] <= drawing["x"]
    assert frame["y"] <= drawing["y"]
    assert drawing["x"] + drawing["width"] <= frame["x"] + frame["width"]
    assert drawing["y"] + drawing["height"] <= frame["y"] + frame["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    uncovered = """mark => { mark.scrollIntoView(); const { x, y, width, height } = mark.getBoundingClientRect();
        return mark.contains(document.elementFromPoint(x + width / 2, y + height / 2)); }"""
    assert page.locator(".bjs-powered-by").evaluate(uncovered)


def test_the_keyboard_reaches_and_works_the_zoom_buttons(page: Page) -> None:
    open_marked(page)
    fitted = place(page, "kantor")["width"]
    buttons = [page.get_by_role("button", name=name) for name in ("Perbesar", "Perkecil", "Tampilkan semua")]
    buttons[0].focus()
    page.keyboard.press("Enter")
    enlarged = place(page, "kantor")["width"]
    assert enlarged > fitted * 1.1
    page.keyboard.press("Tab")
    expect(buttons[1]).to_be_focused()
    page.keyboard.press("Enter")
    assert place(page, "kantor")["width"] < enlarged
    page.keyboard.press("Tab")
    expect(buttons[2]).to_be_focused()
    page.keyboard.press("Enter")
    assert abs(place(page, "kantor")["width"] - fitted) < 1


def test_the_wheel_scrolls_the_page_until_the_diagram_has_the_focus(page: Page) -> None:
    open_marked(page)
    page.evaluate("document.body.style.height = '3000px'")
    page.mouse.move(400, 300)
    page.mouse.wheel(0, 100)
    until(lambda: page.evaluate("window.scrollY") > 50)
    page.evaluate("window.scrollTo(0, 0)")
    page.mouse.click(400, 300)
    before = place(page, "kantor")
    page.mouse.wheel(0, 100)
    until(lambda: place(page, "kantor")["y"] != before["y"])
    assert page.evaluate("window.scrollY") == 0


def test_the_diagram_is_fitted_again_when_the_window_changes(page: Page) -> None:
    open_marked(page)
    page.set_viewport_size({"width": 500, "height": 800})
    until(lambda: place(page, "kantor")["x"] + place(page, "kantor")["width"] <= 500)
    assert place(page, "kantor")["x"] >= 0


def test_a_diagram_that_cannot_be_fetched_is_told_in_words(page: Page) -> None:
    page.goto("/gone")
    expect(page.get_by_role("alert")).to_have_text("Diagram tidak dapat ditampilkan. (/gone.bpmn: HTTP 404)")


def test_a_state_that_cannot_be_fetched_leaves_the_diagram_and_says_so(page: Page) -> None:
    del Site.pages["/state.json"]
    page.goto("/")
    expect(page.get_by_role("alert")).to_have_text("Keadaan terbaru tidak dapat diambil. (/state.json: HTTP 404)")
    expect(element(page, "periksa")).to_be_visible()
