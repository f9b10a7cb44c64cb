"""Every error that Prima raises on purpose.

PrimaError
├── CommandRejected            a command that is not carried out; nothing has changed
│   ├── NotFound               the thing named does not exist (HTTP 404)
│   ├── NotPermitted           this account may not do this (HTTP 403)
│   ├── Conflict               somebody was first, or the state does not allow it (HTTP 409)
│   │   └── Suspended          the instance is suspended; what is meant for it waits
│   └── InvalidInput           the values given break a rule (HTTP 422)
│       └── FormRejected       ... of a form; carries every problem, field by field
├── DefinitionRejected         a model that does not run right; carries every problem, element by element
├── OrganisationRejected       organisasi.yaml or the catalogue has mistakes; carries every one
├── ExecutionFault             what becomes an incident on one token
│   ├── FeelError              an expression failed at run time
│   │   └── FeelLimitExceeded  ... by time or memory
│   └── JobFailed              a job handler gave up
├── FeelSyntaxError            an expression that cannot be parsed
├── NotReExecutable            recorded under semantics that this build no longer runs
└── StoreError                 the database is unusable as it is (locked by another server, corrupt, too new)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class PrimaError(Exception):
    """The root; its text is one sentence in plain words."""


class CommandRejected(PrimaError):
    """A command was not carried out and nothing has changed.

    `reason` is a message id of the translation catalogue (Indonesian text with %(name)s places), `params` fill it.
    """

    http_status = 409

    def __init__(self, reason: str, **params: Any) -> None:
        self.reason = reason
        self.params = params
        super().__init__(reason % params if params else reason)


class NotFound(CommandRejected):
    """The thing named does not exist, or not for this account."""

    http_status = 404


class NotPermitted(CommandRejected):
    """The account may not do this."""

    http_status = 403


class Conflict(CommandRejected):
    """Somebody was first, or the state does not allow it."""


class Suspended(Conflict):
    """The instance is suspended: what is meant for it waits until it is resumed."""


class InvalidInput(CommandRejected):
    """The values given break a rule."""

    http_status = 422


@dataclass(frozen=True)
class FieldProblem:
    """One broken rule on one field of a form; `message` is a catalogue id filled by `params`."""

    key: str
    label: str
    rule: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class FormRejected(InvalidInput):
    """Values that break a form; every problem at once."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in problems).replace("%", "%%"))
        self.args = (self.reason.replace("%%", "%"),)


@dataclass(frozen=True)
class Problem:
    """Why a model is refused (or, with severity `note`, merely worth knowing).

    `rule` is the stable rule id; `message` a catalogue id in the process owner's words, filled by `params`.
    """

    rule: str
    element_id: str
    element_name: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    severity: str = "error"
    file: str = ""

    def __str__(self) -> str:
        text = self.message % self.params if self.params else self.message
        name = f' "{self.element_name}"' if self.element_name else ""
        place = f"{self.file}: " if self.file else ""
        return f"{place}{self.element_id}{name}: {text} [{self.rule}]"


class DefinitionRejected(PrimaError):
    """A model that does not run right; `problems` holds every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class OrganisationRejected(PrimaError):
    """organisasi.yaml or the catalogue has mistakes; `problems` holds a sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class ExecutionFault(PrimaError):
    """Something went wrong on one token; the engine makes it an incident there and other branches go on.

    `kind` is a stable word for the record, `detail` what was found (kept outside the hash chain).
    """

    def __init__(self, kind: str, detail: str) -> None:
        self.kind = kind
        self.detail = detail
        super().__init__(detail)


class FeelError(ExecutionFault):
    """An expression failed at run time; shows the expression and what was found."""

    def __init__(self, detail: str, kind: str = "feel_error") -> None:
        super().__init__(kind, detail)


class FeelLimitExceeded(FeelError):
    """An expression ran out of its time or memory."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, kind="feel_limit")


class JobFailed(ExecutionFault):
    """A job handler gave up; `retry` false means that trying again cannot help."""

    def __init__(self, detail: str, *, retry: bool = True) -> None:
        self.retry = retry
        super().__init__("job_failed", detail)


class FeelSyntaxError(PrimaError):
    """An expression that cannot be parsed; `position` counts characters from 0."""

    def __init__(self, expression: str, position: int, detail: str) -> None:
        self.expression = expression
        self.position = position
        self.detail = detail
        super().__init__(f"{detail} (at character {position + 1} of: {expression})")


class NotReExecutable(PrimaError):
    """Recorded under semantics that this build no longer runs."""


class StoreError(PrimaError):
    """The database is unusable as it is."""
