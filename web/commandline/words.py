"""What the terminal shows, in Indonesian, or in English where the machine's language is English."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from engine.errors import CommandRejected, FormRejected, PrimaError, Problem
from web.language import catalogue


def language() -> str:
    """`en` when the environment says so, else `id`."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "en" if os.environ[name].lower().startswith("en") else "id"
    return "id"


def gettext(message: str, **params: Any) -> str:
    """A text of the catalogue, its places filled."""
    return sentence(message, params)


def sentence(message: str, params: Mapping[str, Any]) -> str:
    """A message of the engine with its parameters."""
    translated = _translated(language(), message) if message else ""
    return translated % dict(params) if params else translated


@cache
def _translated(spoken: str, message: str) -> str:
    own = str(catalogue(spoken, "commandline").gettext(message))
    return own if own != message else str(catalogue(spoken).gettext(message))


def reasons(error: PrimaError) -> Iterator[str]:
    """Why something was refused, a line for each reason."""
    if isinstance(error, FormRejected):
        for problem in error.problems:
            yield f"{problem.key}: {sentence(problem.message, problem.params)}"
    elif isinstance(error, CommandRejected):
        yield sentence(error.reason, error.params)
    else:
        yield from str(error).splitlines()


def in_words(problem: Problem) -> str:
    """A finding about a model on one line, with the rule that it breaks."""
    name = f' "{problem.element_name}"' if problem.element_name else ""
    place = f"{problem.file}: " if problem.file else ""
    return f"{place}{problem.element_id}{name}: {sentence(problem.message, problem.params)} [{problem.rule}]"


def state_of_instance(state: str) -> str:
    """An instance's state."""
    return {
        "ACTIVE": gettext("Sedang Berjalan"),
        "SUSPENDED": gettext("Ditangguhkan"),
        "COMPLETED": gettext("Selesai"),
        "TERMINATED": gettext("Dibatalkan"),
    }.get(state, state)


def state_of_task(state: str) -> str:
    """A task's state."""
    return {
        "READY": gettext("Tersedia"),
        "ACTIVE": gettext("Sedang Dikerjakan"),
        "COMPLETED": gettext("Selesai"),
        "WITHDRAWN": gettext("Ditarik"),
    }.get(state, state)
