"""FEEL as a token sees it: the variables of its scopes, the command's now, the office's zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from engine.clock import from_text, to_text
from engine.definition.calendar import Duration, parse_moment
from engine.definition.feel import Evaluator, Expression, compile_expression
from engine.errors import ExecutionFault, FeelLimitExceeded
from engine.runtime.execution.scopes import visible
from engine.runtime.state import State
from engine.values import Value, holds_personal


class BusinessTime(Protocol):
    """What a timer needs of a business calendar."""

    def add(self, start: datetime, duration: Duration) -> datetime:
        """The moment after that much working time."""


@dataclass
class Stops:
    """The evaluations of one step that a limit of time or memory cut off, by their number.

    Measured live and then on record: a computer that is quicker or busier later must not give another result.
    """

    recorded: frozenset[int] | None = None  # None: live
    found: list[int] = field(default_factory=list)
    evaluations: int = 0


@dataclass(frozen=True)
class Circumstances:
    """What one step may know beside definition, state and input: all of it pinned and on record."""

    now: str  # UTC text
    zone: str
    feel: Evaluator
    calendars: Mapping[str, BusinessTime]
    stops: Stops = field(default_factory=Stops)

    @property
    def moment(self) -> datetime:
        """Now as a datetime."""
        return from_text(self.now)


def is_feel(text: str | None) -> bool:
    """Whether a value as written is FEEL (it begins with `=`) rather than a literal."""
    return text is not None and text.startswith("=")


def evaluate(
    text: str, state: State, scope: str, around: Circumstances, *, also: Mapping[str, Value] | None = None
) -> Value:
    """The value of a text as written, seen from a scope; a literal is itself.  `also` lies over what the scope has.

    A personal value may be moved whole (a bare variable), never computed with.  Raises ExecutionFault.
    """
    if not is_feel(text):
        return text
    expression = compile_expression(text[1:])
    variables = _variables(expression, state, scope) | _named(expression, also or {})
    if any(holds_personal(value) for value in variables.values()):
        if expression.bare_path in variables:
            return variables[expression.bare_path]
        raise ExecutionFault("personal_computed", f"{text}: data pribadi hanya boleh dipindahkan utuh")
    return _within_limits(expression.source, variables, around)


def evaluate_condition(
    text: str, state: State, scope: str, around: Circumstances, *, also: Mapping[str, Value] | None = None
) -> bool:
    """The truth of a condition; null, missing variables and anything not boolean are faults that show what was seen."""
    expression = compile_expression(text.removeprefix("="))
    variables = _variables(expression, state, scope) | _named(expression, also or {})
    missing = sorted(expression.names - variables.keys())
    if missing:
        raise ExecutionFault("variable_unknown", f"{text}: variabel {', '.join(missing)} belum ada")
    found = evaluate("=" + expression.source, state, scope, around, also=also)
    if not isinstance(found, bool):
        raise ExecutionFault(
            "condition_not_boolean", f"{text}: hasilnya {found!r}, bukan benar/salah; {_shown(variables)}"
        )
    return found


def evaluate_texts(text: str | None, state: State, scope: str, around: Circumstances) -> list[str]:
    """Ids without doubles: FEEL giving a text or a list of texts, or a literal with commas.  Raises ExecutionFault."""
    if text is None:
        return []
    if not is_feel(text):
        return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    found = evaluate(text, state, scope, around)
    items = found if isinstance(found, list) else [found]
    texts = [item for item in items if item is not None]
    if not all(isinstance(item, str) for item in texts):
        raise ExecutionFault("assignment_not_text", f"{text}: hasilnya {found!r}, bukan teks")
    return list(dict.fromkeys(str(item) for item in texts if item))


def evaluate_text(text: str | None, state: State, scope: str, around: Circumstances) -> str | None:
    """One text or nothing.  Raises ExecutionFault when FEEL gives something else."""
    if text is None or not is_feel(text):
        return text
    found = evaluate(text, state, scope, around)
    if found is None or found == "":
        return None
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise ExecutionFault("not_text", f"{text}: hasilnya {found!r}, bukan teks")
    return str(found)


def evaluate_moment(text: str | None, state: State, scope: str, around: Circumstances) -> str | None:
    """A date and time as UTC text, or nothing.  Raises ExecutionFault when it is not one."""
    if text is None:
        return None
    found = evaluate(text, state, scope, around)
    return None if found is None else moment_text(found, text, around.zone)


def moment_text(found: object, text: str, zone: str) -> str:
    """UTC text of a date and time, without an offset on the clock of `zone`; raises ExecutionFault showing it."""
    try:
        return to_text(parse_moment(str(found).split("[")[0], zone))
    except ValueError:
        raise ExecutionFault("timer_not_a_date", f"{text}: hasilnya {found!r}, bukan tanggal dan jam") from None


def _within_limits(source: str, variables: Mapping[str, Value], around: Circumstances) -> Value:
    stops = around.stops
    stops.evaluations += 1
    if stops.recorded is not None and stops.evaluations in stops.recorded:
        raise FeelLimitExceeded(f"={source}: melewati batas waktu atau memori")
    try:
        return around.feel.evaluate(source, variables, now=around.moment, zone=around.zone)
    except FeelLimitExceeded:
        stops.found.append(stops.evaluations)
        raise


def _variables(expression: Expression, state: State, scope: str) -> dict[str, Value]:
    seen: dict[str, Value] = {}
    for name in expression.every_name:
        found, value = visible(state, scope, name)
        if found:
            seen[name] = value
    return seen


def _named(expression: Expression, values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: values[name] for name in expression.every_name if name in values}


def _shown(variables: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in sorted(variables.items())) or "-"
