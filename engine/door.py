"""The engine as its users hold it: commands in, views out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from engine import commands as c
from engine.clock import Clock, from_text, to_text
from engine.definition.catalogue import Catalogue
from engine.definition.executable import ExecutableDefinition
from engine.definition.feel import FeelEngine
from engine.definition.forms import Form
from engine.definition.organisation import Organisation
from engine.errors import NotFound
from engine.jobs.carrier import Carrier
from engine.reading import instances, tasks
from engine.reading.desk import Desk
from engine.replay import reexecution, verification
from engine.replay.report import Report
from engine.runtime import passwords
from engine.runtime.dispatcher import Dispatcher
from engine.runtime.form_options import form_options, prefilled
from engine.runtime.handlers.instances import TEAM_VARIABLE, may_start
from engine.runtime.world import DEFAULT_ZONE
from engine.store import journal, office, queries
from engine.store.definitions import DefinitionLibrary, read_files
from engine.store.seen import mark_seen
from engine.store.session import Database
from engine.values import Value
from engine.views import (
    Account,
    DefinitionView,
    EscalationView,
    IncidentView,
    InstanceDetail,
    InstanceView,
    Page,
    Startable,
    TaskDetail,
    TaskView,
)


class Engine:
    """One office's engine; made by `open_engine`, safe to use from many threads, to be closed at the end."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        feel: FeelEngine,
        library: DefinitionLibrary,
        dispatcher: Dispatcher,
        carrier: Carrier,
        *,
        tenant: str,
    ) -> None:
        self.clock = clock
        self.database = database
        self.tenant = tenant
        self._feel = feel
        self._patient_feel = feel.patient()
        self._library = library
        self._dispatcher = dispatcher
        self._carrier = carrier

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back the database and the isolate."""
        self._feel.close()
        self._patient_feel.close()
        self.database.close()

    def forget(self) -> None:
        """Drop every cache, as a new process would start."""
        self._library.forget()
        self._feel.close()

    # -- doing ------------------------------------------------------------------------------------------------------

    def handle(self, command: c.Command) -> c.Outcome:
        """Carry a command out in one transaction.

        Raises CommandRejected (NotFound, NotPermitted, Conflict, InvalidInput, FormRejected), DefinitionRejected or
        OrganisationRejected; nothing has then changed.
        """
        return self._dispatcher.handle(command)

    def run_due(self, limit: int = 1000) -> int:
        """Fire timers that are due, start what the schedule asks for, deliver messages and carry out jobs, until
        nothing more is to be done now (or `limit` acts); returns how many acts there were."""
        return self._carrier.run(limit)

    def next_due(self) -> datetime | None:
        """When there will next be something for `run_due`; None when nothing waits."""
        return self._carrier.next_due()

    # -- people and the office --------------------------------------------------------------------------------------

    @property
    def organisation(self) -> Organisation | None:
        """The organisation in force."""
        with self.database.read() as connection:
            return self._library.organisation(connection, self.tenant)

    @property
    def catalogue(self) -> Catalogue:
        """The service catalogue in force."""
        with self.database.read() as connection:
            return self._library.catalogue(connection, self.tenant)

    @property
    def zone(self) -> str:
        """The office's IANA zone."""
        organisation = self.organisation
        return organisation.zone if organisation else DEFAULT_ZONE

    @property
    def office_name(self) -> str:
        """What the office is called."""
        organisation = self.organisation
        return organisation.name if organisation else "Prima"

    def account(self, account_id: str) -> Account | None:
        """An account, active or not."""
        with self.database.read() as connection:
            return queries.account(connection, self.tenant, account_id)

    def accounts(self) -> tuple[Account, ...]:
        """Every account."""
        with self.database.read() as connection:
            return queries.accounts(connection, self.tenant)

    def authenticate(self, account_id: str, password: str) -> Account | None:
        """The active account whose password this is; as slow when there is none."""
        with self.database.read() as connection:
            hash_ = office.password_hash(connection, self.tenant, account_id)
            found = queries.account(connection, self.tenant, account_id)
        return found if passwords.matches(password, hash_) else None

    def setting(self, name: str) -> str | None:
        """A setting of the office."""
        with self.database.read() as connection:
            return office.read_setting(connection, self.tenant, name)

    def keep_setting(self, name: str, value: str) -> None:
        """Change a setting of the office."""
        with self.database.write() as connection:
            office.keep_setting(connection, self.tenant, name, value)

    # -- tasks ------------------------------------------------------------------------------------------------------

    def inbox(self, viewer: Account, view: str, *, limit: int = 50, after: str | None = None) -> Page[TaskView]:
        """`mine`, `queue`, `done` (newest first) or, for those who oversee, `all`; least time left first."""
        with self._desk(viewer) as desk:
            return tasks.inbox(desk, view, limit, after)

    def task(self, viewer: Account, task_id: str, *, actor: c.Actor | None = None) -> TaskDetail:
        """A task's page; that its holder saw personal values is recorded, once each time of holding it and each door.

        `actor` says by which door the viewer looks, the web if not given.  Raises NotFound and NotPermitted.
        """
        actor = actor or c.Actor(viewer.id)
        with self._desk(viewer) as desk:
            found = tasks.detail(desk, task_id)
            noted = f"access:{viewer.id}:{task_id}:{found.task.revision}:{actor.door}"
            unnoted = found.personal and journal.find_command(desk.world.connection, self.tenant, noted) is None
        if unnoted:
            self.handle(c.RecordAccess(actor=actor, command_id=noted, subject=task_id, names=found.personal))
        return found

    def form_of_task(self, detail: TaskDetail) -> Form | None:
        """The form of a task."""
        with self.database.read() as connection:
            world = self._dispatcher.world(connection, self._now())
            row = queries.instance_row(connection, self.tenant, detail.task.instance_id)
            if row is None or detail.form_id is None:
                return None
            return world.definition(row.definition_hash).forms[detail.form_id]

    # -- starting ---------------------------------------------------------------------------------------------------

    def startable(self, viewer: Account) -> tuple[Startable, ...]:
        """The start events that an account may use, in document order."""
        found = []
        with self._desk(viewer) as desk:
            now = desk.world.now
            for view in queries.definitions(desk.world.connection, self.tenant, now):
                if not view.effective:
                    continue
                definition = desk.world.definition(view.hash)
                for node in definition.model.start_events:
                    values = {"tim": viewer.team}
                    if may_start(desk.world, definition, node, values, viewer.id):
                        found.append(Startable(view.key, node.id, node.name or node.id, view.name, node.form_id))
        return tuple(found)

    def form_of_start(self, key: str, start_event: str) -> Form | None:
        """The start form of the effective version; raises NotFound."""
        definition = self._effective(key)
        node = definition.model.nodes.get(start_event)
        if node is None or node not in definition.model.start_events:
            raise NotFound("Cara mulai %(start)s tidak ada.", start=start_event)
        return None if node.form_id is None else definition.forms[node.form_id]

    def start_options(
        self, viewer: Account, key: str, start_event: str
    ) -> tuple[dict[str, Value], Mapping[str, list[dict[str, Value]]]]:
        """(values that the start form begins with, its choices)."""
        form = self.form_of_start(key, start_event)
        values: dict[str, Value] = {} if form is None else prefilled(form, viewer.id, self.organisation)
        if form is not None and viewer.team and "tim" in form.by_key:
            values["tim"] = viewer.team
        options = form_options(self.organisation, self.catalogue, {}, everyone=True)
        with self._desk(viewer) as desk:
            definition = self._effective(key)
            node = definition.model.nodes[start_event]
            options["daftar_tim"] = [
                team
                for team in options["daftar_tim"]
                if may_start(desk.world, definition, node, {TEAM_VARIABLE: team["value"]}, viewer.id)
            ]
        return values, options

    # -- instances --------------------------------------------------------------------------------------------------

    def instances(
        self,
        viewer: Account,
        *,
        key: str | None = None,
        state: str | None = None,
        text: str | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> Page[InstanceView]:
        """Instances that an account may see, newest first."""
        with self._desk(viewer) as desk:
            return instances.listing(desk, key=key, state=state, text=text, limit=limit, after=after)

    def instance(self, viewer: Account, instance_id: str) -> InstanceDetail:
        """An instance's page; raises NotFound and NotPermitted."""
        with self._desk(viewer) as desk:
            return instances.detail(desk, instance_id)

    def incidents(self, viewer: Account) -> tuple[IncidentView, ...]:
        """Open incidents; raises NotPermitted."""
        with self._desk(viewer) as desk:
            return instances.incidents(desk)

    def escalations(self, viewer: Account, *, unseen_only: bool = False) -> tuple[EscalationView, ...]:
        """The breaches that an account was told of, newest first."""
        with self._desk(viewer) as desk:
            return instances.escalations(desk, unseen_only=unseen_only)

    def mark_escalation_seen(self, viewer: Account, escalation_id: str) -> None:
        """The account has read an escalation; quiet when it is not theirs."""
        with self.database.write() as connection:
            mark_seen(connection, self.tenant, queries.addresses(viewer), escalation_id, self._now())

    # -- definitions ------------------------------------------------------------------------------------------------

    def definitions(self, viewer: Account) -> tuple[DefinitionView, ...]:
        """Every deployed version."""
        with self._desk(viewer) as desk:
            return queries.definitions(desk.world.connection, self.tenant, desk.world.now)

    def definition(self, key: str, version: int) -> ExecutableDefinition:
        """One deployed version; raises NotFound."""
        with self.database.read() as connection:
            row = queries.definition_version(connection, self.tenant, key, version)
            if row is None:
                raise NotFound("Proses %(key)s versi %(version)s tidak ada.", key=key, version=version)
            return self._library.by_hash(connection, self.tenant, row.hash)

    def definition_files(self, key: str, version: int) -> dict[str, bytes]:
        """The files of a deployed version, by path; raises NotFound."""
        with self.database.read() as connection:
            row = queries.definition_version(connection, self.tenant, key, version)
            if row is None:
                raise NotFound("Proses %(key)s versi %(version)s tidak ada.", key=key, version=version)
            return read_files(connection, self.tenant, row.files)

    def bpmn(self, key: str, version: int) -> bytes:
        """The BPMN of a deployed version, as it was deployed; raises NotFound."""
        return self.definition(key, version).bpmn

    # -- proof ------------------------------------------------------------------------------------------------------

    def verify(self) -> Report:
        """Chain intact, and rows equal to the journal rebuilt."""
        return verification.verify(self.database, self._library, self.tenant)

    def replay(self, instance_id: str | None = None) -> Report:
        """Re-execution gives the recorded events and state hashes: of one instance, or of all."""
        return reexecution.replay(self.database, self._library, self._patient_feel, self.tenant, instance_id)

    # -- within -----------------------------------------------------------------------------------------------------

    def _now(self) -> str:
        return to_text(self.clock.now())

    @contextmanager
    def _desk(self, viewer: Account) -> Iterator[Desk]:
        with self.database.read() as connection:
            yield Desk(self._dispatcher.world(connection, self._now()), viewer)

    def _effective(self, key: str) -> ExecutableDefinition:
        with self.database.read() as connection:
            row = queries.effective_definition(connection, self.tenant, key, self._now())
            if row is None:
                raise NotFound("Proses %(key)s tidak ada atau belum berlaku.", key=key)
            return self._library.by_hash(connection, self.tenant, row.hash)


def moment(text: str) -> datetime:
    """The moment of a view's UTC text."""
    return from_text(text)
