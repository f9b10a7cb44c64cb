"""`verify` holds what is kept beside the journal against the hashes in it."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine import commands as c
from engine.store import personal
from tests.engine.office import PROCESS, SYSTEM, Office, person
from tests.replay.tampering import unlocked


@pytest.fixture
def complaint(office: Office) -> str:
    instance = office.complaint()
    assert office.engine.verify().ok
    office.is_tampered = True
    return instance


@pytest.fixture
def tampered(complaint: str, data_dir: Path) -> Iterator[sqlite3.Connection]:
    with closing(unlocked(data_dir)) as connection:
        yield connection


@pytest.mark.parametrize(
    ("named", "change"),
    [
        ("personal_value", "UPDATE personal_value SET value = '\"Tidak ada keluhan\"'"),
        ("personal_value", "UPDATE personal_value SET value = NULL"),
        ("personal_value", "DELETE FROM personal_value"),
        ("Catalogue", "UPDATE catalogue_version SET body = replace(body, 'PT20M', 'PT90M')"),
        ("snapshot", "UPDATE snapshot SET seq = seq + 1"),
        ("snapshot", "UPDATE snapshot SET state = x'00'"),
        ("snapshot", "DELETE FROM snapshot"),
    ],
)
def test_what_was_changed_is_named(office: Office, tampered: sqlite3.Connection, named: str, change: str) -> None:
    assert tampered.execute(change).rowcount > 0
    report = office.engine.verify()
    assert not report.ok
    assert report.lines[0].startswith(f"{named} ")


@pytest.mark.parametrize("change", ["UPDATE free_text SET text = 'lain'", "DELETE FROM free_text"])
def test_a_changed_reason_is_found(office: Office, data_dir: Path, change: str) -> None:
    task = office.task("tindak_lanjut", office.complaint()).id
    office.handle(c.AssignUserTask(actor=person("kepala"), task_id=task, assignee="katim", reason="Pemeriksaan"))
    assert office.engine.verify().ok
    office.is_tampered = True
    with closing(unlocked(data_dir)) as connection:
        assert connection.execute(change).rowcount > 0
    assert office.engine.verify().lines[0].startswith("free_text instance:")


def test_a_changed_state_is_found(office: Office, complaint: str, tampered: sqlite3.Connection) -> None:
    here = ("SELECT state FROM snapshot WHERE stream = ?", (f"instance:{complaint}",))
    state = zlib.decompress(tampered.execute(*here).fetchone()[0])
    changed = state.replace(b'"excluded":["petugas"]', b'"excluded":["petugas2"]')
    assert changed != state
    tampered.execute("UPDATE snapshot SET state = ? WHERE stream = ?", (zlib.compress(changed), here[1][0]))
    assert office.engine.verify().lines[0].startswith(f"snapshot instance:{complaint}")


def test_an_older_organisation_put_in_force_again_is_found(office: Office, data_dir: Path) -> None:
    document = (PROCESS / "organisasi.yaml").read_text(encoding="utf-8")
    changed = document.replace("Tim Kerja", "Kelompok Kerja")
    assert changed != document
    office.handle(c.AdoptOrganisation(actor=SYSTEM, document=changed.encode()))
    assert office.engine.verify().ok
    office.is_tampered = True
    with closing(unlocked(data_dir)) as connection:
        connection.execute("UPDATE organisation_version SET seq = 3 - seq")
    assert office.engine.verify().lines[0].startswith("organisation_version: expected ")


def test_erased_values_are_no_fault(office: Office) -> None:
    instance = office.complaint()
    with office.engine.database.write() as connection:
        erased = personal.erase_stream(
            connection, office.engine.tenant, f"instance:{instance}", "2026-11-23T01:00:00.000000Z"
        )
    assert erased > 0
    assert office.engine.verify().ok
