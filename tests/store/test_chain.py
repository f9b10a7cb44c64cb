"""Verification: whatever was done to the record behind the engine's back is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from engine.store import journal
from engine.store.encoding import GENESIS, chain_hash, deflate, inflate
from engine.store.journal import ChainBreak, verify_chain
from engine.store.session import Database
from engine.store.tables import journal as rows
from engine.store.tables import sequence_number, stream_head
from engine.values import canonical_bytes, parse_json
from tests.store.samples import FIRST_HASH, OFFICE, STREAM, entry, tampering

OTHER = "process_instance/b"


def _second(connection: Connection) -> dict[str, Any]:
    return dict(connection.execute(select(rows).where(rows.c.position == 3)).one()._mapping)


def _set(connection: Connection, **values: Any) -> None:
    connection.execute(update(rows).where(rows.c.position == 3).values(values))


def _rewritten(connection: Connection, **changes: Any) -> bytes:
    return deflate(canonical_bytes(parse_json(inflate(_second(connection)["body"])) | changes))


class ChainContract:
    """What verification sees on every database."""

    @pytest.fixture
    def recorded(self, database: Database) -> Database:
        """Four entries of one stream at positions 1, 3, 5, 6 and two of another at 2, 4."""
        order = [(1, STREAM), (1, OTHER), (2, STREAM), (2, OTHER), (3, STREAM), (4, STREAM)]
        with database.write() as connection:
            for number, stream in order:
                journal.append(connection, entry(number, stream))
            journal.append(connection, entry(1, "x", tenant="kantor lain", command_id="x"))
        return database

    def test_an_untouched_journal_is_sound(self, recorded: Database) -> None:
        with recorded.read() as connection:
            report = verify_chain(connection, OFFICE)
            assert verify_chain(connection, "kantor lain").is_sound
            assert verify_chain(connection, "tak dikenal").entries == 0
        assert (report.is_sound, report.first) == (True, None)
        assert (report.entries, report.streams) == (6, 2)

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("at", "2026-11-23T02:45:00.000000Z"),
            ("actor", "kepala"),
            ("command_id", "lain"),
            ("kind", "ClaimUserTask"),
            ("cause_stream", "message/lain"),
            ("cause_stream", None),
            ("cause_seq", 4),
            ("semantics", 2),
        ],
    )
    def test_a_column_that_disagrees_with_its_body_is_named(
        self, recorded: Database, column: str, value: object
    ) -> None:
        with tampering(recorded) as connection:
            was = _second(connection)[column]
            _set(connection, **{column: value})
        with recorded.read() as connection:
            report = verify_chain(connection, OFFICE)
        assert report.breaks == (ChainBreak(STREAM, 2, 3, f"column {column}", str(was), str(value)),)

    @pytest.mark.parametrize(
        ("tamper", "first"),
        [
            (lambda c: _set(c, body=_rewritten(c, at="2026-11-23T02:31:00.000000Z")), (STREAM, 2, "hash")),
            (lambda c: _set(c, body=_rewritten(c, tenant="kantor lain")), (STREAM, 2, "hash")),
            (lambda c: _set(c, body=b"bukan zlib"), (STREAM, 2, "body")),
            (lambda c: _set(c, body=deflate(b"bukan json")), (STREAM, 2, "body")),
            (lambda c: _set(c, body=deflate(b'{"format":1}')), (STREAM, 2, "body")),
            (lambda c: _set(c, hash="f" * 64), (STREAM, 2, "hash")),
            (lambda c: _set(c, hash="bukan hash"), (STREAM, 2, "hash")),
            (lambda c: _set(c, prev_hash=GENESIS), (STREAM, 2, "prev_hash")),
            (lambda c: _set(c, seq=7), (STREAM, 7, "seq")),
            (lambda c: _set(c, stream="process_instance/c"), ("process_instance/c", 2, "seq")),
            (lambda c: _set(c, at="2026-11-20T02:30:00.000000Z"), (STREAM, 2, "time")),
            (lambda c: c.execute(delete(rows).where(rows.c.position == 3)), (OTHER, 2, "position")),
            (lambda c: c.execute(delete(rows).where(rows.c.position == 6)), (STREAM, 4, "head")),
            (lambda c: c.execute(delete(rows).where(rows.c.position == 1)), (OTHER, 1, "position")),
            (lambda c: c.execute(update(stream_head).values(seq=9)), (STREAM, 9, "head")),
            (lambda c: c.execute(update(stream_head).values(at="")), (STREAM, 4, "head")),
            (lambda c: c.execute(delete(stream_head).where(stream_head.c.stream == OTHER)), (OTHER, 2, "head")),
            (lambda c: c.execute(update(sequence_number).values(value=7)), ("", 0, "last position")),
        ],
        ids=[
            "body rewritten",
            "body of another office",
            "body no longer deflated",
            "body no longer JSON",
            "body without its fields",
            "hash changed",
            "hash unreadable",
            "previous hash changed",
            "sequence number changed",
            "moved to another stream",
            "time before the one before",
            "entry deleted",
            "last entry deleted",
            "first entry deleted",
            "head moved on",
            "head without time",
            "head deleted",
            "counter moved on",
        ],
    )
    def test_the_first_break_is_named(
        self, recorded: Database, tamper: Callable[[Connection], object], first: tuple[str, int, str]
    ) -> None:
        with tampering(recorded) as connection:
            tamper(connection)
        with recorded.read() as connection:
            report = verify_chain(connection, OFFICE)
        assert report.first is not None
        assert (report.first.stream, report.first.seq, report.first.what) == first
        assert not report.is_sound

    def test_a_body_rewritten_with_its_hash_breaks_the_next_entry(self, recorded: Database) -> None:
        with tampering(recorded) as connection:
            body = _rewritten(connection, events=[])
            _set(connection, body=body, hash=chain_hash(_second(connection)["prev_hash"], inflate(body)))
        with recorded.read() as connection:
            first = verify_chain(connection, OFFICE).first
        assert first is not None
        assert (first.stream, first.seq, first.what) == (STREAM, 3, "prev_hash")

    def test_a_time_that_goes_backwards_is_noticed_even_when_all_hashes_fit(self, recorded: Database) -> None:
        early = "2026-11-20T02:30:00.000000Z"
        with tampering(recorded) as connection:
            last = connection.execute(select(rows).where(rows.c.position == 6)).one()
            body = canonical_bytes(parse_json(inflate(last.body)) | {"at": early})
            forged = {"at": early, "hash": chain_hash(last.prev_hash, body)}
            connection.execute(update(rows).where(rows.c.position == 6).values(body=deflate(body), **forged))
            connection.execute(update(stream_head).where(stream_head.c.stream == STREAM).values(forged))
        with recorded.read() as connection:
            breaks = verify_chain(connection, OFFICE).breaks
        assert breaks == (ChainBreak(STREAM, 4, 6, "time", f"not before {entry(3).at}", early),)

    def test_two_entries_that_changed_places_are_noticed(self, recorded: Database) -> None:
        with tampering(recorded) as connection:
            second, third = (
                dict(connection.execute(select(rows).where(rows.c.position == position)).one()._mapping)
                for position in (3, 5)
            )
            connection.execute(delete(rows).where(rows.c.position.in_([3, 5])))
            swapped = {"position", "seq"}
            for one, other in ((second, third), (third, second)):
                connection.execute(insert(rows), {**one, **{name: other[name] for name in swapped}})
        with recorded.read() as connection:
            first = verify_chain(connection, OFFICE).first
        assert first is not None
        assert (first.position, first.what) == (3, "prev_hash")

    def test_a_wrecked_journal_is_reported_shortly(self, recorded: Database) -> None:
        with tampering(recorded) as connection:
            for number in range(5, 40):
                journal.append(connection, entry(number))
            connection.execute(update(rows).values(actor="x", kind="y", semantics=9, hash="0" * 64))
        with recorded.read() as connection:
            report = verify_chain(connection, OFFICE)
        assert len(report.breaks) == 100
        assert str(report.first) == f"{STREAM} 1 (position 1): expected hash {FIRST_HASH}, found {'0' * 64}"


class TestChainOnSqlite(ChainContract):
    @pytest.fixture
    def database(self, sqlite_database: Database) -> Database:
        return sqlite_database


class TestChainOnPostgresql(ChainContract):
    @pytest.fixture
    def database(self, postgresql_database: Database) -> Database:
        return postgresql_database
