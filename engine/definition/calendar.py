"""Durations, cycles and business calendars: how long is *three working days*.

A duration without a calendar is elapsed time, nights and holidays included.  With a business calendar, hours and
minutes are working time and days are working days.  Everything here is pure; moments are aware and come back in UTC.
"""

from __future__ import annotations

import calendar as gregorian
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HORIZON_DAYS = 3660  # a calendar that has no working day in ten years has none

_DURATION = re.compile(
    r"(?P<sign>-)?P(?=\d|T\d)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)(?:[.,](?P<fraction>\d{1,9}))?S)?)?"
)
_CYCLE = re.compile(r"R(?P<times>\d+)?/(?:(?P<start>[^/P]+)/)?(?P<interval>-?P[^/]+)")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}(?::\d{2})?)?)?")


@dataclass(frozen=True)
class Duration:
    """An ISO 8601 duration (clause 5.5.2): months and weeks of the calendar, days, and exact time.

    Written here and not taken from a library, because those on PyPI fold days into seconds, and a working day is
    not 24 hours.  All parts have the same sign.
    """

    months: int = 0
    weeks: int = 0
    days: int = 0
    microseconds: int = 0

    @property
    def negative(self) -> bool:
        """Whether it points back in time."""
        return min(self.months, self.weeks, self.days, self.microseconds) < 0

    def __bool__(self) -> bool:
        return self != Duration()

    def __str__(self) -> str:
        """The shortest ISO 8601 text."""
        years, months = divmod(abs(self.months), 12)
        hours, rest = divmod(abs(self.microseconds), 3_600_000_000)
        minutes, rest = divmod(rest, 60_000_000)
        seconds, fraction = divmod(rest, 1_000_000)
        second_text = f"{seconds}.{fraction:06d}".rstrip("0") if fraction else str(seconds) if seconds else ""
        dates = _parts((years, "Y"), (months, "M"), (abs(self.weeks), "W"), (abs(self.days), "D"))
        times = _parts((hours, "H"), (minutes, "M")) + (f"{second_text}S" if second_text else "")
        return f"{'-' if self.negative else ''}P{dates}{'T' + times if times else ''}" if dates or times else "PT0S"

    def after(self, start: datetime, zone: str) -> datetime:
        """The moment this long after an aware start, in UTC.

        Months, weeks and days move the date on the wall clock of `zone` (31 January plus a month is the last day of
        February); the exact time is added last.  Raises ValueError beyond the year 9999.
        """
        try:
            local = start.astimezone(ZoneInfo(zone))
            moved = _add_months(local, self.months) + timedelta(weeks=self.weeks, days=self.days)
            return moved.astimezone(UTC) + timedelta(microseconds=self.microseconds)
        except OverflowError as error:
            raise ValueError(f"{self} after {start} is beyond the calendar") from error


@dataclass(frozen=True)
class Cycle:
    """A repeating interval (ISO 8601 clause 5.6): `R3/PT10M`, `R/2026-11-23T08:00:00+07:00/PT1H`."""

    times: int | None  # how often, None = without end
    start: str | None  # the first moment, as written
    interval: Duration

    def first_due(self, now: datetime, zone: str) -> datetime:
        """When it fires first, in UTC: at its start, or one interval after an aware *now*."""
        return parse_moment(self.start, zone) if self.start else self.interval.after(now, zone)

    def next_due(self, previous: datetime, zone: str) -> datetime:
        """When it fires after having been due at `previous`, in UTC."""
        return self.interval.after(previous, zone)


