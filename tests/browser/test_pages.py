"""What only a real browser shows: scripts under the strict policy, diagrams, keys, narrow screens, no script at all."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.engine.office import DELEGATED, INSTRUCTED


def readiness(site: Site) -> str:
    """An opening at step 3, which `petugas` has taken; returns the task's id."""
    instance = site.office.opening()
    site.office.completes("kepala", "delegasi", instance, DELEGATED)
    site.office.completes("katim", "instruksi", instance, INSTRUCTED)
    return site.office.claims("petugas", "kesiapan", instance)


def test_fields_come_and_go_with_the_answers_and_keep_what_was_typed(site: Site) -> None:
    task = readiness(site)
    page = site.enters("petugas")
    page.goto(f"/tasks/{task}")
    reason = page.get_by_label("Alasan belum siap")
    reason.fill("ATK habis")
    page.get_by_label("Petugas Layanan sudah hadir").check()
    page.get_by_label("ATK siap").check()
    expect(reason).to_have_value("ATK habis")
    page.get_by_label("Sistem layanan berbasis elektronik siap").check()
    expect(reason).to_have_count(0)
    waiting = page.get_by_label("Sudah ada pelanggan yang menunggu")
    waiting.check()
    customer = page.get_by_label("Nama pelanggan")
    customer.fill("Nyonya Rahasia")
    page.get_by_label("Jenis layanan").select_option("cop")
    expect(customer).to_have_value("Nyonya Rahasia")
    expect(waiting).to_be_checked()
    page.get_by_role("button", name="Selesaikan").click()
    expect(page.get_by_role("status")).to_contain_text("selesai.")


def test_the_same_form_works_without_script(site: Site) -> None:
    task = readiness(site)
    page = site.enters("petugas", script=False)
    page.goto(f"/tasks/{task}")
    for label in ("Petugas Layanan sudah hadir", "ATK siap", "Sistem layanan berbasis elektronik siap"):
        page.get_by_label(label).check()
    page.get_by_role("button", name="Perbarui formulir").click()
    expect(page.get_by_label("Alasan belum siap")).to_have_count(0)
    page.get_by_role("button", name="Selesaikan").click()
    expect(page.get_by_role("status")).to_contain_text("selesai.")


def test_the_error_summary_has_the_focus_and_leads_to_the_field(site: Site) -> None:
    instance = site.office.opening()
    task = site.office.claims("kepala", "delegasi", instance)
    page = site.enters("kepala")
    page.goto(f"/tasks/{task}")
    page.get_by_label("Standar pelayanan yang berlaku").fill("")
    page.get_by_role("button", name="Selesaikan").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="wajib diisi").click()
    expect(page.get_by_label("Standar pelayanan yang berlaku")).to_be_focused()


def test_the_list_is_worked_by_keys(site: Site) -> None:
    for team in ("tim-a", "tim-b"):
        site.office.opening(team=team)
    page = site.enters("kepala")
    links = page.locator("[data-list] [data-open]")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Selesaikan")).to_be_visible()


def test_the_list_follows_what_others_do_and_keeps_the_focus(site: Site) -> None:
    first = site.office.task("delegasi", site.office.opening())
    page = site.enters("kepala")
    row = page.locator(f"[id='tugas-{first.id}'] [data-open]")
    row.focus()
    second = site.office.task("delegasi", site.office.opening(team="tim-b"))
    expect(page.locator(f"[id='tugas-{second.id}']")).to_have_count(0)
    page.dispatch_event("#kotak", "prima:refresh")
    expect(page.locator(f"[id='tugas-{second.id}']")).to_have_count(1)
    expect(row).to_be_focused()


def test_the_diagram_shows_where_an_instance_is_and_what_is_late(site: Site) -> None:
    instance = site.office.visit()
    site.office.later(minutes=45)
    site.office.runs()
    page = site.enters("auditor")
    page.goto(f"/instances/{instance}")
    expect(page.locator("[data-bpmn-viewer] .prima-late")).to_have_count(1)
    expect(page.locator("[data-element-id=pelayanan].prima-late")).to_be_visible()
    expect(page.locator(".prima-badge-late", has_text="Terlambat")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_no_page_is_wider_than_its_screen(site: Site, phone: bool) -> None:
    instance = site.office.visit()
    task = site.office.task("pelayanan", instance).id
    site.office.later(minutes=45)
    site.office.runs()
    page = site.enters("kepala", phone=phone)
    paths = ["/", "/?view=all", "/start", "/instances", f"/instances/{instance}", f"/tasks/{task}", "/definitions"]
    for path in [
        *paths,
        "/definitions/pelayanan_prima/1",
        "/escalations",
        "/start/pelayanan_prima/keluhan_masuk",
        "/tidak-ada",
    ]:
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, path
