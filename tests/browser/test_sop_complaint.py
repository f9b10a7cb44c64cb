"""Steps 7 and 8 on the pages: a complaint a day late, and complaints about those who would have handled them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.browser.people import COMPLETE, Person

TICKET = "K-2026-00001"


def test_a_complaint_a_day_late_is_completed_late_and_stays_so_on_record(site: Site, shots: Path) -> None:
    site.office.at("2026-11-27 15:00")
    site.office.runs()
    katim2 = Person.enters(site, "katim2")
    instance = katim2.registers_complaint("Sari Lestari (Petugas Layanan)")
    expect(katim2.page.get_by_role("heading", level=1)).to_have_text(TICKET)
    site.office.at("2026-12-01 15:00")
    site.office.runs()

    katim = Person.enters(site, "katim")
    katim.looks_at("queue")
    row = katim.row("tindak_lanjut", instance)
    for words in (TICKET, "Terlambat", "lewat tenggat 1 hari", "Senin, 30 November 2026 15.00 WIB"):
        expect(row).to_contain_text(words)
    katim.takes("tindak_lanjut", instance)
    expect(katim.page.locator(".field-fixed", has_text="Kontak pelapor")).to_contain_text("0812-3456")
    katim.fills_follow_up()
    katim.writes("Disampaikan pada", "2026-12-01T14:00")
    katim.page.screenshot(path=shots / "tindak-lanjut.png", full_page=True)
    katim.completes()
    site.office.runs()

    kepala = Person.enters(site, "kepala")
    kepala.page.get_by_role("link", name="Eskalasi").click()
    told = kepala.page.locator("main .row-item", has_text=TICKET)
    expect(told).to_contain_text("Menindaklanjuti keluhan")
    expect(told).to_contain_text("Lewat Tenggat")
    kepala.reports(instance)
    kepala.reads(instance)
    expect(kepala.mark("lewat_tindak_lanjut", "completed")).to_be_visible()
    done = kepala.page.get_by_role("region", name="Tugas").locator(".row-item", has_text="Menindaklanjuti keluhan")
    for words in ("Selesai", "oleh Budi Santoso", "Terlambat", "lewat tenggat 1 hari"):
        expect(done).to_contain_text(words)
    breach = kepala.history().filter(has_text="Lewat tenggat: 7. Menindaklanjuti keluhan")
    expect(breach).to_contain_text("diberitahukan kepada dr. Ratna Wulandari")
    expect(breach).to_contain_text("Terlambat 1 hari")
    expect(kepala.history().filter(has_text="Selesai: Keluhan ditutup")).to_have_count(1)
    expect(kepala.page.locator(".task-head")).to_contain_text("Selesai")
    expect(kepala.page.get_by_role("main")).to_contain_text("Telah diberitahukan")
    assert site.office.breaches(instance) == [("waktu_tindak_lanjut", "30 15:00", "01 15:00")]


@pytest.mark.parametrize(
    ("about", "accused", "handler"),
    [
        ("Budi Santoso (Ketua Tim Kerja A)", "katim", "kepala"),
        ("dr. Ratna Wulandari (Kepala Kantor)", "kepala", "pejabat_luar"),
    ],
    ids=["leader", "head"],
)
def test_a_complaint_about_a_superior_goes_above_them_and_they_are_refused(
    site: Site, about: str, accused: str, handler: str, shots: Path
) -> None:
    instance = Person.enters(site, "katim2").registers_complaint(about)
    task = site.office.task("tindak_lanjut", instance).id
    kept_out = Person.enters(site, accused)
    expect(kept_out.page.get_by_role("main")).not_to_contain_text(TICKET)
    for path, sentence in ((f"/tasks/{task}", "tidak dapat Anda lihat"), (f"/instances/{instance}", "Anda")):
        answer = kept_out.page.goto(path)
        assert answer is not None
        assert answer.status == 403
        expect(kept_out.page.get_by_role("heading", level=1)).to_have_text("Tidak diizinkan")
        expect(kept_out.page.locator(".lead")).to_contain_text(sentence)
        expect(kept_out.page.get_by_role("main")).not_to_contain_text(TICKET)
    kept_out.page.screenshot(path=shots / "tidak-diizinkan.png", full_page=True)
    kept_out.page.goto("/instances?q=K-2026")
    expect(kept_out.page.get_by_role("main")).to_contain_text("Tidak ada berkas yang cocok")

    above = Person.enters(site, handler)
    above.follows_up(instance)
    site.office.runs()
    outside = Person.enters(site, "pejabat_luar")  # never who handled it, nor the head when complained of
    outside.reports(instance)
    above = outside
    above.reads(instance)
    expect(above.mark("akhir_keluhan_ditutup", "completed")).to_be_visible()
    expect(above.button(COMPLETE)).to_have_count(0)
    assert site.office.state(instance) == "COMPLETED"


def test_the_officer_complained_of_cannot_type_the_complaint_in(site: Site) -> None:
    petugas = Person.enters(site, "petugas")
    petugas.begins("Keluhan masuk")
    petugas.selects("Layanan yang dikeluhkan", "Free pratique (COP)")
    petugas.selects("Petugas yang dikeluhkan", "Sari Lestari (Petugas Layanan)")
    petugas.writes("Isi keluhan", "Antrean sangat lama sekali")
    petugas.selects("Kanal pengaduan", "Kotak saran")
    petugas.writes("Diterima pada", "2026-11-23T07:00")
    petugas.button("Mulai").click()
    expect(petugas.page.get_by_role("main")).to_contain_text("menyangkut Anda")
    assert site.office.engine.instances(site.office.account("auditor")).rows == ()
