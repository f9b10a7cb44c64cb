"""The command `prima` itself: where the data is, which commands there are, how a refusal is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from engine.errors import PrimaError
from web.commandline import bench_command, definitions, instances, office, people, proof, serving, tasks
from web.commandline.session import DEFAULT_DATA, Place, log_briefly
from web.commandline.terminal import complain
from web.commandline.words import gettext as _
from web.commandline.words import reasons

WITHOUT_DATA = ("test", "bench")


class Prima(click.Group):
    """Shows a refusal as sentences on the error output, and ends with 1; lists its commands in their own order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PrimaError as error:
            for line in reasons(error):
                complain(line)
            ctx.exit(1)


def place_options() -> list[click.Option]:
    """`--data` and `--database`, which stand before or after a command's name."""
    return [
        click.Option(
            ["--data"],
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            expose_value=False,
            callback=_keep("data"),
            help=_("Direktori data (bawaan ./data, atau PRIMA_DATA)."),
        ),
        click.Option(
            ["--database"],
            metavar="URL",
            expose_value=False,
            callback=_keep("database"),
            help=_("Basis data selain SQLite di direktori data: postgresql://… (atau PRIMA_DATABASE)."),
        ),
    ]


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(context: click.Context, _option: click.Parameter, value: Any) -> None:
        if value is not None:
            setattr(context.ensure_object(Place), name, value)

    return keep


@click.group(
    cls=Prima,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=_("Prima menjalankan SOP kantor yang digambar dalam BPMN, dan mencatat semuanya."),
)
@click.version_option(package_name="prima", prog_name="prima")
@click.option(
    "--data",
    envvar="PRIMA_DATA",
    default=DEFAULT_DATA,
    type=click.Path(file_okay=False, path_type=Path),
    show_default=True,
    metavar="DIR",
    help=_("Direktori data, juga dari PRIMA_DATA."),
)
@click.option(
    "--database",
    envvar="PRIMA_DATABASE",
    metavar="URL",
    help=_("Basis data selain SQLite di direktori data, juga dari PRIMA_DATABASE."),
)
@click.pass_context
def prima(context: click.Context, data: Path, database: str | None) -> None:
    """Keep where the data is."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that lacks a character must not end the command
    log_briefly()
    context.obj = Place(data, database or None)


def _add(group: click.Group, command: click.Command) -> None:
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            inner.params.extend(place_options())
    elif command.name not in WITHOUT_DATA:
        command.params.extend(place_options())
    group.add_command(command)


for _module in (serving, definitions, tasks, instances, office, people, proof, bench_command):
    for _command in _module.COMMANDS:
        _add(prima, _command)
