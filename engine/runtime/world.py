"""What admission may read: one transaction's view of the office, pinned to the command's now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from engine.clock import Clock, from_text
from engine.definition.catalogue import Catalogue
from engine.definition.executable import ExecutableDefinition
from engine.definition.feel import Evaluator
from engine.definition.organisation import Organisation
from engine.errors import NotFound, NotPermitted
from engine.runtime.directory import Directory
from engine.runtime.execution import BusinessTime, Circumstances
from engine.runtime.job_contract import JobHandler
from engine.runtime.personal_data import PersonalValue
from engine.store import queries
from engine.store.definitions import DefinitionLibrary
from engine.store.free_texts import FreeText
from engine.store.session import Connection
from engine.views import Account

DEFAULT_ZONE = "Asia/Jakarta"


@dataclass
class World:
    """The office as one command sees it.  Reading happens once and is kept; nothing is written through it."""

    connection: Connection
    tenant: str
    now: str  # UTC text
    clock: Clock
    feel: Evaluator
    library: DefinitionLibrary
    job_handlers: Mapping[str, JobHandler]
    free_texts: list[FreeText] = field(default_factory=list)  # to be kept beside the entry
    personal: list[PersonalValue] = field(default_factory=list)  # to be kept apart

    @property
    def moment(self) -> datetime:
        """Now as a datetime."""
        return from_text(self.now)

    @cached_property
    def organisation(self) -> Organisation | None:
        """The version of the organisation that is in force."""
        return self.library.organisation(self.connection, self.tenant)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The version of the service catalogue that is in force; an empty one before the first."""
        return self.library.catalogue(self.connection, self.tenant)

    @cached_property
    def directory(self) -> Directory:
        """Who is above whom."""
        return Directory(queries.accounts(self.connection, self.tenant), self.organisation)

    @property
    def zone(self) -> str:
        """The office's IANA zone."""
        return self.organisation.zone if self.organisation else DEFAULT_ZONE

    @property
    def circumstances(self) -> Circumstances:
        """What execution may know."""
        calendars: Mapping[str, BusinessTime] = self.organisation.calendars if self.organisation else {}
        return Circumstances(self.now, self.zone, self.feel, calendars)

    def local_time(self, at: str) -> str:
        """A moment on the office's clock with its zone, short."""
        return from_text(at).astimezone(ZoneInfo(self.zone)).strftime("%d/%m/%Y %H.%M %Z")

    def definition(self, hash_: str) -> ExecutableDefinition:
        """A deployed definition by its hash."""
        return self.library.by_hash(self.connection, self.tenant, hash_)

    def account(self, account_id: str) -> Account:
        """An active account; raises NotPermitted when there is none of that name, or it was disabled."""
        found = queries.account(self.connection, self.tenant, account_id)
        if found is None:
            raise NotPermitted("Akun %(account)s tidak dikenal.", account=account_id)
        if not found.active:
            raise NotPermitted("Akun %(account)s sudah dinonaktifkan.", account=account_id)
        return found

    def named_account(self, account_id: str) -> Account:
        """An account that a command names as its object; raises NotFound."""
        found = queries.account(self.connection, self.tenant, account_id)
        if found is None:
            raise NotFound("Akun %(account)s tidak dikenal.", account=account_id)
        return found

    def name_of(self, account_id: str) -> str:
        """How a person is called in a sentence; the id when the account is gone."""
        found = queries.account(self.connection, self.tenant, account_id)
        return found.display_name if found else account_id
