"""Steps 4 to 6 on the pages: one customer's visit; two people at once, second thoughts, a phone, no script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, Site
from tests.browser.people import COMPLETE, READY, TAKE, Person
from tests.engine.office import DELEGATED, INFORMED, INSTRUCTED, SERVED

TEAM_A = "Tim Kerja A – Pengawasan Alat Angkut"


def ready_to_begin(site: Site) -> str:
    """An opening that waits at step 3, which an officer or the leader of the team may answer; returns the instance."""
    instance = site.office.opening()
    site.office.completes("kepala", "delegasi", instance, DELEGATED)
    site.office.completes("katim", "instruksi", instance, INSTRUCTED)
    return instance


def times_completed(site: Site, instance: str, step: str) -> int:
    """How often the record says that a step was completed."""
    return sum(sentence.startswith(f"{step} diselesaikan") for sentence in site.office.sentences(instance))


def is_no_wider_than_a_phone(page: Page) -> bool:
    """Whether nobody has to scroll sideways."""
    return bool(page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"])


def test_a_visit_without_complaint_from_the_start_form_to_its_end(site: Site, shots: Path) -> None:
    petugas = Person.enters(site, "petugas")
    petugas.begins("Pelanggan datang")
    petugas.selects("Tim kerja", TEAM_A)
    petugas.selects("Jenis layanan", "Free pratique (COP)")
    petugas.writes("Nama pelanggan", "Nyonya Rahasia")
    petugas.writes("Nomor permintaan", "P-1")
    petugas.button("Mulai").click()
    petugas.is_told("sudah dimulai.")
    expect(petugas.page.get_by_role("heading", level=1)).to_contain_text("Memberikan layanan")
    expect(petugas.page.locator(".task-head")).to_contain_text("Pemegang: Sari Lestari")
    (view,) = site.office.engine.instances(site.office.account("petugas")).rows
    instance = view.id
    assert site.office.waits_at(instance) == ["melayani_pelanggan", "pelayanan"]

    petugas.ticks("Persyaratan lengkap")
    petugas.answers("Hasil layanan", "Selesai")
    petugas.completes()
    expect(petugas.page.get_by_role("status")).to_contain_text("Tugas berikutnya: Memberikan informasi")
    petugas.page.screenshot(path=shots / "tugas-berikutnya.png", full_page=True)
    petugas.page.get_by_role("status").get_by_role("link", name="Buka").click()
    expect(petugas.page.get_by_role("heading", level=1)).to_contain_text("Memberikan informasi")
    petugas.ticks("Persyaratan layanan", "Biaya (tarif PNBP)", "Waktu layanan", "Kanal pengaduan")
    petugas.completes()

    katim = Person.enters(site, "katim")
    katim.looks_at("queue")
    expect(katim.row("penerimaan", instance)).to_contain_text("Menunggu pelanggan")
    katim.takes("penerimaan", instance)
    katim.answers("Pelayanan sesuai standar", "Ya")
    katim.completes()
    katim.reads(instance)
    expect(katim.mark("akhir_tanpa_keluhan", "completed")).to_be_visible()
    expect(katim.page.get_by_role("region", name="Riwayat")).to_contain_text("Selesai: Selesai tanpa keluhan")

    petugas.page.goto(f"/instances/{instance}")
    expect(petugas.page.get_by_role("main")).to_contain_text("Isinya dilindungi")
    expect(petugas.page.get_by_role("region")).to_have_count(0)


def test_a_customer_who_does_not_answer_is_never_called_late(site: Site) -> None:
    instance = site.office.served()
    task = site.office.task("penerimaan", instance).id
    katim = Person.enters(site, "katim")
    katim.takes("penerimaan", instance)
    site.office.later(minutes=60)
    site.office.runs()
    katim.answers("Pelayanan sesuai standar", "Ya")
    katim.button(COMPLETE).click()
    expect(katim.page.get_by_role("main")).to_contain_text("sudah ditarik")
    katim.looks_at("mine")
    expect(katim.page.locator(f"[id='tugas-{task}']")).to_have_count(0)
    katim.page.goto(f"/tasks/{task}")
    expect(katim.page.get_by_role("main")).to_contain_text("Tugas ini sudah ditarik")
    katim.reads(instance)
    expect(katim.mark("akhir_tanpa_konfirmasi", "completed")).to_be_visible()
    expect(katim.page.get_by_role("region", name="Riwayat")).to_contain_text("Selesai: Tanpa konfirmasi")
    expect(katim.page.get_by_role("main")).not_to_contain_text("Terlambat")


def test_of_two_who_take_a_task_the_second_is_told_by_whom_it_was_taken(site: Site, shots: Path) -> None:
    instance = ready_to_begin(site)
    first, second = Person.enters(site, "petugas"), Person.enters(site, "katim")
    for person in (first, second):
        person.looks_at("queue")
        expect(person.row("kesiapan", instance)).to_be_visible()
    theirs = second.row("kesiapan", instance).get_by_role("button", name=TAKE)
    first.row("kesiapan", instance).get_by_role("button", name=TAKE).click()
    expect(first.button(COMPLETE)).to_be_visible()
    with second.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        theirs.click()
    assert answered.value.status == 409
    expect(second.page.get_by_role("main")).to_contain_text("sudah diambil Sari Lestari")
    second.page.screenshot(path=shots / "sudah-diambil.png", full_page=True)
    second.page.get_by_role("link", name="Ke Kotak Tugas").click()
    expect(second.page.get_by_role("heading", level=1)).to_have_text("Kotak Tugas")
    assert site.office.task("kesiapan", instance).assignee == "petugas"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_double_click_completes_once_and_back_leads_to_a_page_that_says_so(site: Site, script: bool) -> None:
    instance = site.office.visit()
    petugas = Person.enters(site, "petugas", script=script)
    petugas.opens("pelayanan", instance)
    petugas.answers("Hasil layanan", "Berkas dikembalikan")
    petugas.button(COMPLETE).dblclick()
    petugas.is_told("selesai.")
    assert times_completed(site, instance, "4. Memberikan layanan") == 1
    petugas.page.go_back()
    expect(petugas.page.get_by_role("main")).to_contain_text("Tugas ini selesai Senin, 23 November 2026 07.00 WIB")
    expect(petugas.button(COMPLETE)).to_have_count(0)


def test_a_form_that_was_completed_in_another_tab_says_by_whom(site: Site) -> None:
    instance = site.office.visit()
    petugas = Person.enters(site, "petugas")
    petugas.opens("pelayanan", instance)
    site.office.completes("petugas", "pelayanan", instance, SERVED)
    petugas.answers("Hasil layanan", "Selesai")
    petugas.button(COMPLETE).click()
    expect(petugas.page.get_by_role("main")).to_contain_text("sudah diselesaikan Sari Lestari")
    site.office.completes("petugas", "informasi", instance, INFORMED)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_task_is_taken_filled_in_and_completed_on_a_phone(site: Site, script: bool, shots: Path) -> None:
    instance = ready_to_begin(site)
    petugas = Person.enters(site, "petugas", phone=True, script=script)
    petugas.looks_at("queue")
    assert is_no_wider_than_a_phone(petugas.page)
    petugas.page.screenshot(path=shots / "antrean.png", full_page=True)
    petugas.row("kesiapan", instance).get_by_role("button", name=TAKE).click()
    expect(petugas.button(COMPLETE)).to_be_visible()
    assert is_no_wider_than_a_phone(petugas.page)
    petugas.button(COMPLETE).click()
    expect(petugas.problems()).to_contain_text("wajib diisi")
    assert is_no_wider_than_a_phone(petugas.page)
    petugas.page.screenshot(path=shots / "kesalahan.png", full_page=True)
    petugas.ticks(*READY)
    if not script:
        petugas.button("Perbarui formulir").click()
    petugas.ticks("Sudah ada pelanggan yang menunggu")
    if not script:
        petugas.button("Perbarui formulir").click()
    petugas.selects("Jenis layanan", "Free pratique (COP)")
    petugas.writes("Nama pelanggan", "Nyonya Rahasia")
    petugas.selects("Petugas yang melayani", "Sari Lestari (Petugas Layanan)")
    assert is_no_wider_than_a_phone(petugas.page)
    petugas.page.screenshot(path=shots / "formulir.png", full_page=True)
    petugas.completes()
    assert is_no_wider_than_a_phone(petugas.page)
    site.office.runs()
    assert "pelayanan" in site.office.waits_at(instance)


def test_what_is_typed_while_the_form_is_being_drawn_again_stays(site: Site) -> None:
    instance = ready_to_begin(site)
    petugas = Person.enters(site, "petugas")
    petugas.takes("kesiapan", instance)
    reason = petugas.page.get_by_label("Alasan belum siap")

    def answer_late(route: Route) -> None:
        drawn = route.fetch()
        reason.fill("ATK habis")
        route.fulfill(response=drawn)

    petugas.page.route("**/form", answer_late, times=1)
    with petugas.page.expect_response("**/form"):
        petugas.ticks(READY[0])
    expect(reason).to_have_value("ATK habis")
