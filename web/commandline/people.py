"""Accounts: `prima user …`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from engine import Engine
from engine.commands import AddAccount, ChangeAccount, Command, DisableAccount, EnableAccount, SetPassword
from engine.definition.organisation import Person
from engine.errors import NotFound
from web.commandline.session import Place, acting_as, as_json, as_user, carry_out
from web.commandline.terminal import print_json, print_table, yes
from web.commandline.values import read_secret
from web.commandline.words import gettext as _

ROLES = ("admin", "process_owner", "staff", "auditor")
PASSWORD_FILE = click.option(
    "--password-file",
    metavar="FILE",
    help=_("Kata sandi dari baris pertama berkas ini (-: dari masukan); tanpa ini ditanyakan."),
)


@click.group("user", help=_("Akun orang-orang kantor."))
def user_commands() -> None:
    """Accounts."""


@user_commands.command("add", help=_("Buat akun; yang tidak disebut diambil dari organisasi."))
@click.argument("account_id", metavar="ACCOUNT")
@click.option("--name", help=_("Nama yang tampil di layar."))
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help=_("Peran, boleh berulang."))
@click.option("--group", "groups", multiple=True, help=_("Kelompok pelaksana, boleh berulang."))
@click.option("--team", help=_("Kunci tim."))
@click.option("--superior", metavar="ACCOUNT", help=_("Atasan langsung."))
@click.option("--no-password", is_flag=True, help=_("Tanpa kata sandi: belum ada yang dapat masuk."))
@PASSWORD_FILE
@as_user(needed=False)
@click.pass_obj
def add(
    place: Place,
    account_id: str,
    name: str | None,
    roles: tuple[str, ...],
    groups: tuple[str, ...],
    team: str | None,
    superior: str | None,
    no_password: bool,
    password_file: str | None,
    user: str | None,
) -> None:
    """Make an account."""
    with place.engine(create=True) as engine:
        person = _person(engine, account_id)
        if not roles and person is None:
            raise click.UsageError(_("Sebutkan peran akun ini dengan --role (%(roles)s).", roles=", ".join(ROLES)))
        password = None if no_password else read_secret(password_file, _("Kata sandi untuk %(id)s", id=account_id))
        command = AddAccount(
            actor=acting_as(user),
            account_id=account_id,
            display_name=name or (person.name if person else account_id),
            roles=roles or tuple(person.roles if person else ()),
            groups=groups or tuple(person.groups if person else ()),
            team=team or (person.team if person else None),
            superior=superior or (person.superior if person else None),
            password=password,
        )
        carry_out(engine, command)
        doubts = list(_doubts(engine, command))
    click.echo(_("Akun %(id)s dibuat.", id=account_id))
    for doubt in doubts:
        click.echo(doubt, err=True)


def _doubts(engine: Engine, command: AddAccount) -> Iterator[str]:
    """What the organisation does not know of a new account: it may be adopted later, so nothing is refused."""
    organisation = engine.organisation
    if organisation is None:
        return
    for group in command.groups:
        base, colon, team = group.partition(":")
        if base not in organisation.group_labels or (colon and team not in organisation.teams):
            yield _("Perhatian: kelompok %(group)s tidak ada di organisasi; tugasnya tidak akan sampai.", group=group)
    if command.team is not None and command.team not in organisation.teams:
        yield _("Perhatian: tim %(team)s tidak ada di organisasi.", team=command.team)
    if command.superior is not None and engine.account(command.superior) is None:
        yield _("Perhatian: atasan %(superior)s belum punya akun.", superior=command.superior)


@user_commands.command("change", help=_("Ganti nama, peran, tim, atau atasan; yang tidak disebut tetap."))
@click.argument("account_id", metavar="ACCOUNT")
@click.option("--name", help=_("Nama yang tampil di layar."))
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help=_("Peran, menggantikan semuanya."))
@click.option("--team", help=_("Kunci tim."))
@click.option("--superior", metavar="ACCOUNT", help=_("Atasan langsung."))
@as_user(needed=False)
@click.pass_obj
def change(
    place: Place,
    account_id: str,
    name: str | None,
    roles: tuple[str, ...],
    team: str | None,
    superior: str | None,
    user: str | None,
) -> None:
    """Change an account."""
    if not (name or roles or team or superior):
        raise click.UsageError(_("Sebutkan apa yang diganti."))
    command = ChangeAccount(
        actor=acting_as(user),
        account_id=account_id,
        display_name=name,
        roles=roles or None,
        team=team,
        superior=superior,
    )
    _do(place, command)
    click.echo(_("Akun %(id)s diubah.", id=account_id))


@user_commands.command("password", help=_("Ganti kata sandi; sesi akun itu berakhir."))
@click.argument("account_id", metavar="ACCOUNT")
@PASSWORD_FILE
@as_user(needed=False)
@click.pass_obj
def password(place: Place, account_id: str, password_file: str | None, user: str | None) -> None:
    """Set a password."""
    with place.engine() as engine:
        if engine.account(account_id) is None:
            raise NotFound("Akun %(account)s tidak dikenal.", account=account_id)
        secret = read_secret(password_file, _("Kata sandi baru untuk %(id)s", id=account_id))
        carry_out(engine, SetPassword(actor=acting_as(user), account_id=account_id, password=secret))
    click.echo(_("Kata sandi %(id)s diganti.", id=account_id))


@user_commands.command("disable", help=_("Nonaktifkan akun; sesinya berakhir."))
@click.argument("account_id", metavar="ACCOUNT")
@as_user(needed=False)
@click.pass_obj
def disable(place: Place, account_id: str, user: str | None) -> None:
    """Let an account log in no more."""
    _do(place, DisableAccount(actor=acting_as(user), account_id=account_id))
    click.echo(_("Akun %(id)s dinonaktifkan.", id=account_id))


@user_commands.command("enable", help=_("Aktifkan lagi akun."))
@click.argument("account_id", metavar="ACCOUNT")
@as_user(needed=False)
@click.pass_obj
def enable(place: Place, account_id: str, user: str | None) -> None:
    """Let a disabled account log in again."""
    _do(place, EnableAccount(actor=acting_as(user), account_id=account_id))
    click.echo(_("Akun %(id)s diaktifkan.", id=account_id))


@user_commands.command(
    "groups", help=_("Ganti kelompok pelaksana akun dengan GROUP…; tanpa GROUP: cetak; --none: kosongkan.")
)
@click.argument("account_id", metavar="ACCOUNT")
@click.argument("names", nargs=-1, metavar="[GROUP]…")
@click.option("--none", "empty", is_flag=True, help=_("Tanpa kelompok."))
@as_user(needed=False)
@click.pass_obj
def groups(place: Place, account_id: str, names: tuple[str, ...], empty: bool, user: str | None) -> None:
    """Show or replace an account's groups."""
    if names or empty:
        _do(place, ChangeAccount(actor=acting_as(user), account_id=account_id, groups=names))
    with place.engine() as engine:
        account = engine.account(account_id)
        if account is None:
            raise NotFound("Akun %(account)s tidak dikenal.", account=account_id)
    for name in account.groups:
        click.echo(name)


@user_commands.command("list", help=_("Daftar akun."))
@as_json
@click.pass_obj
def list_accounts(place: Place, json_: bool) -> None:
    """Every account."""
    with place.engine() as engine:
        found = engine.accounts()
    if json_:
        print_json(found)
        return
    print_table(
        [_("Akun"), _("Nama"), _("Peran"), _("Kelompok"), _("Tim"), _("Atasan"), _("Aktif")],
        [
            [
                account.id,
                account.display_name,
                ", ".join(account.roles),
                ", ".join(account.groups),
                account.team or "–",
                account.superior or "–",
                yes(account.active),
            ]
            for account in found
        ],
        empty=_("Belum ada akun."),
    )


def _do(place: Place, command: Command) -> None:
    with place.engine() as engine:
        carry_out(engine, command)


def _person(engine: Engine, account_id: str) -> Person | None:
    office = engine.organisation
    return office.people.get(account_id) if office else None


COMMANDS = (user_commands,)
