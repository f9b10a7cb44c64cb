"""`verify` finds whatever was changed behind the engine's back, and says where."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.replay import verification
from engine.store.encoding import deflate, inflate
from engine.store.scratch import scratch_database
from tests.engine.office import COMPLAINING, Office
from tests.replay.tampering import change_the_diagram, unlocked


@pytest.fixture
def tampered(office: Office, data_dir: Path) -> Iterator[sqlite3.Connection]:
    """A way past the engine into the file of an office in which a complaint is being handled."""
    instance = office.served()
    office.completes("katim", "penerimaan", instance, COMPLAINING)
    office.later(hours=73)
    office.runs()
    assert office.engine.verify().ok
    office.is_tampered = True
    with closing(unlocked(data_dir)) as connection:
        yield connection


def problems(office: Office) -> str:
    report = office.engine.verify()
    assert not report.ok
    return "\n".join(report.problems)


def test_a_sound_record_says_how_much_was_checked(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "scratch_database", scratch_database)  # the real one, made by the migrations
    office.opening()
    report = office.engine.verify()
    assert report.ok
    assert report.checked == len(office.rows()["journal"])
    assert str(report.checked) in report.lines[0]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("user_task", "UPDATE user_task SET completed_by = 'katim2' WHERE element_id = 'pelayanan'"),
        ("user_task", "UPDATE user_task SET breached_at = NULL WHERE element_id = 'tindak_lanjut'"),
        ("time_breach", "UPDATE time_breach SET held_by = 'petugas2'"),
        ("time_breach", "DELETE FROM time_breach"),
        ("escalation", "DELETE FROM escalation"),
        ("escalation", "UPDATE escalation SET account_id = 'katim2'"),
        ("process_instance", "UPDATE process_instance SET state = 'COMPLETED'"),
        ("process_instance_exclusion", "DELETE FROM process_instance_exclusion"),
        ("user_task_candidate", "DELETE FROM user_task_candidate"),
        ("timer", "UPDATE timer SET due_at = '2027-01-01T00:00:00.000000Z'"),
        ("account", "UPDATE account SET roles = '[\"admin\"]' WHERE id = 'petugas'"),
        ("account", "DELETE FROM account WHERE id = 'auditor'"),
        ("definition", "UPDATE definition SET approved_by = 'pemilik'"),
    ],
)
def test_a_changed_or_deleted_row_is_found(
    office: Office, tampered: sqlite3.Connection, table: str, change: str
) -> None:
    assert tampered.execute(change).rowcount > 0
    assert problems(office).startswith(f"{table} ")


def test_a_row_too_many_is_found(office: Office, tampered: sqlite3.Connection) -> None:
    tampered.execute("INSERT INTO user_task_candidate SELECT tenant, id, 'user:petugas2', created_at FROM user_task")
    assert "user:petugas2" in problems(office)
    assert "expected no row" in problems(office)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET actor = 'katim2' WHERE position = 20",
        "UPDATE journal SET at = '2026-11-23T00:00:00.000001Z' WHERE position = 20",
        "UPDATE journal SET kind = 'ClaimUserTask' WHERE position = 20",
        "UPDATE journal SET semantics = 2 WHERE position = 20",
        "UPDATE journal SET hash = prev_hash WHERE position = 20",
        "DELETE FROM journal WHERE position = 20",
        "DELETE FROM journal WHERE position = (SELECT max(position) FROM journal)",
        "UPDATE stream_head SET seq = seq + 1 WHERE stream LIKE 'instance:%'",
    ],
)
def test_a_changed_or_missing_entry_is_found(office: Office, tampered: sqlite3.Connection, change: str) -> None:
    assert tampered.execute(change).rowcount > 0
    assert problems(office)


def test_a_changed_body_is_found_and_named(office: Office, tampered: sqlite3.Connection) -> None:
    stream, seq, body = tampered.execute(
        "SELECT stream, seq, body FROM journal WHERE kind = 'CompleteUserTask' ORDER BY position LIMIT 1"
    ).fetchone()
    changed = inflate(body).replace(b'"hasil":"selesai"', b'"hasil":"batalin"')
    assert changed != inflate(body)
    tampered.execute("UPDATE journal SET body = ? WHERE stream = ? AND seq = ?", (deflate(changed), stream, seq))
    assert stream in problems(office)
    assert str(seq) in problems(office)


def test_a_changed_file_of_a_definition_is_found(office: Office, tampered: sqlite3.Connection) -> None:
    change_the_diagram(tampered)
    assert "process.bpmn" in problems(office)


def test_a_changed_organisation_is_found(office: Office, tampered: sqlite3.Connection) -> None:
    tampered.execute("""UPDATE organisation_version SET body = replace(body, '"katim"', '"katim2"')""")
    assert problems(office).startswith("Organisation ")


def test_what_is_read_and_postponed_is_no_part_of_the_record(office: Office) -> None:
    office.at("08:00")
    office.opening()
    office.at("08:10")
    office.runs()
    outside = office.account("pejabat_luar")
    for view in office.engine.escalations(outside):
        office.engine.mark_escalation_seen(outside, view.id)
    assert office.engine.escalations(outside, unseen_only=True) == ()
    assert office.engine.verify().ok
