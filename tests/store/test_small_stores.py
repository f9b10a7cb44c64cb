"""Snapshots, sequences, and what the tables promise to queries."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Select, insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from engine.store import snapshots
from engine.store.sequences import last_number, next_number
from engine.store.session import Database
from engine.store.snapshots import Snapshot
from engine.store.tables import (
    incident,
    incident_is_open,
    job,
    job_is_open,
    metadata,
    organisation_version,
    timer,
    timer_is_scheduled,
    user_task,
    user_task_candidate,
    user_task_is_open,
)
from tests.store.samples import OFFICE, STREAM


class StoreContract:
    """What the small stores do on every database."""

    def test_a_snapshot_replaces_the_one_before(self, database: Database) -> None:
        state = b'{"tokens":[' + b'{"element":"Tugas","n":1},' * 100 + b"]}"
        with database.write() as connection:
            assert snapshots.load(connection, OFFICE, STREAM) is None
            snapshots.save(connection, OFFICE, STREAM, 1, b"")
            assert snapshots.load(connection, OFFICE, STREAM) == Snapshot(1, b"")
            assert snapshots.save(connection, OFFICE, STREAM, 2, state) < len(state) / 10
        with database.read() as connection:
            assert snapshots.load(connection, OFFICE, STREAM) == Snapshot(2, state)
            assert snapshots.load(connection, "kantor lain", STREAM) is None

    def test_a_dropped_snapshot_is_gone(self, database: Database) -> None:
        with database.write() as connection:
            snapshots.save(connection, OFFICE, STREAM, 1, b"a")
            snapshots.save(connection, OFFICE, "lain", 1, b"b")
            snapshots.drop(connection, OFFICE, STREAM)
            snapshots.drop(connection, OFFICE, STREAM)
            assert snapshots.load(connection, OFFICE, STREAM) is None
            assert snapshots.load(connection, OFFICE, "lain") == Snapshot(1, b"b")

    def test_numbers_are_given_out_once_each_by_name_and_office(self, database: Database) -> None:
        with database.write() as connection:
            assert [next_number(connection, OFFICE, "keluhan") for _ in range(3)] == [1, 2, 3]
            assert next_number(connection, OFFICE, "lain") == 1
            assert next_number(connection, "kantor lain", "keluhan") == 1
        with database.read() as connection:
            assert last_number(connection, OFFICE, "keluhan") == 3
            assert last_number(connection, OFFICE, "tak dikenal") == 0

    def test_a_number_drawn_in_vain_is_drawn_again(self, database: Database) -> None:
        def draw_in_vain() -> None:
            with database.write() as connection:
                assert next_number(connection, OFFICE, "keluhan") == 1
                raise KeyError("anything")

        with pytest.raises(KeyError):
            draw_in_vain()
        with database.write() as connection:
            assert next_number(connection, OFFICE, "keluhan") == 1

    @pytest.mark.parametrize("value", [None, False, 0, 0.5, "", "é\u2028\\", [1, [None]], {"b": 1, "a": {}}])
    def test_a_json_column_gives_back_the_value_and_keeps_canonical_text(self, database: Database, value: Any) -> None:
        row = {"tenant": OFFICE, "hash": "v", "body": value, "effective_at": "", "seq": 1}
        with database.write() as connection:
            connection.execute(insert(organisation_version), row)
        with database.read() as connection:
            found = connection.execute(select(organisation_version.c.body)).scalar_one()
            stored = connection.execute(text("SELECT body FROM organisation_version")).scalar_one()
        assert (found, type(found)) == (value, type(value))
        assert isinstance(stored, str)
        if value == {"b": 1, "a": {}}:
            assert stored == '{"a":{},"b":1}'

    def test_a_value_that_json_cannot_hold_is_refused(self, database: Database) -> None:
        row = {"tenant": OFFICE, "hash": "v", "body": 2**60, "effective_at": "", "seq": 1}
        with pytest.raises(StatementError, match="1152921504606846976"), database.write() as connection:
            connection.execute(insert(organisation_version), row)

    def test_the_same_text_sorts_the_same_on_every_database(self, database: Database) -> None:
        names = ["a", "B", "_", "é", "Z", "a-1", "a1", "10", "9"]
        rows = [{"tenant": OFFICE, "hash": name, "body": 1, "effective_at": "", "seq": 1} for name in names]
        with database.write() as connection:
            connection.execute(insert(organisation_version), rows)
            found = (
                connection.execute(select(organisation_version.c.hash).order_by(organisation_version.c.hash))
                .scalars()
                .all()
            )
        assert found == sorted(names)


class TestStoreOnSqlite(StoreContract):
    @pytest.fixture
    def database(self, sqlite_database: Database) -> Database:
        return sqlite_database

    def test_a_value_of_the_wrong_kind_is_refused(self, database: Database) -> None:
        with pytest.raises(DBAPIError, match="cannot store TEXT"), database.write() as connection:
            connection.execute(text("INSERT INTO sequence_number VALUES ('kantor', 'x', 'bukan angka')"))

    @pytest.mark.parametrize(
        ("query", "index"),
        [
            (
                select(user_task.c.id)
                .where(user_task.c.tenant == OFFICE, user_task.c.assignee == "a", user_task_is_open)
                .order_by(user_task.c.due_at, user_task.c.id),
                "ix_user_task_open_by_assignee",
            ),
            (
                select(timer.c.id)
                .where(timer.c.tenant == OFFICE, timer.c.due_at <= "2026", timer_is_scheduled)
                .order_by(timer.c.due_at, timer.c.id),
                "ix_timer_scheduled",
            ),
            (
                select(job.c.id).where(job.c.tenant == OFFICE, job.c.not_before <= "2026", job_is_open),
                "ix_job_open",
            ),
            (
                select(incident.c.id)
                .where(incident.c.tenant == OFFICE, incident_is_open)
                .order_by(incident.c.raised_at),
                "ix_incident_open",
            ),
            (
                select(user_task_candidate.c.task_id)
                .where(user_task_candidate.c.tenant == OFFICE, user_task_candidate.c.candidate == "group:a")
                .order_by(user_task_candidate.c.due_at, user_task_candidate.c.task_id)
                .limit(50),
                "ix_user_task_candidate_tenant_candidate_due_at_task_id",
            ),
        ],
        ids=["my tasks", "due timers", "open jobs", "open incidents", "claimable tasks"],
    )
    def test_what_is_asked_often_reads_an_index_in_order(
        self, database: Database, query: Select[Any], index: str
    ) -> None:
        with database.read() as connection:
            compiled = query.compile(connection, compile_kwargs={"render_postcompile": True})
            values = tuple(compiled.params[name] for name in compiled.positiontup or ())
            plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)]
        assert len(plan) == 1, plan
        assert f"INDEX {index} " in plan[0]


class TestStoreOnPostgresql(StoreContract):
    @pytest.fixture
    def database(self, postgresql_database: Database) -> Database:
        return postgresql_database


def test_every_table_leads_with_the_office() -> None:
    for table in metadata.sorted_tables:
        assert table.columns[0].name == "tenant", table.name
        assert table.primary_key.columns[0].name == "tenant", table.name
        for index in table.indexes:
            assert index.columns[0].name == "tenant", index.name
