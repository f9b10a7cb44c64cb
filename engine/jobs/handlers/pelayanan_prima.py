"""What Pelayanan Prima leaves to the system: deadlines by the catalogue, the complaint register, the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engine.clock import from_text, to_text
from engine.definition.calendar import parse_duration, parse_moment
from engine.definition.catalogue import Service
from engine.errors import JobFailed
from engine.runtime.job_contract import Job
from engine.values import Value

COMPLAINT_TIME = timedelta(hours=72)  # 3 x 24 jam, elapsed, from the moment of receipt
LEADER_GROUP = "ka-tim-kerja"
HEAD_GROUP = "kepala-kkp"
OUTSIDE_GROUP = "pejabat-luar"


class ServiceDeadline:
    """`tetapkan_tenggat`: the published time of the service asked for, frozen when the visit begins."""

    def perform(self, job: Job) -> Mapping[str, Value]:
        """The deadline and the words of the standard; fails for a service that the catalogue does not have."""
        code = job.variables.get("jenis_layanan")
        service = job.catalogue.get(code) if isinstance(code, str) else None
        if service is None:
            raise JobFailed(f"Layanan {code!r} tidak ada di katalog.", retry=False)
        organisation = job.organisation
        calendars = organisation.calendars if organisation else {}
        zone = organisation.zone if organisation else "UTC"
        due = job.catalogue.deadline(service.kode, job.now, calendars, zone=zone)
        return {"tenggat_layanan": to_text(due), "standar_layanan": f"{service.nama}: {standard_in_words(service)}"}

    def settle(self, job: Job, results: Mapping[str, Value], next_number: Callable[[str], int]) -> Mapping[str, Value]:
        """Nothing more."""
        return results


def standard_in_words(service: Service) -> str:
    """The published time as the pledge says it: *20 menit*, *3 hari kerja*."""
    duration = parse_duration(service.standar_waktu)
    minutes = duration.microseconds // 60_000_000
    worked = " kerja" if service.kalender is not None else ""
    parts = (
        (duration.months, "bulan"),
        (duration.weeks, "minggu"),
        (duration.days, f"hari{worked}"),
        (minutes // 60, f"jam{worked}"),
        (minutes % 60, f"menit{worked}" if minutes < 60 else "menit"),
    )
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


class ComplaintRegistration:
    """`registrasi_keluhan`: number, receipt code, the 72 hours, and who handles it: never who is complained of."""

    def perform(self, job: Job) -> Mapping[str, Value]:
        """Who handles the complaint and by when."""
        return {
            "tenggat_keluhan": to_text(self._received(job) + COMPLAINT_TIME),
            "penangan": self._handler(job),
        }

    def settle(self, job: Job, results: Mapping[str, Value], next_number: Callable[[str], int]) -> Mapping[str, Value]:
        """The ticket number, without gaps within a year of the office, and the code printed on the receipt."""
        zone = job.organisation.zone if job.organisation else "UTC"
        year = job.now.astimezone(ZoneInfo(zone)).year
        number = f"K-{year}-{next_number(f'keluhan {year}'):05d}"
        return {**results, "nomor_tiket": number, "kode_tiket": _receipt_code(job.id)}

    def _received(self, job: Job) -> datetime:
        found = job.variables.get("diterima_pada")
        if not isinstance(found, str) or not found:
            return job.now
        zone = job.organisation.zone if job.organisation else "UTC"
        try:
            return parse_moment(found.split("[")[0], zone)
        except ValueError:
            return from_text(found)

    def _handler(self, job: Job) -> str:
        accused, team = job.variables.get("petugas_dikeluhkan"), job.variables.get("tim")
        organisation = job.organisation
        if organisation is not None and accused == organisation.head:
            return OUTSIDE_GROUP
        leader = organisation.leader_of(team) if organisation is not None and isinstance(team, str) else None
        return HEAD_GROUP if leader is None or leader == accused else f"{LEADER_GROUP}:{team}"


class ReporterNotice:
    """`beri_tahu_pelapor`: whether the reporter has been told, as step 7 recorded, and who gets the report."""

    def perform(self, job: Job) -> Mapping[str, Value]:
        """*Telah diberitahukan* only when there is a date on which it was done."""
        told = bool(job.variables.get("disampaikan_pada"))
        return {
            "status_pemberitahuan": "Telah diberitahukan" if told else "Jawaban tersedia",
            "penerima_laporan": self._receiver(job),
        }

    def _receiver(self, job: Job) -> str:
        """The head, but the outside official when the head is complained of or has handled the complaint."""
        head = job.organisation.head if job.organisation else None
        own = head is not None and head in (
            job.variables.get("petugas_dikeluhkan"),
            job.variables.get("ditangani_oleh"),
        )
        outside = job.organisation.outside_official if job.organisation else None
        return OUTSIDE_GROUP if own and outside is not None else HEAD_GROUP

    def settle(self, job: Job, results: Mapping[str, Value], next_number: Callable[[str], int]) -> Mapping[str, Value]:
        """Nothing more."""
        return results


def _receipt_code(job_id: str) -> str:
    """Eight letters and digits that nobody guesses from the number; the job's id is not shown to the public."""
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    digest = hashlib.sha256(f"tanda terima {job_id}".encode()).digest()
    return "".join(alphabet[byte % len(alphabet)] for byte in digest[:8])
