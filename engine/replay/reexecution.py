"""Do the recorded commands, executed again, give the recorded events and state hashes?

Each step goes through save and load, as it does live.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from engine.definition.feel import FeelEngine
from engine.definition.organisation import Organisation
from engine.errors import PrimaError
from engine.replay.report import Report
from engine.runtime.execution import BusinessTime, Circumstances, Step, Stops, begin, step
from engine.runtime.state import State
from engine.runtime.world import DEFAULT_ZONE
from engine.semantics import RUNNABLE
from engine.store import journal, queries
from engine.store.definitions import DefinitionLibrary, changed_contents
from engine.store.journal import StoredEntry
from engine.store.session import Connection, Database
from engine.values import JsonObject, canonical_bytes, parse_json

NO_CALENDARS: dict[str, BusinessTime] = {}


def replay(
    database: Database, library: DefinitionLibrary, feel: FeelEngine, tenant: str, instance_id: str | None
) -> Report:
    """Re-execute one instance, or every one; the first divergence of each is named."""
    report = Report("replay")
    with database.read() as connection:
        changed = changed_contents(connection, tenant)
        for stream in _streams(connection, tenant, instance_id):
            found = _replay_stream(connection, library, feel, tenant, stream, report, changed)
            if found is not None:
                report.problems.append(found)
    report.notes.append(f"{report.checked} commands re-executed")
    return report


def _streams(connection: Connection, tenant: str, instance_id: str | None) -> Iterator[str]:
    if instance_id is not None:
        yield f"instance:{instance_id}"
    else:
        yield from (f"instance:{found}" for found in queries.instance_ids(connection, tenant))


def _replay_stream(
    connection: Connection,
    library: DefinitionLibrary,
    feel: FeelEngine,
    tenant: str,
    stream: str,
    report: Report,
    changed: Mapping[str, str],
) -> str | None:
    state_bytes: bytes | None = None
    for stored in journal.read(connection, tenant, stream):
        place = f"{stream} {stored.seq} ({stored.entry.kind})"
        if stored.entry.semantics not in RUNNABLE:
            report.notes.append(f"{place}: not re-executable here (semantics {stored.entry.semantics})")
            return None
        for named in (stored.entry.definition, stored.entry.organisation):
            if named is not None and named in changed:
                return f"{place}: {changed[named]}"
        try:
            result = _again(connection, library, feel, tenant, stored, state_bytes)
        except (PrimaError, KeyError, ValueError) as error:
            return f"{place}: expected the recorded events, found {type(error).__name__}: {error}"
        difference = _difference(stored, result)
        if difference is not None:
            return f"{place}: {difference}"
        state_bytes = canonical_bytes(result.state.to_json())
        report.checked += 1
    return None if state_bytes is not None else f"{stream}: expected entries, found none"


def _again(
    connection: Connection,
    library: DefinitionLibrary,
    feel: FeelEngine,
    tenant: str,
    stored: StoredEntry,
    state_bytes: bytes | None,
) -> Step:
    entry = stored.entry
    definition = library.by_hash(connection, tenant, entry.definition or "")
    organisation: Organisation | None = None
    if entry.organisation is not None:
        organisation = library.organisation_by_hash(connection, tenant, entry.organisation)
    zone = organisation.zone if organisation else DEFAULT_ZONE
    calendars = organisation.calendars if organisation else NO_CALENDARS
    around = Circumstances(entry.at, zone, feel, calendars, Stops(frozenset(entry.command.get("stops", ()))))
    given: JsonObject = entry.command["given"]
    if state_bytes is None:
        return begin(definition, entry.stream.partition(":")[2], given, around)
    return step(definition, State.from_json(parse_json(state_bytes)), given, around)


def _difference(stored: StoredEntry, result: Step) -> str | None:
    recorded = stored.entry.events
    again = parse_json(canonical_bytes(result.events))
    for number, (expected, found) in enumerate(zip(recorded, again, strict=False)):
        if expected != found:
            return f"event {number + 1}: expected {expected}, found {found}"
    if len(recorded) != len(again):
        return f"expected {len(recorded)} events, found {len(again)}"
    hash_ = hashlib.sha256(canonical_bytes(result.state.to_json())).hexdigest()
    return None if hash_ == stored.entry.state else f"expected state {stored.entry.state}, found {hash_}"
