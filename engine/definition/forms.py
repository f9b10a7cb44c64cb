"""Forms: what a person may enter, and what of it the server accepts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from engine.clock import to_text
from engine.definition.calendar import parse_moment
from engine.definition.feel import Evaluator
from engine.definition.form_schema import (
    CHOICES,
    MOMENTS,
    TEXTS,
    Divider,
    Field,
    Group,
    Item,
    Note,
    Option,
    Reader,
    as_options,
    every_item,
    fields_of,
)
from engine.errors import DefinitionRejected, FeelError, FieldProblem, FormRejected
from engine.values import LARGEST_INTEGER, Value

__all__ = ["UNCHANGED", "Divider", "Field", "Form", "Group", "Item", "Note", "Option", "parse_form"]

# what a page sends for a masked personal value that the person left alone
UNCHANGED: Mapping[str, bool] = {"$unchanged": True}

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:[.,][0-9]{1,40})?")  # what is longer is no number of this world
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,24}")
_TICKED = frozenset({"on", "true", "1", "ya"})
_NOT_TICKED = frozenset({"", "off", "false", "0", "tidak"})
_FORMS_OF_MOMENTS = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "time": re.compile(r"\d{2}:\d{2}(:\d{2})?"),
    "datetime": re.compile(r"\d{4}-\d{2}-\d{2}T.+"),
}
_FORMATS = {"email": _EMAIL, "phone": _PHONE}
_KINDS = {"number": "number", "checkbox": "boolean", "checklist": "list", **{kind: kind for kind in MOMENTS}}

_MESSAGES = {
    "required": '"%(label)s" wajib diisi.',
    "confirm": '"%(label)s" wajib dicentang.',
    "unknown": 'Isian "%(label)s" tidak ada di formulir ini.',
    "read_only": '"%(label)s" tidak dapat diubah.',
    "text": '"%(label)s" harus berupa teks, ditemukan %(found)s.',
    "characters": '"%(label)s" memuat karakter yang tidak dapat disimpan.',
    "number": '"%(label)s" harus berupa bilangan, ditemukan %(found)s.',
    "boolean": '"%(label)s" harus dicentang atau tidak, ditemukan %(found)s.',
    "date": '"%(label)s" harus berupa tanggal seperti 2026-11-23, ditemukan %(found)s.',
    "time": '"%(label)s" harus berupa jam seperti 14:30, ditemukan %(found)s.',
    "datetime": '"%(label)s" harus berupa tanggal dan jam seperti 2026-11-23T14:30, ditemukan %(found)s.',
    "list": '"%(label)s" harus berupa daftar pilihan, ditemukan %(found)s.',
    "option": '"%(label)s": %(found)s bukan salah satu pilihan.',
    "no_options": '"%(label)s" tidak dapat diisi: daftar pilihannya tidak tersedia.',
    "min": '"%(label)s" paling kecil %(limit)s.',
    "max": '"%(label)s" paling besar %(limit)s.',
    "min_length": '"%(label)s" paling sedikit %(limit)s karakter, ditemukan %(found)s.',
    "max_length": '"%(label)s" paling banyak %(limit)s karakter, ditemukan %(found)s.',
    "pattern": '"%(label)s" tidak sesuai dengan bentuk yang diminta.',
    "email": '"%(label)s" harus berupa alamat surel.',
    "phone": '"%(label)s" harus berupa nomor telepon.',
    "decimals": '"%(label)s" paling banyak %(limit)s angka di belakang koma.',
    "step": '"%(label)s" harus kelipatan %(limit)s.',
    "earliest": '"%(label)s" tidak boleh sebelum %(limit)s.',
    "latest": '"%(label)s" tidak boleh sesudah %(limit)s.',
    "not_passed": '"%(label)s" tidak boleh sudah lewat.',
    "not_future": '"%(label)s" tidak boleh di masa depan.',
}


class _BreaksRuleError(Exception):
    """One value breaks one rule."""

    def __init__(self, rule: str, **params: Any) -> None:
        self.rule = rule
        self.params = params
        super().__init__(rule)


@dataclass(frozen=True)
class Surroundings:
    """What the rules of a form may look at: variables of the process, lists of choices, the moment."""

    context: Mapping[str, Value]
    feel: Evaluator
    now: datetime  # aware
    zone: str
    options: Mapping[str, Sequence[Any]]

    def evaluate(self, expression: str, data: Mapping[str, Value]) -> Value:
        """The value of FEEL with the form's values over the process's variables."""
        return self.feel.evaluate(expression, {**self.context, **data}, now=self.now, zone=self.zone)


@dataclass(frozen=True)
class Form:
    """One form as deployed: its items in the order of the page."""

    id: str
    items: tuple[Item, ...]

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The inputs, in the order of the page."""
        return tuple(fields_of(self.items))

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        """The inputs by key."""
        return {field.key: field for field in self.fields}

    def declared_variables(self) -> dict[str, tuple[str, bool]]:
        """name -> (kind, personal), kind one of string number boolean date time datetime list any."""
        return {field.key: (_variable_kind(field), field.personal) for field in self.fields}

    def from_html(self, data: Mapping[str, str | Sequence[str]]) -> dict[str, Any]:
        """The values of a submitted page, for `validate`: an empty text is missing, `on` is true, no tick is false.

        `data` holds one text or the list of texts of each name; a name that is no field of the form stays, and is
        refused by `validate`.
        """
        texts = {name: [value] if isinstance(value, str) else list(value) for name, value in data.items()}
        values: dict[str, Any] = {
            name: (found[0] if found else None) for name, found in texts.items() if name not in self.by_key
        }
        for field in self.fields:
            found = texts.get(field.key)
            if field.kind == "checklist":
                values[field.key] = [text for text in found or () if text]
            elif field.kind == "checkbox":
                values[field.key] = found is not None and found[-1:] != [] and found[-1].strip().lower() in _TICKED
            elif found is not None:
                values[field.key] = found[-1] if found and found[-1].strip() else None
        # a page does not send an input that cannot be changed; a tick is not told from none
        return {name: value for name, value in values.items() if name in texts or not self._fixed(name)}

    def _fixed(self, key: str) -> bool:
        field = self.by_key[key]
        return field.disabled or bool(field.read_only)

    def validate(
        self,
        values: Mapping[str, Any],
        *,
        context: Mapping[str, Value],
        feel: Evaluator,
        now: datetime,
        zone: str,
        options: Mapping[str, Sequence[Any]] | None = None,
    ) -> dict[str, Value]:
        """The values as variables: typed, every visible field present, hidden ones left out.

        A missing optional value is null (no tick: false; a default where the key is not given at all); a date is
        `2026-11-23`, a time `14:30:00`, a datetime UTC text ending in Z, read on the clock of `zone` when it has no
        offset.  Fields that are read-only or disabled keep the value that `context` has; `UNCHANGED` does so for any.
        `options` are the lists that `valuesKey` names, before those in `context`.

        Raises FormRejected with every problem, FeelError when an expression of the form itself fails.
        """
        around = Surroundings(context, feel, now, zone, options or {})
        given, broken = self._given(values, around)
        hidden = self._hidden(given, around)
        data = {key: value for key, value in given.items() if key not in hidden}
        problems = [_problem(key, key, _BreaksRuleError("unknown")) for key in values if key not in self.by_key]
        for field in self.fields:
            if field.key not in hidden:
                problems += self._problems(field, values, data, broken.get(field.key), around)
        if problems:
            raise FormRejected(problems)
        return {
            field.key: data[field.key]
            for field in self.fields
            if field.key in data and not (data[field.key] is None and self._left_alone(field, around))
        }

    def hidden(
        self,
        values: Mapping[str, Any],
        *,
        context: Mapping[str, Value],
        feel: Evaluator,
        now: datetime,
        zone: str,
    ) -> frozenset[str]:
        """The ids of the items (fields, notes, groups) that a page with these values does not show."""
        around = Surroundings(context, feel, now, zone, {})
        given, _ = self._given(values, around, fill=False)
        hidden = self._hidden(given, around)
        data = {key: None if key in hidden else value for key, value in given.items()}
        return frozenset(
            item.id
            for item in every_item(self.items)
            if (item.key in hidden if isinstance(item, Field) else _is_hidden(item, data, around))
        )

    def options_of(
        self,
        field: Field,
        values: Mapping[str, Any],
        *,
        context: Mapping[str, Value],
        feel: Evaluator,
        now: datetime,
        zone: str,
        options: Mapping[str, Sequence[Any]] | None = None,
    ) -> tuple[Option, ...]:
        """The choices of a field on a page with these values; none when their list is not there."""
        around = Surroundings(context, feel, now, zone, options or {})
        return _options(field, self._given(values, around)[0], around) or ()

    def is_read_only(self, field: Field, around: Surroundings) -> bool:
        """Whether the field keeps the value that it has."""
        if isinstance(field.read_only, str):
            return around.evaluate(field.read_only, {}) is True
        return bool(field.read_only) or field.disabled

    def _left_alone(self, field: Field, around: Surroundings) -> bool:
        return field.key not in around.context and self.is_read_only(field, around)

    def _given(
        self, values: Mapping[str, Any], around: Surroundings, *, fill: bool = True
    ) -> tuple[dict[str, Value], dict[str, _BreaksRuleError]]:
        """(value by key, what is wrong with those that are of the wrong type: they count as null)."""
        given: dict[str, Value] = {}
        broken: dict[str, _BreaksRuleError] = {}
        for field in self.fields:
            try:
                given[field.key] = self._value(field, values, around, fill)
            except _BreaksRuleError as error:
                given[field.key] = None
                broken[field.key] = error
        return given, broken

    def _value(self, field: Field, values: Mapping[str, Any], around: Surroundings, fill: bool) -> Value:
        own = around.context.get(field.key, field.default)
        if field.key in values and values[field.key] == UNCHANGED:
            return around.context.get(field.key)
        if self.is_read_only(field, around):
            if field.key in values and not _same(field, values[field.key], own, around.zone):
                raise _BreaksRuleError("read_only")
            return own
        if field.key not in values:
            return _empty(field, own if not fill else field.default)
        return _empty(field, _typed(field, values[field.key], around.zone))

    def _hidden(self, given: Mapping[str, Value], around: Surroundings) -> frozenset[str]:
        """The keys of the fields that a condition hides; a hidden field is null to the others' conditions."""
        hidden: frozenset[str] = frozenset()
        for _ in range(len(self.fields) + 1):
            data = {key: None if key in hidden else value for key, value in given.items()}
            again = frozenset(
                field.key for field in self.fields if _is_hidden(field, {**data, field.key: given[field.key]}, around)
            )
            if again == hidden:
                break
            hidden = again
        return hidden

    def _problems(
        self,
        field: Field,
        values: Mapping[str, Any],
        data: Mapping[str, Value],
        wrong_type: _BreaksRuleError | None,
        around: Surroundings,
    ) -> Iterator[FieldProblem]:
        if wrong_type is not None:
            yield _problem(field.key, field.label, wrong_type)
            return
        value = data[field.key]
        if field.required and value in (None, False, []):
            yield _problem(
                field.key, field.label, _BreaksRuleError("confirm" if field.kind == "checkbox" else "required")
            )
        kept = values.get(field.key) == UNCHANGED or self.is_read_only(field, around)
        if value is not None and not kept:
            for broken in _broken_rules(field, value, data, around):
                yield _problem(field.key, field.label, broken)


