"""Is the record whole, and are the live rows what it says?

The rows are rebuilt by the same appliers into an empty database of the same schema, and compared table by table.
What is kept beside the journal is held against the hashes in it.
"""

from __future__ import annotations

from itertools import chain as chain_of
from itertools import islice

from engine.errors import PrimaError
from engine.replay.report import Report
from engine.store import appliers, free_texts, journal
from engine.store.beside import Bound, contradictions
from engine.store.definitions import DefinitionLibrary, changed_contents
from engine.store.derived import DERIVED, differences
from engine.store.scratch import scratch_database
from engine.store.session import Connection, Database

MOST_DIFFERENCES = 20


def verify(database: Database, library: DefinitionLibrary, tenant: str) -> Report:
    """The chain of every stream is intact, and the rows are those that the journal gives."""
    report = Report("verify")
    with database.read() as connection:
        chain = journal.verify_chain(connection, tenant)
        report.checked = chain.entries
        report.problems += [str(item) for item in chain.breaks]
        report.problems += changed_contents(connection, tenant).values()
        if report.problems:
            return report
        with scratch_database() as scratch, scratch.write() as rebuilt:
            try:
                bound = _rebuild(connection, rebuilt, library, tenant)
            except PrimaError as error:  # a definition that the record names is gone
                report.problems.append(str(error))
                return report
            found = chain_of(differences(connection, rebuilt, tenant), contradictions(connection, tenant, bound))
            report.problems += islice(found, MOST_DIFFERENCES)
    report.notes.append(f"{chain.entries} entries in {chain.streams} streams; rows of {len(DERIVED)} tables rebuilt")
    return report


def _rebuild(source: Connection, target: Connection, library: DefinitionLibrary, tenant: str) -> Bound:
    bound = Bound()
    for stored in journal.read_all(source, tenant):
        entry = stored.entry
        definition = library.by_hash(source, tenant, entry.definition) if entry.definition else None
        texts = free_texts.of_entry(source, tenant, entry.stream, stored.seq) if _may_fail(stored) else []
        faults = {text.about: text.text for text in texts if text.kind == "incident"}
        place = appliers.Entry(tenant, entry.stream, stored.seq, entry.at, entry.actor["account"], definition, faults)
        appliers.apply(target, place, entry.events)
        bound.note(stored)
    return bound


def _may_fail(stored: journal.StoredEntry) -> bool:
    return any(event["event"] == "incident:raised" for event in stored.entry.events)
