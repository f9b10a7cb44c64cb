"""What a check found, in lines that a person can read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Report:
    """`lines` say what was checked and, first of all, what is wrong."""

    title: str
    checked: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def lines(self) -> list[str]:
        """Every line of the report."""
        return [*self.problems, *self.notes]
