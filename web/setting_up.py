"""The first start on a data directory: a demo with everything in it, or a real office with its administrator.

Every step is done only where it is missing, so a start that was cut short is made up for by the next.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from engine import Engine
from engine.bootstrap import SHIPPED_PROCESSES, shipped_process
from engine.commands import Actor, AddAccount, AdoptCatalogue, AdoptOrganisation, DeployDefinition
from engine.errors import Conflict, InvalidInput

SHIPPED_PROCESS = "pelayanan_prima"
DEMO_APPROVER = "kepala"
DEFAULT_OFFICE_ZONE = "Asia/Jakarta"
_KIND, _DEMO, _LIVE = "kind_of_data", "demo", "live"
_SIGNING_KEY = "session_signing_key"


@dataclass(frozen=True)
class FirstOffice:
    """What a real office begins with; the password is the administrator's."""

    name: str
    zone: str


@dataclass(frozen=True)
class FirstAdministrator:
    """The account that makes all others."""

    account_id: str
    name: str
    password: str


def shipped_file(name: str) -> bytes:
    """A file that comes along with the shipped process, such as `organisasi.yaml`; raises FileNotFoundError."""
    for root in SHIPPED_PROCESSES:
        path: Path = root / SHIPPED_PROCESS / name
        if path.is_file():
            return path.read_bytes()
    raise FileNotFoundError(f"there is no shipped file {name}")


def is_demo(engine: Engine) -> bool:
    """Whether this data was made for a demo."""
    return engine.setting(_KIND) == _DEMO


def is_untouched(engine: Engine) -> bool:
    """Whether nothing has been set up yet."""
    return engine.setting(_KIND) is None and engine.organisation is None and not engine.accounts()


def lacks_office(engine: Engine) -> bool:
    """Whether it still has to be said what the office is called and where it is."""
    return engine.organisation is None


def lacks_administrator(engine: Engine) -> bool:
    """Whether nobody could make accounts in the web."""
    return not any(account.active and account.has("admin") for account in engine.accounts())


def set_up_demo(engine: Engine, actor: Actor, say: Callable[[str], None]) -> None:
    """The example office, its people and the shipped process, as far as they are missing.

    Raises Conflict when the data is a real office's.
    """
    if not (is_demo(engine) or is_untouched(engine)):
        raise Conflict("Direktori data ini berisi data kantor sungguhan; demo memerlukan direktori sendiri (--data).")
    engine.keep_setting(_KIND, _DEMO)
    if engine.organisation is None:
        engine.handle(AdoptOrganisation(actor=actor, document=shipped_file("organisasi.yaml")))
        say("organisasi.yaml")
    if not engine.catalogue.options():
        engine.handle(AdoptCatalogue(actor=actor, document=shipped_file("katalog_layanan.csv")))
        say("katalog_layanan.csv")
    _add_people(engine, actor, say)
    if not _is_deployed(engine):
        files = shipped_process(SHIPPED_PROCESS)
        engine.handle(DeployDefinition(actor=actor, files=files, approved_by=DEMO_APPROVER))
        say(f"{SHIPPED_PROCESS} ({sum(map(len, files.values())) // 1000} KB)")


def set_up_office(engine: Engine, actor: Actor, office: FirstOffice, head: str) -> None:
    """A smallest organisation with one person at its head, to be replaced by a full `organisasi.yaml`.

    Raises InvalidInput on an unknown zone, OrganisationRejected on what else cannot be.
    """
    check_zone(office.zone)
    engine.handle(AdoptOrganisation(actor=actor, document=smallest_organisation(office, head)))
    engine.keep_setting(_KIND, _LIVE)


def set_up_administrator(engine: Engine, actor: Actor, first: FirstAdministrator) -> None:
    """The first administrator; raises InvalidInput on a wrong name or too short a password."""
    engine.handle(
        AddAccount(
            actor=actor,
            account_id=first.account_id,
            display_name=first.name,
            roles=("admin",),
            password=first.password,
        )
    )


def refuse_demo_data(engine: Engine) -> None:
    """A demo is served as a demo only: its people have no passwords.  Raises Conflict."""
    if is_demo(engine):
        raise Conflict(
            "Direktori data ini berisi demo: jalankan dengan --demo, atau sebutkan direktori lain dengan --data."
        )


def check_zone(zone: str) -> None:
    """Raises InvalidInput unless it is an IANA zone."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput("Zona waktu IANA seperti Asia/Jakarta diharapkan, ditemukan %(zone)s.", zone=zone) from None


def smallest_organisation(office: FirstOffice, head: str) -> bytes:
    """The document of an office without teams, led by one account."""
    key = re.sub(r"[^a-z0-9]+", "-", office.name.lower()).strip("-")
    document = {
        "office": {
            "key": key if key[:1].isalpha() else "kantor",
            "name": office.name,
            "zone": office.zone,
            "head": head,
        },
        "group_labels": {"kepala-kkp": "Kepala KKP"},
        "teams": {},
        "people": {head: {"name": head, "roles": ["admin"], "groups": [], "superior": None, "demo": False}},
        "calendars": {},
        "schedule": [],
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()


def session_secret(engine: Engine) -> str:
    """The key that signs sessions: made once, the same after a restart."""
    found = engine.setting(_SIGNING_KEY)
    if found is None:
        found = secrets.token_urlsafe(48)
        engine.keep_setting(_SIGNING_KEY, found)
    return found


def _add_people(engine: Engine, actor: Actor, say: Callable[[str], None]) -> None:
    organisation = engine.organisation
    assert organisation is not None
    known = {account.id for account in engine.accounts()}
    people = [person for person in organisation.people.values() if person.account_id not in known]
    for person in people:
        engine.handle(
            AddAccount(
                actor=actor,
                account_id=person.account_id,
                display_name=person.name,
                roles=tuple(person.roles),
                groups=tuple(person.groups),
                team=person.team,
                superior=person.superior,
                demo=person.demo,
            )
        )
    if people:
        say(", ".join(person.account_id for person in people))


def _is_deployed(engine: Engine) -> bool:
    from engine.views import Account

    reader = Account(id="sistem", display_name="Sistem", roles=("auditor",), groups=())
    return any(found.key == SHIPPED_PROCESS for found in engine.definitions(reader))