def parse_form(data: bytes | str, *, name: str) -> Form:
    """The form of a form-js schema; raises DefinitionRejected with everything that the engine does not carry out.

    `name` is the file's name, for the problems.
    """
    reader = Reader(name)
    items = reader.read(data)
    if reader.problems:
        raise DefinitionRejected(reader.problems)
    return Form(reader.form_id, items)


def _problem(key: str, label: str, broken: _BreaksRuleError) -> FieldProblem:
    return FieldProblem(key, label, broken.rule, _MESSAGES[broken.rule], {"label": label, **broken.params})


def _variable_kind(field: Field) -> str:
    if field.kind in TEXTS:
        return "string"
    if field.kind in CHOICES:
        known = field.options is not None and all(isinstance(option.value, str) for option in field.options)
        return "string" if known else "any"
    return _KINDS[field.kind]


def _is_hidden(item: Item, data: Mapping[str, Value], around: Surroundings) -> bool:
    return any(around.evaluate(condition, data) is True for condition in item.hide)


def _empty(field: Field, value: Value) -> Value:
    if value is None and field.kind == "checkbox":
        return False
    if value is None and field.kind == "checklist":
        return []
    return value


def _same(field: Field, sent: Any, own: Value, zone: str) -> bool:
    try:
        return _empty(field, _typed(field, sent, zone)) == _empty(field, own)
    except _BreaksRuleError:
        return bool(sent == own)


