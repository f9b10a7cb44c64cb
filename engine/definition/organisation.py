"""The organisation of an office (`organisasi.yaml`): who is who, when it works, what starts by itself.

Reading resolves the national holidays once; from then on the organisation is what `to_json` says, named by `hash`, and
another release of the package `holidays` changes nothing in it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from engine.definition.calendar import WEEKDAYS, BusinessCalendar, Hours, Variant, national_holidays
from engine.errors import OrganisationRejected
from engine.values import JsonObject, canonical_bytes

ROLES = ("admin", "process_owner", "staff", "auditor")
HOLIDAY_YEARS = range(2020, 2051)  # resolved when read; beyond them a calendar says that it does not know
_LARGEST_FILE = 1_000_000
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Team:
    """One team; its leader is the direct superior of its officers and of the service that is complained of."""

    key: str
    name: str
    leader: str


@dataclass(frozen=True)
class Person:
    """One person; `account_id` is the stable name of the account."""

    account_id: str
    name: str
    title: str
    roles: frozenset[str]
    groups: frozenset[str]
    team: str | None
    superior: str | None
    demo: bool


@dataclass(frozen=True)
class Shift:
    """When a shift is opened and its counters open, in minutes after midnight; `variants` replace both in a period."""

    key: str
    name: str
    opens: int
    service_from: int
    variants: tuple[tuple[date, date, int, int], ...] = ()

    def times_on(self, day: date) -> tuple[int, int]:
        """(opens, service_from) of that day."""
        for first, last, opens, service_from in self.variants:
            if first <= day <= last:
                return opens, service_from
        return self.opens, self.service_from


@dataclass(frozen=True)
class ScheduleEntry:
    """What starts by itself, once for each of its teams and shifts on each of its days that is no holiday."""

    key: str
    name: str
    process: str
    start_event: str
    calendar: str | None
    days: frozenset[str]
    teams: tuple[str, ...]
    shifts: tuple[Shift, ...]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class ScheduledOpening:
    """One instance to start: `key` is the same whenever it is asked for, so that it is started once."""

    key: str
    process: str
    start_event: str
    values: Mapping[str, Any]
    due: datetime  # when to start it, UTC
    team: str
    shift: str


@dataclass(frozen=True)
class Organisation:
    """The office as one immutable version."""

    key: str
    name: str
    zone: str
    head: str
    outside_official: str | None
    group_labels: Mapping[str, str]
    teams: Mapping[str, Team]
    people: Mapping[str, Person]
    calendars: Mapping[str, BusinessCalendar]
    schedule: tuple[ScheduleEntry, ...]
    document: JsonObject

    def superior_of(self, account_id: str) -> str | None:
        """The account that is told of a breach by this one; None when there is nobody above, or no such person."""
        person = self.people.get(account_id)
        return person.superior if person else None

    def leader_of(self, team: str) -> str | None:
        """The account that leads a team; None when there is no such team."""
        found = self.teams.get(team)
        return found.leader if found else None

    def members_of(self, group: str) -> list[str]:
        """The accounts of a group, in the order of the file."""
        return [person.account_id for person in self.people.values() if group in person.groups]

    def label_of(self, group: str) -> str:
        """A group as shown: `ka-tim-kerja:tim-a` is *Ketua Tim Kerja, Tim Kerja A*; an unknown one is left as it is."""
        base, _, team = group.partition(":")
        label = self.group_labels.get(base, base)
        if not team:
            return label
        return f"{label}, {self.teams[team].name if team in self.teams else team}"

    def scheduled_openings(self, day: date) -> list[ScheduledOpening]:
        """What is to be started on a day of the office, by due time and key."""
        openings = [
            opening for entry in self.schedule if self._runs_on(entry, day) for opening in self._openings(entry, day)
        ]
        return sorted(openings, key=lambda opening: (opening.due, opening.key))

    def _runs_on(self, entry: ScheduleEntry, day: date) -> bool:
        holiday = entry.calendar is not None and self.calendars[entry.calendar].is_day_off(day)
        return WEEKDAYS[day.weekday()] in entry.days and not holiday

    def _openings(self, entry: ScheduleEntry, day: date) -> Iterator[ScheduledOpening]:
        for team in entry.teams:
            for shift in entry.shifts:
                opens, service_from = shift.times_on(day)
                given = {
                    "=team": team,
                    "=shift": shift.name,
                    "=date": day.isoformat(),
                    "=jam_layanan": self._moment(day, service_from).isoformat(),
                }
                values = {
                    name: given.get(value, value) if isinstance(value, str) else value
                    for name, value in entry.values.items()
                }
                key = f"{entry.key}:{day.isoformat()}:{team}:{shift.key}"
                due = self._moment(day, opens).astimezone(UTC)
                yield ScheduledOpening(key, entry.process, entry.start_event, values, due, team, shift.key)

    def _moment(self, day: date, minutes: int) -> datetime:
        return datetime.combine(day, time(), tzinfo=ZoneInfo(self.zone)) + timedelta(minutes=minutes)

    def to_json(self) -> JsonObject:
        """The canonical JSON value, which `from_json` reads back; holidays are in it by date."""
        return self.document

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Organisation:
        """The organisation that `to_json` wrote."""
        return _build(dict(data))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON, in hex: the name of this version."""
        return hashlib.sha256(canonical_bytes(self.document)).hexdigest()


