"""Personal values: committed to, revealed, erased for good."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.store.personal import commit_value, commitment_of, erase, erase_stream, erased, reveal
from engine.store.session import Database
from engine.store.tables import personal_value
from tests.store.samples import OFFICE, STREAM

SALTS = [bytes([number]) * 32 for number in range(8)]
AT = "2026-11-23T07:30:00.000000Z"


class PersonalContract:
    """What happens to personal values on every database."""

    def test_a_commitment_is_the_hmac_of_the_value_under_its_salt(self, database: Database) -> None:
        with database.write() as connection:
            commitment = commit_value(connection, OFFICE, STREAM, {"nama": "Sari", "b": 1}, SALTS[0])
        expected = hmac.new(SALTS[0], b'{"b":1,"nama":"Sari"}', hashlib.sha256).hexdigest()
        assert commitment == expected == commitment_of({"b": 1, "nama": "Sari"}, SALTS[0])

    def test_values_are_revealed_by_their_commitments(self, database: Database) -> None:
        values = ["Sari Dewi", 41, None, ["0812", {"kota": "Kupang"}]]
        with database.write() as connection:
            commitments = [
                commit_value(connection, OFFICE, STREAM, value, salt)
                for value, salt in zip(values, SALTS, strict=False)
            ]
        with database.read() as connection:
            found = reveal(connection, OFFICE, [*commitments, "tak dikenal"])
            assert [found[commitment] for commitment in commitments] == values
            assert len(found) == 4
            assert reveal(connection, OFFICE, []) == {}
            assert reveal(connection, "kantor lain", commitments) == {}

    def test_many_values_are_revealed_at_once(self, database: Database) -> None:
        with database.write() as connection:
            kept = {
                commit_value(connection, OFFICE, STREAM, number, number.to_bytes(32, "big")): number
                for number in range(1_100)
            }
            assert reveal(connection, OFFICE, kept) == kept

    def test_equal_values_have_unlike_commitments(self, database: Database) -> None:
        with database.write() as connection:
            first, second = (commit_value(connection, OFFICE, STREAM, "Sari", salt) for salt in SALTS[:2])
        assert first != second

    def test_the_same_salt_and_value_twice_are_refused(self, database: Database) -> None:
        with database.write() as connection:
            commit_value(connection, OFFICE, STREAM, "Sari", SALTS[0])
        with pytest.raises(IntegrityError), database.write() as connection:
            commit_value(connection, OFFICE, STREAM, "Sari", SALTS[0])

    def test_an_erased_value_is_gone_with_its_salt(self, database: Database) -> None:
        with database.write() as connection:
            gone, kept = (commit_value(connection, OFFICE, STREAM, "Sari", salt) for salt in SALTS[:2])
            assert erase(connection, OFFICE, [gone, "tak dikenal"], AT) == 1
        with database.write() as connection:
            assert erase(connection, OFFICE, [gone], "2027-01-01T00:00:00.000000Z") == 0
            assert reveal(connection, OFFICE, [gone, kept]) == {kept: "Sari"}
            assert erased(connection, OFFICE, [gone, kept]) == {gone: AT}
            row = connection.execute(select(personal_value).where(personal_value.c.commitment == gone)).one()
        assert (row.value, row.salt) == (None, None)

    def test_all_values_of_a_stream_are_erased_and_no_others(self, database: Database) -> None:
        with database.write() as connection:
            first, second = (commit_value(connection, OFFICE, STREAM, "Sari", salt) for salt in SALTS[:2])
            other = commit_value(connection, OFFICE, "process_instance/lain", "Sari", SALTS[2])
            elsewhere = commit_value(connection, "kantor lain", STREAM, "Sari", SALTS[3])
            assert erase_stream(connection, OFFICE, STREAM, AT) == 2
            assert reveal(connection, OFFICE, [first, second, other]) == {other: "Sari"}
            assert reveal(connection, "kantor lain", [elsewhere]) == {elsewhere: "Sari"}


class TestPersonalOnSqlite(PersonalContract):
    @pytest.fixture
    def database(self, sqlite_database: Database) -> Database:
        return sqlite_database

    def test_an_erased_value_is_in_no_file_after_a_checkpoint(self, database: Database) -> None:
        def files() -> bytes:
            path = Path(str(database.url.database))
            return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))

        with database.write() as connection:
            commitment = commit_value(connection, OFFICE, STREAM, "Sari yang unik sekali", SALTS[1])
        assert b"Sari yang unik sekali" in files()
        assert SALTS[1] in files()
        with database.write() as connection:
            erase(connection, OFFICE, [commitment], AT)
        database.checkpoint()
        assert b"Sari yang unik sekali" not in files()
        assert SALTS[1] not in files()


class TestPersonalOnPostgresql(PersonalContract):
    @pytest.fixture
    def database(self, postgresql_database: Database) -> Database:
        return postgresql_database
