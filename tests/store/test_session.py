"""Transactions: all or nothing, one writer at a time, readers with one view."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import URL, insert, select, update
from sqlalchemy.exc import DBAPIError

from engine.errors import StoreError
from engine.store import journal, sqlite
from engine.store.locks import FairLock
from engine.store.sequences import last_number, next_number
from engine.store.session import Database, open_database
from engine.store.tables import sequence_number, setting
from tests.store.programs import go_on, program
from tests.store.samples import OFFICE, STREAM, entry

ROW = {"tenant": OFFICE, "name": "zona", "value": "Asia/Jakarta"}


class SessionContract:
    """What transactions do on every database."""

    def second(self, database: Database) -> Database:
        """The same database, opened once more as another program would."""
        raise NotImplementedError

    def test_what_was_written_is_there_for_the_next_reader(self, database: Database) -> None:
        with database.write() as connection:
            connection.execute(insert(setting), ROW)
        with database.read() as connection:
            assert connection.execute(select(setting)).one()._asdict() == ROW

    def test_an_exception_undoes_the_whole_transaction(self, database: Database) -> None:
        with pytest.raises(DBAPIError), database.write() as connection:
            connection.execute(insert(setting), [ROW, {**ROW, "name": "nama"}, ROW])
        with database.read() as connection:
            assert connection.execute(select(setting)).all() == []

    def test_a_reader_sees_one_moment(self, database: Database) -> None:
        with database.read() as reader:
            assert last_number(reader, OFFICE, "nomor") == 0
            with database.write() as connection:
                next_number(connection, OFFICE, "nomor")
            assert last_number(reader, OFFICE, "nomor") == 0
        with database.read() as reader:
            assert last_number(reader, OFFICE, "nomor") == 1

    def test_nothing_uncommitted_is_seen(self, database: Database) -> None:
        with database.write() as connection:
            next_number(connection, OFFICE, "nomor")
            with database.read() as reader:
                assert last_number(reader, OFFICE, "nomor") == 0

    def test_a_reader_cannot_write(self, database: Database) -> None:
        with pytest.raises(DBAPIError, match=r"read-?only"), database.read() as connection:
            connection.execute(insert(setting), ROW)
        with database.write() as connection:
            connection.execute(insert(setting), ROW)

    def test_writers_in_many_threads_lose_nothing(self, database: Database) -> None:
        drawn: list[int] = []

        def work() -> None:
            for _ in range(15):
                with database.write() as connection:
                    before = connection.execute(
                        select(sequence_number.c.value).where(sequence_number.c.name == "nomor").with_for_update()
                    ).scalar()
                    connection.execute(
                        update(sequence_number).where(sequence_number.c.name == "nomor").values(value=(before or 0) + 1)
                    )
                    drawn.append((before or 0) + 1)

        with database.write() as connection:
            connection.execute(insert(sequence_number), {"tenant": OFFICE, "name": "nomor", "value": 0})
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(drawn) == list(range(1, 91))

    def test_two_programs_append_to_one_stream_without_a_gap(self, database: Database) -> None:
        other = self.second(database)

        def work(mine: Database, name: str) -> None:
            for number in range(20):
                with mine.write() as connection:
                    head = journal.head(connection, OFFICE, STREAM)
                    journal.append(connection, entry(1, command_id=f"{name}{number}"), head)

        threads = [threading.Thread(target=work, args=each) for each in ((database, "a"), (other, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.read() as connection:
            assert journal.verify_chain(connection, OFFICE).breaks == ()
            assert [each.seq for each in journal.read(connection, OFFICE, STREAM)] == list(range(1, 41))
        other.close()

    def test_the_data_version_changes_when_another_program_commits(self, database: Database) -> None:
        other = self.second(database)
        before = database.data_version()
        assert database.data_version() == before
        with other.write() as connection:
            journal.append(connection, entry(1))
            assert database.data_version() == before
        after = database.data_version()
        assert after != before
        assert database.data_version() == after
        other.close()

    def test_closing_twice_is_quiet(self, database: Database) -> None:
        database.data_version()
        database.close()
        database.close()


class TestSessionOnSqlite(SessionContract):
    @pytest.fixture
    def database(self, sqlite_database: Database) -> Database:
        return sqlite_database

    def second(self, database: Database) -> Database:
        return open_database(str(database.url), data_dir=database.data_dir)

    def test_the_database_is_opened_durably_and_safely(self, database: Database) -> None:
        def pragma(name: str) -> object:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

        with database.write() as connection:
            assert pragma("journal_mode") == "wal"
            assert pragma("synchronous") == 2  # FULL
            assert pragma("foreign_keys") == 1
            assert pragma("recursive_triggers") == 1
            assert pragma("secure_delete") == 1
            assert pragma("wal_autocheckpoint") == 1000
        with database.read() as connection:
            assert pragma("query_only") == 1

    def test_a_program_beside_the_server_does_not_checkpoint(self, database: Database) -> None:
        other = self.second(database)
        with other.write() as connection:
            assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() == 0
        other.close()

    def test_a_checkpoint_empties_the_log(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
        database = self.second(database)
        with database.write() as connection:
            connection.execute(insert(setting), ROW)
        log = Path(f"{database.url.database}-wal")
        assert log.stat().st_size > 0
        with database.read() as reader:
            reader.execute(select(setting)).all()
            with database.write() as connection:
                connection.execute(insert(setting), {**ROW, "name": "nama"})
            assert not database.checkpoint()
        assert database.checkpoint()
        assert log.stat().st_size == 0
        database.close()

    def test_a_thread_that_asks_for_a_second_transaction_is_told(self, database: Database) -> None:
        with database.write(), pytest.raises(RuntimeError, match="pass its connection on"), database.write():
            pass
        with database.write() as connection:
            connection.execute(insert(setting), ROW)

    def test_a_killed_program_leaves_nothing_half_done(self, database: Database) -> None:
        assert database.data_dir is not None
        body = """
