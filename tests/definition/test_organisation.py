"""organisasi.yaml: what it becomes, and every mistake in it."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.definition.calendar import parse_duration
from engine.definition.organisation import Organisation, parse_organisation
from engine.errors import OrganisationRejected

SHIPPED = Path(__file__).parents[2] / "processes" / "pelayanan_prima" / "organisasi.yaml"

SMALL: dict[str, Any] = {
    "office": {"key": "kantor", "name": "Kantor Contoh", "zone": "Asia/Makassar", "head": "kepala"},
    "group_labels": {"kepala-kkp": "Kepala", "ka-tim-kerja": "Ketua Tim Kerja"},
    "teams": {"tim-a": {"name": "Tim A", "leader": "katim"}},
    "people": {
        "kepala": {"name": "Ratna", "roles": ["staff"], "groups": ["kepala-kkp"]},
        "katim": {
            "name": "Budi",
            "roles": ["staff"],
            "groups": ["ka-tim-kerja:tim-a"],
            "team": "tim-a",
            "superior": "kepala",
        },
    },
    "periods": {"ramadan": [{"from": "2026-02-19", "to": "2026-03-20"}]},
    "calendars": {
        "jam_kerja": {
            "hours": {"mon": ["07:30", "16:00"], "fri": ["07:30", "16:30"]},
            "breaks": {"mon": ["12:00", "13:00"]},
            "variants": [{"period": "ramadan", "hours": {"fri": ["08:00", "15:00"]}}],
            "holidays": {"country": "ID", "joint_leave": True, "own": [{"date": "2026-11-27", "name": "Libur kantor"}]},
        }
    },
    "schedule": [
        {
            "key": "pembukaan",
            "name": "Pembukaan",
            "process": "pelayanan_prima",
            "start_event": "mulai",
            "calendar": "jam_kerja",
            "days": ["mon", "fri"],
            "teams": ["tim-a"],
            "shifts": [
                {
                    "key": "pagi",
                    "name": "Pagi",
                    "buka": "07:30",
                    "jam_layanan": "08:00",
                    "variants": [{"period": "ramadan", "buka": "08:00", "jam_layanan": "08:30"}],
                }
            ],
            "values": {"tim": "=team", "giliran": "=shift", "jam": "=jam_layanan", "hari": "=date", "versi": "2026"},
        }
    ],
}


def read(document: dict[str, Any]) -> Organisation:
    return parse_organisation(yaml.safe_dump(document, sort_keys=False))


def problems_of(change: Any) -> list[str]:
    document = copy.deepcopy(SMALL)
    change(document)
    with pytest.raises(OrganisationRejected) as caught:
        read(document)
    return list(caught.value.problems)


def test_the_shipped_organisation_is_read_and_survives_its_json() -> None:
    office = parse_organisation(SHIPPED.read_bytes())
    again = Organisation.from_json(json.loads(json.dumps(office.to_json())))
    assert again == office
    assert again.hash == office.hash
    assert office.superior_of("petugas") == office.leader_of("tim-a") == "katim"
    assert office.superior_of("katim") == "kepala"
    deadline = office.calendars["jam_kerja"].add(datetime(2026, 11, 20, 1, 0, tzinfo=UTC), parse_duration("P3D"))
    assert deadline == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def test_who_is_above_whom() -> None:
    office = read(SMALL)
    assert office.superior_of("katim") == "kepala"
    assert office.superior_of("kepala") is None
    assert office.superior_of("tidak-ada") is None
    assert office.leader_of("tim-a") == "katim"
    assert office.leader_of("tim-x") is None
    assert office.members_of("ka-tim-kerja:tim-a") == ["katim"]
    assert office.label_of("ka-tim-kerja:tim-a") == "Ketua Tim Kerja, Tim A"
    assert office.label_of("kepala-kkp") == "Kepala"


def test_each_team_and_shift_is_opened_once_on_its_days() -> None:
    office = read(SMALL)
    (opening,) = office.scheduled_openings(date(2026, 11, 23))
    assert opening.key == "pembukaan:2026-11-23:tim-a:pagi"
    assert opening.due == datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert opening.values == {
        "tim": "tim-a",
        "giliran": "Pagi",
        "jam": "2026-11-23T08:00:00+08:00",
        "hari": "2026-11-23",
        "versi": "2026",
    }
    assert office.scheduled_openings(date(2026, 11, 23)) == [opening]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 24), "a Tuesday, not listed"),
        (date(2026, 12, 25), "a national holiday"),
        (date(2026, 5, 15), "joint leave"),
        (date(2026, 11, 27), "a day off of this office"),
    ],
)
def test_nothing_is_opened_on_other_days(day: date, why: str) -> None:
    assert read(SMALL).scheduled_openings(day) == [], why


def test_ramadan_moves_the_opening() -> None:
    (opening,) = read(SMALL).scheduled_openings(date(2026, 2, 23))
    assert opening.due == datetime(2026, 2, 23, 0, 0, tzinfo=UTC)
    assert opening.values["jam"] == "2026-02-23T08:30:00+08:00"


def test_a_worked_holiday_is_worked() -> None:
    document = copy.deepcopy(SMALL)
    document["calendars"]["jam_kerja"]["holidays"]["worked"] = ["2026-12-25"]
    assert len(read(document).scheduled_openings(date(2026, 12, 25))) == 1


def test_the_hash_names_the_content() -> None:
    changed = copy.deepcopy(SMALL)
    changed["people"]["katim"]["title"] = "Ketua"
    assert read(SMALL).hash == read(copy.deepcopy(SMALL)).hash != read(changed).hash


def test_another_release_of_the_holiday_package_changes_nothing_that_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = read(SMALL).to_json()
    monkeypatch.setattr("engine.definition.organisation.national_holidays", lambda *args, **options: {})
    assert Organisation.from_json(stored).calendars["jam_kerja"].is_day_off(date(2026, 12, 25))


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        (lambda d: d["office"].pop("name"), "office.name", "teks diharapkan, ditemukan tidak ada"),
        (lambda d: d["office"].update(zone="Asia/Betawi"), "office.zone", "zona IANA"),
        (
            lambda d: d["office"].update(head="siapa"),
            "office.head",
            'akun (kepala, katim) diharapkan, ditemukan "siapa"',
        ),
        (lambda d: d["office"].update(alamat="x"), "office.alamat", "salah satu dari"),
        (lambda d: d.update(lain={}), "lain", "salah satu dari"),
        (lambda d: d["teams"]["tim-a"].update(leader="x"), "teams.tim-a.leader", "akun"),
        (lambda d: d["people"]["katim"].update(team="tim-x"), "people.katim.team", "kunci tim"),
        (lambda d: d["people"]["katim"].update(roles=["bos"]), "people.katim.roles[0]", "peran"),
        (lambda d: d["people"]["katim"].update(groups=["ka-tim-kerja:tim-x"]), "people.katim.groups[0]", "titik dua"),
        (lambda d: d["people"]["katim"].update(groups=["lain"]), "people.katim.groups[0]", "group_labels"),
        (lambda d: d["people"]["kepala"].update(superior="katim"), "people.kepala.superior", "lingkaran"),
        (lambda d: d["people"]["katim"].update(demo="ya"), "people.katim.demo", "true atau false"),
        (lambda d: d["periods"]["ramadan"][0].update(to="2026-01-01"), "periods.ramadan[0].to", "sejak"),
        (lambda d: d["periods"]["ramadan"][0].update({"from": "19/2/2026"}), "periods.ramadan[0].from", "tanggal"),
        (
            lambda d: d["calendars"]["jam_kerja"]["hours"].update(mon=[450, "16:00"]),
            "calendars.jam_kerja.hours.mon[0]",
            'jam dalam tanda kutip seperti "07:30" diharapkan, ditemukan "450"',
        ),
        (
            lambda d: d["calendars"]["jam_kerja"]["hours"].update(mon=["16:00", "07:30"]),
            "calendars.jam_kerja.hours.mon",
            "tutup sesudah buka",
        ),
        (
            lambda d: d["calendars"]["jam_kerja"]["hours"].update(senin=["07:30", "16:00"]),
            "calendars.jam_kerja.hours.senin",
            "salah satu dari mon",
        ),
        (
            lambda d: d["calendars"]["jam_kerja"]["breaks"].update(mon=["06:00", "13:00"]),
            "calendars.jam_kerja.breaks.mon",
            "istirahat di dalam jam kerja",
        ),
        (
            lambda d: d["calendars"]["jam_kerja"]["holidays"].update(country="XX"),
            "calendars.jam_kerja.holidays.country",
            "kode negara",
        ),
        (
            lambda d: d["calendars"]["jam_kerja"]["holidays"].update(worked=["2026-11-24"]),
            "calendars.jam_kerja.holidays.worked[0]",
            "hari libur",
        ),
        (lambda d: d["schedule"][0].update(calendar="lain"), "schedule[0].calendar", "nama kalender (jam_kerja)"),
        (lambda d: d["schedule"][0].update(teams=["tim-x"]), "schedule[0].teams[0]", "kunci tim"),
        (
            lambda d: d["schedule"][0]["shifts"][0].update(jam_layanan="07:00"),
            "schedule[0].shifts[0].jam_layanan",
            "jam sejak buka",
        ),
        (lambda d: d["schedule"].append(d["schedule"][0]), "schedule", "kunci yang berlainan"),
    ],
)
def test_a_mistake_is_named_by_its_path(change: Any, path: str, words: str) -> None:
    problems = problems_of(change)
    assert any(f": {path}: " in problem and words in problem for problem in problems), problems


def test_all_mistakes_come_at_once() -> None:
    def change(document: dict[str, Any]) -> None:
        document["office"]["head"] = "x"
        document["people"]["katim"]["roles"] = ["bos"]
        document["schedule"][0]["teams"] = ["tim-x"]

    assert len(problems_of(change)) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("office: [", "YAML yang sah"),
        ("[" * 50_000, "YAML yang sah"),
        ("office: {}\noffice: {}\n", 'kunci "office" ditulis dua kali'),
        ("!!python/object/apply:os.system [ls]", "YAML yang sah"),
        ("- a\n- b\n", "daftar kunci dan nilai"),
        ("", "daftar kunci dan nilai"),
    ],
)
def test_what_is_no_organisation_is_refused(text: str, words: str) -> None:
    with pytest.raises(OrganisationRejected, match=words):
        parse_organisation(text)