def parse_organisation(data: bytes | str, *, name: str = "organisasi.yaml") -> Organisation:
    """The organisation of a YAML file.

    Raises OrganisationRejected with every mistake: its path, what was expected, what was found.
    """
    if len(data) > _LARGEST_FILE:
        raise OrganisationRejected([f"{name}: paling besar 1 MB diharapkan, ditemukan {len(data)} bita"])
    try:
        raw = yaml.load(data, Loader=_StrictLoader)  # noqa: S506  (a SafeLoader that refuses repeated keys)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise OrganisationRejected([f"{name}: YAML yang sah diharapkan: {error}"]) from error
    reader = _Reader(name)
    document = reader.document(raw)
    if reader.problems:
        raise OrganisationRejected(reader.problems)
    return _build(document)


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that is written twice: YAML would take the last and say nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'kunci "{key.value}" ditulis dua kali', key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


class _Reader:
    """Turns what YAML gave into the canonical document, noting every mistake with its path."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[str] = []

    def wrong(self, path: str, expected: str, found: Any) -> None:
        shown = "tidak ada" if found is None else f'"{found}"'
        self.problems.append(f"{self.name}: {path}: {expected} diharapkan, ditemukan {shown}")

    def mapping(self, value: Any, path: str, keys: tuple[str, ...] | None = None) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.wrong(path, "daftar kunci dan nilai", value)
            return {}
        if keys is not None:
            for key in value:
                if key not in keys:
                    self.wrong(f"{path}.{key}" if path else str(key), f"salah satu dari {', '.join(keys)}", key)
        return {str(key): item for key, item in value.items()}

    def items(self, value: Any, path: str) -> list[tuple[str, Any]]:
        if not isinstance(value, list):
            self.wrong(path, "daftar", value)
            return []
        return [(f"{path}[{index}]", item) for index, item in enumerate(value)]

    def text(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or not value.strip():
            self.wrong(path, "teks", value)
            return ""
        return value.strip()

    def key(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or not _KEY.fullmatch(value):
            self.wrong(path, "kunci dari huruf kecil, angka, - dan _", value)
            return ""
        return value

    def flag(self, value: Any, path: str) -> bool:
        if not isinstance(value, bool):
            self.wrong(path, "true atau false", value)
        return value is True

    def one_of(self, value: Any, path: str, known: Any, what: str) -> str:
        if not isinstance(value, str) or value not in known:
            self.wrong(path, f"{what} ({', '.join(known) or 'tidak ada'})", value)
            return ""
        return value

    def clock(self, value: Any, path: str) -> int:
        found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            self.wrong(path, 'jam dalam tanda kutip seperti "07:30"', value)
            return 0
        return int(found[1]) * 60 + int(found[2])

    def day(self, value: Any, path: str) -> str:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        try:
            return date.fromisoformat(value).isoformat()
        except (TypeError, ValueError):
            self.wrong(path, 'tanggal seperti "2026-02-19"', value)
            return "2000-01-01"

    def document(self, raw: Any) -> JsonObject:
        sections = ("office", "group_labels", "teams", "people", "periods", "calendars", "schedule")
        top = self.mapping(raw, "", sections)
        labels = self.mapping(top.get("group_labels"), "group_labels")
        teams = self.mapping(top.get("teams", {}), "teams")
        people = self.mapping(top.get("people"), "people")
        known = _Known(tuple(labels), tuple(teams), tuple(people))
        periods = self.periods(top.get("periods", {}))
        calendars = self.calendars(top.get("calendars", {}), periods)
        document: JsonObject = {
            "format": 1,
            "office": self.office(top.get("office"), known),
            "group_labels": {
                self.key(key, f"group_labels.{key}"): self.text(label, f"group_labels.{key}")
                for key, label in labels.items()
            },
            "teams": [self.team(key, team, known) for key, team in teams.items()],
            "people": [self.person(key, person, known) for key, person in people.items()],
            "calendars": calendars,
            "schedule": [
                self.entry(item, path, known, [calendar["name"] for calendar in calendars], periods)
                for path, item in self.items(top.get("schedule", []), "schedule")
            ],
        }
        self.check_superiors(document["people"])
        self.check_unique([entry["key"] for entry in document["schedule"]], "schedule")
        return document

    def office(self, value: Any, known: _Known) -> JsonObject:
        office = self.mapping(value, "office", ("key", "name", "zone", "head", "outside_official"))
        zone = self.text(office.get("zone"), "office.zone")
        try:
            ZoneInfo(zone or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            self.wrong("office.zone", "zona IANA seperti Asia/Jakarta", zone)
        outside = office.get("outside_official")
        return {
            "key": self.key(office.get("key"), "office.key"),
            "name": self.text(office.get("name"), "office.name"),
            "zone": zone,
            "head": self.one_of(office.get("head"), "office.head", known.people, "akun"),
            "outside_official": outside and self.one_of(outside, "office.outside_official", known.people, "akun"),
        }

    def team(self, key: str, value: Any, known: _Known) -> JsonObject:
        path = f"teams.{key}"
        team = self.mapping(value, path, ("name", "leader"))
        return {
            "key": self.key(key, path),
            "name": self.text(team.get("name"), f"{path}.name"),
            "leader": self.one_of(team.get("leader"), f"{path}.leader", known.people, "akun"),
        }

    def person(self, key: str, value: Any, known: _Known) -> JsonObject:
        path = f"people.{key}"
        person = self.mapping(value, path, ("name", "title", "roles", "groups", "team", "superior", "demo"))
        team, superior = person.get("team"), person.get("superior")
        roles = self.items(person.get("roles"), f"{path}.roles")
        groups = self.items(person.get("groups", []), f"{path}.groups")
        return {
            "account": self.key(key, path),
            "name": self.text(person.get("name"), f"{path}.name"),
            "title": self.text(person["title"], f"{path}.title") if person.get("title") else "",
            "roles": sorted({self.one_of(role, place, ROLES, "peran") for place, role in roles}),
            "groups": sorted({self.group(group, place, known) for place, group in groups}),
            "team": self.one_of(team, f"{path}.team", known.teams, "kunci tim") if team is not None else None,
            "superior": superior and self.one_of(superior, f"{path}.superior", known.people, "akun"),
            "demo": self.flag(person.get("demo", True), f"{path}.demo"),
        }

    def group(self, value: Any, path: str, known: _Known) -> str:
        text = self.text(value, path)
        base, separator, team = text.partition(":")
        if text:
            self.one_of(base, path, known.labels, "kelompok yang ada di group_labels")
            if separator:
                self.one_of(team, path, known.teams, "kunci tim sesudah titik dua")
        return text

    def check_superiors(self, people: list[JsonObject]) -> None:
        above = {person["account"]: person["superior"] for person in people}
        for account, superior in above.items():
            seen, current = {account}, superior
            while current and current not in seen:
                seen.add(current)
                current = above.get(current)
            if current == account:
                self.wrong(f"people.{account}.superior", "atasan di luar lingkaran", superior)

    def check_unique(self, keys: list[str], path: str) -> None:
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            self.wrong(path, "kunci yang berlainan", key)

    def periods(self, value: Any) -> dict[str, list[list[str]]]:
        found = {}
        for key, stretches in self.mapping(value, "periods").items():
            found[key] = [self.period(item, path) for path, item in self.items(stretches, f"periods.{key}")]
        return found

    def period(self, value: Any, path: str) -> list[str]:
        period = self.mapping(value, path, ("from", "to"))
        first, last = self.day(period.get("from"), f"{path}.from"), self.day(period.get("to"), f"{path}.to")
        if first > last:
            self.wrong(f"{path}.to", f"tanggal sejak {first}", last)
        return [first, last]

    def calendars(self, value: Any, periods: Mapping[str, list[list[str]]]) -> list[JsonObject]:
        return [self.calendar(key, item, periods) for key, item in self.mapping(value, "calendars").items()]

    def calendar(self, key: str, value: Any, periods: Mapping[str, list[list[str]]]) -> JsonObject:
        path = f"calendars.{key}"
        calendar = self.mapping(value, path, ("hours", "breaks", "variants", "holidays"))
        usual = self.hours(calendar, path)
        if not usual:
            self.wrong(f"{path}.hours", "sekurang-kurangnya satu hari kerja", None)
        variants = []
        for place, item in self.items(calendar.get("variants", []), f"{path}.variants"):
            variant = self.mapping(item, place, ("period", "hours", "breaks"))
            period = self.one_of(variant.get("period"), f"{place}.period", tuple(periods), "nama periode")
            hours = self.hours(variant, place)
            variants += [{"from": first, "to": last, "hours": hours} for first, last in periods.get(period, ())]
        return {
            "name": self.key(key, path),
            "hours": usual,
            "variants": variants,
            **self.holidays(calendar.get("holidays", {}), f"{path}.holidays"),
        }

    def hours(self, value: Mapping[str, Any], path: str) -> JsonObject:
        hours = self.week(value.get("hours"), f"{path}.hours")
        breaks = self.week(value.get("breaks", {}), f"{path}.breaks")
        for day, (begin, end) in breaks.items():
            if day not in hours or not hours[day][0] <= begin < end <= hours[day][1]:
                self.wrong(f"{path}.breaks.{day}", "istirahat di dalam jam kerja hari itu", value["breaks"][day])
        return {day: [list(part) for part in parts] for day, parts in Hours.of(hours, breaks).stretches.items()}

    def week(self, value: Any, path: str) -> dict[str, tuple[int, int]]:
        found = {}
        for day, stretch in self.mapping(value, path, WEEKDAYS).items():
            place = f"{path}.{day}"
            if not isinstance(stretch, list) or len(stretch) != 2:
                self.wrong(place, 'buka dan tutup seperti ["07:30", "16:00"]', stretch)
                continue
            begin, end = self.clock(stretch[0], f"{place}[0]"), self.clock(stretch[1], f"{place}[1]")
            if begin >= end:
                self.wrong(place, "tutup sesudah buka", stretch)
            found[day] = (begin, end)
        return found

    def holidays(self, value: Any, path: str) -> JsonObject:
        given = self.mapping(value, path, ("country", "joint_leave", "own", "worked"))
        off: dict[str, str] = {}
        country = given.get("country")
        if country is not None:
            leave = self.flag(given.get("joint_leave", False), f"{path}.joint_leave")
            try:
                national = national_holidays(str(country), HOLIDAY_YEARS, joint_leave=leave)
            except ValueError:
                self.wrong(f"{path}.country", "kode negara seperti ID", country)
                national = {}
            off = {day.isoformat(): label for day, label in national.items()}
        for place, item in self.items(given.get("own", []), f"{path}.own"):
            own = self.mapping(item, place, ("date", "name"))
            off[self.day(own.get("date"), f"{place}.date")] = self.text(own.get("name"), f"{place}.name")
        for place, item in self.items(given.get("worked", []), f"{path}.worked"):
            day = self.day(item, place)
            if off.pop(day, None) is None:
                self.wrong(place, "tanggal yang merupakan hari libur kalender ini", day)
        until = date(HOLIDAY_YEARS[-1], 12, 31).isoformat() if country is not None else date.max.isoformat()
        return {"days_off": dict(sorted(off.items())), "known_until": until}

    def entry(
        self, value: Any, path: str, known: _Known, calendars: list[str], periods: Mapping[str, list[list[str]]]
    ) -> JsonObject:
        names = ("key", "name", "process", "start_event", "calendar", "days", "teams", "shifts", "values")
        entry = self.mapping(value, path, names)
        calendar = entry.get("calendar")
        shifts = [self.shift(item, place, periods) for place, item in self.items(entry.get("shifts"), f"{path}.shifts")]
        self.check_unique([shift["key"] for shift in shifts], f"{path}.shifts")
        return {
            "key": self.key(entry.get("key"), f"{path}.key"),
            "name": self.text(entry.get("name"), f"{path}.name"),
            "process": self.text(entry.get("process"), f"{path}.process"),
            "start_event": self.text(entry.get("start_event"), f"{path}.start_event"),
            "calendar": self.one_of(calendar, f"{path}.calendar", calendars, "nama kalender") if calendar else None,
            "days": self.choices(entry.get("days"), f"{path}.days", WEEKDAYS, "hari"),
            "teams": self.choices(entry.get("teams"), f"{path}.teams", known.teams, "kunci tim"),
            "shifts": shifts,
            "values": self.mapping(entry.get("values", {}), f"{path}.values"),
        }

    def choices(self, value: Any, path: str, known: tuple[str, ...], what: str) -> list[str]:
        chosen = [self.one_of(item, place, known, what) for place, item in self.items(value, path)]
        self.check_unique(chosen, path)
        return chosen

    def shift(self, value: Any, path: str, periods: Mapping[str, list[list[str]]]) -> JsonObject:
        shift = self.mapping(value, path, ("key", "name", "buka", "jam_layanan", "variants"))
        variants = []
        for place, item in self.items(shift.get("variants", []), f"{path}.variants"):
            variant = self.mapping(item, place, ("period", "buka", "jam_layanan"))
            period = self.one_of(variant.get("period"), f"{place}.period", tuple(periods), "nama periode")
            times = self.times(variant, place)
            variants += [[first, last, *times] for first, last in periods.get(period, ())]
        opens, service_from = self.times(shift, path)
        return {
            "key": self.key(shift.get("key"), f"{path}.key"),
            "name": self.text(shift.get("name"), f"{path}.name"),
            "opens": opens,
            "service_from": service_from,
            "variants": variants,
        }

    def times(self, value: Mapping[str, Any], path: str) -> tuple[int, int]:
        opens = self.clock(value.get("buka"), f"{path}.buka")
        service_from = self.clock(value.get("jam_layanan"), f"{path}.jam_layanan")
        if service_from < opens:
            self.wrong(f"{path}.jam_layanan", "jam sejak buka", value.get("jam_layanan"))
        return opens, service_from


@dataclass(frozen=True)
class _Known:
    """The names that other parts of the file may refer to."""

    labels: tuple[str, ...]
    teams: tuple[str, ...]
    people: tuple[str, ...]


def _build(document: JsonObject) -> Organisation:
    office = document["office"]
    return Organisation(
        **office,
        group_labels=document["group_labels"],
        teams=_by_key(document["teams"], "key", lambda team: Team(**team)),
        people=_by_key(document["people"], "account", _person),
        calendars=_by_key(document["calendars"], "name", lambda calendar: _calendar(calendar, office["zone"])),
        schedule=tuple(_entry(entry) for entry in document["schedule"]),
        document=document,
    )


def _by_key(rows: list[JsonObject], key: str, make: Callable[[JsonObject], Any]) -> dict[str, Any]:
    return {row[key]: make(row) for row in rows}


def _person(row: JsonObject) -> Person:
    return Person(
        account_id=row["account"],
        name=row["name"],
        title=row["title"],
        roles=frozenset(row["roles"]),
        groups=frozenset(row["groups"]),
        team=row["team"],
        superior=row["superior"],
        demo=row["demo"],
    )


def _calendar(row: JsonObject, zone: str) -> BusinessCalendar:
    return BusinessCalendar(
        name=row["name"],
        zone=zone,
        hours=_hours(row["hours"]),
        variants=tuple(
            Variant(date.fromisoformat(item["from"]), date.fromisoformat(item["to"]), _hours(item["hours"]))
            for item in row["variants"]
        ),
        days_off={date.fromisoformat(day): name for day, name in row["days_off"].items()},
        known_until=date.fromisoformat(row["known_until"]),
    )


def _hours(week: Mapping[str, list[list[int]]]) -> Hours:
    return Hours({day: tuple((begin, end) for begin, end in parts) for day, parts in week.items()})


def _entry(row: JsonObject) -> ScheduleEntry:
    return ScheduleEntry(
        key=row["key"],
        name=row["name"],
        process=row["process"],
        start_event=row["start_event"],
        calendar=row["calendar"],
        days=frozenset(row["days"]),
        teams=tuple(row["teams"]),
        shifts=tuple(_shift(shift) for shift in row["shifts"]),
        values=row["values"],
    )


def _shift(row: JsonObject) -> Shift:
    variants = tuple(
        (date.fromisoformat(first), date.fromisoformat(last), opens, service_from)
        for first, last, opens, service_from in row["variants"]
    )
    return Shift(row["key"], row["name"], row["opens"], row["service_from"], variants)
