"""Printing: tables that fit the terminal, moments on the office's clock, JSON for other programs."""

from __future__ import annotations

import dataclasses
import json
import shutil
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import click
from babel.dates import format_datetime

from engine.clock import from_text
from web.commandline.words import gettext as _
from web.commandline.words import language
from web.formats import zone_name

NARROWEST = 100
_GAP = "  "
_PATTERNS = {"id": "d MMM y HH.mm", "en": "d MMM y HH:mm"}
_SMALLEST_COLUMN = 8


def print_json(value: object) -> None:
    """Dataclasses, mappings and lists as JSON for other programs."""
    click.echo(json.dumps(_plain(value), ensure_ascii=False, indent=2))


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str, below: bool = False) -> None:
    """Rows under their headings, or `empty` when there is none; the widest columns are cut to fit the terminal.

    With `below` the last cell of a row stands on a line of its own, whole: for ids that are to be copied.
    """
    found = [[_one_line(cell) for cell in row] for row in rows]
    if not found:
        click.echo(empty)
        return
    cells = len(head) - 1 if below else len(head)
    widths = _fitted([max(_width(line[index]) for line in [list(head), *found]) for index in range(cells)])
    click.secho(_line(head[:cells], widths) + (f"{_GAP}({head[-1]})" if below else ""), bold=True)
    for row in found:
        click.echo(_line(row[:cells], widths))
        if below:
            click.echo(f"    {row[-1]}")


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Names and values in two columns; values are shown whole."""
    found = list(facts)
    width = max((_width(name) for name, _value in found), default=0)
    for name, value in found:
        click.echo(f"{_padded(name, width)}{_GAP}{value}".rstrip())


def print_heading(text: str) -> None:
    """A heading with a line of space before it."""
    click.secho(f"\n{text}", bold=True)


def complain(text: str) -> None:
    """A line on the error output."""
    click.echo(text, err=True)


def moment(text: str | None, zone: str) -> str:
    """*23 Nov 2026 14.30 WIB* of a stored time; a dash when there is none."""
    if not text:
        return "–"
    at, place = from_text(text), ZoneInfo(zone)
    return f"{format_datetime(at, _PATTERNS[language()], tzinfo=place, locale=language())} {zone_name(place, at)}"


def yes(value: bool) -> str:
    """Yes or no."""
    return _("Ya") if value else _("Tidak")


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _fitted(widths: list[int]) -> list[int]:
    """The widths, the widest made narrower until all fit."""
    room = max(NARROWEST, shutil.get_terminal_size((NARROWEST, 24)).columns) - len(_GAP) * (len(widths) - 1)
    widths = list(widths)
    while sum(widths) > room and max(widths) > _SMALLEST_COLUMN:
        widths[widths.index(max(widths))] -= 1
    return widths


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(_padded(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _padded(text: str, width: int) -> str:
    while _width(text) > width:
        text = text.rstrip("…")[:-1] + "…"
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else not unicodedata.combining(mark) for mark in text)


def _one_line(text: str) -> str:
    return " ".join(text.split())
