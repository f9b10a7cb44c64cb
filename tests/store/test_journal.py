"""The journal: what is appended stays, in order, once."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.errors import StoreError
from engine.store import journal
from engine.store.dictionaries import DICTIONARIES
from engine.store.encoding import GENESIS, chain_hash, deflate, inflate
from engine.store.journal import StreamHead
from engine.store.session import Database
from engine.store.tables import journal as journal_table
from engine.values import canonical_bytes
from tests.store.samples import FIRST_HASH, OFFICE, STREAM, entry


class JournalContract:
    """What the journal does on every database."""

    def test_an_appended_entry_reads_back_the_same(self, database: Database) -> None:
        with database.write() as connection:
            stored = journal.append(connection, entry(1))
        with database.read() as connection:
            assert list(journal.read(connection, OFFICE, STREAM)) == [stored]
            assert list(journal.read_all(connection, OFFICE)) == [stored]
            assert journal.find_command(connection, OFFICE, f"{STREAM}:1") == stored
        assert stored.entry == entry(1)
        assert (stored.seq, stored.position, stored.prev_hash) == (1, 1, GENESIS)

    def test_sequence_numbers_count_in_a_stream_and_positions_in_the_office(self, database: Database) -> None:
        with database.write() as connection:
            stored = [journal.append(connection, entry(number, stream)) for number in (1, 2) for stream in ("a", "b")]
            elsewhere = journal.append(connection, entry(1, "a", tenant="lain", command_id="lain"))
        assert [(each.entry.stream, each.seq, each.position) for each in stored] == [
            ("a", 1, 1),
            ("b", 1, 2),
            ("a", 2, 3),
            ("b", 2, 4),
        ]
        assert (elsewhere.seq, elsewhere.position) == (1, 1)

    def test_reading_goes_on_after_what_is_known(self, database: Database) -> None:
        with database.write() as connection:
            for number in range(1, 1_202):
                journal.append(connection, entry(1, command_id=str(number)))
            journal.append(connection, entry(1, "lain"))
        with database.read() as connection:
            assert [each.seq for each in journal.read(connection, OFFICE, STREAM, 1_199)] == [1_200, 1_201]
            assert [each.seq for each in journal.read(connection, OFFICE, STREAM)] == list(range(1, 1_202))
            assert [each.entry.stream for each in journal.read_all(connection, OFFICE, 1_200)] == [STREAM, "lain"]

    def test_each_entry_is_chained_to_the_one_before_in_its_stream(self, database: Database) -> None:
        with database.write() as connection:
            first = journal.append(connection, entry(1))
            journal.append(connection, entry(1, "lain"))
            second = journal.append(connection, entry(2), journal.head(connection, OFFICE, STREAM))
            bodies = connection.execute(select(journal_table.c.body).order_by(journal_table.c.position)).scalars().all()
        assert second.prev_hash == first.hash
        assert second.hash == hashlib.sha256(bytes.fromhex(first.hash) + inflate(bodies[2])).hexdigest()

    def test_the_head_moves_with_the_stream(self, database: Database) -> None:
        with database.write() as connection:
            assert journal.head(connection, OFFICE, STREAM) == StreamHead(0, GENESIS, None)
            stored = journal.append(connection, entry(1))
            assert journal.head(connection, OFFICE, STREAM) == StreamHead(1, stored.hash, entry(1).at)
        with database.read() as connection:
            assert journal.head(connection, OFFICE, STREAM, lock=False).seq == 1

    def test_a_command_id_is_recorded_once_in_an_office(self, database: Database) -> None:
        with database.write() as connection:
            first = journal.append(connection, entry(1))
        with pytest.raises(IntegrityError), database.write() as connection:
            journal.append(connection, entry(1, "lain", command_id=first.entry.command_id))
        with database.write() as connection:
            journal.append(connection, entry(1, tenant="lain", command_id=first.entry.command_id))
            assert journal.find_command(connection, OFFICE, first.entry.command_id) == first
            assert journal.find_command(connection, OFFICE, "lain") is None
            assert journal.append(connection, entry(2)).position == 2

    def test_an_entry_before_the_last_of_its_stream_is_refused(self, database: Database) -> None:
        with database.write() as connection:
            journal.append(connection, entry(2))
            journal.append(connection, entry(1, "lain"))
            with pytest.raises(ValueError, match=f"backwards in {STREAM}: it stands at {entry(2).at}"):
                journal.append(connection, entry(1))

    @pytest.mark.parametrize(
        "statement",
        [
            update(journal_table).values(actor="orang lain"),
            update(journal_table).where(journal_table.c.position == 1).values(body=b""),
            delete(journal_table),
            delete(journal_table).where(journal_table.c.position == 2),
        ],
        ids=["update all", "update one", "delete all", "delete one"],
    )
    def test_an_entry_can_be_neither_changed_nor_deleted(self, database: Database, statement: object) -> None:
        with database.write() as connection:
            stored = [journal.append(connection, entry(number)) for number in (1, 2)]
        with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
            connection.execute(statement)  # type: ignore[call-overload]
        with database.read() as connection:
            assert list(journal.read_all(connection, OFFICE)) == stored

    def test_an_uncommitted_entry_leaves_no_trace(self, database: Database) -> None:
        def append_and_fail() -> None:
            with database.write() as connection:
                journal.append(connection, entry(1))
                raise KeyError("anything")

        with pytest.raises(KeyError):
            append_and_fail()
        with database.write() as connection:
            assert journal.head(connection, OFFICE, STREAM).seq == 0
            assert journal.append(connection, entry(2)).position == 1

    def test_the_same_entry_has_the_same_hash_on_every_database_and_in_every_release(self, database: Database) -> None:
        with database.write() as connection:
            stored = journal.append(connection, entry(1))
        assert stored.hash == FIRST_HASH


class TestJournalOnSqlite(JournalContract):
    @pytest.fixture
    def database(self, sqlite_database: Database) -> Database:
        return sqlite_database

    def test_an_entry_cannot_be_replaced(self, database: Database) -> None:
        with database.write() as connection:
            stored = journal.append(connection, entry(1))
        replacing = (
            insert(journal_table)
            .prefix_with("OR REPLACE")
            .from_select(list(journal_table.columns), select(journal_table))
        )
        with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
            connection.execute(replacing)
        with database.read() as connection:
            assert list(journal.read_all(connection, OFFICE)) == [stored]


class TestJournalOnPostgresql(JournalContract):
    @pytest.fixture
    def database(self, postgresql_database: Database) -> Database:
        return postgresql_database

    def test_the_journal_cannot_be_truncated(self, database: Database) -> None:
        with database.write() as connection:
            journal.append(connection, entry(1))
        with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
            connection.execute(text("TRUNCATE journal"))
        with database.read() as connection:
            assert connection.execute(select(func.count()).select_from(journal_table)).scalar_one() == 1


def test_the_dictionaries_are_the_released_ones() -> None:
    digests = {number: hashlib.sha256(text_).hexdigest() for number, text_ in DICTIONARIES.items()}
    assert digests == {1: "94b27d4ac1c70ce6e3f18b33c0a686869710d5a5adb3f5a5064fd622efcd56df"}


def test_a_body_is_stored_in_a_third_of_its_bytes() -> None:
    body = canonical_bytes(
        {
            "events": [
                {"event": "flow_node:entered", "id": f"Tugas_{letter}.1", "scope": ""} for letter in "abcdefghijkl"
            ]
        }
    )
    assert inflate(deflate(body)) == body
    assert len(deflate(body)) < len(body) / 3


def test_every_flipped_bit_of_a_stored_body_is_noticed() -> None:
    body = canonical_bytes({"events": [{"event": "variables:set", "values": {"nama": "Sari", "umur": 41}}]})
    stored, expected = deflate(body), chain_hash(GENESIS, body)
    for place in range(len(stored) * 8):
        damaged = bytearray(stored)
        damaged[place // 8] ^= 1 << place % 8
        try:
            read = inflate(bytes(damaged))
        except StoreError:
            continue
        assert chain_hash(GENESIS, read) == expected, f"bit {place} changed the body unnoticed"


@pytest.mark.parametrize("cut", [1, 7])
def test_a_body_cut_short_or_continued_is_refused(cut: int) -> None:
    stored = deflate(b'{"format":1}')
    with pytest.raises(StoreError, match="damaged"):
        inflate(stored[:-cut])
    with pytest.raises(StoreError, match="damaged"):
        inflate(stored + b"x" * cut)


def test_a_body_with_an_unknown_dictionary_is_called_newer() -> None:
    with pytest.raises(StoreError, match="newer Prima"):
        inflate(deflate(b"{}")[:2] + b"\0\0\0\0" + deflate(b"{}")[6:])


def test_the_kind_is_the_commands_name() -> None:
    assert entry(1).kind == "CompleteUserTask"
    assert replace(entry(1), command={"kind": "ClaimUserTask"}).kind == "ClaimUserTask"
