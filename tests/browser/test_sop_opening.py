"""Steps 1 to 3 on the pages: the daily opening, with a Tidak, and late; and one run through all eight rows."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.browser.people import COMPLETE, READY, Person
from tests.engine.office import DELEGATED

TEAM_A = "Tim Kerja A – Pengawasan Alat Angkut"


def opening_of_the_schedule(site: Site, team: str = "tim-a") -> str:
    """It becomes half past seven: the schedule has opened the day of each team; returns the team's instance."""
    site.office.at("07:30")
    site.office.runs()
    rows = site.office.engine.instances(site.office.account("auditor")).rows
    (instance,) = [view.id for view in rows if view.team == team]
    return instance


def test_an_opening_with_a_tidak_goes_back_with_its_reason_and_then_begins_the_service(site: Site, shots: Path) -> None:
    instance = opening_of_the_schedule(site)
    Person.enters(site, "kepala").delegates(instance)
    katim = Person.enters(site, "katim")
    katim.instructs(instance)

    petugas = Person.enters(site, "petugas")
    petugas.takes("kesiapan", instance)
    petugas.ticks(READY[0], READY[2])
    petugas.button(COMPLETE).click()
    expect(petugas.problems()).to_contain_text("Ada isian yang belum benar")
    expect(petugas.problems()).to_contain_text('"Alasan belum siap" wajib diisi.')
    petugas.page.screenshot(path=shots / "kesalahan.png", full_page=True)
    for label, there in zip(READY, (True, False, True), strict=True):
        expect(petugas.page.get_by_label(label)).to_be_checked(checked=there)
    petugas.writes("Alasan belum siap", "ATK habis")
    petugas.completes()

    katim.looks_at("queue")
    expect(katim.row("instruksi", instance)).to_be_visible()
    katim.takes("instruksi", instance)
    expect(katim.page.locator(".field-fixed", has_text="Alasan layanan belum siap")).to_contain_text("ATK habis")
    katim.page.screenshot(path=shots / "kembali-ke-ketua-tim.png", full_page=True)
    katim.answers("Petugas Layanan yang bertugas", "Sari Lestari (Petugas Layanan)")
    katim.ticks("Kelima perilaku di atas sudah diinstruksikan")
    katim.completes()

    petugas.takes("kesiapan", instance)
    petugas.ticks(*READY)
    petugas.completes()
    petugas.reads(instance)
    expect(petugas.mark("akhir_pelayanan_dimulai", "completed")).to_be_visible()
    expect(petugas.page.locator(".task-head")).to_contain_text("Selesai")
    assert site.office.breaches(instance) == []


def test_late_at_the_counters_hour_is_said_in_words_and_told_to_the_superiors(site: Site, shots: Path) -> None:
    instance = opening_of_the_schedule(site)
    site.office.completes("kepala", "delegasi", instance, DELEGATED)
    kepala, katim, petugas = (Person.enters(site, account) for account in ("kepala", "katim", "petugas"))
    escalations = kepala.page.get_by_role("link", name="Eskalasi")
    expect(escalations).to_have_text("Eskalasi")
    site.office.at("08:00")
    site.office.runs()

    katim.looks_at("queue")
    expect(katim.row("instruksi", instance)).to_contain_text("Terlambat")
    expect(katim.row("instruksi", instance)).to_contain_text("lewat tenggat 20 menit")
    katim.page.screenshot(path=shots / "kotak-terlambat.png", full_page=True)
    katim.instructs(instance)
    site.office.runs()

    petugas.looks_at("queue")
    expect(petugas.row("kesiapan", instance)).to_contain_text("Terlambat")
    katim.looks_at("queue")
    expect(katim.page.get_by_role("link", name="Eskalasi")).to_contain_text("1")

    kepala.looks_at("queue")
    expect(escalations).to_contain_text("1 belum dilihat")
    escalations.click()
    told = kepala.page.locator("main .row-item")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("Menginstruksikan Petugas Layanan")
    expect(told).to_contain_text("Lewat Tenggat")
    expect(told).to_contain_text("Belum ada yang memegang")
    kepala.page.screenshot(path=shots / "eskalasi.png", full_page=True)
    kepala.page.get_by_role("button", name="Tandai sudah dilihat").click()
    expect(told).to_contain_text("Dilihat")
    expect(escalations).to_have_text("Eskalasi")

    petugas.takes("kesiapan", instance)
    petugas.ticks(*READY)
    petugas.completes()
    assert site.office.state(instance) == "COMPLETED"
    assert ("waktu_jam_layanan", "23 08:00", "23 08:00") in site.office.breaches(instance)


