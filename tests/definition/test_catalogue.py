"""katalog_layanan.csv: services, deadlines, and every mistake with its line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.definition.calendar import BusinessCalendar, Hours
from engine.definition.catalogue import Catalogue, parse_catalogue
from engine.errors import OrganisationRejected

SHIPPED = Path(__file__).parents[2] / "processes" / "pelayanan_prima" / "katalog_layanan.csv"
HEADER = "kode,nama,standar_waktu,kalender,keterangan\n"
WEEK = Hours.of(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (450, 960)), {})
CALENDARS = {"jam_kerja": BusinessCalendar("jam_kerja", "Asia/Jakarta", WEEK, days_off={date(2026, 11, 24): "Libur"})}


def read(text: str) -> Catalogue:
    return parse_catalogue(text.encode(), calendars=CALENDARS)


def test_the_shipped_catalogue_is_read_and_survives_its_json() -> None:
    catalogue = parse_catalogue(SHIPPED.read_bytes(), calendars=CALENDARS)
    assert Catalogue.from_json(catalogue.to_json()) == catalogue
    assert Catalogue.from_json(catalogue.to_json()).hash == catalogue.hash
    assert "cop" in catalogue
    assert catalogue.options()[1] == {"value": "cop", "label": "Free pratique (COP)"}


def test_deadlines_are_of_elapsed_or_of_working_time() -> None:
    catalogue = read(HEADER + "cop,Free pratique,PT20M,,\ndisinseksi,Pengawasan,P3D,jam_kerja,contoh\n")
    friday = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # 16.00 WIB
    assert catalogue.deadline("cop", friday, CALENDARS) == datetime(2026, 11, 20, 9, 20, tzinfo=UTC)
    assert catalogue.deadline("disinseksi", datetime(2026, 11, 20, 3, 0, tzinfo=UTC), CALENDARS) == datetime(
        2026, 11, 26, 3, 0, tzinfo=UTC
    )
    with pytest.raises(KeyError):
        catalogue.deadline("tidak-ada", friday, CALENDARS)


def test_a_file_from_a_spreadsheet_is_read() -> None:
    text = '\ufeffkode;nama;standar_waktu;kalender;keterangan\r\ncop;"Free pratique; COP";PT20M;;\r\n;;;;\r\n'
    catalogue = parse_catalogue(text.encode(), calendars={})
    assert catalogue.services["cop"].nama == "Free pratique; COP"
    assert len(catalogue) == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",Tanpa kode,PT5M,,", 'baris 2: isi kolom "kode" diharapkan'),
        ("a,Nama,tiga hari,,", 'baris 2: kolom "standar_waktu": .*ditemukan "tiga hari"'),
        ("a,Nama,PT0S,,", 'baris 2: kolom "standar_waktu"'),
        ("a,Nama,-PT5M,,", 'baris 2: kolom "standar_waktu"'),
        ("a,Nama,P3D,kalender_lain,", r'baris 2: kolom "kalender": nama kalender diharapkan \(jam_kerja\)'),
        ("a,Nama,P3D,,satu,dua", "baris 2: sel lebih banyak"),
        ("a,Nama,P3D,,\na,Lagi,P3D,,", 'baris 3: kode "a" sudah ada di baris 2'),
        ("", "sekurang-kurangnya satu layanan"),
    ],
)
def test_a_mistake_is_named_by_its_line(row: str, words: str) -> None:
    with pytest.raises(OrganisationRejected, match=words):
        read(HEADER + row + "\n")


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(OrganisationRejected) as caught:
        read(HEADER + "a,,x,,\nb,Nama,PT5M,lain,\n")
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"kode,nama\na,b\n", 'kolom "standar_waktu" diharapkan'),
        (b"kode,nama,standar_waktu,biaya\n", 'kolom "biaya" tidak dikenal'),
        (b"", 'kolom "kode" diharapkan'),
    ],
)
def test_what_is_no_catalogue_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(OrganisationRejected, match=words):
        parse_catalogue(data, calendars={})