def parse_duration(text: str) -> Duration:
    """The duration that an ISO 8601 text stands for; raises ValueError that shows the text."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'expected an ISO 8601 duration such as PT30M or P3D, found "{text}"')
    part = {name: int(value) for name, value in found.groupdict().items() if value and name not in ("sign", "fraction")}
    seconds = part.get("hours", 0) * 3600 + part.get("minutes", 0) * 60 + part.get("seconds", 0)
    fraction = int((found["fraction"] or "").ljust(6, "0")[:6])
    sign = -1 if found["sign"] else 1
    return Duration(
        months=sign * (part.get("years", 0) * 12 + part.get("months", 0)),
        weeks=sign * part.get("weeks", 0),
        days=sign * part.get("days", 0),
        microseconds=sign * (seconds * 1_000_000 + fraction),
    )


def parse_cycle(text: str) -> Cycle:
    """The repeating interval that an ISO 8601 text stands for; raises ValueError that shows the text."""
    found = _CYCLE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'expected a repeating interval such as R3/PT10M or R/PT1H, found "{text}"')
    interval = parse_duration(found["interval"])
    if not interval or interval.negative:
        raise ValueError(f'expected an interval longer than nothing, found "{text}"')
    times = int(found["times"]) if found["times"] else None
    if times == 0:
        raise ValueError(f'expected at least one repetition, found "{text}"')
    if found["start"]:
        parse_moment(found["start"], "UTC")
    return Cycle(times, found["start"], interval)


def parse_moment(text: str, zone: str) -> datetime:
    """The moment in UTC that an ISO 8601 date or date and time stands for.

    Without an offset it is on the clock of `zone`; a bare date is its midnight.  Raises ValueError that shows the text.
    """
    if _MOMENT.fullmatch(text.strip()) is None:
        raise ValueError(f'expected a date and time such as 2026-11-23T08:00:00+07:00, found "{text}"')
    try:
        moment = datetime.fromisoformat(text.strip())
        local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f'expected a date and time that exists, found "{text}" ({error})') from error


def _parts(*pairs: tuple[int, str]) -> str:
    return "".join(f"{number}{letter}" for number, letter in pairs if number)


def _add_months(moment: datetime, months: int) -> datetime:
    if not months:
        return moment
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("year out of range")
    day = min(moment.day, gregorian.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


@dataclass(frozen=True)
class Hours:
    """The working stretches of each weekday, in minutes after midnight: `{"mon": ((450, 720), (780, 960))}`."""

    stretches: Mapping[str, tuple[tuple[int, int], ...]]

    @classmethod
    def of(cls, hours: Mapping[str, tuple[int, int]], breaks: Mapping[str, tuple[int, int]]) -> Hours:
        """One stretch for each weekday that is worked, less its break (all in minutes after midnight)."""
        return cls({day: _without(stretch, breaks.get(day)) for day, stretch in hours.items()})

    def on(self, day: date) -> tuple[tuple[int, int], ...]:
        """The stretches of that weekday; empty when it is not worked."""
        return self.stretches.get(WEEKDAYS[day.weekday()], ())


@dataclass(frozen=True)
class Variant:
    """Hours that replace the usual ones from the first to the last day, both included: Ramadan."""

    first: date
    last: date
    hours: Hours


@dataclass(frozen=True)
class BusinessCalendar:
    """When an office works.

    `days_off` are the dates that are not worked whatever the weekday, with their names; `known_until` is the last day
    for which they have been looked up.
    """

    name: str
    zone: str
    hours: Hours
    variants: tuple[Variant, ...] = ()
    days_off: Mapping[date, str] = field(default_factory=dict)
    known_until: date = date.max

    def is_day_off(self, day: date) -> bool:
        """Whether that day is a holiday of this calendar."""
        return day in self.days_off

    def is_working_day(self, day: date) -> bool:
        """Whether any time of that day is worked."""
        return bool(self._stretches(day))

    def working_intervals(self, day: date) -> list[tuple[datetime, datetime]]:
        """The working stretches of a day of the office, in UTC and in order."""
        moments = ((self._moment(day, opens), self._moment(day, closes)) for opens, closes in self._stretches(day))
        return [(opens, closes) for opens, closes in moments if opens < closes]

    def add(self, start: datetime, duration: Duration) -> datetime:
        """The moment that is this much working time after an aware start, in UTC.

        Outside working hours the clock starts at the next opening.  Then, in this order: months and weeks are of the
        Gregorian calendar; a day is a working day: three days lead to the same clock time on the third following
        working day, or that day's closing (opening) where it closes earlier (opens later), or the end of the break it
        falls into; hours, minutes and seconds are working time, and end at a closing rather than at the next opening.

        Raises ValueError for a negative duration, a calendar without working time, and beyond `known_until`.
        """
        if duration.negative:
            raise ValueError(f"a calendar counts forward only, found {duration}")
        moment = self._opening_from(start)
        if duration.months or duration.weeks:
            moment = self._opening_from(Duration(months=duration.months, weeks=duration.weeks).after(moment, self.zone))
        if duration.days:
            moment = self._days_later(moment, duration.days)
        return self._time_later(moment, timedelta(microseconds=duration.microseconds))

    def _opening_from(self, moment: datetime) -> datetime:
        """The moment itself in working time, else the next opening."""
        for _, opens, closes in self._intervals_from(moment.astimezone(ZoneInfo(self.zone)).date()):
            if moment < closes:
                return max(opens, moment.astimezone(UTC))
        raise AssertionError("unreachable: the intervals do not end")

    def _days_later(self, moment: datetime, days: int) -> datetime:
        local = moment.astimezone(ZoneInfo(self.zone))
        day = self._working_day_after(local.date(), days)
        clock = local.hour * 60 + local.minute
        stretches = self._stretches(day)
        opens, closes = stretches[0][0], stretches[-1][1]
        wanted = datetime.combine(day, local.timetz().replace(tzinfo=None), tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
        if clock < opens:
            return self._moment(day, opens)
        if wanted >= self._moment(day, closes):
            return self._moment(day, closes)
        return next(max(wanted, start) for start, end in self.working_intervals(day) if wanted <= end)

    def _time_later(self, moment: datetime, left: timedelta) -> datetime:
        if not left:
            return moment
        for _, opens, closes in self._intervals_from(moment.astimezone(ZoneInfo(self.zone)).date()):
            begin = max(opens, moment)
            if begin >= closes:
                continue
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        raise AssertionError("unreachable: the intervals do not end")

    def _working_day_after(self, day: date, count: int) -> date:
        days = (following for following, _, _ in self._first_intervals(day + timedelta(days=1)))
        return next(following for number, following in enumerate(days, 1) if number == count)

    def _first_intervals(self, day: date) -> Iterable[tuple[date, datetime, datetime]]:
        last = None
        for interval in self._intervals_from(day):
            if interval[0] != last:
                last = interval[0]
                yield interval

    def _intervals_from(self, day: date) -> Iterable[tuple[date, datetime, datetime]]:
        """Every working interval from a day on, without end; raises ValueError where the calendar ends."""
        idle = 0
        while idle < _HORIZON_DAYS:
            if day > self.known_until:
                raise ValueError(f"calendar {self.name}: holidays are known until {self.known_until} only")
            intervals = self.working_intervals(day)
            yield from ((day, opens, closes) for opens, closes in intervals)
            idle = 0 if intervals else idle + 1
            day += timedelta(days=1)
        raise ValueError(f"calendar {self.name}: there is no working time")

    def _stretches(self, day: date) -> tuple[tuple[int, int], ...]:
        if day in self.days_off:
            return ()
        hours = next((variant.hours for variant in self.variants if variant.first <= day <= variant.last), self.hours)
        return hours.on(day)

    def _moment(self, day: date, minutes: int) -> datetime:
        midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(self.zone))
        return (midnight + timedelta(minutes=minutes)).astimezone(UTC)  # wall clock arithmetic, then the zone


def national_holidays(country: str, years: Sequence[int], *, joint_leave: bool) -> dict[date, str]:
    """The holidays of a country (ISO 3166 code) in those years, with their names; also *cuti bersama* when asked.

    From the package `holidays`, whose dates of coming years change as governments decide: look up once and keep the
    result.  Raises ValueError for a country that it does not know.
    """
    if country not in holidays.list_supported_countries():
        raise ValueError(f'expected a country code such as ID, found "{country}"')
    categories = ("public", "government") if joint_leave else ("public",)
    known = holidays.country_holidays(country).supported_categories
    found = holidays.country_holidays(country, years=years, categories=tuple(c for c in categories if c in known))
    return dict(sorted(found.items()))


def _without(stretch: tuple[int, int], pause: tuple[int, int] | None) -> tuple[tuple[int, int], ...]:
    if pause is None:
        return (stretch,)
    parts = ((stretch[0], min(pause[0], stretch[1])), (max(pause[1], stretch[0]), stretch[1]))
    return tuple((opens, closes) for opens, closes in parts if opens < closes)
