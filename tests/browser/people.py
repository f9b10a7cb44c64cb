"""People at their browsers: what they do on the pages, said in a line each.

kepala = Person.enters(site, "kepala")
kepala.takes("delegasi", instance)            # from the list, by its button
kepala.ticks("Tugas menerapkan Pelayanan Prima didelegasikan")
kepala.completes()                            # and is told so
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site
from tests.engine.office import JAKARTA

TAKE = "Ambil dan buka"
COMPLETE = "Selesaikan"
READY = ("Petugas Layanan sudah hadir", "ATK siap", "Sistem layanan berbasis elektronik siap")
INFORMED = ("Persyaratan layanan", "Biaya (tarif PNBP)", "Waktu layanan", "Kanal pengaduan")


@dataclass(frozen=True)
class Person:
    """Somebody who has logged in, and the page in front of them."""

    site: Site
    account: str
    page: Page

    @classmethod
    def enters(cls, site: Site, account: str, *, phone: bool = False, script: bool = True) -> Person:
        """A person in a browser of their own."""
        return cls(site, account, site.enters(account, phone=phone, script=script))

    # -- the list ---------------------------------------------------------------------------------------------------

    def looks_at(self, view: str) -> None:
        """Open one of the lists: `mine`, `queue`, `done`, `all`."""
        self.page.goto(f"/?view={view}")

    def row(self, element: str, instance: str) -> Locator:
        """The row of an element's open task in the list."""
        return self.page.locator(f"[id='tugas-{self.site.office.task(element, instance).id}']")

    def takes(self, element: str, instance: str) -> None:
        """Take a task from the queue and find its form."""
        self.looks_at("queue")
        self.row(element, instance).get_by_role("button", name=TAKE).click()
        expect(self.button(COMPLETE)).to_be_visible()

    def opens(self, element: str, instance: str) -> None:
        """Open a task that is already one's own."""
        self.looks_at("mine")
        self.row(element, instance).get_by_role("link", name="Buka").click()
        expect(self.button(COMPLETE)).to_be_visible()

    # -- a form -----------------------------------------------------------------------------------------------------

    def ticks(self, *labels: str) -> None:
        for label in labels:
            self.page.get_by_label(label).check()

    def writes(self, label: str, text: str) -> None:
        self.page.get_by_label(label).fill(text)

    def selects(self, label: str, option: str) -> None:
        self.page.get_by_label(label).select_option(label=option)

    def answers(self, question: str, *choices: str) -> None:
        """Choose among radio buttons, or tick some of a list."""
        group = self.page.get_by_role("group", name=question)
        for choice in choices:
            group.get_by_label(choice, exact=True).check()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def completes(self) -> None:
        """Send the form; the page says that it is done."""
        self.button(COMPLETE).click()
        self.is_told("selesai.")

    def is_told(self, sentence: str) -> None:
        """The page's message about what was done."""
        expect(self.page.get_by_role("status")).to_contain_text(sentence)

    def problems(self) -> Locator:
        """The summary above a form of what is wrong with it."""
        return self.page.get_by_role("alert")

    # -- the steps of the SOP, each from the list to *selesai* --------------------------------------------------------

    def delegates(self, instance: str) -> None:
        self.takes("delegasi", instance)
        self.ticks("Tugas menerapkan Pelayanan Prima didelegasikan")
        self.completes()

    def instructs(self, instance: str, officer: str = "Sari Lestari (Petugas Layanan)") -> None:
        self.takes("instruksi", instance)
        self.answers("Petugas Layanan yang bertugas", officer)
        self.ticks("Kelima perilaku di atas sudah diinstruksikan")
        self.completes()

    def serves(self, instance: str) -> None:
        self.opens("pelayanan", instance)
        self.ticks("Persyaratan lengkap")
        self.answers("Hasil layanan", "Selesai")
        self.completes()

    def informs(self, instance: str) -> None:
        self.opens("informasi", instance)
        self.ticks(*INFORMED)
        self.completes()

    def follows_up(self, instance: str) -> None:
        """Step 7, taken from the list."""
        self.takes("tindak_lanjut", instance)
        self.fills_follow_up()
        self.completes()

    def fills_follow_up(self) -> None:
        self.selects("Klasifikasi keluhan", "Perilaku petugas")
        self.writes("Kronologi", "Begini urutan kejadiannya")
        self.writes("Tindakan yang diambil", "Ditegur lisan")
        self.writes("Jawaban kepada pelapor", "Kami mohon maaf atas hal itu")
        self.answers("Keluhan terbukti", "Terbukti")
        self.selects("Cara jawaban disampaikan", "Telepon")

    def reports(self, instance: str) -> None:
        """Step 8."""
        self.takes("laporan_keluhan", instance)
        self.writes("Telaah", "Sudah ditangani")
        self.writes("Rekomendasi", "Latih lagi")
        self.completes()

    # -- starting ---------------------------------------------------------------------------------------------------

    def begins(self, name: str) -> None:
        """Choose on the page *Mulai* what to start."""
        self.page.goto("/start")
        self.page.get_by_role("link", name=name, exact=True).click()
        expect(self.button("Mulai")).to_be_visible()

    def registers_complaint(self, about: str, *, team: str = "Tim Kerja A – Pengawasan Alat Angkut") -> str:
        """A complaint that arrives by itself, by its start form, received now; returns the instance's id."""
        office = self.site.office
        self.begins("Keluhan masuk")
        self.selects("Layanan yang dikeluhkan", "Free pratique (COP)")
        self.selects("Tim kerja yang dikeluhkan", team)
        self.selects("Petugas yang dikeluhkan", about)
        self.writes("Isi keluhan", "Antrean sangat lama sekali")
        self.selects("Kanal pengaduan", "Langsung di tempat layanan")
        self.writes("Kontak untuk menerima jawaban", "0812-3456")
        self.writes("Diterima pada", office.clock.now().astimezone(JAKARTA).strftime("%Y-%m-%dT%H:%M"))
        self.button("Mulai").click()
        self.is_told("sudah dimulai.")
        self.page.wait_for_url("**/instances/*")
        office.runs()
        instance = self.page.url.rpartition("/")[2]
        self.reads(instance)
        return instance

    # -- one instance -----------------------------------------------------------------------------------------------

    def reads(self, instance: str) -> None:
        """Open the page of an instance, with its diagram marked."""
        self.page.goto(f"/instances/{instance}")
        expect(self.page.locator("[data-bpmn-viewer][data-marked=true]")).to_be_visible()

    def mark(self, element: str, kind: Literal["active", "late", "completed", "incident"]) -> Locator:
        """An element of the diagram, if it is marked so."""
        return self.page.locator(f"[data-element-id='{element}'].prima-{kind}")

    def history(self) -> Locator:
        """The lines of the history, newest first."""
        return self.page.get_by_role("region", name="Riwayat").get_by_role("listitem")
