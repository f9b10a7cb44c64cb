"""The database as a whole: copies, new tables, the proof of the record, the examination."""

from __future__ import annotations

from pathlib import Path

import click

from engine.errors import StoreError
from engine.replay.report import Report
from engine.upkeep import (
    Finding,
    Grade,
    examine_database,
    examine_libraries,
    migrate_database,
    restore_backup,
    save_backup,
)
from web.assets import build_failure
from web.commandline.session import Place, as_json
from web.commandline.terminal import print_facts, print_json
from web.commandline.words import gettext as _
from web.commandline.words import sentence


@click.command(help=_("Salin basis data ke FILE, dan periksa salinannya; peladen boleh tetap berjalan."))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(place: Place, file: Path) -> None:
    """Write a checked copy."""
    with place.engine() as engine:
        save_backup(engine, file)
    click.echo(_("Cadangan %(file)s sudah ditulis dan diperiksa (%(size)s KB).", file=file, size=_kilobytes(file)))


@click.command(help=_("Ganti basis data dengan cadangan FILE; yang lama disisihkan. Peladen harus berhenti dulu."))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def restore(place: Place, file: Path) -> None:
    """Put a backup in place."""
    aside = restore_backup(file, place.database, place.data)
    click.echo(_("Basis data dipulihkan dari %(file)s.", file=file))
    if aside is not None:
        click.echo(_("Yang lama disisihkan di %(file)s.", file=aside))


@click.command(help=_("Sesuaikan tabel basis data dengan versi Prima ini; sebelumnya dibuat cadangan."))
@click.pass_obj
def migrate(place: Place) -> None:
    """Bring the tables up to date."""
    done = migrate_database(place.database, place.data)
    click.echo(_("Tabel basis data disesuaikan.") if done.changed else _("Tabel basis data sudah sesuai."))
    if done.saved is not None:
        click.echo(_("Cadangan sebelumnya: %(file)s", file=done.saved))


@click.command(help=_("Uji keutuhan jurnal, dan apakah baris-baris sama dengan yang dibangun ulang darinya."))
@as_json
@click.pass_context
def verify(context: click.Context, json_: bool) -> None:
    """Check the chain and the rows."""
    place: Place = context.obj
    with place.engine() as engine:
        report = engine.verify()
    _tell(context, report, json_, _("Jurnal utuh dan baris-baris sesuai."), _("Jurnal atau baris-baris tidak sesuai."))


@click.command(help=_("Jalankan ulang berkas dari jurnalnya dan bandingkan; berakhir dengan 1 pada perbedaan."))
@click.argument("instance_id", metavar="[INSTANCE]", required=False)
@click.option("--all", "everything", is_flag=True, help=_("Semua berkas."))
@as_json
@click.pass_context
def replay(context: click.Context, instance_id: str | None, everything: bool, json_: bool) -> None:
    """Execute again and compare."""
    if (instance_id is None) == (not everything):
        raise click.UsageError(_("Sebutkan satu berkas, atau --all."))
    place: Place = context.obj
    with place.engine() as engine:
        report = engine.replay(instance_id)
    _tell(context, report, json_, _("Hasil menjalankan ulang sama."), _("Hasil menjalankan ulang berbeda."))


@click.command(help=_("Periksa pustaka, basis data, dan lingkungan; berakhir dengan 1 bila ada yang salah."))
@as_json
@click.pass_context
def doctor(context: click.Context, json_: bool) -> None:
    """Examine everything that Prima stands on."""
    findings = [*examine_libraries(), *_database(context.obj), _assets()]
    if json_:
        print_json(
            [
                {"subject": item.subject, "grade": item.grade.value, "text": sentence(item.message, item.params)}
                for item in findings
            ]
        )
    else:
        marks = {Grade.GOOD: _("baik"), Grade.NOTE: _("catatan"), Grade.WRONG: _("SALAH")}
        width = max(len(mark) for mark in marks.values())
        print_facts(
            (f"{marks[item.grade]:<{width}}  {_(item.subject)}", sentence(item.message, item.params))
            for item in findings
        )
    if any(item.grade is Grade.WRONG for item in findings):
        context.exit(1)


def _database(place: Place) -> list[Finding]:
    try:
        if not place.exists():
            return [Finding("basis data", Grade.NOTE, "belum ada data di %(data)s", {"data": str(place.data)})]
        with place.engine() as engine:
            return list(examine_database(engine))
    except StoreError as error:
        return [Finding("basis data", Grade.WRONG, "%(problem)s", {"problem": str(error)})]


def _assets() -> Finding:
    reason = build_failure()
    if reason is None:
        return Finding("halaman", Grade.GOOD, "naskah dan gaya halaman lengkap", {})
    return Finding("halaman", Grade.NOTE, "tanpa diagram alur: %(reason)s", {"reason": reason or _("belum dibangun")})


def _tell(context: click.Context, report: Report, json_: bool, good: str, bad: str) -> None:
    if json_:
        print_json({"ok": report.ok, "checked": report.checked, "problems": report.problems, "notes": report.notes})
    else:
        click.echo(good if report.ok else bad)
        for line in report.lines:
            click.echo(f"  {line}")
    if not report.ok:
        context.exit(1)


def _kilobytes(file: Path) -> int:
    return max(1, round(file.stat().st_size / 1000))


COMMANDS = (backup, restore, migrate, verify, replay, doctor)
