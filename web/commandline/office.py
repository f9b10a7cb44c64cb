"""The office's two files: who is who, and which services there are."""

from __future__ import annotations

from pathlib import Path

import click

from engine import Engine
from engine.commands import AdoptCatalogue, AdoptOrganisation
from web.commandline.session import Place, acting_as, as_user, carry_out
from web.commandline.words import gettext as _
from web.setting_up import shipped_file

_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(help=_("Berlakukan organisasi kantor dari organisasi.yaml. Dengan --example: cetak contohnya."))
@click.argument("path", type=_EXISTING, required=False)
@click.option("--example", is_flag=True, help=_("Cetak berkas contoh dan selesai."))
@as_user(needed=False)
@click.pass_obj
def organisation(place: Place, path: Path | None, example: bool, user: str | None) -> None:
    """Adopt an organisation."""
    if example:
        click.echo(shipped_file("organisasi.yaml").decode(), nl=False)
        return
    with place.engine(create=True) as engine:
        carry_out(engine, AdoptOrganisation(actor=acting_as(user), document=_read(path)))
        click.echo(_("Organisasi %(name)s berlaku sejak sekarang.", name=engine.office_name))
        _tell_who_has_no_account(engine)


@click.command(help=_("Berlakukan katalog layanan dari berkas CSV. Dengan --example: cetak contohnya."))
@click.argument("path", type=_EXISTING, required=False)
@click.option("--example", is_flag=True, help=_("Cetak berkas contoh dan selesai."))
@as_user(needed=False)
@click.pass_obj
def catalogue(place: Place, path: Path | None, example: bool, user: str | None) -> None:
    """Adopt a service catalogue."""
    if example:
        click.echo(shipped_file("katalog_layanan.csv").decode(), nl=False)
        return
    with place.engine(create=True) as engine:
        carry_out(engine, AdoptCatalogue(actor=acting_as(user), document=_read(path)))
    click.echo(_("Katalog layanan berlaku sejak sekarang."))


def _read(path: Path | None) -> bytes:
    if path is None:
        raise click.UsageError(_("Sebutkan berkasnya."))
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.UsageError(_("%(file)s tidak dapat dibaca: %(problem)s", file=path, problem=error)) from None


def _tell_who_has_no_account(engine: Engine) -> None:
    office = engine.organisation
    accounts = {account.id for account in engine.accounts()}
    missing = sorted(set(office.people) - accounts) if office else []
    if missing:
        click.echo(
            _(
                "Belum punya akun: %(names)s. Buat dengan `prima user add NAMA`; peran, kelompok, dan timnya "
                "diambil dari organisasi.",
                names=", ".join(missing),
            )
        )


COMMANDS = (organisation, catalogue)
