"""Variables in the words of the forms that filled them in: labels in place of keys, choices in place of codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.definition.form_schema import as_options
from engine.definition.forms import Field, Form
from engine.errors import NotFound
from engine.values import Value
from engine.views import InstanceView
from web.context import engine, viewer
from web.formats import shown
from web.people import group_label, is_group, name_of


class FieldWords:
    """What keys and values of an instance are called, by all forms of its definition."""

    def __init__(self, forms: Iterable[Form], options: Mapping[str, Sequence[Any]]) -> None:
        self._options = options
        self._fields: dict[str, list[Field]] = {}
        for form in forms:
            for field in form.fields:
                self._fields.setdefault(field.key, []).append(field)

    def label(self, key: str) -> str:
        """The label of the first field of that key; the key as words where no form has one."""
        return next((field.label for field in self._fields.get(key, ())), key.replace("_", " ").capitalize())

    def value(self, key: str, value: Value) -> str:
        """A value as it was chosen or typed."""
        if isinstance(value, list):
            return ", ".join(self.value(key, item) for item in value) or shown(value)
        for field in self._fields.get(key, ()):
            if field.properties.get("prefill") == "actor" and isinstance(value, str):
                return name_of(value)
            options = field.options or as_options(self._options.get(field.options_key or "")) or ()
            for option in options:
                if type(option.value) is type(value) and option.value == value:
                    return option.label
        if key not in self._fields and isinstance(value, str) and is_group(value):
            return group_label(value)  # who is to do a step is worked out, not filled in
        return shown(value)


def words_of(instance: InstanceView) -> FieldWords:
    """The words of the version that an instance runs on, with the office's lists as they are now."""
    try:
        _, options = engine().start_options(viewer(), instance.key, instance.start_event)
    except NotFound:  # the effective version has no such start event any more
        options = {}
    definition = engine().definition(instance.key, instance.version)
    first = definition.model.nodes[instance.start_event].form_id
    return FieldWords(sorted(definition.forms.values(), key=lambda form: form.id != first), options)
