"""Process definitions: checking them and making them effective."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from engine.bootstrap import read_folder, shipped_process
from engine.commands import DeployDefinition
from engine.definition.executable import load_definition
from engine.definition.feel import FeelEngine
from engine.definition.organisation import parse_organisation
from engine.errors import DefinitionRejected, Problem
from engine.jobs.handlers import SHIPPED
from web.commandline.session import Place, acting_as, as_json, as_user, carry_out, viewing_as
from web.commandline.terminal import complain, moment, print_json, print_table, yes
from web.commandline.words import gettext as _
from web.commandline.words import in_words
from web.setting_up import shipped_file

ORGANISATION_FILE = "organisasi.yaml"
Files = dict[str, bytes]


@click.command(
    help=_("Terbitkan definisi proses: folder, berkas .bpmn, atau nama proses bawaan. Yang salah ditolak seluruhnya.")
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--approved-by", metavar="USER", help=_("Akun yang mengesahkan; bawaan: akun --as."))
@click.option("--note", default="", help=_("Catatan tentang versi ini."))
@as_user(needed=False)
@click.pass_obj
def deploy(place: Place, paths: tuple[str, ...], approved_by: str | None, note: str, user: str | None) -> None:
    """Make the definitions effective, each approved by a person."""
    approver = approved_by or user
    if approver is None:
        raise click.UsageError(_("Sebutkan siapa yang mengesahkan dengan --approved-by USER."))
    found = list(definitions_at(paths))
    with place.engine(create=True) as engine:
        for name, files in found:
            command = DeployDefinition(actor=acting_as(user), files=files, approved_by=approver, note=note)
            outcome = carry_out(engine, command)
            key = outcome.stream.partition(":")[2]
            if not outcome.events:
                click.echo(_("%(path)s: %(key)s tidak berubah; versi yang berlaku tetap.", path=name, key=key))
                continue
            version = outcome.events[0]["version"]
            click.echo(_("%(path)s: %(key)s versi %(version)s diterbitkan.", path=name, key=key, version=version))
            for line in outcome.events[0].get("notes") or ():
                complain(_("Catatan: %(note)s", note=line))


@click.command(help=_("Periksa definisi proses dan cetak setiap masalahnya; berakhir dengan 1 bila ada."))
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@as_json
@click.pass_context
def lint(context: click.Context, paths: tuple[str, ...], json_: bool) -> None:
    """Show every reason for which a definition would be refused."""
    place: Place = context.obj
    found = {name: _examined(place, name, files) for name, files in definitions_at(paths)}
    if json_:
        print_json({name: [_as_json(problem) for problem in problems] for name, problems in found.items()})
    else:
        for name, problems in found.items():
            _print_findings(name, problems)
    if any(problem.severity == "error" for problems in found.values() for problem in problems):
        context.exit(1)


@click.command("definitions", help=_("Daftar versi definisi proses."))
@as_json
@as_user(needed=False)
@click.pass_obj
def list_definitions(place: Place, json_: bool, user: str | None) -> None:
    """Every deployed version."""
    with place.engine() as engine:
        found, zone = engine.definitions(viewing_as(engine, user)), engine.zone
    if json_:
        print_json(found)
        return
    print_table(
        [_("Proses"), _("Nama"), _("Versi"), _("Berlaku"), _("Disahkan"), _("Diterbitkan")],
        [
            [row.key, row.name, str(row.version), yes(row.effective), row.approved_by, moment(row.deployed_at, zone)]
            for row in found
        ],
        empty=_("Belum ada definisi proses."),
    )


def definitions_at(paths: tuple[str, ...]) -> Iterator[tuple[str, Files]]:
    """(name, files) of each process folder, `.bpmn` file, folder of process folders, or shipped process named."""
    for text in paths:
        path = Path(text)
        if path.is_dir():
            for folder in _process_folders(path):
                yield str(folder), read_folder(folder)
        elif path.is_file():
            yield text, _with_forms(path)
        else:
            try:
                yield text, shipped_process(text)
            except FileNotFoundError:
                raise click.BadParameter(
                    _("%(path)s bukan berkas, folder, atau proses bawaan.", path=text), param_hint="PATH"
                ) from None


def _process_folders(path: Path) -> list[Path]:
    if any(path.glob("*.bpmn")):
        return [path]
    return sorted(folder for folder in path.iterdir() if folder.is_dir() and any(folder.glob("*.bpmn"))) or [path]


def _with_forms(path: Path) -> Files:
    """A diagram alone, with the forms that stand beside it or in the folder `forms` beside it."""
    forms = sorted([*path.parent.glob("*.form"), *path.parent.glob("forms/*.form")])
    return {file.relative_to(path.parent).as_posix(): file.read_bytes() for file in (path, *forms)}


def _examined(place: Place, name: str, files: Files) -> list[Problem]:
    with FeelEngine() as feel:
        try:
            definition = load_definition(
                files, feel=feel, job_types=frozenset(SHIPPED), calendars=_calendars(place, Path(name))
            )
        except DefinitionRejected as rejected:
            return list(rejected.problems)
    return list(definition.notes)


def _calendars(place: Place, path: Path) -> frozenset[str]:
    """The calendars of the organisation beside the process, else of the office's, else of the shipped one."""
    own = (path if path.is_dir() else path.parent) / ORGANISATION_FILE
    if own.is_file():
        return frozenset(parse_organisation(own.read_bytes(), name=str(own)).calendars)
    if place.exists():
        with place.engine() as engine:
            organisation = engine.organisation
        if organisation is not None:
            return frozenset(organisation.calendars)
    return frozenset(parse_organisation(shipped_file(ORGANISATION_FILE)).calendars)


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "severity": problem.severity,
        "rule": problem.rule,
        "file": problem.file,
        "element_id": problem.element_id,
        "element_name": problem.element_name,
        "text": in_words(problem),
    }


def _print_findings(name: str, problems: list[Problem]) -> None:
    errors = [problem for problem in problems if problem.severity == "error"]
    for problem in problems:
        mark = _("SALAH") if problem in errors else _("Catatan")
        click.echo(f"{name}: {mark}: {in_words(problem)}")
    click.echo(
        _("%(path)s: %(count)s masalah.", path=name, count=len(errors)) if errors else _("%(path)s: baik.", path=name)
    )


COMMANDS = (deploy, lint, list_definitions)
