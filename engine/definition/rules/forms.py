"""What the expressions inside forms may look at, in the light of the whole definition."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition.feel import compile_expression
from engine.definition.form_schema import every_item
from engine.definition.forms import Field, Form, Item, Note
from engine.definition.rulebook import problem
from engine.definition.rules.case import Case


def check(case: Case) -> None:
    """Check that forms are used, and that their expressions name declared variables that are not personal."""
    used = {node.form_id for node in case.nodes()}
    for form in case.forms.values():
        if form.id not in used:
            case.problems.append(problem("form_unused", form.id, ""))
            continue
        for item in every_item(form.items):
            for source in _expressions(item):
                _check_expression(case, form, item, source)


def _check_expression(case: Case, form: Form, item: Item, source: str) -> None:
    expression = compile_expression(source)
    label = item.label if isinstance(item, Field) else ""
    params = {"form": form.id, "expression": f"={source}"}
    for name in sorted(expression.every_name):
        if name in case.variables and case.variables[name].personal:
            case.problems.append(problem("form_personal", item.id, label, variable=name, **params))
    if not case.model.variables_open:
        for name in sorted(expression.names - case.variables.keys()):
            case.problems.append(problem("form_variable_undeclared", item.id, label, variable=name, **params))


def _expressions(item: Item) -> Iterator[str]:
    """The FEEL in one item of a form, without its `=`, each once."""
    found = list(item.hide)
    if isinstance(item, Note) and item.text.startswith("="):
        found.append(item.text[1:])
    if isinstance(item, Field):
        rules = item.constraints
        bare = (
            item.read_only,
            item.options_expression,
            rules.minimum,
            rules.maximum,
            rules.min_length,
            rules.max_length,
        )
        found += [text for text in bare if isinstance(text, str)]
        found += [text[1:] for text in (rules.earliest, rules.latest) if text is not None and text.startswith("=")]
    yield from dict.fromkeys(found)
