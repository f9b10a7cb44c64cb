"""THE transaction: one command, one stream, one commit.

    begin -> lock the stream -> pin now -> fire what is due -> admission -> execution
          -> journal, rows, snapshot -> commit

Nothing else in the engine commits, and no external call happens inside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from engine import commands as c
from engine.clock import Clock, to_text
from engine.definition.executable import ExecutableDefinition
from engine.definition.feel import FeelBudget, FeelEngine
from engine.errors import Conflict, InvalidInput, NotFound, NotPermitted, Suspended
from engine.events import event
from engine.ids import global_id, instance_of, instance_stream, local_id
from engine.runtime import passwords
from engine.runtime.execution import Step, begin, step
from engine.runtime.handlers import accounts, calls, definitions, instances, jobs, messages, office, timers, user_tasks
from engine.runtime.job_contract import JobHandler
from engine.runtime.personal_data import PersonalValue
from engine.runtime.state import ENDED, ROOT, InstanceState, State
from engine.runtime.world import World
from engine.semantics import CURRENT
from engine.store import appliers, free_texts, journal, outbox, personal, snapshots
from engine.store.definitions import DefinitionLibrary, keep_files
from engine.store.free_texts import FreeText, SealedText
from engine.store.journal import Cause, JournalEntry, StreamHead
from engine.store.office import keep_account_password, keep_catalogue, keep_organisation
from engine.store.session import Connection, Database
from engine.values import JsonObject, canonical_bytes, holds_personal, parse_json

Admission = Callable[[World, State, ExecutableDefinition, Any], JsonObject]

ON_INSTANCE: Mapping[type[c.Command], tuple[str, Admission]] = {
    c.ClaimUserTask: ("task_id", user_tasks.claim),
    c.ReleaseUserTask: ("task_id", user_tasks.release),
    c.AssignUserTask: ("task_id", user_tasks.assign),
    c.CompleteUserTask: ("task_id", user_tasks.complete),
    c.CorrelateMessage: ("subscription_id", messages.correlate),
    c.CompleteJob: ("job_id", jobs.complete),
    c.FailJob: ("job_id", jobs.fail),
    c.ThrowJobError: ("job_id", jobs.throw_error),
    c.CompleteCall: ("call_id", calls.complete),
    c.FailCall: ("call_id", calls.fail),
    c.RetryIncident: ("incident_id", instances.retry),
    c.CancelProcessInstance: ("instance_id", instances.cancel),
    c.SuspendProcessInstance: ("instance_id", instances.suspend),
    c.ResumeProcessInstance: ("instance_id", instances.resume),
}
FEEL_SECONDS = 0.5  # for all expressions of one command: it holds the only write transaction
MOST_FIRED = 100  # timers in one transaction
LONGEST_COMMAND_ID = 100
ACCESS = "access"  # the stream of who looked at personal data
WHILE_SUSPENDED = frozenset({c.CancelProcessInstance, c.ResumeProcessInstance})

ON_ACCOUNT: Mapping[type[c.Command], Callable[[World, Any], tuple[JsonObject, list[JsonObject]]]] = {
    c.AddAccount: accounts.add,
    c.ChangeAccount: accounts.change,
    c.SetPassword: accounts.set_password,
    c.DisableAccount: accounts.disable,
    c.EnableAccount: accounts.enable,
}


@dataclass(frozen=True)
class Recorded:
    """One entry to be written: what the journal row says of the command."""

    stream: str
    command_id: str
    actor: c.Actor
    command: JsonObject
    events: list[JsonObject]
    definition: ExecutableDefinition | None = None
    state: State | None = None
    faults: Mapping[str, str] | None = None
    cause: Cause | None = None


class Dispatcher:
    """Carries out commands; safe to call from many threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        feel: FeelEngine,
        library: DefinitionLibrary,
        job_handlers: Mapping[str, JobHandler],
        compile_files: Callable[[World, Mapping[str, bytes]], ExecutableDefinition],
        *,
        tenant: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._feel = feel
        self._library = library
        self._job_handlers = job_handlers
        self._compile = compile_files
        self._tenant = tenant

    def handle(self, command: c.Command, *, cause: Cause | None = None, delivery: str | None = None) -> c.Outcome:
        """Carry a command out, or reject it and leave everything as it was.

        `delivery` is the outbox row that the command comes from: it is gone with the same commit.  Raises
        CommandRejected and DefinitionRejected.
        """
        _refuse_reserved_id(command)
        command_id = command.command_id or self._clock.new_id()
        password_hash = passwords.hash_of(command)
        while True:
            with self._database.write() as connection:
                if command.command_id is not None:
                    journal.await_command(connection, self._tenant, command_id)
                repeated = journal.find_command(connection, self._tenant, command_id)
                if repeated is not None:
                    outcome = _repeated(repeated, command)
                else:
                    try:
                        outcome = self._carry_out(connection, replace(command, command_id=command_id), cause)
                    except _MoreDueError:
                        continue  # what has fired is committed; the rest fires in the next transaction
                if delivery is not None:
                    outbox.delivered(connection, self._tenant, delivery)
                if password_hash is not None and repeated is None:
                    keep_account_password(connection, self._tenant, outcome.stream.partition(":")[2], password_hash)
                return outcome

    def fire_due(self, instance_id: str) -> int:
        """Fire the instance's timers that are due, in due order; returns how many there were."""
        stream = instance_stream(instance_id)
        with self._database.write() as connection:
            head = journal.head(connection, self._tenant, stream)
            if head.seq == 0:
                return 0
            return self._fire(connection, head, self._state(connection, stream))[2]

    def world(self, connection: Connection, now: str) -> World:
        """The office as a command at this moment would see it."""
        feel = FeelBudget(self._feel, FEEL_SECONDS)
        return World(connection, self._tenant, now, self._clock, feel, self._library, self._job_handlers)

    # -- one stream each --------------------------------------------------------------------------------------------

    def _carry_out(self, connection: Connection, command: c.Command, cause: Cause | None) -> c.Outcome:
        kind = type(command)
        _refuse_references(command)
        if kind in ON_INSTANCE:
            return self._on_instance(connection, command, cause)
        if kind in ON_ACCOUNT:
            return self._on_account(connection, command)
        if isinstance(command, c.StartProcessInstance):
            return self._start(connection, command, cause)
        if isinstance(command, c.CallProcess):
            return self._call(connection, command, cause)
        if isinstance(command, c.TriggerTimer):
            return self._trigger(connection, command)
        if isinstance(command, c.PublishMessage):
            return self._publish(connection, command)
        if isinstance(command, c.DeployDefinition):
            return self._deploy(connection, command)
        if isinstance(command, c.AdoptOrganisation | c.AdoptCatalogue):
            return self._adopt(connection, command)
        if isinstance(command, c.RecordAccess):
            return self._note_access(connection, command)
        raise TypeError(f"expected a command, found {kind.__name__}")

    def _on_instance(self, connection: Connection, command: c.Command, cause: Cause | None) -> c.Outcome:
        place, admit = ON_INSTANCE[type(command)]
        named: str = getattr(command, place)
        instance_id = named if place == "instance_id" else instance_of(named)
        stream = instance_stream(instance_id)
        head = journal.head(connection, self._tenant, stream)
        if head.seq == 0:
            raise NotFound("Berkas proses %(id)s tidak ada.", id=instance_id)
        head, state, fired = self._fire(connection, head, self._state(connection, stream))
        if fired == MOST_FIRED:
            raise _MoreDueError
        world = self.world(connection, self._now(head))
        definition = world.definition(state.definition)
        _refuse_the_excluded(command, state)
        self._refuse_by_state(command, state)
        given = admit(world, state, definition, command)
        return self._execute(world, head, definition, state, command, given, cause)

    def _refuse_by_state(self, command: c.Command, state: State) -> None:
        if state.state in ENDED and not hasattr(command, "task_id"):
            raise Conflict("Berkas proses ini sudah selesai.")
        if state.state is InstanceState.SUSPENDED and type(command) not in WHILE_SUSPENDED:
            raise Suspended("Berkas proses ini sedang ditangguhkan.")

    def _execute(
        self,
        world: World,
        head: StreamHead,
        definition: ExecutableDefinition,
        state: State,
        command: c.Command,
        given: JsonObject,
        cause: Cause | None,
    ) -> c.Outcome:
        result = step(definition, state, given, world.circumstances)
        reported = {text.about: text.text for text in world.free_texts if text.kind == "reported_fault"}
        stored = self._record(
            world,
            head,
            Recorded(
                stream=instance_stream(state.instance_id),
                command_id=command.command_id or "",
                actor=command.actor,
                command=_executed(type(command).__name__, given, result),
                events=result.events,
                definition=definition,
                state=result.state,
                faults={token: text or reported.get(token, "") for token, text in result.faults.items()},
                cause=cause,
            ),
        )
        return _outcome(stored)

    def _start(self, connection: Connection, command: c.StartProcessInstance, cause: Cause | None) -> c.Outcome:
        world = self.world(connection, to_text(self._clock.now()))
        definition, given = instances.start(world, command, is_delivery=cause is not None)
        return self._begin(world, self._clock.new_id(), definition, given, command, cause)

    def _call(self, connection: Connection, command: c.CallProcess, cause: Cause | None) -> c.Outcome:
        world = self.world(connection, to_text(self._clock.now()))
        definition, given = calls.start(world, command)
        return self._begin(world, command.instance_id, definition, given, command, cause)

    def _begin(
        self,
        world: World,
        instance_id: str,
        definition: ExecutableDefinition,
        given: JsonObject,
        command: c.Command,
        cause: Cause | None,
    ) -> c.Outcome:
        result: Step = begin(definition, instance_id, given, world.circumstances)
        stored = self._record(
            world,
            StreamHead(),
            Recorded(
                stream=instance_stream(instance_id),
                command_id=command.command_id or "",
                actor=command.actor,
                command=_executed(type(command).__name__, given, result),
                events=result.events,
                definition=definition,
                state=result.state,
                faults=result.faults,
                cause=cause,
            ),
        )
        return _outcome(stored)

    def _trigger(self, connection: Connection, command: c.TriggerTimer) -> c.Outcome:
        stream = instance_stream(instance_of(command.timer_id))
        head = journal.head(connection, self._tenant, stream)
        if head.seq == 0:
            raise NotFound("Berkas proses %(id)s tidak ada.", id=instance_of(command.timer_id))
        head, _, _ = self._fire(connection, head, self._state(connection, stream))
        return c.Outcome(stream, head.seq, head.at or "", ())

    def _publish(self, connection: Connection, command: c.PublishMessage) -> c.Outcome:
        world = self.world(connection, to_text(self._clock.now()))
        stream = messages.stream(world, command)
        head = journal.head(connection, self._tenant, stream)
        world.now = self._now(head)
        record, events = messages.publish(world, command, self._clock.new_id())
        stored = self._record(world, head, Recorded(stream, command.command_id or "", command.actor, record, events))
        outbox.send_message(connection, self._tenant, stored)
        return _outcome(stored)

    def _deploy(self, connection: Connection, command: c.DeployDefinition) -> c.Outcome:
        world = self.world(connection, to_text(self._clock.now()))
        definition = self._compile(world, command.files)
        stream = f"definition:{definition.key}"
        head = journal.head(connection, self._tenant, stream)
        world.now = self._now(head)
        files = keep_files(connection, self._tenant, command.files)
        record, events = definitions.deploy(world, definition, command, files)
        return _outcome(
            self._record(world, head, Recorded(stream, command.command_id or "", command.actor, record, events))
        )

    def _on_account(self, connection: Connection, command: c.Command) -> c.Outcome:
        account_id: str = command.account_id  # type: ignore[attr-defined]
        stream = f"account:{account_id}"
        head = journal.head(connection, self._tenant, stream)
        world = self.world(connection, self._now(head))
        record, events = ON_ACCOUNT[type(command)](world, command)
        return _outcome(
            self._record(world, head, Recorded(stream, command.command_id or "", command.actor, record, events))
        )

    def _adopt(self, connection: Connection, command: c.AdoptOrganisation | c.AdoptCatalogue) -> c.Outcome:
        stream = "organisation" if isinstance(command, c.AdoptOrganisation) else "catalogue"
        head = journal.head(connection, self._tenant, stream)
        world = self.world(connection, self._now(head))
        if isinstance(command, c.AdoptOrganisation):
            organisation, record, events = office.adopt_organisation(world, command)
            keep_organisation(connection, self._tenant, organisation, world.now, head.seq + 1)
        else:
            catalogue, record, events = office.adopt_catalogue(world, command)
            keep_catalogue(connection, self._tenant, catalogue, world.now, head.seq + 1)
        return _outcome(
            self._record(world, head, Recorded(stream, command.command_id or "", command.actor, record, events))
        )

    def _note_access(self, connection: Connection, command: c.RecordAccess) -> c.Outcome:
        head = journal.head(connection, self._tenant, ACCESS)
        world = self.world(connection, self._now(head))
        viewed = event("personal_data:viewed", subject=command.subject, names=list(command.names))
        record: JsonObject = {"kind": "RecordAccess"}
        return _outcome(
            self._record(world, head, Recorded(ACCESS, command.command_id or "", command.actor, record, [viewed]))
        )

    # -- timers first -----------------------------------------------------------------------------------------------

    def _fire(self, connection: Connection, head: StreamHead, state: State) -> tuple[StreamHead, State, int]:
        """Fire what is due, each timer as its own entry, in due order; returns the new head and state and how many.

        At most MOST_FIRED, so that a cycle which slept for months keeps nobody waiting.
        """
        fired = 0
        while state.state is InstanceState.ACTIVE and fired < MOST_FIRED:
            now = self._now(head)
            due = state.due_timers(now)
            if not due:
                break
            world = self.world(connection, now)
            definition = world.definition(state.definition)
            timer_id = due[0][1]
            given = timers.trigger(world, state, definition, timer_id)
            result = step(definition, state, given, world.circumstances)
            stored = self._record(
                world,
                head,
                Recorded(
                    stream=instance_stream(state.instance_id),
                    command_id=f"timer:{global_id(state.instance_id, timer_id)}",
                    actor=c.SYSTEM,
                    command=_executed("TriggerTimer", given, result),
                    events=result.events,
                    definition=definition,
                    state=result.state,
                    faults=result.faults,
                ),
            )
            head = StreamHead(stored.seq, stored.hash, stored.entry.at)
            state = result.state
            fired += 1
        return head, state, fired

    # -- the record -------------------------------------------------------------------------------------------------

    def _now(self, head: StreamHead) -> str:
        now = to_text(self._clock.now())
        return now if head.at is None else max(head.at, now)

    def _state(self, connection: Connection, stream: str) -> State:
        found = snapshots.load(connection, self._tenant, stream)
        if found is None:
            raise NotFound("Berkas proses %(id)s tidak ada.", id=stream.partition(":")[2])
        return State.from_json(parse_json(found.state))

    def _record(self, world: World, head: StreamHead, what: Recorded) -> journal.StoredEntry:
        connection, tenant = world.connection, self._tenant
        state_bytes = None if what.state is None else canonical_bytes(what.state.to_json())
        organisation = world.organisation
        texts = world.free_texts + [FreeText("incident", text, token) for token, text in (what.faults or {}).items()]
        sealed = [SealedText(text, self._clock.salt()) for text in texts]
        seals: JsonObject = {"texts": [text.commitment for text in sealed]} if sealed else {}
        entry = JournalEntry(
            tenant=tenant,
            stream=what.stream,
            at=world.now,
            actor={key: value for key, value in asdict(what.actor).items() if value is not None},
            command_id=what.command_id,
            command=what.command | seals,
            events=what.events,
            semantics=CURRENT,
            state=None if state_bytes is None else hashlib.sha256(state_bytes).hexdigest(),
            cause=what.cause,
            definition=None if what.definition is None else what.definition.hash,
            organisation=None if organisation is None else organisation.hash,
        )
        stored = journal.append(connection, entry, head)
        applied = appliers.Entry(
            tenant, what.stream, stored.seq, entry.at, what.actor.account, what.definition, what.faults or {}
        )
        appliers.apply(connection, applied, what.events)
        if state_bytes is not None:
            snapshots.save(connection, tenant, what.stream, stored.seq, state_bytes)
        self._keep_beside(world, what, stored.seq, sealed)
        outbox.deliver_buffered(connection, tenant, stored)
        outbox.send_calls(connection, tenant, stored)
        if what.state is not None and what.state.caller is not None and what.state.state in ENDED:
            outbox.report_end(connection, tenant, stored, what.state.caller, what.state.scopes[ROOT].variables)
        return stored

    def _keep_beside(self, world: World, what: Recorded, seq: int, sealed: list[SealedText]) -> None:
        kept: list[PersonalValue] = world.personal
        for value in kept:
            personal.keep(world.connection, self._tenant, what.stream, value.commitment, value.value, value.salt)
        free_texts.keep(world.connection, self._tenant, what.stream, seq, sealed)
        world.personal.clear()
        world.free_texts.clear()