database = open_database(None, data_dir=data_dir)
with database.write() as connection:
    journal.append(connection, entry(1))
with database.write() as connection:
    journal.append(connection, entry(2))
    say("ready")
    wait()
"""
        with program(body, database.data_dir) as running:
            running.kill()
            running.wait()
        with database.write() as connection:
            assert [each.seq for each in journal.read(connection, OFFICE, STREAM)] == [1]
            journal.append(connection, entry(3))
        with database.read() as connection:
            assert journal.verify_chain(connection, OFFICE).is_sound

    def test_a_busy_database_is_waited_for(self, database: Database) -> None:
        assert database.data_dir is not None
        body = """
database = open_database(None, data_dir=data_dir)
with database.write() as connection:
    journal.append(connection, entry(1))
    say("ready")
    wait()
database.close()
"""
        with program(body, database.data_dir) as running:
            later = threading.Timer(0.3, go_on, [running])
            later.start()
            with database.write() as connection:
                assert journal.append(connection, entry(2)).seq == 2
            later.join()

    def test_a_database_kept_busy_is_an_error_that_says_so(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
        other = self.second(database)
        with database.write(), pytest.raises(StoreError, match="Another program has been writing"), other.write():
            pass
        other.close()


class TestSessionOnPostgresql(SessionContract):
    @pytest.fixture
    def database(self, postgresql_database: Database) -> Database:
        return postgresql_database

    def second(self, database: Database) -> Database:
        return open_database(database.url.render_as_string(hide_password=False))

    def test_a_locked_stream_is_waited_for_even_before_its_first_entry(self, database: Database) -> None:
        order: list[str] = []

        def later() -> None:
            with database.write() as connection:
                journal.head(connection, OFFICE, STREAM)
                order.append("second")

        with database.write() as connection:
            journal.head(connection, OFFICE, STREAM)
            thread = threading.Thread(target=later)
            thread.start()
            time.sleep(0.2)
            order.append("first")
        thread.join()
        assert order == ["first", "second"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://localhost/prima", "found 'mysql'"),
        ("prima.sqlite", "found 'prima.sqlite'"),
        ("sqlite://", "in memory would not be kept"),
        ("sqlite:///:memory:", "in memory would not be kept"),
        ("postgresql://127.0.0.1:1/prima", "Cannot open the database"),
        (None, "found neither"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str | None, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        open_database(url)


def test_a_password_is_not_shown_in_errors() -> None:
    with pytest.raises(StoreError, match="Cannot open the database") as refusal:
        open_database("postgresql://prima:rahasia@127.0.0.1:1/prima")
    assert "rahasia" not in str(refusal.value)


def test_an_sqlite_address_opens_that_file(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'kantor' / 'a.db'}").close()
    assert (tmp_path / "kantor" / "a.db").exists()


def test_a_data_directory_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "berkas").write_text("x")
    with pytest.raises(StoreError, match="berkas/data"):
        open_database(None, data_dir=tmp_path / "berkas" / "data")


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 53, 4), True),
        ((3, 51, 3), True),
        ((3, 51, 2), False),
        ((3, 50, 7), True),
        ((3, 50, 6), False),
        ((3, 46, 1), False),
        ((3, 44, 6), True),
        ((3, 44, 5), False),
        ((3, 40, 1), False),
    ],
)
def test_an_sqlite_that_can_corrupt_its_log_is_known(version: sqlite.Version, safe: bool) -> None:
    assert sqlite.is_safe(version) is safe


def test_an_unsafe_sqlite_is_refused_with_its_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sqlite, "is_safe", lambda _version: False)
    with pytest.raises(StoreError, match=r"found 3\.\d+\.\d+ in pysqlite3 and 3\.\d+\.\d+ in Python's sqlite3; wanted"):
        sqlite.writer_engine(URL.create("sqlite+pysqlite", database=str(tmp_path / "x")), checkpoints=True)


def test_threads_get_the_lock_in_the_order_they_came() -> None:
    lock, order, arrived = FairLock(), [], threading.Semaphore(0)

    def wait_in_line(number: int) -> None:
        arrived.release()
        with lock:
            order.append(number)

    threads = [threading.Thread(target=wait_in_line, args=[number]) for number in range(20)]
    with lock:
        for number, thread in enumerate(threads):
            thread.start()
            arrived.acquire()
            while len(lock._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_a_thread_interrupted_in_the_queue_does_not_block_those_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, order = FairLock(), []

    def interrupted(_turn: threading.Lock) -> None:
        raise KeyboardInterrupt

    def wait_in_line(name: str) -> None:
        with lock:
            order.append(name)

    behind = threading.Thread(target=wait_in_line, args=["behind"])
    with lock:
        monkeypatch.setattr(lock, "_wait", interrupted)
        before = threading.Thread(target=_quietly, args=[wait_in_line, "interrupted"])
        before.start()
        before.join()
        monkeypatch.undo()
        behind.start()
    behind.join(timeout=10)
    assert order == ["behind"]


def _quietly(work: Callable[[str], None], name: str) -> None:
    with suppress(KeyboardInterrupt):
        work(name)
