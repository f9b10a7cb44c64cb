"""Carries out one request on an office (`python -m tests.referee.worker DIRECTORY`): JSON line in, JSON line out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .office import carry_out, open_office


def main() -> None:
    """Open the office, do what standard input asks, answer on standard output."""
    request = json.loads(sys.stdin.readline())
    with open_office(Path(sys.argv[1]), request["minute"]) as engine:
        print(json.dumps(carry_out(engine, request)), flush=True)


if __name__ == "__main__":
    main()
