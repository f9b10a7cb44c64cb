"""Carries out what waits: due timers, scheduled openings, deliveries, jobs.  One act at a time, each its own command.

What goes wrong with one backs off and blocks nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine import commands as c
from engine.clock import Clock, from_text, to_text
from engine.definition.organisation import Organisation, ScheduledOpening
from engine.errors import CommandRejected, Conflict, JobFailed, NotFound, PrimaError, Suspended
from engine.ids import instance_of, local_id
from engine.runtime.dispatcher import Dispatcher
from engine.runtime.handlers.jobs import job_of
from engine.runtime.job_contract import BpmnError, Job, JobHandler
from engine.runtime.state import State
from engine.store import backoff, journal, outbox, queries, snapshots
from engine.store.definitions import DefinitionLibrary
from engine.store.journal import Cause
from engine.store.outbox import Delivery
from engine.store.session import Connection, Database
from engine.values import JsonObject, parse_json

log = logging.getLogger(__name__)

BATCH = 50
DELIVERED: Mapping[str, type[c.Command]] = {
    kind.__name__: kind
    for kind in (
        c.StartProcessInstance,
        c.CorrelateMessage,
        c.CallProcess,
        c.CompleteCall,
        c.FailCall,
        c.CancelProcessInstance,
    )
}
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
SCHEDULE_LOOKBACK = timedelta(days=3)  # openings that fell due while the server was down are made up for


class Carrier:
    """Does what is due; safe to call from the runner and from the command line at once."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        library: DefinitionLibrary,
        dispatcher: Dispatcher,
        job_handlers: Mapping[str, JobHandler],
        *,
        tenant: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._library = library
        self._dispatcher = dispatcher
        self._handlers = job_handlers
        self._tenant = tenant
        self._opened: set[str] = set()  # openings known to be in the journal, so that it is not asked at every commit

    def run(self, limit: int) -> int:
        """Act until nothing is due now, or `limit` acts are done; returns their number."""
        done = 0
        while done < limit:
            acts = self._timers() + self._openings() + self._deliveries() + self._jobs()
            if acts == 0:
                break
            done += acts
        return done

    def next_due(self) -> datetime | None:
        """The earliest moment at which there will be something to do."""
        with self._database.read() as connection:
            waiting = [
                queries.next_timer_due(connection, self._tenant, to_text(self._clock.now())),
                queries.next_job_due(connection, self._tenant),
                outbox.next_due(connection, self._tenant),
            ]
            organisation = self._library.organisation(connection, self._tenant)
        moments = [from_text(text) for text in waiting if text]
        opening = self._next_opening(organisation)
        return min([*moments, *([opening] if opening else [])], default=None)

    # -- timers -----------------------------------------------------------------------------------------------------

    def _timers(self) -> int:
        now = to_text(self._clock.now())
        with self._database.read() as connection:
            waiting = queries.instances_with_due_timers(connection, self._tenant, now, BATCH)
        fired = 0
        for instance_id in waiting:
            try:
                fired += self._dispatcher.fire_due(instance_id)
            except Exception:  # one bad timer must not stop the others
                log.exception("firing timers failed", extra={"action": "fire_timers", "instance": instance_id})
                with self._database.write() as connection:
                    attempts = backoff.timer_attempts(connection, self._tenant, instance_id)
                    backoff.postpone_timers(connection, self._tenant, instance_id, self._later(attempts))
        return fired

    # -- the schedule -----------------------------------------------------------------------------------------------

    def _openings(self) -> int:
        now = self._clock.now()
        with self._database.read() as connection:
            organisation = self._library.organisation(connection, self._tenant)
            since = queries.organisation_since(connection, self._tenant)
            if organisation is None or since is None or not organisation.schedule:
                return 0
            due = [
                opening
                for opening in self._openings_between(organisation, max(now - SCHEDULE_LOOKBACK, from_text(since)), now)
                if not self._is_open(connection, opening)
                and queries.effective_definition(connection, self._tenant, opening.process, to_text(now)) is not None
            ]
        return sum(self._open(opening) for opening in due)

    def _is_open(self, connection: Connection, opening: ScheduledOpening) -> bool:
        if opening.key not in self._opened:
            if journal.find_command(connection, self._tenant, f"schedule:{opening.key}") is None:
                return False
            self._opened.add(opening.key)
        return True

    def _open(self, opening: ScheduledOpening) -> bool:
        command = c.StartProcessInstance(
            actor=c.SYSTEM,
            command_id=f"schedule:{opening.key}",
            key=opening.process,
            start_event=opening.start_event,
            variables=dict(opening.values),
        )
        try:
            self._dispatcher.handle(command)
        except CommandRejected as rejected:  # the schedule does not fit the start form: the others still open
            log.warning("opening rejected: %s", rejected, extra={"action": "open", "opening": opening.key})
            return False
        return True

    def _openings_between(
        self, organisation: Organisation, first: datetime, last: datetime
    ) -> Iterator[ScheduledOpening]:
        zone = ZoneInfo(organisation.zone)
        day, end = first.astimezone(zone).date(), last.astimezone(zone).date()
        while day <= end:
            yield from (item for item in organisation.scheduled_openings(day) if first <= item.due <= last)
            day += timedelta(days=1)

    def _next_opening(self, organisation: Organisation | None) -> datetime | None:
        if organisation is None or not organisation.schedule:
            return None
        now = self._clock.now()
        upcoming = self._openings_between(organisation, now + timedelta(microseconds=1), now + timedelta(days=14))
        return next((opening.due for opening in upcoming), None)

    # -- deliveries -------------------------------------------------------------------------------------------------

    def _deliveries(self) -> int:
        now = to_text(self._clock.now())
        with self._database.read() as connection:
            waiting = outbox.due(connection, self._tenant, now, BATCH)
            expired = outbox.has_expired(connection, self._tenant, now)
        if expired:
            with self._database.write() as connection:
                outbox.forget_expired(connection, self._tenant, now)
        for delivery in waiting:
            self._deliver(delivery)
        return len(waiting)

    def _deliver(self, delivery: Delivery) -> None:
        cause = Cause(delivery.cause_stream, delivery.cause_seq)
        try:
            self._dispatcher.handle(_command_of(delivery), cause=cause, delivery=delivery.id)
        except Suspended as waiting:
            self._postpone(delivery, waiting)
        except CommandRejected as rejected:
            self._give_up(delivery, rejected)
        except Exception as error:  # nothing is lost: it is kept and tried again, and the others are delivered
            log.exception("delivery failed", extra={"action": "deliver", "delivery": delivery.id})
            self._postpone(delivery, error)

    def _give_up(self, delivery: Delivery, rejected: CommandRejected) -> None:
        """A call that cannot be made is an incident of the caller; a message that nobody awaits any more is over."""
        if delivery.command["kind"] == "CallProcess":
            failed = c.FailCall(
                actor=c.SYSTEM,
                command_id=f"delivery:{delivery.id}:failed",
                call_id=delivery.command["call_id"],
                detail=str(rejected),
            )
            try:
                self._dispatcher.handle(failed, delivery=delivery.id)
            except CommandRejected as gone:
                rejected = gone
            else:
                return
        if isinstance(rejected, NotFound | Conflict):
            log.info("nobody waits any more: %s", rejected, extra={"action": "deliver", "delivery": delivery.id})
            with self._database.write() as connection:
                outbox.delivered(connection, self._tenant, delivery.id)
        else:
            log.error("delivery rejected: %s", rejected, extra={"action": "deliver", "delivery": delivery.id})
            self._postpone(delivery, rejected)

    def _postpone(self, delivery: Delivery, error: Exception) -> None:
        with self._database.write() as connection:
            outbox.postpone(connection, self._tenant, delivery.id, self._later(delivery.attempts + 1), str(error))

    # -- jobs -------------------------------------------------------------------------------------------------------

    def _jobs(self) -> int:
        now = to_text(self._clock.now())
        with self._database.read() as connection:
            waiting = queries.open_jobs(connection, self._tenant, now, BATCH)
        for job_id, attempt in waiting:
            try:
                self._carry_out(job_id, attempt)
            except CommandRejected as rejected:
                log.info("job report rejected: %s", rejected, extra={"action": "job", "job": job_id})
        return len(waiting)

    def _carry_out(self, job_id: str, attempt: int) -> None:
        job = self._job(job_id, attempt)
        if job is None:
            return
        handler = self._handlers.get(job.type)
        report: c.Command
        same: dict[str, Any] = {"actor": c.SYSTEM, "job_id": job_id, "attempt": attempt}
        try:
            if handler is None:
                raise JobFailed(f"Pekerjaan jenis {job.type!r} tidak punya pelaksana.", retry=False)
            report = c.CompleteJob(variables=dict(handler.perform(job)), **same)
        except BpmnError as error:
            report = c.ThrowJobError(code=error.code, **same)
        except JobFailed as failed:
            report = c.FailJob(detail=failed.detail, retry=failed.retry, **same)
        except Exception as error:  # a handler's own mistake is the job's failure
            log.exception("job handler failed", extra={"action": "job", "job": job_id})
            report = c.FailJob(detail=f"{type(error).__name__}: {error}", **same)
        try:
            self._dispatcher.handle(report)
        except PrimaError as error:
            if isinstance(error, CommandRejected) and error.http_status != 422:
                raise
            self._dispatcher.handle(c.FailJob(detail=str(error), retry=False, **same))

    def _job(self, job_id: str, attempt: int) -> Job | None:
        with self._database.read() as connection:
            found = snapshots.load(connection, self._tenant, f"instance:{instance_of(job_id)}")
            if found is None:
                return None
            state = State.from_json(parse_json(found.state))
            token = state.tokens.get(local_id(job_id))
            if token is None or token.attempt != attempt:
                return None
            world = self._dispatcher.world(connection, to_text(self._clock.now()))
            return job_of(world, state, world.definition(state.definition), token)

    def _later(self, attempt: int) -> str:
        pause = min(FIRST_PAUSE * 2 ** min(attempt, 12), LONGEST_PAUSE)
        return to_text(self._clock.now() + pause)


def _command_of(delivery: Delivery) -> c.Command:
    given: JsonObject = {key: value for key, value in delivery.command.items() if key != "kind"}
    kind = DELIVERED[delivery.command["kind"]]
    return kind(actor=c.SYSTEM, command_id=f"delivery:{delivery.id}", **given)
