"""Reading a form: form-js JSON in, fields in the order of the page out, or every reason why not.

Only what the engine does is accepted: a component, a property or a rule that it does not carry out is a problem, since
a form that is half obeyed is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definition.calendar import parse_moment
from engine.definition.feel import compile_expression, is_pattern
from engine.errors import FeelSyntaxError, Problem
from engine.values import Value

LARGEST_FORM = 1_000_000
TEXTS = ("textfield", "textarea")
CHOICES = ("radio", "select")
MOMENTS = ("date", "time", "datetime")
_SILENT = ("button", "spacer")
_EVERYWHERE = frozenset({"type", "id", "layout", "properties", "conditional"})
_ON_FIELDS = frozenset({"key", "label", "description", "validate", "disabled", "readonly"})
_ON_OPTIONS = frozenset({"values", "valuesKey", "valuesExpression"})
_ALLOWED: Mapping[str, frozenset[str]] = {
    "textfield": _ON_FIELDS | {"defaultValue", "appearance"},
    "textarea": _ON_FIELDS | {"defaultValue"},
    "number": _ON_FIELDS | {"defaultValue", "appearance", "decimalDigits", "increment"},
    "checkbox": _ON_FIELDS | {"defaultValue"},
    "radio": _ON_FIELDS | _ON_OPTIONS | {"defaultValue"},
    "select": _ON_FIELDS | _ON_OPTIONS | {"defaultValue", "searchable"},
    "checklist": _ON_FIELDS | _ON_OPTIONS | {"defaultValue"},
    "datetime": _ON_FIELDS
    | {"subtype", "dateLabel", "timeLabel", "use24h", "timeInterval", "timeSerializingFormat", "disallowPassedDates"},
    "text": frozenset({"text"}),
    "separator": frozenset(),
    "group": frozenset({"label", "components", "showOutline", "path", "verticalAlignment"}),
}
_RULES: Mapping[str, frozenset[str]] = {
    "textfield": frozenset({"required", "minLength", "maxLength", "pattern", "validationType"}),
    "textarea": frozenset({"required", "minLength", "maxLength"}),
    "number": frozenset({"required", "min", "max"}),
}
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Option:
    """One choice."""

    value: Value
    label: str


@dataclass(frozen=True)
class Constraints:
    """The rules of a value; a text in place of a number is FEEL (without `=`), worked out with the form's values."""

    minimum: float | str | None = None
    maximum: float | str | None = None
    min_length: int | str | None = None
    max_length: int | str | None = None
    pattern: str | None = None  # a regular expression of JavaScript, found anywhere in the text
    format: str | None = None  # email | phone
    decimals: int | None = None
    step: float | None = None
    earliest: str | None = None  # `now`, ISO 8601, or FEEL behind `=`
    latest: str | None = None


@dataclass(frozen=True)
class Field:
    """One input; `kind` is form-js's type, for a datetime its subtype (date, time, datetime)."""

    id: str
    key: str
    kind: str
    label: str
    description: str = ""
    required: bool = False
    personal: bool = False
    read_only: bool | str = False  # a text is FEEL
    disabled: bool = False
    default: Value = None
    hide: tuple[str, ...] = ()  # FEEL: its own condition and those of its groups; hidden when one is true
    constraints: Constraints = Constraints()
    options: tuple[Option, ...] | None = None
    options_key: str | None = None  # name of the list that the choices come from
    options_expression: str | None = None  # FEEL that gives the choices
    group: tuple[str, ...] = ()  # ids of the groups around it, outermost first
    properties: Mapping[str, str] = field(default_factory=dict)
    row: str = ""
    columns: int | None = None  # of 16


@dataclass(frozen=True)
class Note:
    """Text on the page: Markdown, or FEEL behind `=`."""

    id: str
    text: str
    hide: tuple[str, ...] = ()