def test_the_full_eight_rows_in_one_instance(site: Site, shots: Path) -> None:
    kepala = Person.enters(site, "kepala")
    kepala.begins("Mulai hari layanan")
    kepala.selects("Tim kerja", TEAM_A)
    kepala.writes("Gilir kerja", "Pagi")
    kepala.writes("Jam layanan", "2026-11-23T08:00")
    kepala.writes("Versi standar pelayanan", "Standar Pelayanan 2026")
    kepala.button("Mulai").click()
    kepala.is_told("sudah dimulai.")
    (view,) = site.office.engine.instances(site.office.account("auditor")).rows
    instance = view.id
    site.office.later(minutes=1)
    kepala.delegates(instance)

    site.office.later(minutes=1)
    katim, petugas = Person.enters(site, "katim"), Person.enters(site, "petugas")
    katim.instructs(instance)
    site.office.later(minutes=1)
    petugas.takes("kesiapan", instance)
    petugas.ticks(READY[0])
    petugas.writes("Alasan belum siap", "ATK habis dan sistem padam")
    petugas.completes()
    site.office.later(minutes=1)
    katim.instructs(instance)
    site.office.later(minutes=1)
    petugas.takes("kesiapan", instance)
    petugas.ticks(*READY)
    petugas.ticks("Sudah ada pelanggan yang menunggu")
    petugas.selects("Jenis layanan", "Free pratique (COP)")
    petugas.writes("Nama pelanggan", "Nyonya Rahasia")
    petugas.writes("Nomor permintaan", "P-1")
    petugas.selects("Petugas yang melayani", "Sari Lestari (Petugas Layanan)")
    petugas.completes()
    site.office.runs()
    site.office.later(minutes=1)
    petugas.serves(instance)
    site.office.later(minutes=1)
    petugas.informs(instance)

    site.office.later(minutes=1)
    katim.takes("penerimaan", instance)
    katim.answers("Pelayanan sesuai standar", "Tidak")
    katim.ticks("Saya mengajukan keluhan")
    katim.writes("Isi keluhan", "Petugas tidak ramah sekali")
    katim.writes("Kontak untuk menerima jawaban", "0812-3456")
    katim.completes()
    site.office.runs()

    kepala.reads(instance)
    expect(kepala.page.locator("h1")).to_have_text("K-2026-00001")
    expect(kepala.mark("tindak_lanjut", "active")).to_be_visible()
    expect(kepala.page.locator(".djs-element.prima-active")).to_have_count(1)
    expect(kepala.page.get_by_title("Selesai 2 kali").first).to_be_visible()
    for element in ("delegasi", "instruksi", "kesiapan", "pelayanan", "informasi", "penerimaan", "registrasi_keluhan"):
        expect(kepala.mark(element, "completed")).to_be_visible()
    kepala.page.screenshot(path=shots / "berkas-langkah-7.png", full_page=True)
    site.office.later(minutes=1)
    katim.follows_up(instance)
    site.office.runs()
    site.office.later(minutes=1)
    kepala.reports(instance)

    kepala.reads(instance)
    expect(kepala.page.locator(".djs-element.prima-active")).to_have_count(0)
    expect(kepala.mark("akhir_keluhan_ditutup", "completed")).to_be_visible()
    expect(kepala.page.locator(".task-head")).to_contain_text("Selesai")
    steps = kepala.page.get_by_role("region", name="Tugas").locator(".sop-number")
    assert [re.sub(r"\D", "", text) for text in steps.all_inner_texts()] == list("8765432321")
    history = kepala.page.get_by_role("region", name="Riwayat")
    for sentence in (
        "dr. Ratna Wulandari: 1. Mendelegasikan Pelayanan Prima diambil",
        "Budi Santoso: 7. Menindaklanjuti keluhan diselesaikan",
        "Sistem: Meregistrasi keluhan selesai",
        "Selesai: Keluhan ditutup",
    ):
        expect(history).to_contain_text(sentence)
    expect(kepala.page.locator("body")).not_to_contain_text("Nyonya Rahasia")
    expect(kepala.page.locator("body")).not_to_contain_text("0812-3456")
    kepala.page.screenshot(path=shots / "berkas-selesai.png", full_page=True)
    assert site.office.page(instance).visits["instruksi"] == 2
