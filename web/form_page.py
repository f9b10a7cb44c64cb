"""A form as a page shows it: what is hidden, filled in, chosen from, and wrong.

Names of inputs are the fields' keys behind `PREFIX`, so that no field can be mistaken for one of the page's own inputs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from engine.clock import from_text
from engine.definition.form_schema import CHOICES
from engine.definition.forms import Field, Form, Group, Item, Note, Option, Surroundings
from engine.errors import FieldProblem, FormRejected
from engine.values import Value, is_personal
from web.context import engine, now, office_zone, setting
from web.formats import shown
from web.language import gettext, spoken
from web.notes import typeset

PREFIX = "isian."
SHOWN = "tampil"  # keys of the inputs that the page had
FLAGGED = "keliru"  # keys of the inputs that the page showed as wrong
_OWN_CHOICE = (*CHOICES, "checklist")


@dataclass(frozen=True)
class Choice:
    """One option of a radio, select or checklist."""

    id: str
    text: str  # what the browser sends
    label: str
    chosen: bool


@dataclass(frozen=True)
class Widget:
    """One thing on the page; `kind` names the macro of the template that draws it."""

    kind: str
    id: str
    name: str = ""
    label: str = ""
    description: str = ""
    required: bool = False
    value: str = ""
    ticked: bool = False
    choices: tuple[Choice, ...] = ()
    problem: str | None = None
    text: Markup | None = None
    items: tuple[Widget, ...] = ()
    input_type: str = "text"
    personal: bool = False

    @property
    def described_by(self) -> str:
        """The ids of the hint and the error that belong to the input."""
        parts = [(self.description, "keterangan"), (self.problem, "salah")]
        return " ".join(f"{self.id}-{part}" for there, part in parts if there)


@dataclass(frozen=True)
class FormPage:
    """A form, the variables around it, and what was typed in so far (nothing yet: None)."""

    form: Form
    context: Mapping[str, Value]
    options: Mapping[str, Sequence[Any]]
    posted: MultiDict[str, str] | None = None
    problems: tuple[FieldProblem, ...] = ()
    at: datetime = field(default_factory=now)

    @cached_property
    def values(self) -> dict[str, Any]:
        """What was sent, for the engine: by key, nothing of hidden fields."""
        return {key: value for key, value in self._sent.items() if key not in self._hidden_keys}

    @cached_property
    def _sent(self) -> dict[str, Any]:
        if self.posted is None:
            return {}
        texts = {name.removeprefix(PREFIX): found for name, found in self.posted.lists() if name.startswith(PREFIX)}
        # A tick or a list that the page did not have was not left empty by anybody.
        return {
            key: self._own_choice(key, value)
            for key, value in self.form.from_html(texts).items()
            if key in texts or key in self._page_had
        }

    def _own_choice(self, key: str, value: Any) -> Any:
        """The option's own value, which may be a number, in place of the text that the browser sent."""
        found = self.form.by_key.get(key)
        if found is None or found.kind not in _OWN_CHOICE:
            return value
        own = {_as_text(option.value): option.value for option in self._options(found, {})}
        return [own.get(text, text) for text in value] if isinstance(value, list) else own.get(value, value)

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The ids of the items that are not shown with these values."""
        return self.form.hidden(self._sent, context=self.context, **self._feel)

    @cached_property
    def _hidden_keys(self) -> frozenset[str]:
        return frozenset(found.key for found in self.form.fields if found.id in self.hidden)

    @cached_property
    def open_keys(self) -> tuple[str, ...]:
        """The keys of the inputs that are shown and can be changed."""
        return tuple(
            found.key for found in self.form.fields if found.id not in self.hidden and not self._is_fixed(found)
        )

    @property
    def has_unseen(self) -> bool:
        """Whether the answers brought up an input that the sent page did not have."""
        assert self.posted is not None
        return not set(self.open_keys) <= set(self.posted.get(SHOWN, "").split())

    @property
    def has_conditions(self) -> bool:
        """Whether what is shown depends on what is typed."""
        return any(found.hide for found in self.form.fields)

    def with_problems(self, problems: Iterable[FieldProblem]) -> FormPage:
        """The same page, with what is wrong."""
        return FormPage(self.form, self.context, self.options, self.posted, tuple(problems), self.at)

    def rechecked(self) -> FormPage:
        """The same page with those problems that it showed before and that are still there."""
        assert self.posted is not None
        flagged = set(self.posted.get(FLAGGED, "").split())
        if not flagged:
            return self
        try:
            self.form.validate(self.values, context=self.context, options=self.options, **self._feel)
        except FormRejected as error:
            return self.with_problems(problem for problem in error.problems if problem.key in flagged)
        return self

    @property
    def flagged(self) -> str:
        """The keys of the inputs that are shown as wrong."""
        return " ".join(dict.fromkeys(problem.key for problem in self.problems))

    @property
    def summary(self) -> list[tuple[str | None, str]]:
        """(id of the input or None, sentence) of every problem, in the order of the page."""
        order = {found.key: index for index, found in enumerate(self.form.fields)}
        ordered = sorted(self.problems, key=lambda problem: order.get(problem.key, -1))
        return [
            (input_id(problem.key) if problem.key in self.open_keys else None, spoken(problem.message, problem.params))
            for problem in ordered
        ]

    @cached_property
    def widgets(self) -> tuple[Widget, ...]:
        """What the page shows, top to bottom."""
        return self._widgets(self.form.items)

    @property
    def _feel(self) -> dict[str, Any]:
        return {"feel": setting().feel, "now": self.at, "zone": engine().zone}

    @cached_property
    def _around(self) -> Surroundings:
        return Surroundings(self.context, options=self.options, **self._feel)

    def _is_fixed(self, found: Field) -> bool:
        return self.form.is_read_only(found, self._around)

    def _options(self, found: Field, values: Mapping[str, Any]) -> tuple[Option, ...]:
        return self.form.options_of(found, values, context=self.context, options=self.options, **self._feel)

    def _widgets(self, items: Iterable[Item]) -> tuple[Widget, ...]:
        return tuple(self._widget(item) for item in items if item.id not in self.hidden)

    def _widget(self, item: Item) -> Widget:
        if isinstance(item, Field):
            return self._fixed_widget(item) if self._is_fixed(item) else self._input_widget(item)
        if isinstance(item, Group):
            return Widget("group", f"g-{item.id}", label=item.label, items=self._widgets(item.items))
        if isinstance(item, Note):
            return Widget("note", f"t-{item.id}", text=typeset(self._note_text(item)))
        return Widget("divider", f"t-{item.id}")

    def _note_text(self, note: Note) -> str:
        if not note.text.startswith("="):
            return note.text
        return shown(self._around.evaluate(note.text[1:], self._current))

    @cached_property
    def _current(self) -> dict[str, Value]:
        return {found.key: self._value_of(found) for found in self.form.fields}

    def _value_of(self, found: Field) -> Any:
        """What the page holds for a field: as typed, else as it stands in the process, else the form's default."""
        if self.posted is not None and not self._is_fixed(found) and found.key in self._page_had:
            return self._sent.get(found.key)
        return self.context.get(found.key, found.default)

    @cached_property
    def _page_had(self) -> frozenset[str]:
        return frozenset((self.posted or MultiDict()).get(SHOWN, "").split())

    def _fixed_widget(self, found: Field) -> Widget:
        value = self._value_of(found)
        labels = {_as_text(option.value): option.label for option in self._fixed_options(found)}
        if is_personal(value):
            text = gettext("Disamarkan")
        elif found.properties.get("prefill") == "actor":
            text = _name_of(value)
        elif isinstance(value, list):
            text = ", ".join(labels.get(_as_text(item), shown(item)) for item in value) or "–"
        else:
            text = labels.get(_as_text(value)) or shown(value)
        return Widget("fixed", input_id(found.key), label=found.label, value=text, description=found.description)

    def _fixed_options(self, found: Field) -> tuple[Option, ...]:
        return self._options(found, self._sent) if found.kind in _OWN_CHOICE else ()

    def _input_widget(self, found: Field) -> Widget:
        value = self._value_of(found)
        problems = [spoken(problem.message, problem.params) for problem in self.problems if problem.key == found.key]
        return Widget(
            found.kind,
            input_id(found.key),
            name=PREFIX + found.key,
            label=found.label,
            description=found.description,
            required=found.required,
            value=self._text_of(found, value),
            ticked=value is True,
            choices=self._choices(found, value),
            problem=" ".join(problems) or None,
            input_type={"email": "email", "phone": "tel"}.get(found.constraints.format or "", "text"),
            personal=found.personal,
        )

    def _text_of(self, found: Field, value: Any) -> str:
        """What stands in an input: a stored moment on the office's clock, everything else as it is."""
        if value is None or isinstance(value, list | dict | bool):
            return ""
        if found.kind == "datetime" and isinstance(value, str) and value.endswith("Z"):
            return from_text(value).astimezone(office_zone()).strftime("%Y-%m-%dT%H:%M")
        if found.kind == "time" and isinstance(value, str):
            return value[:5]
        return _as_text(value)

    def _choices(self, found: Field, value: Any) -> tuple[Choice, ...]:
        if found.kind not in _OWN_CHOICE:
            return ()
        chosen = {_as_text(item) for item in (value if isinstance(value, list) else [value]) if item is not None}
        return tuple(
            Choice(
                id=input_id(found.key) if index == 0 else f"{input_id(found.key)}-{index}",
                text=_as_text(option.value),
                label=option.label,
                chosen=_as_text(option.value) in chosen,
            )
            for index, option in enumerate(self._options(found, self._sent))
        )


def input_id(key: str) -> str:
    """The id of a field's input (of its first one, where there are several)."""
    return f"isian-{key}"


def _name_of(account_id: Any) -> str:
    account = engine().account(account_id) if isinstance(account_id, str) else None
    return account.display_name if account else shown(account_id)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