@dataclass(frozen=True)
class Divider:
    """A line across the page."""

    id: str
    hide: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Items that belong together."""

    id: str
    label: str
    items: tuple[Item, ...]
    hide: tuple[str, ...] = ()


Item = Field | Note | Divider | Group


class Reader:
    """Reads one form; `problems` holds what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.form_id = ""
        self._ids: set[str] = set()
        self._keys: set[str] = set()

    def read(self, data: bytes | str) -> tuple[Item, ...]:
        """The items of the form, in the order of the page."""
        schema = self._schema(data)
        if schema is None:
            return ()
        self.form_id = str(schema.get("id") or "")
        if not self.form_id:
            self._wrong("form_id_missing", {}, "id formulir diharapkan, tidak ditemukan")
        items = self._items(schema.get("components"), {}, (), ())
        self._refuse_personal_conditions(items)
        return items

    def _schema(self, data: bytes | str) -> dict[str, Any] | None:
        if len(data) > LARGEST_FORM:
            self._wrong(
                "form_too_large", {}, "formulir paling besar 1 MB diharapkan, ditemukan %(size)s bita", size=len(data)
            )
            return None
        try:
            schema = json.loads(data)
        except (ValueError, RecursionError) as error:
            self._wrong("form_not_json", {}, "JSON yang sah diharapkan: %(reason)s", reason=str(error))
            return None
        if not isinstance(schema, dict) or schema.get("type", "default") != "default":
            self._wrong("form_not_json", {}, "skema form-js (objek dengan type default) diharapkan")
            return None
        return schema

    def _wrong(self, rule: str, component: Mapping[str, Any], message: str, **params: Any) -> None:
        place = str(component.get("id") or component.get("key") or self.form_id or self.file)
        label = str(component.get("label") or component.get("dateLabel") or component.get("key") or "")
        self.problems.append(Problem(rule, place, label, message, params, file=self.file))

    def _items(
        self, components: Any, parent: Mapping[str, Any], hide: tuple[str, ...], group: tuple[str, ...]
    ) -> tuple[Item, ...]:
        if not isinstance(components, list) or not all(isinstance(component, dict) for component in components):
            self._wrong("form_components", parent, "daftar components diharapkan")
            return ()
        read = (self._item(component, hide, group) for component in components if component.get("type") not in _SILENT)
        return tuple(item for item in read if item is not None)

    def _item(self, component: Mapping[str, Any], hide: tuple[str, ...], group: tuple[str, ...]) -> Item | None:
        kind = str(component.get("type"))
        if kind not in _ALLOWED:
            self._wrong("form_component_unsupported", component, "komponen %(kind)s belum didukung", kind=kind)
            return None
        self._refuse_unknown(component, _ALLOWED[kind] | _EVERYWHERE)
        own = self._condition(component)
        hide = (*hide, own) if own else hide
        identity = self._identity(component)
        if kind == "text":
            return Note(identity, self._note_text(component), hide)
        if kind == "separator":
            return Divider(identity, hide)
        if kind == "group":
            if component.get("path"):
                self._wrong("form_property_unsupported", component, "sifat path pada kelompok belum didukung")
            label = self._text(component, "label")
            return Group(
                identity, label, self._items(component.get("components"), component, hide, (*group, identity)), hide
            )
        return self._field(component, identity, hide, group)

    def _field(
        self, component: Mapping[str, Any], identity: str, hide: tuple[str, ...], group: tuple[str, ...]
    ) -> Field:
        kind = self._kind(component)
        rules = self._mapping(component, "validate")
        self._refuse_unknown_rules(component, rules)
        layout = self._mapping(component, "layout")
        columns = layout.get("columns")
        options, options_key, options_expression = self._options(component)
        return Field(
            id=identity,
            key=self._key(component),
            kind=kind,
            label=self._label(component, kind),
            description=self._text(component, "description"),
            required=self._flag(component, rules, "required"),
            personal=self._personal(component),
            read_only=self._read_only(component),
            disabled=self._flag(component, component, "disabled"),
            hide=hide,
            constraints=self._constraints(component, kind, rules),
            options=options,
            options_key=options_key,
            options_expression=options_expression,
            default=self._default(component, kind, options),
            group=group,
            properties={str(name): str(value) for name, value in self._mapping(component, "properties").items()},
            row=str(layout.get("row") or ""),
            columns=columns if isinstance(columns, int) else None,
        )

    def _kind(self, component: Mapping[str, Any]) -> str:
        kind = str(component["type"])
        if kind != "datetime":
            return kind
        subtype = component.get("subtype", "date")
        if subtype not in MOMENTS:
            self._wrong(
                "form_value",
                component,
                "subtype date, time atau datetime diharapkan, ditemukan %(found)s",
                found=subtype,
            )
            return "date"
        return str(subtype)

    def _identity(self, component: Mapping[str, Any]) -> str:
        identity = component.get("id") or component.get("key") or f"item_{len(self._ids) + 1}"
        if identity in self._ids:
            self._wrong("form_id_repeated", component, "id %(id)s dipakai dua kali", id=identity)
        self._ids.add(str(identity))
        return str(identity)

    def _key(self, component: Mapping[str, Any]) -> str:
        key = component.get("key")
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            message = "key dari huruf, angka dan garis bawah diharapkan, ditemukan %(found)s"
            self._wrong("form_key", component, message, found=key)
            return ""
        if key in self._keys:
            self._wrong("form_key_repeated", component, "key %(key)s dipakai dua kali", key=key)
        self._keys.add(key)
        return key

    def _label(self, component: Mapping[str, Any], kind: str) -> str:
        label = self._text(component, "label")
        if kind in MOMENTS and not label:
            label = self._text(component, "timeLabel" if kind == "time" else "dateLabel")
        return label or str(component.get("key") or "")

    def _text(self, component: Mapping[str, Any], name: str) -> str:
        text = component.get(name) or ""
        if not isinstance(text, str) or text.startswith("=") or "{{" in text:
            message = "%(name)s berupa teks biasa diharapkan, ditemukan %(found)s"
            self._wrong("form_text", component, message, name=name, found=text)
            return ""
        return text

    def _note_text(self, component: Mapping[str, Any]) -> str:
        text = component.get("text")
        if not isinstance(text, str) or "{{" in text:
            self._wrong("form_text", component, "text tanpa {{ }} diharapkan, ditemukan %(found)s", found=text)
            return ""
        return "=" + self._feel(component, "text", text) if text.startswith("=") else text

    def _mapping(self, component: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = component.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._wrong(
                "form_value", component, "%(name)s berupa objek diharapkan, ditemukan %(found)s", name=name, found=value
            )
            return {}
        return value

    def _flag(self, component: Mapping[str, Any], holder: Mapping[str, Any], name: str) -> bool:
        value = holder.get(name, False)
        if not isinstance(value, bool):
            message = "%(name)s true atau false diharapkan, ditemukan %(found)s"
            self._wrong("form_value", component, message, name=name, found=value)
        return value is True

    def _personal(self, component: Mapping[str, Any]) -> bool:
        value = self._mapping(component, "properties").get("personal", "false")
        if value not in ("true", "false"):
            self._wrong(
                "form_value", component, 'personal "true" atau "false" diharapkan, ditemukan %(found)s', found=value
            )
        return str(value) != "false"

    def _read_only(self, component: Mapping[str, Any]) -> bool | str:
        value = component.get("readonly", False)
        if isinstance(value, str) and value.startswith("="):
            return self._feel(component, "readonly", value)
        return self._flag(component, component, "readonly")

    def _condition(self, component: Mapping[str, Any]) -> str | None:
        conditional = self._mapping(component, "conditional")
        unknown = set(conditional) - {"hide"}
        if unknown:
            self._wrong(
                "form_property_unsupported", component, "sifat conditional.%(name)s belum didukung", name=min(unknown)
            )
        value = conditional.get("hide")
        if not value:
            return None
        if not isinstance(value, str) or not value.startswith("="):
            message = "conditional.hide berupa FEEL di belakang = diharapkan, ditemukan %(found)s"
            self._wrong("form_expression", component, message, found=value)
            return None
        return self._feel(component, "conditional.hide", value)

    def _feel(self, component: Mapping[str, Any], name: str, text: str) -> str:
        try:
            return compile_expression(text[1:].strip()).source
        except FeelSyntaxError as error:
            message = "%(name)s tidak dapat dibaca sebagai FEEL: %(reason)s"
            self._wrong("form_expression", component, message, name=name, reason=str(error))
            return "null"

    def _refuse_unknown(self, component: Mapping[str, Any], allowed: frozenset[str]) -> None:
        for name in sorted(set(component) - allowed):
            self._wrong("form_property_unsupported", component, "sifat %(name)s belum didukung", name=name)

    def _refuse_unknown_rules(self, component: Mapping[str, Any], rules: Mapping[str, Any]) -> None:
        allowed = _RULES.get(str(component["type"]), frozenset({"required"}))
        for name in sorted(set(rules) - allowed):
            message = "aturan validate.%(name)s belum didukung untuk komponen ini"
            self._wrong("form_property_unsupported", component, message, name=name)

    def _constraints(self, component: Mapping[str, Any], kind: str, rules: Mapping[str, Any]) -> Constraints:
        decimals, step = component.get("decimalDigits"), component.get("increment")
        passed = component.get("disallowPassedDates") is True
        return Constraints(
            minimum=self._number(component, rules, "min"),
            maximum=self._number(component, rules, "max"),
            min_length=self._length(component, rules, "minLength"),
            max_length=self._length(component, rules, "maxLength"),
            pattern=self._pattern(component, rules),
            format=self._format(component, rules),
            decimals=decimals if isinstance(decimals, int) else None,
            step=self._step(component, step),
            earliest=self._limit(component, kind, "min") or ("now" if passed else None),
            latest=self._limit(component, kind, "max"),
        )

    def _number(self, component: Mapping[str, Any], rules: Mapping[str, Any], name: str) -> float | str | None:
        value = rules.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.startswith("="):
            return self._feel(component, f"validate.{name}", value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            message = "validate.%(name)s berupa bilangan atau FEEL diharapkan, ditemukan %(found)s"
            self._wrong("form_value", component, message, name=name, found=value)
            return None
        return value

    def _length(self, component: Mapping[str, Any], rules: Mapping[str, Any], name: str) -> int | str | None:
        value: Any = self._number(component, rules, name)
        if isinstance(value, float) or (isinstance(value, int) and value < 0):
            message = "validate.%(name)s berupa bilangan bulat sejak 0 diharapkan, ditemukan %(found)s"
            self._wrong("form_value", component, message, name=name, found=value)
            return None
        length: int | str | None = value
        return length

    def _step(self, component: Mapping[str, Any], value: Any) -> float | None:
        if value in (None, ""):
            return None
        try:
            step = float(value)
        except (TypeError, ValueError):
            step = 0.0
        if not step > 0:
            self._wrong("form_value", component, "increment lebih dari 0 diharapkan, ditemukan %(found)s", found=value)
            return None
        return step

    def _pattern(self, component: Mapping[str, Any], rules: Mapping[str, Any]) -> str | None:
        pattern = rules.get("pattern")
        if not pattern:
            return None
        if not isinstance(pattern, str) or not is_pattern(pattern):
            message = "validate.pattern berupa ungkapan reguler diharapkan, ditemukan %(found)s"
            self._wrong("form_value", component, message, found=pattern)
            return None
        return pattern

    def _format(self, component: Mapping[str, Any], rules: Mapping[str, Any]) -> str | None:
        value = rules.get("validationType")
        if value in (None, "", "custom"):
            return None
        if value not in ("email", "phone"):
            message = "validationType email, phone atau custom diharapkan, ditemukan %(found)s"
            self._wrong("form_value", component, message, found=value)
        return str(value)

    def _limit(self, component: Mapping[str, Any], kind: str, name: str) -> str | None:
        """Our own: `properties.min` and `properties.max` of a date or datetime."""
        value = self._mapping(component, "properties").get(name)
        if value is None:
            return None
        if kind not in ("date", "datetime") or not isinstance(value, str):
            self._wrong("form_property_unsupported", component, "properties.%(name)s belum didukung di sini", name=name)
            return None
        if value.startswith("="):
            return "=" + self._feel(component, f"properties.{name}", value)
        try:
            if value != "now":
                parse_moment(value, "UTC")
        except ValueError:
            message = "properties.%(name)s berupa now, tanggal atau FEEL diharapkan, ditemukan %(found)s"
            self._wrong("form_value", component, message, name=name, found=value)
        return value

    def _options(self, component: Mapping[str, Any]) -> tuple[tuple[Option, ...] | None, str | None, str | None]:
        if component["type"] not in (*CHOICES, "checklist"):
            return None, None, None
        given = [name for name in ("values", "valuesKey", "valuesExpression") if component.get(name)]
        if len(given) != 1:
            message = "satu dari values, valuesKey dan valuesExpression diharapkan, ditemukan %(found)s"
            self._wrong("form_options", component, message, found=", ".join(given) or "tidak satu pun")
            return (), None, None
        value = component[given[0]]
        if given[0] == "valuesKey" and isinstance(value, str):
            return None, value, None
        if given[0] == "valuesExpression" and isinstance(value, str) and value.startswith("="):
            return None, None, self._feel(component, "valuesExpression", value)
        if given[0] == "values" and (options := as_options(value)) is not None:
            self._refuse_repeated(component, options)
            return options, None, None
        message = "%(name)s: pilihan dengan value dan label diharapkan, ditemukan %(found)s"
        self._wrong("form_options", component, message, name=given[0], found=value)
        return (), None, None

    def _refuse_repeated(self, component: Mapping[str, Any], options: tuple[Option, ...]) -> None:
        values = [json.dumps(option.value, sort_keys=True) for option in options]
        for value in sorted({value for value in values if values.count(value) > 1}):
            self._wrong("form_options", component, "pilihan %(value)s ditulis dua kali", value=value)

    def _default(self, component: Mapping[str, Any], kind: str, options: tuple[Option, ...] | None) -> Value:
        value: Any = component.get("defaultValue")
        if value is None or value == "":
            return None
        fits = {
            "number": isinstance(value, int | float) and not isinstance(value, bool),
            "checkbox": isinstance(value, bool),
            "checklist": isinstance(value, list) and _all_offered(value, options),
        }.get(kind, isinstance(value, str) if kind in TEXTS else _all_offered([value], options))
        if not fits:
            self._wrong("form_value", component, "defaultValue %(found)s tidak cocok dengan komponen ini", found=value)
            return None
        default: Value = value
        return default

    def _refuse_personal_conditions(self, items: tuple[Item, ...]) -> None:
        personal = {item.key for item in fields_of(items) if item.personal}
        for item in every_item(items):
            named = frozenset[str]().union(*(compile_expression(condition).every_name for condition in item.hide))
            for key in sorted(named & personal):
                message = "conditional.hide memakai %(key)s, yang merupakan data pribadi"
                self._wrong("form_personal_condition", {"id": item.id}, message, key=key)


def as_options(value: Any) -> tuple[Option, ...] | None:
    """The choices of a list of `{value, label}` or of plain values; None when it is neither."""
    if not isinstance(value, list | tuple):
        return None
    made = []
    for item in value:
        if isinstance(item, dict) and item.get("value") is not None:
            made.append(Option(item["value"], str(item.get("label") or item["value"])))
        elif isinstance(item, str | int | float) and not isinstance(item, bool):
            made.append(Option(item, str(item)))
        else:
            return None
    return tuple(made)


def _all_offered(values: list[Value], options: tuple[Option, ...] | None) -> bool:
    return options is None or all(any(option.value == value for option in options) for value in values)


def every_item(items: tuple[Item, ...]) -> Iterator[Item]:
    """All items, those in groups too, in the order of the page."""
    for item in items:
        yield item
        if isinstance(item, Group):
            yield from every_item(item.items)


def fields_of(items: tuple[Item, ...]) -> Iterator[Field]:
    """The inputs among the items, in the order of the page."""
    return (item for item in every_item(items) if isinstance(item, Field))
