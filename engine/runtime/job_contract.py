"""The contract between the engine and a job handler.

A handler's work is done twice removed from the record: `perform` runs outside any transaction, at least once, and may
talk to the world (the job's id and attempt make a repeat harmless); `settle` runs inside the transaction that completes
the job and may draw numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.definition.catalogue import Catalogue
from engine.definition.organisation import Organisation
from engine.values import Value


@dataclass(frozen=True)
class Job:
    """What a handler is given.  Variables are those visible to the service task; personal ones are references."""

    id: str
    attempt: int
    type: str
    instance_id: str
    element_id: str
    headers: Mapping[str, str]
    variables: Mapping[str, Value]
    now: datetime
    organisation: Organisation | None
    catalogue: Catalogue


class JobHandler(Protocol):
    """Carries out one type of job."""

    def perform(self, job: Job) -> Mapping[str, Value]:
        """Do the work; returns the variables that it gives.  Raises JobFailed, or anything else to be tried again."""

    def settle(self, job: Job, results: Mapping[str, Value], next_number: Callable[[str], int]) -> Mapping[str, Value]:
        """Inside the completing transaction: the results, with what only the transaction can give.

        `next_number(name)` draws the next number of a sequence without gaps.
        """


class BpmnError(Exception):
    """A handler raises this to throw a BPMN error with a code, for a boundary event to catch."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)
