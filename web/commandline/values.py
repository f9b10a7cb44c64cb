"""Values given as arguments: `--var name=JSON` and files of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from engine.values import JsonObject
from web.commandline.words import gettext as _

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def values_options(command: Decorated) -> Decorated:
    """Adds `--var` and `--vars-file`; the command gets them together as `values`."""
    command = click.option(
        "--vars-file",
        metavar="FILE",
        expose_value=False,
        is_eager=True,  # read before --var, whatever their order
        callback=_take_file,
        help=_("Objek JSON dengan nilai-nilai; - dari masukan. Untuk data pribadi, yang tidak patut tampak di ps."),
    )(command)
    return click.option(
        "--var",
        "values",
        multiple=True,
        metavar="k=JSON",
        callback=_take_values,
        help=_(
            "Satu nilai, boleh berulang: --var siap=true, --var jumlah=3, --var daftar='[\"a\"]'. "
            "Yang bukan JSON diambil sebagai teks: --var tim=tim-a; "
            "teks yang tampak seperti bilangan diapit kutip: --var nomor='\"12\"'."
        ),
    )(command)


def parsed(text: str) -> object:
    """The JSON value of a text, or the text itself when it is none."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except ValueError:
        return text


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _take_values(context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> JsonObject:
    found: JsonObject = dict(context.meta.get(__name__, {}))
    for item in given:
        name, equals, text = item.partition("=")
        if not (name and equals):
            raise click.BadParameter(_("nama=nilai diharapkan, ditemukan %(found)s", found=repr(item)))
        if name in found:
            raise click.BadParameter(_("%(name)s diberi dua kali", name=name))
        found[name] = parsed(text)
    return found


def _take_file(context: click.Context, _option: click.Parameter, file: str | None) -> None:
    if file is None:
        return
    try:
        found = json.loads(_text_of(file), parse_constant=_no_constant)
    except ValueError as error:
        raise click.BadParameter(_("bukan JSON: %(problem)s", problem=str(error))) from None
    if not isinstance(found, dict):
        raise click.BadParameter(_("objek JSON diharapkan, ditemukan %(found)s", found=type(found).__name__))
    context.meta[__name__] = found


def _text_of(file: str) -> str:
    """The content of a file, or of the input when it is called `-`."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(_("%(file)s tidak dapat dibaca: %(problem)s", file=file, problem=str(error))) from None


def read_secret(file: str | None, prompt: str) -> str:
    """A password from the first line of a file (`-`: the input), else typed twice at the terminal."""
    if file is not None:
        return _text_of(file).split("\n", 1)[0].rstrip("\r")
    if not sys.stdin.isatty():
        raise click.UsageError(_("Tidak ada terminal untuk mengetik kata sandi; berikan --password-file BERKAS."))
    return str(click.prompt(prompt, hide_input=True, confirmation_prompt=True))
