"""Durations, cycles and business calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definition.calendar import (
    BusinessCalendar,
    Cycle,
    Duration,
    Hours,
    Variant,
    national_holidays,
    parse_cycle,
    parse_duration,
    parse_moment,
)

JAKARTA = ZoneInfo("Asia/Jakarta")
DAYS = ("mon", "tue", "wed", "thu", "fri")
USUAL = Hours.of(
    dict.fromkeys(DAYS, (450, 960)) | {"fri": (450, 990)}, dict.fromkeys(DAYS, (720, 780)) | {"fri": (690, 780)}
)
RAMADAN = Hours.of(dict.fromkeys(DAYS, (480, 900)), dict.fromkeys(DAYS, (720, 750)))
OFFICE = BusinessCalendar(
    "jam_kerja",
    "Asia/Jakarta",
    USUAL,
    (Variant(date(2026, 2, 19), date(2026, 3, 20), RAMADAN),),
    {date(2026, 12, 24): "Cuti Bersama", date(2026, 12, 25): "Natal"},
    known_until=date(2027, 12, 31),
)


def local(text: str, zone: ZoneInfo = JAKARTA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT30M", Duration(microseconds=1_800_000_000)),
        ("P3D", Duration(days=3)),
        ("P1Y2M3W4DT5H6M7.5S", Duration(14, 3, 4, 18_367_500_000)),
        ("-PT1H", Duration(microseconds=-3_600_000_000)),
        ("PT0.000001S", Duration(microseconds=1)),
        ("PT0S", Duration()),
        (" PT60M ", Duration(microseconds=3_600_000_000)),
    ],
)
def test_iso_durations_are_read(text: str, expected: Duration) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "5M", "P1DT", "PT1D", "pt5m", "P-1D", "PT1.5H", "P1Y1Y", "=x", "R/PT5M"]
)
def test_what_is_no_duration_is_shown(text: str) -> None:
    with pytest.raises(ValueError, match="found"):
        parse_duration(text)


PARTS = st.tuples(*(st.integers(0, 10**6) for _ in range(3)), st.integers(0, 10**12), st.booleans())


@given(PARTS)
def test_a_duration_is_written_as_it_is_read(parts: tuple[int, int, int, int, bool]) -> None:
    sign = -1 if parts[4] else 1
    duration = Duration(*(sign * part for part in parts[:4]))
    assert parse_duration(str(duration)) == duration


@pytest.mark.parametrize(
    ("start", "text", "expected"),
    [
        ("2026-01-31T10:00", "P1M", "2026-02-28T10:00"),
        ("2028-02-29T10:00", "P1Y", "2029-02-28T10:00"),
        ("2026-12-31T23:30", "P1MT1H", "2027-02-01T00:30"),
        ("2026-11-20T16:00", "PT72H", "2026-11-23T16:00"),
        ("2026-11-20T16:00", "-P1D", "2026-11-19T16:00"),
    ],
)
def test_elapsed_time_runs_through_nights_and_holidays(start: str, text: str, expected: str) -> None:
    found = parse_duration(text).after(local(start), "Asia/Jakarta")
    assert found == local(expected)
    assert found.tzinfo is UTC


def test_days_keep_the_clock_time_when_the_zone_changes_its_offset_and_hours_do_not() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    eve = local("2026-03-28T12:00", berlin)
    assert parse_duration("P1D").after(eve, "Europe/Berlin") == local("2026-03-29T12:00", berlin)
    assert parse_duration("PT24H").after(eve, "Europe/Berlin") == local("2026-03-29T13:00", berlin)


def test_a_moment_beyond_the_calendar_is_a_plain_error() -> None:
    with pytest.raises(ValueError, match="beyond"):
        parse_duration("P9999Y").after(local("2026-01-01"), "UTC")
    with pytest.raises(ValueError, match="beyond"):
        parse_duration("P99999999D").after(local("2026-01-01"), "UTC")


def test_cycles_are_read_and_go_on_from_their_last_due_time() -> None:
    three = parse_cycle("R3/PT10M")
    assert three == Cycle(3, None, parse_duration("PT10M"))
    assert three.first_due(local("2026-11-23T08:00"), "Asia/Jakarta") == local("2026-11-23T08:10")
    endless = parse_cycle("R/2026-11-23T08:00:00/P1D")
    assert endless.times is None
    first = endless.first_due(local("2026-11-20T00:00"), "Asia/Jakarta")
    assert first == local("2026-11-23T08:00")
    assert endless.next_due(first, "Asia/Jakarta") == local("2026-11-24T08:00")


@pytest.mark.parametrize(
    "text", ["PT10M", "R", "R/", "R0/PT5M", "R3/PT0S", "R3/-PT5M", "R/besok/PT5M", "R-1/PT5M", "R3/PT5M/2026-01-01"]
)
def test_what_is_no_cycle_is_shown(text: str) -> None:
    with pytest.raises(ValueError, match="found"):
        parse_cycle(text)


def test_moments_without_an_offset_are_on_the_offices_clock() -> None:
    assert parse_moment("2026-11-23T08:00", "Asia/Jayapura") == datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    assert parse_moment("2026-11-23T08:00:00.5+07:00", "UTC") == datetime(2026, 11, 23, 1, 0, 0, 500_000, tzinfo=UTC)
    assert parse_moment("2026-11-23", "Asia/Jakarta") == datetime(2026, 11, 22, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-02-30", "23-11-2026", "2026-11-23T25:00", "2026-W01-1", "kemarin", ""])
def test_what_is_no_moment_is_shown(text: str) -> None:
    with pytest.raises(ValueError, match="found"):
        parse_moment(text, "Asia/Jakarta")


@pytest.mark.parametrize(
    ("start", "text", "expected"),
    [
        ("2026-11-23T09:00", "PT1H", "2026-11-23T10:00"),
        ("2026-11-23T11:30", "PT1H", "2026-11-23T13:30"),  # through the break
        ("2026-11-23T12:15", "PT1H", "2026-11-23T14:00"),  # from within the break
        ("2026-11-23T15:00", "PT1H", "2026-11-23T16:00"),  # to the closing, not to the next opening
        ("2026-11-23T15:30", "PT1H", "2026-11-24T08:00"),  # over night
        ("2026-11-20T16:00", "PT1H", "2026-11-23T08:00"),  # over the weekend
        ("2026-11-21T10:00", "PT10M", "2026-11-23T07:40"),  # from a Saturday
        ("2026-11-23T05:00", "PT5M", "2026-11-23T07:35"),  # from before the opening
        ("2026-12-23T15:30", "PT1H", "2026-12-28T08:00"),  # over leave, Christmas and the weekend
        ("2026-02-18T15:30", "PT1H", "2026-02-19T08:30"),  # into Ramadan's hours
        ("2026-11-23T10:00", "PT7H30M", "2026-11-24T10:00"),  # 5 hours that day, 2.5 on the next
        ("2026-11-23T10:00", "P3D", "2026-11-26T10:00"),
        ("2026-11-20T10:00", "P1D", "2026-11-23T10:00"),  # Friday to Monday
        ("2026-11-21T10:00", "P3D", "2026-11-26T07:30"),  # starts at Monday's opening
        ("2026-11-26T16:15", "P1D", "2026-11-30T07:30"),  # after Thursday's closing: Friday's opening and a day
        ("2026-11-27T16:20", "P1D", "2026-11-30T16:00"),  # Friday closes later than Monday
        ("2026-02-18T07:40", "P1D", "2026-02-19T08:00"),  # Ramadan opens later
        ("2026-11-26T11:45", "P1D", "2026-11-27T13:00"),  # into Friday's longer break
        ("2026-12-23T10:00", "P1D", "2026-12-28T10:00"),
        ("2026-11-23T15:30", "P1DT1H", "2026-11-25T08:00"),
        ("2026-11-23T10:00", "P1W", "2026-11-30T10:00"),
        ("2026-11-25T10:00", "P1M", "2026-12-28T07:30"),  # falls on Christmas
        ("2026-11-22T10:00", "PT0S", "2026-11-23T07:30"),
    ],
)
def test_working_time(start: str, text: str, expected: str) -> None:
    assert OFFICE.add(local(start), parse_duration(text)) == local(expected)


def test_a_calendar_refuses_what_it_cannot_know() -> None:
    with pytest.raises(ValueError, match="forward only"):
        OFFICE.add(local("2026-11-23T09:00"), parse_duration("-PT1H"))
    with pytest.raises(ValueError, match="known until 2027-12-31"):
        OFFICE.add(local("2027-12-31T15:59"), parse_duration("PT1H"))
    with pytest.raises(ValueError, match="no working time"):
        BusinessCalendar("kosong", "UTC", Hours({})).add(local("2026-11-23T09:00"), parse_duration("PT1H"))


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC))
MINUTES = st.integers(0, 6000).map(lambda minutes: Duration(microseconds=minutes * 60_000_000))


def working_time(start: datetime, end: datetime) -> timedelta:
    total, day = timedelta(), start.astimezone(JAKARTA).date()
    while day <= end.astimezone(JAKARTA).date():
        for opens, closes in OFFICE.working_intervals(day):
            total += max(timedelta(), min(closes, end) - max(opens, start))
        day += timedelta(days=1)
    return total


@given(start=MOMENTS, duration=MINUTES)
def test_just_the_working_time_asked_for_has_passed(start: datetime, duration: Duration) -> None:
    end = OFFICE.add(start, duration)
    assert working_time(start, end) == timedelta(microseconds=duration.microseconds)
    day = end.astimezone(JAKARTA).date()
    assert any(opens <= end <= closes for opens, closes in OFFICE.working_intervals(day))


@given(start=MOMENTS, one=MINUTES, other=MINUTES)
def test_working_time_adds_up(start: datetime, one: Duration, other: Duration) -> None:
    both = Duration(microseconds=one.microseconds + other.microseconds)
    assert OFFICE.add(OFFICE.add(start, one), other) in (
        OFFICE.add(start, both),
        OFFICE.add(OFFICE.add(start, both), Duration()),
    )


@given(start=MOMENTS, days=st.integers(1, 30))
def test_just_the_working_days_asked_for_have_passed(start: datetime, days: int) -> None:
    opening, end = OFFICE.add(start, Duration()), OFFICE.add(start, Duration(days=days))
    day, counted = opening.astimezone(JAKARTA).date(), 0
    while day < end.astimezone(JAKARTA).date():
        day += timedelta(days=1)
        counted += OFFICE.is_working_day(day)
    assert counted == days
    assert OFFICE.is_working_day(end.astimezone(JAKARTA).date())


def test_working_hours_follow_the_clock_when_the_zone_changes_its_offset() -> None:
    night = BusinessCalendar("malam", "Europe/Berlin", Hours.of({"sun": (60, 240)}, {}))
    (stretch,) = night.working_intervals(date(2026, 3, 29))
    assert stretch[1] - stretch[0] == timedelta(hours=2)
    (stretch,) = night.working_intervals(date(2026, 10, 25))
    assert stretch[1] - stretch[0] == timedelta(hours=4)


def test_national_holidays_are_named_and_joint_leave_is_asked_for() -> None:
    with_leave = national_holidays("ID", [2026], joint_leave=True)
    without = national_holidays("ID", [2026], joint_leave=False)
    assert with_leave[date(2026, 12, 25)] == without[date(2026, 12, 25)]
    assert date(2026, 12, 24) in with_leave
    assert date(2026, 12, 24) not in without
    with pytest.raises(ValueError, match="XX"):
        national_holidays("XX", [2026], joint_leave=False)
