"""A job handler that does as a test tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.errors import JobFailed
from engine.runtime.job_contract import BpmnError, Job
from engine.values import Value


@dataclass
class Errand:
    """A job handler of the type `kirim_surat` that does, one call after the other, what a test has written down.

    Each item is the results to give, or the exception to raise; nothing left means no results.
    """

    script: list[Mapping[str, Value] | Exception] = field(default_factory=list)
    seen: list[Job] = field(default_factory=list)

    def perform(self, job: Job) -> Mapping[str, Value]:
        self.seen.append(job)
        outcome = self.script.pop(0) if self.script else {}
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def settle(self, job: Job, results: Mapping[str, Value], next_number: Callable[[str], int]) -> Mapping[str, Value]:
        return results

    def will_fail(self, times: int, detail: str = "mesin surat mati") -> None:
        self.script += [JobFailed(detail) for _ in range(times)]

    def will_throw(self, code: str) -> None:
        self.script.append(BpmnError(code))
