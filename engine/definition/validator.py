"""Whether a process model runs right: every rule, all findings at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.definition.expressions import FeelCompiler, compile_all, expression_uses
from engine.definition.forms import Form
from engine.definition.model import ProcessModel
from engine.definition.rules import activities, events, expressions, gateways, loops, properties, structure
from engine.definition.rules import forms as form_rules
from engine.definition.rules.case import Case
from engine.definition.variables import declared_variables
from engine.errors import Problem

_RULES = (structure, gateways, loops, events, activities, properties, expressions, form_rules)


def validate(
    model: ProcessModel,
    forms: Mapping[str, Form],
    feel: FeelCompiler,
    *,
    job_types: Collection[str],
    calendars: Collection[str],
    stand_ins: Collection[str] = (),
) -> list[Problem]:
    """Every reason to refuse a model, and every note, in the order of the rules and of the document.

    `forms` by form id; `job_types` and `calendars` are the names known to the office; `stand_ins` are elements refused
    while reading, about which nothing more is said.
    """
    return examine(model, forms, feel, job_types=job_types, calendars=calendars, stand_ins=stand_ins).problems


def examine(
    model: ProcessModel,
    forms: Mapping[str, Form],
    feel: FeelCompiler,
    *,
    job_types: Collection[str],
    calendars: Collection[str],
    stand_ins: Collection[str] = (),
) -> Case:
    """As `validate`, with the compiled expressions and the variables that were found on the way."""
    uses = expression_uses(model)
    compiled, syntax = compile_all(uses, feel)
    case = Case(
        model=model,
        forms=forms,
        uses=uses,
        expressions=compiled,
        variables=declared_variables(model, forms, uses, compiled),
        job_types=job_types,
        calendars=calendars,
        stand_ins=stand_ins,
    )
    for rule in _RULES:
        rule.check(case)
    case.problems.extend(found for use, found in syntax if use.bearer.id not in stand_ins)
    return case
