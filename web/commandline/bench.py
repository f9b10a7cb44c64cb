"""`prima bench`: the figures as a table, and as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from engine.bench.figures import TURNS, Figure, measure


def run(*, as_json: bool = False, most_turns: int = max(TURNS)) -> int:
    """Measure and print; returns 0 when every target was reached, else 1."""
    turns = [turn for turn in TURNS if turn <= most_turns]
    figures = measure(turns, _tell)
    if as_json:
        print(json.dumps([asdict(figure) for figure in figures], indent=2))
    else:
        print("\n".join(_line(figure) for figure in figures))
    return 1 if any(figure.reached is False for figure in figures) else 0


def _line(figure: Figure) -> str:
    verdict = {None: "", True: "reached", False: "MISSED"}[figure.reached]
    return f"{figure.name:52} {figure.value:10.3f} {figure.unit:10} {figure.target:10} {verdict}".rstrip()


def _tell(stage: str) -> None:
    print(f"... {stage}", file=sys.stderr, flush=True)
