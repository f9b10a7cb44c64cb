"""The demo office, driven by a virtual clock: what people of the SOP do, said in a line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.bootstrap import open_engine, shipped_process
from engine.clock import VirtualClock
from engine.door import Engine
from engine.errors import CommandRejected
from engine.jobs.handlers import SHIPPED
from engine.store.tables import metadata
from engine.values import Value
from engine.views import Account, InstanceDetail, TaskView
from tests.engine.errand import Errand

PROCESS = Path(__file__).resolve().parents[2] / "processes" / "pelayanan_prima"
JAKARTA = ZoneInfo("Asia/Jakarta")
PREPARED = datetime(2026, 11, 22, 12, tzinfo=JAKARTA)  # a Sunday: the schedule has missed nothing
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=JAKARTA)
IDS_OF_THE_TEMPLATE = 1000

SYSTEM = c.SYSTEM
READY = {"hadir": True, "atk_siap": True, "sistem_siap": True, "petugas": "petugas"}
NOT_READY = {"hadir": True, "atk_siap": False, "sistem_siap": True, "alasan_tidak_siap": "ATK habis"}
WAITING_CUSTOMER = READY | {
    "pelanggan_menunggu": True,
    "jenis_layanan": "cop",
    "nama_pelanggan": "Nyonya Rahasia",
    "no_permintaan": "P-1",
}
INSTRUCTED = {"petugas_bertugas": ["petugas"], "perilaku_disampaikan": True}
DELEGATED = {"versi_standar": "v1", "arahan": "Layani dengan baik", "konfirmasi": True}
SERVED = {"persyaratan_lengkap": True, "hasil": "selesai", "no_dokumen": "D-1"}
INFORMED = {"info_persyaratan": True, "info_biaya": True, "info_waktu": True, "info_kanal_pengaduan": True}
CONTENT = {"sesuai_standar": "ya"}
COMPLAINING = {
    "sesuai_standar": "tidak",
    "ajukan_keluhan": True,
    "isi_keluhan": "Petugas tidak ramah sekali",
    "kontak": "0812-3456",
}
FOLLOWED_UP = {
    "klasifikasi": "perilaku",
    "kronologi": "Begini urutan kejadiannya",
    "tindakan": "Ditegur lisan",
    "jawaban": "Kami mohon maaf atas hal itu",
    "terbukti": "ya",
    "cara_penyampaian": "telepon",
}
REPORTED = {"telaah": "Sudah ditangani", "rekomendasi": "Latih lagi"}


def person(account: str) -> c.Actor:
    """Somebody at the web's door."""
    return c.Actor(account, "web")


