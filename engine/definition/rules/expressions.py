"""What expressions may say: FEEL that parses, variables that exist, personal data that is only moved."""

from __future__ import annotations

from engine.definition.expressions import ExpressionUse, Purpose
from engine.definition.feel import Expression
from engine.definition.rules.case import Case
from engine.definition.variables import kind_conflicts


def check(case: Case) -> None:
    """Check every expression against the declared variables, and the declarations against each other."""
    for use in case.uses:
        if use.feel_required and not use.is_feel:
            case.refuse("feel_required", use.bearer, attribute=use.attribute, text=use.text)
        expression = case.expressions.get(use.text) if use.is_feel else None
        if expression is not None:
            _check_declared(case, use, expression)
            _check_personal(case, use, expression)
    for variable, said in kind_conflicts(case.variables):
        places = ", ".join(f"{place}: {kind}" for place, kind in sorted(said.items()))
        case.refuse_process("variable_kind_conflict", variable=variable.name, places=places)


def _check_declared(case: Case, use: ExpressionUse, expression: Expression) -> None:
    if case.model.variables_open:
        return
    for name in sorted(expression.names - case.variables.keys()):
        case.refuse("variable_undeclared", use.bearer, variable=name, attribute=use.attribute, expression=use.text)


def _check_personal(case: Case, use: ExpressionUse, expression: Expression) -> None:
    """A personal value may be moved whole by its name alone; nothing else may look at it."""
    touched = sorted(name for name in expression.every_name if name in case.variables and case.variables[name].personal)
    if not touched:
        return
    params = {"variable": ", ".join(touched), "attribute": use.attribute, "expression": use.text}
    if use.purpose is not Purpose.MOVE:
        case.refuse("personal_decides", use.bearer, **params)
    elif expression.bare_path != touched[0]:
        case.refuse("personal_computed", use.bearer, **params)
