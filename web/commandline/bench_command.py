"""`prima bench`: the benchmark's own module is loaded only when it is asked for."""

from __future__ import annotations

import click

from web.commandline.session import as_json
from web.commandline.words import gettext as _


@click.command("bench", help=_("Ukur kecepatan mesin pada SOP, di basis data sementara."))
@click.option("--turns", type=click.IntRange(0), help=_("Paling banyak sekian putaran; bawaan: semuanya."))
@as_json
@click.pass_context
def bench(context: click.Context, turns: int | None, json_: bool) -> None:
    """Measure and print."""
    from web.commandline.bench import run

    context.exit(run(as_json=json_) if turns is None else run(as_json=json_, most_turns=turns))


COMMANDS = (bench,)