def _typed(field: Field, value: Any, zone: str) -> Value:
    """The value as the kind of the field has it; raises _BreaksRuleError."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if field.kind in TEXTS:
        return _text(value)
    if field.kind == "number":
        return _number(value)
    if field.kind == "checkbox":
        return _ticked(value)
    if field.kind == "checklist":
        if not isinstance(value, list | tuple):
            raise _BreaksRuleError("list", found=_shown(value))
        return list(value)
    if field.kind in MOMENTS:
        return _moment(field.kind, value, zone)
    choice: Value = value  # compared with the options later
    return choice


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _BreaksRuleError("text", found=_shown(value))
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise _BreaksRuleError("characters")
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def _number(value: Any) -> int | float:
    number = value
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        text = value.strip().replace(",", ".")
        number = float(text) if "." in text else int(text)
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise _BreaksRuleError("number", found=_shown(value))
    if abs(number) > LARGEST_INTEGER:
        raise _BreaksRuleError("max", limit=LARGEST_INTEGER)
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _ticked(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else None
    if word in _TICKED:
        return True
    if word in _NOT_TICKED:
        return False
    raise _BreaksRuleError("boolean", found=_shown(value))


def _moment(kind: str, value: Any, zone: str) -> str:
    broken = _BreaksRuleError(kind, found=_shown(value))
    if not isinstance(value, str) or _FORMS_OF_MOMENTS[kind].fullmatch(value.strip()) is None:
        raise broken
    try:
        if kind == "date":
            return date.fromisoformat(value.strip()).isoformat()
        if kind == "time":
            return time.fromisoformat(value.strip()).isoformat("seconds")
        return to_text(parse_moment(value.strip(), zone))
    except ValueError:
        raise broken from None


def _broken_rules(
    field: Field, value: Value, data: Mapping[str, Value], around: Surroundings
) -> Iterator[_BreaksRuleError]:
    if field.kind in TEXTS and isinstance(value, str):
        yield from _broken_text_rules(field, value, data, around)
    elif field.kind == "number" and isinstance(value, int | float):
        yield from _broken_number_rules(field, value, data, around)
    elif field.kind in ("date", "datetime") and isinstance(value, str):
        yield from _broken_moment_rules(field, value, data, around)
    elif field.kind == "checklist" and isinstance(value, list):
        yield from _broken_choice_rules(field, value, data, around)
    elif field.kind in CHOICES:
        yield from _broken_choice_rules(field, [value], data, around)


def _broken_text_rules(
    field: Field, value: str, data: Mapping[str, Value], around: Surroundings
) -> Iterator[_BreaksRuleError]:
    rules = field.constraints
    least, most = _limit(rules.min_length, data, around), _limit(rules.max_length, data, around)
    if least is not None and len(value) < least:
        yield _BreaksRuleError("min_length", limit=least, found=len(value))
    if most is not None and len(value) > most:
        yield _BreaksRuleError("max_length", limit=most, found=len(value))
    if rules.pattern is not None and not _matches(value, rules.pattern, around):
        yield _BreaksRuleError("pattern")
    if rules.format is not None and not _FORMATS[rules.format].fullmatch(value):
        yield _BreaksRuleError(rules.format)


def _matches(text: str, pattern: str, around: Surroundings) -> bool:
    """By V8 and not by `re`: form-js's patterns are JavaScript's, and V8 has a limit of time."""
    values: dict[str, Value] = {"teks": text, "pola": pattern}
    return around.feel.evaluate("matches(teks, pola)", values, now=around.now, zone=around.zone) is True


def _broken_number_rules(
    field: Field, value: float, data: Mapping[str, Value], around: Surroundings
) -> Iterator[_BreaksRuleError]:
    rules = field.constraints
    least, most = _limit(rules.minimum, data, around), _limit(rules.maximum, data, around)
    if least is not None and value < least:
        yield _BreaksRuleError("min", limit=least)
    if most is not None and value > most:
        yield _BreaksRuleError("max", limit=most)
    if rules.decimals is not None and round(value, rules.decimals) != value:
        yield _BreaksRuleError("decimals", limit=rules.decimals)
    if rules.step is not None and not math.isclose(value / rules.step, round(value / rules.step), abs_tol=1e-9):
        yield _BreaksRuleError("step", limit=rules.step)


def _limit(rule: float | str | None, data: Mapping[str, Value], around: Surroundings) -> float | None:
    if not isinstance(rule, str):
        return rule
    limit = around.evaluate(rule, data)
    if isinstance(limit, bool) or not isinstance(limit, int | float):
        raise FeelError(f"bilangan diharapkan dari ={rule}, ditemukan {_shown(limit)}")
    return limit


def _broken_moment_rules(
    field: Field, value: str, data: Mapping[str, Value], around: Surroundings
) -> Iterator[_BreaksRuleError]:
    rules = field.constraints
    if rules.earliest is not None and value < (limit := _bound(field.kind, rules.earliest, data, around)):
        yield _BreaksRuleError("not_passed") if rules.earliest == "now" else _BreaksRuleError("earliest", limit=limit)
    if rules.latest is not None and value > (limit := _bound(field.kind, rules.latest, data, around)):
        yield _BreaksRuleError("not_future") if rules.latest == "now" else _BreaksRuleError("latest", limit=limit)


def _bound(kind: str, rule: str, data: Mapping[str, Value], around: Surroundings) -> str:
    """The limit as text that compares as the field's values do."""
    if rule == "now":
        moment = around.now.astimezone(UTC)
    elif rule.startswith("="):
        variables = {**around.context, **data}
        found = around.feel.evaluate_temporal(rule[1:], variables, now=around.now, zone=around.zone)
        if not isinstance(found, datetime):
            raise FeelError(f"tanggal diharapkan dari {rule}, ditemukan {found}")
        moment = found
    else:
        moment = parse_moment(rule, around.zone)
    return to_text(moment) if kind == "datetime" else moment.astimezone(ZoneInfo(around.zone)).date().isoformat()


def _options(field: Field, data: Mapping[str, Value], around: Surroundings) -> tuple[Option, ...] | None:
    if field.options is not None:
        return field.options
    if field.options_expression is not None:
        return as_options(around.evaluate(field.options_expression, data))
    key = field.options_key or ""
    return as_options(around.options.get(key, around.context.get(key)))


def _broken_choice_rules(
    field: Field, chosen: list[Value], data: Mapping[str, Value], around: Surroundings
) -> Iterator[_BreaksRuleError]:
    options = _options(field, data, around)
    if options is None:
        yield _BreaksRuleError("no_options")
        return
    for value in chosen:
        if not any(type(option.value) is type(value) and option.value == value for option in options):
            yield _BreaksRuleError("option", found=_shown(value))


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
