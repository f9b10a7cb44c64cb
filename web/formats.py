"""Moments, durations, numbers and values as the office reads them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal
from flask import Flask

from engine.clock import from_text
from engine.values import Value
from web.context import now, office_zone
from web.language import current_language, gettext, ngettext

ZONE_NAMES = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Ujung_Pandang": "WITA",
    "Asia/Jayapura": "WIT",
}
_LONG = {"id": "EEEE, d MMMM y HH.mm", "en": "EEEE, d MMMM y HH:mm"}
_SHORT = {"id": "d MMM y HH.mm", "en": "d MMM y HH:mm"}
_CLOCK = {"id": "HH.mm", "en": "HH:mm"}
_SECONDS = {"id": "HH.mm.ss", "en": "HH:mm:ss"}
_DAY = {"id": "EEEE, d MMMM y", "en": "EEEE, d MMMM y"}
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


def set_up(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters.update(
        moment=moment, short_moment=short_moment, clock_time=clock_time, day=day, left=time_left, shown=shown
    )
    app.jinja_env.globals["office_zone_name"] = office_zone_name


def office_zone_name() -> str:
    """*WIB, Asia/Jakarta*"""
    zone = office_zone()
    return f"{zone_name(zone, now())}, {zone.key}"


def zone_name(zone: ZoneInfo, at: datetime) -> str:
    """WIB, WITA or WIT; elsewhere the distance from UTC, as `UTC+08.00`."""
    named = ZONE_NAMES.get(zone.key)
    if named:
        return named
    minutes = int((at.astimezone(zone).utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}.{rest:02}"


def moment(text: str) -> str:
    """*Senin, 23 November 2026 14.30 WIB* of a stored time."""
    return _written(text, _LONG)


def short_moment(text: str) -> str:
    """*23 Nov 2026 14.30 WIB* of a stored time."""
    return _written(text, _SHORT)


def _written(text: str, patterns: dict[str, str]) -> str:
    zone, language, at = office_zone(), current_language(), from_text(text)
    return f"{format_datetime(at, patterns[language], tzinfo=zone, locale=language)} {zone_name(zone, at)}"


def day(text: str) -> str:
    """*Senin, 23 November 2026*: the office's day of a stored time."""
    language = current_language()
    return format_datetime(from_text(text), _DAY[language], tzinfo=office_zone(), locale=language)


def clock_time(text: str) -> str:
    """*14.30.05 WIB* of a stored time."""
    zone, language, at = office_zone(), current_language(), from_text(text)
    return f"{format_time(at, _SECONDS[language], tzinfo=zone, locale=language)} {zone_name(zone, at)}"


def span(duration: timedelta) -> str:
    """A duration in its two largest units, rounded down: *2 jam 10 menit*, *3 hari*, *kurang dari 1 menit*."""
    minutes = int(duration.total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    named = [
        (days, ngettext("%(num)d hari", "%(num)d hari", days)),
        (hours, ngettext("%(num)d jam", "%(num)d jam", hours)),
        (minutes, ngettext("%(num)d menit", "%(num)d menit", minutes)),
    ]
    first = next((index for index, (number, _) in enumerate(named) if number), None)
    if first is None:
        return gettext("kurang dari 1 menit")
    return " ".join(text for number, text in named[first : first + 2] if number)


def time_left(due: str, at: str | None = None) -> str:
    """*sisa 12 menit* until a stored time, or *lewat tenggat 2 jam 10 menit* since; at another stored time, or now."""
    remaining = from_text(due) - (from_text(at) if at else now())
    if remaining >= timedelta():
        return gettext("sisa %(time)s", time=span(remaining))
    return gettext("lewat tenggat %(time)s", time=span(-remaining))


def span_until_now(since: str) -> str:
    """How long ago a stored time was."""
    return span(max(now() - from_text(since), timedelta()))


def is_past(due: str | None) -> bool:
    """Whether a stored time lies behind us."""
    return due is not None and from_text(due) < now()


def shown(value: Value) -> str:
    """A variable's value in words: yes and no, dates and numbers as the office writes them, lists with commas."""
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return gettext("Ya") if value else gettext("Tidak")
    if isinstance(value, int | float):
        return format_decimal(value, locale=current_language())
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {shown(item)}" for key, item in value.items())
    return _shown_text(value)


def _shown_text(value: str) -> str:
    language = current_language()
    try:
        if _MOMENT.fullmatch(value):
            return moment(value)
        if _DATE.fullmatch(value):
            return format_date(date.fromisoformat(value), _DAY[language], locale=language)
        if _TIME.fullmatch(value):
            return format_time(time.fromisoformat(value), _CLOCK[language], locale=language)
    except ValueError:  # looks like a date and is none, as 2026-02-31
        return value
    return value
