"""`replay` executes the record again: the same events and state hashes, or the first place where they part."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from engine import semantics
from engine.replay import reexecution
from engine.store.encoding import chain_hash, deflate, inflate
from tests.engine.models import one_job, one_task
from tests.engine.office import COMPLAINING, FOLLOWED_UP, REPORTED, Office
from tests.replay.tampering import change_the_diagram, unlocked


@pytest.fixture
def closed(office: Office) -> str:
    """A complaint from visit to report."""
    instance = office.served()
    office.later(minutes=50)
    office.completes("katim", "penerimaan", instance, COMPLAINING)
    office.later(hours=73)
    office.completes("katim", "tindak_lanjut", instance, FOLLOWED_UP)
    office.completes("kepala", "laporan_keluhan", instance, REPORTED)
    return instance


def rewrite(data_dir: Path, stream: str, seq: int, old: bytes, new: bytes) -> None:
    """Change an entry and everything that hangs on its hash, as the owner of a database could."""
    connection = unlocked(data_dir)
    entries = connection.execute(
        "SELECT seq, prev_hash, body FROM journal WHERE stream = ? AND seq >= ? ORDER BY seq", (stream, seq)
    ).fetchall()
    before = entries[0][1]
    for number, _, stored in entries:
        body = inflate(stored)
        if number == seq:
            assert old in body
            body = body.replace(old, new)
        after = chain_hash(before, body)
        connection.execute(
            "UPDATE journal SET prev_hash = ?, hash = ?, body = ? WHERE stream = ? AND seq = ?",
            (before, after, deflate(body), stream, number),
        )
        before = after
    connection.execute("UPDATE stream_head SET hash = ? WHERE stream = ?", (before, stream))
    connection.close()


def test_every_instance_gives_its_record_again(either_office: Office) -> None:
    office = either_office
    office.deploy(one_job())
    office.errand.will_fail(1)
    for _ in range(2):
        office.start({"a": 1.5, "b": [None, {"c": "d"}]})
    instance = office.served()
    office.completes("katim", "penerimaan", instance, COMPLAINING)
    office.later(hours=80)
    office.runs()
    report = office.engine.replay()
    assert report.ok, report.lines
    with office.engine.database.read() as connection:
        count = connection.execute(text("SELECT count(*) FROM journal WHERE stream LIKE 'instance:%'")).scalar_one()
    assert report.checked == count
    one = office.engine.replay(instance)
    assert (one.ok, 0 < one.checked < report.checked) == (True, True)


def test_an_instance_that_does_not_exist_is_told(office: Office) -> None:
    report = office.engine.replay("tidak-ada")
    assert not report.ok
    assert "instance:tidak-ada" in report.problems[0]


def test_a_rewritten_entry_diverges_there_though_its_chain_holds(office: Office, closed: str, data_dir: Path) -> None:
    office.is_tampered = True
    stream = f"instance:{closed}"
    *_, seq = [line.seq for line in office.page(closed).history if line.message == "Diberi nomor %(key)s"]
    rewrite(data_dir, stream, seq, b'"business_key":"K-2026-00001"', b'"business_key":"K-2026-00009"')
    report = office.engine.replay(closed)
    assert not report.ok
    assert report.problems[0].startswith(f"{stream} {seq} (CompleteJob): event ")
    assert "K-2026-00009" in report.problems[0]
    assert "K-2026-00001" in report.problems[0]


def test_a_rewritten_command_diverges_where_its_effect_is_first_seen(
    office: Office, closed: str, data_dir: Path
) -> None:
    office.is_tampered = True
    stream = f"instance:{closed}"
    rewrite(data_dir, stream, 1, b'"variables":{"jenis_layanan":"cop"', b'"variables":{"jenis_layanan":"icv"')
    (problem,) = office.engine.replay(closed).problems
    assert problem.startswith(f"{stream} 1 (StartProcessInstance): ")


def test_a_rewritten_state_hash_diverges(office: Office, closed: str, data_dir: Path) -> None:
    office.is_tampered = True
    stream = f"instance:{closed}"
    with office.engine.database.read() as connection:
        body = connection.execute(
            text("SELECT body FROM journal WHERE stream = :stream AND seq = 3"), {"stream": stream}
        ).scalar_one()
    start = inflate(body).index(b'"state":"') + len(b'"state":"')
    old = inflate(body)[start : start + 64]
    rewrite(data_dir, stream, 3, old, b"0" * 64)
    (problem,) = office.engine.replay(closed).problems
    assert problem.startswith(f"{stream} 3 ")
    assert "expected state 0000" in problem


def test_one_bad_instance_does_not_hide_the_others(office: Office, closed: str, data_dir: Path) -> None:
    office.is_tampered = True
    office.deploy(one_task())
    other = office.start()
    rewrite(data_dir, f"instance:{closed}", 1, b'"start":"pelanggan_datang"', b'"start":"keluhan_masuk"')
    report = office.engine.replay()
    assert [problem.split(" ")[0] for problem in report.problems] == [f"instance:{closed}"]
    assert office.engine.replay(other).ok


def test_a_definition_whose_content_was_changed_is_found(office: Office, closed: str, data_dir: Path) -> None:
    office.is_tampered = True
    with closing(unlocked(data_dir)) as connection:
        change_the_diagram(connection)
    for _ in range(2):
        (problem,) = office.engine.replay(closed).problems
        assert problem.startswith(f"instance:{closed} 1 (StartProcessInstance): ")
        assert "process.bpmn" in problem
        office.reopen()


def test_other_rules_that_give_other_events_diverge(
    office: Office, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reexecution.step
    monkeypatch.setattr(reexecution, "step", lambda d, s, given, a: real(d, s, given | {"by": "orang-lain"}, a))
    (problem,) = office.engine.replay(closed).problems
    assert "orang-lain" in problem
    monkeypatch.undo()
    assert office.engine.replay(closed).ok


def test_a_semantics_number_that_this_build_does_not_know_is_no_failure(
    office: Office, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reexecution, "RUNNABLE", frozenset({semantics.CURRENT + 1}))
    report = office.engine.replay(closed)
    assert report.ok
    assert any("not re-executable here" in line for line in report.lines)
    assert report.checked == 0
