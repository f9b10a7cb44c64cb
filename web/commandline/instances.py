"""Process instances: starting them, sending them messages, looking at them, steering them."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import click
from babel.dates import format_datetime

from engine import Engine
from engine.clock import from_text
from engine.commands import (
    CancelProcessInstance,
    Command,
    PublishMessage,
    ResumeProcessInstance,
    RetryIncident,
    StartProcessInstance,
    SuspendProcessInstance,
)
from engine.values import JsonObject
from engine.views import HistoryLine, InstanceDetail, InstanceView
from web.commandline.session import Place, acting_as, as_json, as_user, carry_out, viewing_as
from web.commandline.terminal import moment, print_facts, print_heading, print_json, print_table
from web.commandline.values import values_options
from web.commandline.words import gettext as _
from web.commandline.words import sentence, state_of_instance, state_of_task
from web.formats import zone_name

STATES = ("ACTIVE", "SUSPENDED", "COMPLETED", "TERMINATED")
PAGE = 200


@click.command(help=_("Mulai berkas proses; nomornya dicetak."))
@click.argument("key")
@click.option("--event", metavar="ID", help=_("Cara mulai, bila prosesnya punya beberapa."))
@click.option("--business-key", metavar="TEXT", help=_("Nomor berkas menurut kantor."))
@values_options
@as_user(needed=False)
@click.pass_obj
def start(
    place: Place, key: str, event: str | None, business_key: str | None, values: JsonObject, user: str | None
) -> None:
    """Start an instance and print its id."""
    command = StartProcessInstance(
        actor=acting_as(user), key=key, start_event=event, business_key=business_key, variables=values
    )
    with place.engine() as engine:
        click.echo(carry_out(engine, command).instance_id)


@click.command(help=_("Kirim pesan kepada berkas yang menunggunya, atau yang dimulai olehnya."))
@click.argument("name")
@click.option("--key", default="", metavar="K", help=_("Kunci korelasi."))
@click.option(
    "--time-to-live",
    type=click.IntRange(0),
    default=3600,
    show_default=True,
    metavar="DETIK",
    help=_("Berapa lama pesan disimpan bila belum ada yang menunggu."),
)
@values_options
@as_user(needed=False)
@click.pass_obj
def message(place: Place, name: str, key: str, time_to_live: int, values: JsonObject, user: str | None) -> None:
    """Publish a message."""
    command = PublishMessage(
        actor=acting_as(user), name=name, correlation_key=key, variables=values, time_to_live=time_to_live
    )
    with place.engine() as engine:
        outcome = carry_out(engine, command)
    receivers = sum(len(event.get("targets", ())) for event in outcome.events)
    if receivers:
        click.echo(_("Pesan %(name)s dikirim kepada %(count)s penerima.", name=name, count=receivers))
    else:
        click.echo(_("Pesan %(name)s disimpan; belum ada yang menunggu.", name=name))


@click.command("instances", help=_("Daftar berkas proses, yang terbaru di atas."))
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), help=_("Hanya yang berstatus ini."))
@click.option("--key", metavar="PROCESS", help=_("Hanya dari proses ini."))
@click.option("--text", metavar="TEXT", help=_("Hanya yang memuat teks ini."))
@click.option("--limit", type=click.IntRange(1), default=500, show_default=True, help=_("Paling banyak sekian."))
@as_json
@as_user(needed=False)
@click.pass_obj
def list_instances(
    place: Place, state: str | None, key: str | None, text: str | None, limit: int, json_: bool, user: str | None
) -> None:
    """The instances that an account may see."""
    with place.engine() as engine:
        viewer, zone = viewing_as(engine, user), engine.zone
        found: list[InstanceView] = []
        after = None
        while len(found) < limit:
            page = engine.instances(
                viewer, key=key, state=state, text=text, limit=min(PAGE, limit - len(found)), after=after
            )
            found += page.rows
            after = page.next
            if after is None:
                break
    if json_:
        print_json(found)
        return
    print_table(
        [_("Jenis"), _("Nomor"), _("Tim"), _("Status"), _("Gangguan"), _("Dimulai"), _("nomor berkas")],
        [
            [
                row.start_name,
                row.business_key or "–",
                row.team or "–",
                state_of_instance(row.state),
                str(row.open_incidents) if row.open_incidents else "–",
                moment(row.started_at, zone),
                row.id,
            ]
            for row in found
        ],
        empty=_("Tidak ada berkas proses."),
        below=True,
    )


@click.command(help=_("Satu berkas: posisinya, tugas, gangguan, riwayat, dan isinya."))
@click.argument("instance_id", metavar="INSTANCE")
@as_json
@as_user(needed=False)
@click.pass_obj
def show(place: Place, instance_id: str, json_: bool, user: str | None) -> None:
    """Everything about one instance."""
    with place.engine() as engine:
        detail, zone = engine.instance(viewing_as(engine, user), instance_id), engine.zone
    if json_:
        print_json(_as_json(detail))
        return
    _print_detail(detail, zone)


@click.command("incidents", help=_("Daftar gangguan yang belum teratasi."))
@as_json
@as_user(needed=False)
@click.pass_obj
def list_incidents(place: Place, json_: bool, user: str | None) -> None:
    """Open incidents."""
    with place.engine() as engine:
        found, zone = engine.incidents(viewing_as(engine, user)), engine.zone
    if json_:
        print_json(found)
        return
    print_table(
        [_("Langkah"), _("Sejak"), _("Keterangan"), _("nomor gangguan")],
        [[row.name, moment(row.raised_at, zone), row.detail, row.id] for row in found],
        empty=_("Tidak ada gangguan."),
        below=True,
    )


@click.command(help=_("Coba lagi di tempat sebuah gangguan."))
@click.argument("incident_id", metavar="INCIDENT")
@as_user(needed=False)
@click.pass_obj
def retry(place: Place, incident_id: str, user: str | None) -> None:
    """Retry an incident."""
    with place.engine() as engine:
        carry_out(engine, RetryIncident(actor=acting_as(user), incident_id=incident_id))
        if _still_open(engine, incident_id):
            click.echo(_("Gangguan %(id)s dicoba lagi dan belum teratasi.", id=incident_id))
        else:
            click.echo(_("Gangguan %(id)s dicoba lagi.", id=incident_id))


@click.command(help=_("Batalkan berkas sebelum selesai."))
@click.argument("instance_id", metavar="INSTANCE")
@click.option("--reason", required=True, help=_("Alasannya."))
@as_user(needed=False)
@click.pass_obj
def cancel(place: Place, instance_id: str, reason: str, user: str | None) -> None:
    """End an instance."""
    _steer(place, CancelProcessInstance(actor=acting_as(user), instance_id=instance_id, reason=reason))
    click.echo(_("Berkas %(id)s dibatalkan.", id=instance_id))


@click.command(help=_("Tangguhkan berkas."))
@click.argument("instance_id", metavar="INSTANCE")
@click.option("--reason", required=True, help=_("Alasannya."))
@as_user(needed=False)
@click.pass_obj
def suspend(place: Place, instance_id: str, reason: str, user: str | None) -> None:
    """Let nothing happen in an instance."""
    _steer(place, SuspendProcessInstance(actor=acting_as(user), instance_id=instance_id, reason=reason))
    click.echo(_("Berkas %(id)s ditangguhkan.", id=instance_id))


@click.command(help=_("Lanjutkan berkas yang ditangguhkan."))
@click.argument("instance_id", metavar="INSTANCE")
@as_user(needed=False)
@click.pass_obj
def resume(place: Place, instance_id: str, user: str | None) -> None:
    """Let a suspended instance go on."""
    _steer(place, ResumeProcessInstance(actor=acting_as(user), instance_id=instance_id))
    click.echo(_("Berkas %(id)s dilanjutkan.", id=instance_id))


def _steer(place: Place, command: Command) -> None:
    with place.engine() as engine:
        carry_out(engine, command)


def _still_open(engine: Engine, incident_id: str) -> bool:
    return any(found.id == incident_id for found in engine.incidents(viewing_as(engine, None)))


def _as_json(detail: InstanceDetail) -> JsonObject:
    shown = {name: getattr(detail, name) for name in InstanceDetail.__dataclass_fields__}
    shown["history"] = [
        {name: getattr(line, name) for name in HistoryLine.__dataclass_fields__} | {"text": _in_words(line)}
        for line in detail.history
    ]
    return shown


def _print_detail(detail: InstanceDetail, zone: str) -> None:
    row = detail.instance
    print_facts(
        [
            (_("Berkas"), row.id),
            (_("Jenis"), f"{row.start_name} ({row.key}, {_('versi %(version)s', version=row.version)})"),
            (_("Nomor"), row.business_key or "–"),
            (_("Tim"), row.team or "–"),
            (_("Status"), state_of_instance(row.state)),
            (_("Dimulai"), f"{moment(row.started_at, zone)}, {row.started_by}"),
            (_("Berakhir"), moment(row.ended_at, zone)),
        ]
    )
    if row.restricted:
        click.echo(_("Isi berkas ini tidak terbuka bagi akun ini."))
        return
    print_heading(_("Sedang di mana"))
    print_table(
        [_("Langkah"), _("Keadaan"), _("Pemegang"), _("Tenggat")],
        [
            [
                token.name,
                _("Gangguan") if token.state == "failed" else _("Terlambat") if token.late else _("Menunggu"),
                token.holder or "–",
                moment(token.due_at, zone),
            ]
            for token in detail.tokens
        ],
        empty=_("Tidak ada yang berjalan."),
    )
    print_heading(_("Tugas"))
    print_table(
        [_("Tugas"), _("Status"), _("Pemegang"), _("Tenggat"), _("nomor tugas")],
        [
            [
                task.name,
                state_of_task(task.state),
                task.assignee_name or task.completed_by or "–",
                moment(task.due_at, zone),
                task.id,
            ]
            for task in detail.tasks
        ],
        empty=_("Belum ada tugas."),
        below=True,
    )
    if detail.incidents:
        print_heading(_("Gangguan"))
        print_facts((found.id, f"{found.name}: {found.detail}") for found in detail.incidents)
    print_heading(_("Riwayat"))
    print_facts((_exactly(line.at, zone), f"{_who(line)}: {_in_words(line)}") for line in detail.history)
    print_heading(_("Isi berkas"))
    print_facts((name, json.dumps(value, ensure_ascii=False)) for name, value in sorted(detail.variables.items()))


def _in_words(line: HistoryLine) -> str:
    return sentence(line.message, line.params)


def _who(line: HistoryLine) -> str:
    name = _("Sistem") if line.who == "sistem" else line.who_name
    if line.door != "cli":
        return name
    if line.through is None:
        return _("%(name)s, melalui baris perintah", name=name)
    return _("%(name)s, melalui baris perintah oleh %(account)s", name=name, account=line.through)


def _exactly(at: str, zone: str) -> str:
    found, place = from_text(at), ZoneInfo(zone)
    return f"{format_datetime(found, 'yyyy-MM-dd HH:mm:ss', tzinfo=place, locale='id')} {zone_name(place, found)}"


COMMANDS = (start, message, list_instances, show, list_incidents, retry, cancel, suspend, resume)
