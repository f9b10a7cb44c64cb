"""The catalogue of services (`katalog_layanan.csv`): what the office promises, and within which time."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from engine.definition.calendar import BusinessCalendar, parse_duration
from engine.errors import OrganisationRejected
from engine.values import JsonObject, canonical_bytes

COLUMNS = ("kode", "nama", "standar_waktu", "kalender", "keterangan")
_REQUIRED = ("kode", "nama", "standar_waktu")


@dataclass(frozen=True)
class Service:
    """One row of the catalogue."""

    kode: str  # stable
    nama: str
    standar_waktu: str  # ISO 8601 duration
    kalender: str | None = None  # name of a business calendar, None = elapsed time
    keterangan: str = ""


@dataclass(frozen=True)
class Catalogue:
    """The published services by code, in the order of the file."""

    services: Mapping[str, Service]

    def __contains__(self, kode: object) -> bool:
        return kode in self.services

    def __len__(self) -> int:
        return len(self.services)

    def get(self, kode: str) -> Service | None:
        """The service of that code, if there is one."""
        return self.services.get(kode)

    def options(self) -> list[dict[str, str]]:
        """The services as choices of a form: `[{"value": code, "label": name}]`."""
        return [{"value": service.kode, "label": service.nama} for service in self.services.values()]

    def deadline(
        self, kode: str, start: datetime, calendars: Mapping[str, BusinessCalendar], *, zone: str = "UTC"
    ) -> datetime:
        """When a service that began at an aware `start` has to be done, in UTC.

        Without a calendar the time is elapsed time, its days on the wall clock of `zone`.  Raises KeyError for a
        code or a calendar that is not there.
        """
        service = self.services[kode]
        duration = parse_duration(service.standar_waktu)
        if service.kalender is None:
            return duration.after(start, zone)
        return calendars[service.kalender].add(start, duration)

    def to_json(self) -> JsonObject:
        """The canonical JSON value, which `from_json` reads back."""
        return {"format": 1, "services": [asdict(service) for service in self.services.values()]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Catalogue:
        """The catalogue that `to_json` wrote."""
        return cls({row["kode"]: Service(**row) for row in data["services"]})

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON, in hex: the name of this version."""
        return hashlib.sha256(canonical_bytes(self.to_json())).hexdigest()


def parse_catalogue(data: bytes, *, calendars: Mapping[str, Any], name: str = "katalog_layanan.csv") -> Catalogue:
    """The catalogue of a CSV file in UTF-8, its cells parted by commas or semicolons.

    `calendars` are the calendar names that may be used.  Raises OrganisationRejected with every mistake and its line.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OrganisationRejected(
            [f"{name}: teks UTF-8 diharapkan, ditemukan bita lain di posisi {error.start}"]
        ) from error
    header = text.split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in header and "," not in header else ",")
    problems = _header_problems(rows.fieldnames or (), name)
    if problems:
        raise OrganisationRejected(problems)
    services: dict[str, Service] = {}
    lines: dict[str, int] = {}
    for row in _readable(rows, name):
        cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
        if not any(cells.values()) and None not in row:
            continue
        place = f"{name} baris {rows.line_num}"
        found = [f"{place}: {problem}" for problem in _row_problems(cells, row, calendars)]
        if cells["kode"] in lines:
            found.append(f'{place}: kode "{cells["kode"]}" sudah ada di baris {lines[cells["kode"]]}')
        problems += found
        lines.setdefault(cells["kode"], rows.line_num)
        services[cells["kode"]] = _service(cells)
    if not services:
        problems.append(f"{name}: sekurang-kurangnya satu layanan diharapkan, tidak ditemukan satu pun")
    if problems:
        raise OrganisationRejected(problems)
    return Catalogue(services)


def _readable(rows: csv.DictReader[str], name: str) -> Iterator[dict[str | Any, str | Any]]:
    try:
        yield from rows
    except csv.Error as error:
        raise OrganisationRejected([f"{name} baris {rows.line_num + 1}: CSV yang sah diharapkan: {error}"]) from error


def _service(cells: Mapping[str, str]) -> Service:
    return Service(
        kode=cells["kode"],
        nama=cells["nama"],
        standar_waktu=cells["standar_waktu"],
        kalender=cells["kalender"] or None,
        keterangan=cells["keterangan"],
    )


def _header_problems(found: Any, name: str) -> list[str]:
    problems = [
        f'{name} baris 1: kolom "{column}" diharapkan, tidak ditemukan' for column in _REQUIRED if column not in found
    ]
    unknown = [column for column in found if column not in COLUMNS]
    return problems + [
        f'{name} baris 1: kolom "{column}" tidak dikenal; yang dikenal: {", ".join(COLUMNS)}' for column in unknown
    ]


def _row_problems(cells: Mapping[str, str], row: Mapping[Any, Any], calendars: Mapping[str, Any]) -> list[str]:
    problems = [f'isi kolom "{column}" diharapkan, ditemukan kosong' for column in _REQUIRED if not cells[column]]
    if None in row:
        problems.append("sel lebih banyak daripada kolom; teks yang memuat koma harus diapit tanda kutip")
    if cells["standar_waktu"]:
        try:
            duration = parse_duration(cells["standar_waktu"])
        except ValueError:
            duration = None
        if not duration or duration.negative:
            problems.append(
                'kolom "standar_waktu": lamanya waktu ISO 8601 seperti PT30M atau P3D diharapkan, '
                f'ditemukan "{cells["standar_waktu"]}"'
            )
    if cells["kalender"] and cells["kalender"] not in calendars:
        known = ", ".join(sorted(calendars)) or "tidak ada"
        problems.append(f'kolom "kalender": nama kalender diharapkan ({known}), ditemukan "{cells["kalender"]}"')
    return problems
