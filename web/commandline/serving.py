"""`prima serve`: the first set-up where it is due, then the pages and the runner until the program is stopped."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

import click

from engine import Engine
from engine.clock import to_text
from engine.errors import PrimaError
from engine.jobs.runner import Runner
from web import setting_up
from web.assets import build_failure
from web.commandline.session import Place, acting_as, log_fully
from web.commandline.terminal import complain, moment
from web.commandline.values import read_secret
from web.commandline.words import gettext as _
from web.setting_up import FirstAdministrator, FirstOffice


@click.command(help=_("Layani kantor di web; pada kali pertama sekaligus menyiapkannya."))
@click.option("--demo", is_flag=True, help=_("Kantor contoh dengan orang-orangnya, masuk dengan satu klik."))
@click.option("--host", default="127.0.0.1", show_default=True, help=_("Alamat untuk didengarkan."))
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help=_("Porta."))
@click.option(
    "--base-url",
    metavar="URL",
    callback=lambda _c, _o, url: _checked_url(url),
    help=_("Alamat bagi pemakai; https://… berarti di belakang proksi TLS."),
)
@click.option("--office-name", help=_("Kali pertama: nama kantor."))
@click.option("--zone", help=_("Kali pertama: zona waktu IANA, misalnya Asia/Makassar."))
@click.option("--admin", metavar="ACCOUNT", help=_("Kali pertama: akun administrator."))
@click.option("--admin-name", metavar="NAME", help=_("Kali pertama: nama administrator."))
@click.option(
    "--admin-password-file",
    metavar="FILE",
    help=_("Kali pertama: kata sandinya, dari baris pertama berkas (-: masukan)."),
)
@click.pass_obj
def serve(
    place: Place,
    demo: bool,
    host: str,
    port: int,
    base_url: str | None,
    office_name: str | None,
    zone: str | None,
    admin: str | None,
    admin_name: str | None,
    admin_password_file: str | None,
) -> None:
    """Set up what is missing, then serve."""
    asked = _Asked(office_name, zone, admin, admin_name, admin_password_file)
    with place.engine(create=True, exclusive=True) as engine:
        if demo:
            setting_up.set_up_demo(engine, acting_as(None), _say_stage)
        else:
            setting_up.refuse_demo_data(engine)
            _set_up_office(engine, asked)
        _announce(engine, host, port, base_url, demo)
        _serve(engine, host, port, base_url, demo)


@click.command(
    "test",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    help=_("Jalankan seluruh pengujian, dari salinan kode sumber: ./prima test"),
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run_tests(arguments: tuple[str, ...]) -> None:
    """Say where the tests are."""
    raise PrimaError(
        _("Pengujian dijalankan dari salinan kode sumber Prima, dengan ./prima test; pemasangan ini tidak memuatnya.")
    )


class _Asked:
    """What the options of the first start say; the rest is asked at the terminal, if there is one."""

    def __init__(
        self,
        office_name: str | None,
        zone: str | None,
        admin: str | None,
        admin_name: str | None,
        admin_password_file: str | None,
    ) -> None:
        self._office_name = office_name
        self._zone = zone
        self._admin = admin
        self._admin_name = admin_name
        self._password_file = admin_password_file

    def office(self) -> FirstOffice:
        """Name and zone."""
        self._refuse_silence(("--office-name", self._office_name), ("--zone", self._zone))
        return FirstOffice(
            self._office_name or click.prompt(_("Nama kantor")),
            self._zone or click.prompt(_("Zona waktu"), default=setting_up.DEFAULT_OFFICE_ZONE),
        )

    def administrator(self) -> FirstAdministrator:
        """Account, name and password."""
        self._refuse_silence(("--admin", self._admin), ("--admin-password-file", self._password_file))
        account = self._admin or click.prompt(_("Akun administrator"), default="admin")
        name = self._admin_name or account
        return FirstAdministrator(
            account, name, read_secret(self._password_file, _("Kata sandi untuk %(id)s", id=account))
        )

    @staticmethod
    def _refuse_silence(*options: tuple[str, str | None]) -> None:
        missing = [name for name, value in options if not value]
        if missing and not sys.stdin.isatty():
            raise click.UsageError(
                _(
                    "Kantor ini belum disiapkan dan tidak ada terminal untuk bertanya: berikan %(options)s "
                    "(atau --demo untuk mencoba).",
                    options=", ".join(missing),
                )
            )


def _set_up_office(engine: Engine, asked: _Asked) -> None:
    actor = acting_as(None)
    office = asked.office() if setting_up.lacks_office(engine) else None
    if office is not None:
        setting_up.check_zone(office.zone)
    administrator = asked.administrator() if setting_up.lacks_administrator(engine) else None
    if administrator is not None:
        setting_up.set_up_administrator(engine, actor, administrator)
        click.echo(_("Administrator %(id)s dibuat.", id=administrator.account_id))
    if office is None:
        return
    admins = [account.id for account in engine.accounts() if account.active and account.has("admin")]
    setting_up.set_up_office(engine, actor, office, admins[0])
    click.echo(_("Kantor %(name)s dibuat, dengan zona waktu %(zone)s.", name=office.name, zone=office.zone))
    click.echo(
        _(
            "Berikutnya, di terminal lain: `prima organisation --example > organisasi.yaml`, sesuaikan isinya (tim, "
            "orang, jam kerja), lalu `prima organisation organisasi.yaml`, `prima user add NAMA` bagi tiap orang, "
            "`prima catalogue katalog_layanan.csv`, dan `prima deploy pelayanan_prima --approved-by NAMA`."
        )
    )


def _announce(engine: Engine, host: str, port: int, base_url: str | None, demo: bool) -> None:
    reason = build_failure()
    if reason is not None:
        complain(_("Halaman tampil tanpa diagram alur: %(reason)s", reason=reason or _("belum dibangun")))
    if demo:
        click.echo(_("Ini DEMO: siapa pun yang dapat membuka alamat ini dapat masuk tanpa kata sandi."))
    overdue = engine.next_due()
    if overdue is not None and overdue < engine.clock.now():
        click.echo(
            _("Yang jatuh waktu sejak %(time)s dikerjakan sekarang.", time=moment(to_text(overdue), engine.zone))
        )
    shown = f"[{host}]" if ":" in host else host
    click.echo(
        _(
            "%(office)s dilayani di %(url)s (Ctrl+C untuk berhenti).",
            office=engine.office_name,
            url=base_url or f"http://{shown}:{port}",
        )
    )


def _serve(engine: Engine, host: str, port: int, base_url: str | None, demo: bool) -> None:
    from web.server import serve as serve_pages

    log_fully()
    secret = setting_up.session_secret(engine)
    try:
        serve_pages(engine, Runner(engine), host=host, port=port, base_url=base_url, demo=demo, secret=secret)
    except OSError as error:
        raise PrimaError(
            _(
                "Alamat %(host)s:%(port)s tidak dapat dipakai: %(problem)s",
                host=host,
                port=port,
                problem=error.strerror or error,
            )
        ) from error


def _checked_url(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.BadParameter(
            _("alamat seperti https://prima.contoh.go.id diharapkan, ditemukan %(url)s", url=repr(url))
        )
    return url


def _say_stage(what: str) -> None:
    click.echo(_("Menyiapkan demo: %(what)s", what=what))


COMMANDS = (serve, run_tests)