class Office:
    """An engine on the demo office with its clock; `open_` opens the same database again."""

    def __init__(self, open_: Callable[[Office], Engine], start: datetime = MONDAY) -> None:
        self.clock = VirtualClock(start)
        for _ in range(IDS_OF_THE_TEMPLATE):
            self.clock.new_id()
        self.errand = Errand()
        self._open = open_
        self.engine = open_(self)
        self.is_tampered = False

    @property
    def handlers(self) -> dict[str, Any]:
        return {**SHIPPED, "kirim_surat": self.errand}

    def reopen(self) -> None:
        """Close the engine and open it again, as a restart would."""
        self.engine.close()
        self.engine = self._open(self)

    # -- time -------------------------------------------------------------------------------------------------------

    def at(self, text: str) -> None:
        """Let it become this time on the office's clock (`HH:MM` today, or `YYYY-MM-DD HH:MM`); nothing runs."""
        day, _, clock = text.rpartition(" ")
        today = self.clock.now().astimezone(JAKARTA).date().isoformat()
        self.clock.set(local(f"{day or today} {clock}"))

    def later(self, **duration: float) -> None:
        """Let time pass; nothing runs."""
        self.clock.advance(timedelta(**duration))

    def runs(self) -> int:
        """Whatever is due is done."""
        return self.engine.run_due()

    # -- doing ------------------------------------------------------------------------------------------------------

    def handle(self, command: c.Command) -> c.Outcome:
        return self.engine.handle(command)

    def refused(self, command: c.Command) -> CommandRejected:
        """The refusal of a command, having made sure that not one row of any table has changed."""
        before = self.rows()
        with pytest.raises(CommandRejected) as caught:
            self.engine.handle(command)
        assert self.rows() == before
        return caught.value

    def deploy(self, bpmn: bytes, **forms: bytes) -> str:
        """Deploy one model (and forms by id); returns its key."""
        files = {"process.bpmn": bpmn} | {f"forms/{name}.form": data for name, data in forms.items()}
        self.handle(c.DeployDefinition(actor=SYSTEM, files=files, approved_by="kepala"))
        return "proses"

    def start(self, variables: Mapping[str, Value] | None = None, *, key: str = "proses", **more: Any) -> str:
        """Start an instance as the system; returns its id."""
        command = c.StartProcessInstance(actor=SYSTEM, key=key, variables=variables or {}, **more)
        return self.handle(command).instance_id

    def claims(self, account: str, element: str, instance: str) -> str:
        """Somebody takes the task of an element; returns its id."""
        task = self.task(element, instance)
        self.handle(c.ClaimUserTask(actor=person(account), task_id=task.id))
        return task.id

    def completes(self, account: str, element: str, instance: str, values: Mapping[str, Value] | None = None) -> None:
        """Somebody takes the task of an element, if nobody has it, and completes it; jobs it causes are done."""
        task = self.task(element, instance)
        if task.assignee is None:
            self.handle(c.ClaimUserTask(actor=person(account), task_id=task.id))
        self.handle(c.CompleteUserTask(actor=person(account), task_id=task.id, values=values or {}))
        self.runs()

    # -- the SOP's ways in ------------------------------------------------------------------------------------------

    def opening(self, *, team: str = "tim-a", counters: str = "08:00") -> str:
        """The head opens a team's day."""
        today = self.clock.now().astimezone(JAKARTA).date().isoformat()
        variables = {
            "tim": team,
            "shift": "Pagi",
            "jam_layanan": f"{today}T{counters}:00+07:00",
            "versi_standar": "v1",
        }
        return self.sop("kepala", "mulai_hari_layanan", variables)

    def visit(self, officer: str = "petugas", *, team: str = "tim-a", service: str = "cop") -> str:
        """An officer starts a customer's visit; its deadline is set."""
        variables = {"tim": team, "jenis_layanan": service, "nama_pelanggan": "Nyonya Rahasia", "no_permintaan": "P-1"}
        return self.sop(officer, "pelanggan_datang", variables)

    def served(self, officer: str = "petugas", **more: str) -> str:
        """A visit up to step 6."""
        instance = self.visit(officer, **more)
        self.completes(officer, "pelayanan", instance, SERVED)
        self.completes(officer, "informasi", instance, INFORMED)
        return instance

    def complaint(self, by: str = "katim2", **more: Value) -> str:
        """A complaint that arrives by itself, now, and is registered."""
        return self.sop(by, "keluhan_masuk", self.complaint_form(**more))

    def complaint_form(self, **more: Value) -> dict[str, Value]:
        """The start form of a complaint about `petugas`, received now."""
        form: dict[str, Value] = {
            "layanan": "cop",
            "tim": "tim-a",
            "petugas_dikeluhkan": "petugas",
            "isi_keluhan": "Antrean sangat lama sekali",
            "kanal": "langsung",
            "kontak": "0812-3456",
            "diterima_pada": self.clock.now().isoformat(),
        }
        return form | more

    def sop(self, account: str, start_event: str, variables: Mapping[str, Value]) -> str:
        outcome = self.handle(
            c.StartProcessInstance(
                actor=person(account), key="pelayanan_prima", start_event=start_event, variables=variables
            )
        )
        self.runs()
        return outcome.instance_id

    # -- looking ----------------------------------------------------------------------------------------------------

    def account(self, account_id: str) -> Account:
        found = self.engine.account(account_id)
        assert found is not None, account_id
        return found

    def page(self, instance: str, viewer: str = "auditor") -> InstanceDetail:
        return self.engine.instance(self.account(viewer), instance)

    def state(self, instance: str) -> str:
        return self.page(instance).instance.state

    def open_tasks(self, instance: str) -> list[TaskView]:
        return [task for task in self.page(instance).tasks if task.state in ("READY", "ACTIVE")]

    def waits_at(self, instance: str) -> list[str]:
        """The elements at which the instance's tokens wait."""
        return [token.element_id for token in self.page(instance).tokens]

    def task(self, element: str, instance: str) -> TaskView:
        """The one open task of an element."""
        (found,) = [task for task in self.open_tasks(instance) if task.element_id == element]
        return found

    def last_task(self, element: str, instance: str) -> TaskView:
        """The newest task of an element, open or not."""
        found = [task for task in self.page(instance).tasks if task.element_id == element]
        return max(found, key=lambda task: int(task.id.rpartition(".")[2]))

    def inbox(self, account: str, instance: str, view: str = "queue") -> list[str]:
        """The elements of an instance's tasks in somebody's inbox."""
        rows = self.engine.inbox(self.account(account), view, limit=200).rows
        return [task.element_id for task in rows if task.instance_id == instance]

    def told(self, account: str, instance: str) -> list[str]:
        """The elements whose lateness somebody was told of, oldest first."""
        views = self.engine.escalations(self.account(account))
        return [view.element_id for view in reversed(views) if view.instance_id == instance]

    def breaches(self, instance: str) -> list[tuple[str, str, str]]:
        """(timer's element, due, fired) of each broken time standard, on the office's clock."""
        return [
            (str(item["element_id"]), shown(item["due_at"]), shown(item["fired_at"]))
            for item in self.page(instance).breaches
        ]

    def variables(self, instance: str) -> Mapping[str, Value]:
        return self.page(instance).variables

    def sentences(self, instance: str) -> list[str]:
        """The history in words."""
        return [line.message % line.params for line in self.page(instance).history]

    def rows(self) -> dict[str, list[Any]]:
        """Every row of every table."""
        with self.engine.database.read() as connection:
            return {
                name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
                for name, table in metadata.tables.items()
            }


