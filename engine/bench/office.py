"""The office that the benchmark works in: the shipped SOP with its demo organisation, on a database of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine import commands as c
from engine.bootstrap import open_engine, read_folder, shipped_folder
from engine.door import Engine
from engine.values import Value

KEY = "pelayanan_prima"
OPENING: Mapping[str, Value] = {
    "tim": "tim-a",
    "shift": "Pagi",
    "jam_layanan": "2099-01-01T08:00:00+07:00",
    "versi_standar": "Standar Pelayanan",
}
DELEGATION: Mapping[str, Value] = {"versi_standar": "Standar Pelayanan", "arahan": "", "konfirmasi": True}
INSTRUCTION: Mapping[str, Value] = {"petugas_bertugas": ["petugas"], "perilaku_disampaikan": True}
NOT_READY: Mapping[str, Value] = {
    "hadir": True,
    "atk_siap": False,
    "sistem_siap": True,
    "alasan_tidak_siap": "Alat tulis habis, sedang dibeli.",
}
HELD_BY_THEIR_OFFICER = frozenset({"pelayanan.1", "informasi.1"})
_EIGHT_ROWS: tuple[tuple[str, str, Mapping[str, Value]], ...] = (
    ("instruksi.2", "katim", INSTRUCTION),
    (
        "kesiapan.2",
        "petugas",
        {
            "hadir": True,
            "atk_siap": True,
            "sistem_siap": True,
            "pelanggan_menunggu": True,
            "jenis_layanan": "sanitasi-kapal",
            "nama_pelanggan": "Kapten Contoh",
            "no_permintaan": "P-2026-0001",
            "petugas": "petugas",
        },
    ),
    ("pelayanan.1", "petugas", {"persyaratan_lengkap": True, "hasil": "selesai", "no_dokumen": "SK-0001"}),
    (
        "informasi.1",
        "petugas",
        {"info_persyaratan": True, "info_biaya": True, "info_waktu": True, "info_kanal_pengaduan": True},
    ),
    (
        "penerimaan.1",
        "katim",
        {"sesuai_standar": "tidak", "ajukan_keluhan": True, "isi_keluhan": "Menunggu terlalu lama.", "anonim": True},
    ),
    (
        "tindak_lanjut.1",
        "katim",
        {
            "klasifikasi": "waktu",
            "kronologi": "Antrean panjang pada pagi hari.",
            "tindakan": "Loket kedua dibuka.",
            "jawaban": "Mohon maaf; loket kedua sudah dibuka.",
            "terbukti": "ya",
            "cara_penyampaian": "tiket",
        },
    ),
    ("laporan_keluhan.1", "kepala", {"telaah": "Sudah ditangani dengan baik.", "rekomendasi": ""}),
)


class BenchOffice:
    """An engine with the SOP deployed and its people known."""

    def __init__(self, directory: Path) -> None:
        self.engine: Engine = open_engine(data_dir=directory)
        folder = shipped_folder(KEY)
        handle = self.engine.handle
        handle(c.AdoptOrganisation(actor=c.SYSTEM, document=(folder / "organisasi.yaml").read_bytes()))
        handle(c.AdoptCatalogue(actor=c.SYSTEM, document=(folder / "katalog_layanan.csv").read_bytes()))
        organisation = self.engine.organisation
        for person in organisation.people.values() if organisation else ():
            handle(
                c.AddAccount(
                    actor=c.SYSTEM,
                    account_id=person.account_id,
                    display_name=person.name,
                    roles=tuple(person.roles),
                    groups=tuple(person.groups),
                    team=person.team,
                    superior=person.superior,
                )
            )
        handle(c.DeployDefinition(actor=c.SYSTEM, files=read_folder(folder), approved_by="kepala"))

    def deploy(self, bpmn: bytes) -> None:
        """Deploy one more process."""
        self.engine.handle(c.DeployDefinition(actor=c.SYSTEM, files={"process.bpmn": bpmn}, approved_by="kepala"))

    def start(self, key: str, start_event: str | None, values: Mapping[str, Value]) -> str:
        """Start an instance; returns its id."""
        command = c.StartProcessInstance(actor=c.SYSTEM, key=key, start_event=start_event, variables=values)
        return self.engine.handle(command).instance_id

    def do(self, task_id: str, user: str, values: Mapping[str, Value], *, claim: bool = True) -> float:
        """Claim and complete a task; returns the seconds that completing took."""
        actor = c.Actor(user, "cli")
        if claim:
            self.engine.handle(c.ClaimUserTask(actor=actor, task_id=task_id))
        return timed(lambda: self.engine.handle(c.CompleteUserTask(actor=actor, task_id=task_id, values=values)))

    def turn(self, instance_id: str, number: int) -> tuple[float, float]:
        """One turn of the SOP's loop that answers Tidak: (seconds of step 2, of step 3)."""
        step2 = self.do(f"{instance_id}:instruksi.{number}", "katim", INSTRUCTION)
        return step2, self.do(f"{instance_id}:kesiapan.{number}", "petugas", NOT_READY)

    def open_loop(self) -> str:
        """An opening whose step 1 is done: its loop may turn."""
        instance_id = self.start(KEY, "mulai_hari_layanan", OPENING)
        self.do(f"{instance_id}:delegasi.1", "kepala", DELEGATION)
        return instance_id

    def walk_all_rows(self) -> str:
        """An instance that walks all eight rows, Tidak once: returns its id."""
        instance_id = self.open_loop()
        self.turn(instance_id, 1)
        for element, user, values in _EIGHT_ROWS:
            task_id = f"{instance_id}:{element}"
            self.do(task_id, user, values, claim=element not in HELD_BY_THEIR_OFFICER)
            self.engine.run_due()
        return instance_id


def timed(act: Callable[[], Any]) -> float:
    """The seconds that an act takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
