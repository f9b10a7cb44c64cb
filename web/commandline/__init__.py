"""The command line: `prima …`, for serving, for the office's files and for everything that people do with tasks.

Each command opens the engine beside a server that may be running, acts as its user, and prints; see `prima --help`.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """The console script; ends the program with 0, with 1 on a refusal, with 2 on a mistake in the arguments."""
    from web.commandline.root import prima

    prima(prog_name="prima")