def local(text: str) -> datetime:
    """The moment of `YYYY-MM-DD HH:MM` on the office's clock."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=JAKARTA)


def shown(text: str | None) -> str:
    """A view's UTC text as `DD HH:MM` on the office's clock."""
    assert text is not None
    return datetime.fromisoformat(text).astimezone(JAKARTA).strftime("%d %H:%M")


def utc(text: str) -> str:
    """`YYYY-MM-DD HH:MM` on the office's clock as the UTC text of views."""
    return local(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def furnish(url: str | None, data_dir: Path | None) -> None:
    """Adopt the demo office and its catalogue, make its accounts, and deploy the SOP."""
    with open_engine(url, data_dir=data_dir, clock=VirtualClock(PREPARED)) as engine:
        organisation, catalogue = (PROCESS / name for name in ("organisasi.yaml", "katalog_layanan.csv"))
        engine.handle(c.AdoptOrganisation(actor=SYSTEM, document=organisation.read_bytes()))
        engine.handle(c.AdoptCatalogue(actor=SYSTEM, document=catalogue.read_bytes()))
        assert engine.organisation is not None
        for human in engine.organisation.people.values():
            engine.handle(
                c.AddAccount(
                    actor=SYSTEM,
                    account_id=human.account_id,
                    display_name=human.name,
                    roles=tuple(human.roles),
                    groups=tuple(human.groups),
                    team=human.team,
                    superior=human.superior,
                )
            )
        files = shipped_process("pelayanan_prima")
        engine.handle(c.DeployDefinition(actor=SYSTEM, files=files, approved_by="kepala"))


def kinds(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """The tags of events."""
    return [event["event"] for event in events]