class _MoreDueError(Exception):
    """More timers are due than one transaction fires."""


def _repeated(stored: journal.StoredEntry, command: c.Command) -> c.Outcome:
    """The first answer again, for the same account's same kind of command; raises Conflict for any other."""
    if stored.entry.actor["account"] != command.actor.account or stored.entry.kind != type(command).__name__:
        raise Conflict("Nomor perintah %(id)s sudah dipakai.", id=stored.entry.command_id)
    return _outcome(stored, repeated=True)


def _refuse_reserved_id(command: c.Command) -> None:
    """Ids with a colon are the engine's own (`timer:…`, `delivery:…`): who took one first would stop that very act."""
    given = command.command_id
    if given is None or command.actor.door == "engine" or isinstance(command, c.RecordAccess):
        return
    if ":" in given or len(given) > LONGEST_COMMAND_ID:
        raise InvalidInput("Nomor perintah %(id)s tidak dapat diterima.", id=given[:LONGEST_COMMAND_ID])


def _refuse_the_excluded(command: c.Command, state: State) -> None:
    """One answer for those from whom the instance is kept, whatever they try: several would tell how it stands.

    Only who still holds a task of it hears about that task.
    """
    if command.actor.door == "engine" or command.actor.account not in state.excluded:
        return
    token = state.tokens.get(local_id(getattr(command, "task_id", "")))
    if token is None or token.work is None or token.work.assignee != command.actor.account:
        raise NotPermitted("Berkas proses ini tidak dapat Anda lihat.")


def _refuse_references(command: c.Command) -> None:
    """A stand-in for a personal value comes from the engine alone: nobody else may point at someone's value."""
    if command.actor.door == "engine":
        return
    for given in ("variables", "values"):
        for name, value in getattr(command, given, {}).items():
            if holds_personal(value):
                raise InvalidInput("Nilai %(name)s tidak dapat diterima.", name=name)


def _executed(kind: str, given: JsonObject, result: Step) -> JsonObject:
    """What the record says of a command: with what it was executed, and what was cut off on the way."""
    return {"kind": kind, "given": given} | ({"stops": result.stops} if result.stops else {})


def _outcome(stored: journal.StoredEntry, *, repeated: bool = False) -> c.Outcome:
    return c.Outcome(stored.entry.stream, stored.seq, stored.entry.at, tuple(stored.entry.events), repeated)
