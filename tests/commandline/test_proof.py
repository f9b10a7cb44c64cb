"""Backup and restore, verify and replay, migrate and doctor."""

import json
from pathlib import Path

import pytest

from engine.store.encoding import deflate, inflate
from engine.store.sqlite import driver
from tests.commandline.conftest import OPENING, Terminal
from web.commandline import proof


def tamper(demo: Terminal, statement: str) -> None:
    """Change the database behind the engine's back, past the triggers that protect the journal."""
    connection = driver().connect(str(demo.data / "prima.sqlite"))
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    assert connection.execute(statement).rowcount > 0
    connection.commit()
    connection.close()


def rewrite_journal(demo: Terminal, old: bytes, new: bytes) -> None:
    """Replace something in every entry of the instances' journal."""
    connection = driver().connect(str(demo.data / "prima.sqlite"))
    rows = connection.execute("SELECT position, body FROM journal WHERE stream LIKE 'instance:%'").fetchall()
    connection.close()
    for position, body in rows:
        changed = inflate(body).replace(old, new)
        assert changed != inflate(body)
        tamper(demo, f"UPDATE journal SET body = x'{deflate(changed).hex()}' WHERE position = {position}")


def test_a_backup_brings_back_what_was(demo: Terminal, opening: str, tmp_path: Path) -> None:
    copy = tmp_path / "cadangan" / "prima.sqlite"
    assert str(copy) in demo.ok("backup", str(copy))
    later = demo.ok(*OPENING)
    assert {row["id"] for row in demo.json("instances")} == {opening, later}
    assert "disisihkan" in demo.ok("restore", str(copy))
    assert [row["id"] for row in demo.json("instances")] == [opening]
    assert "sesuai" in demo.ok("verify")


def test_a_backup_never_overwrites_and_what_is_no_backup_is_refused(demo: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "bukan.sqlite"
    file.write_bytes(b"bukan basis data" * 100)
    assert str(file) in demo.refused("backup", str(file))
    assert str(file) in demo.refused("restore", str(file))
    assert file.read_bytes() == b"bukan basis data" * 100
    demo.refused("restore", str(tmp_path / "tidak-ada"), code=2)


def test_a_changed_row_is_found_by_verify(demo: Terminal, opening: str) -> None:
    tamper(demo, "UPDATE user_task SET assignee = 'petugas2'")
    result = demo.run("verify")
    assert result.exit_code == 1
    assert "user_task" in result.stdout
    assert json.loads(demo.run("verify", "--json").stdout)["ok"] is False


def test_a_changed_journal_is_found_by_verify(demo: Terminal, opening: str) -> None:
    rewrite_journal(demo, b"tim-a", b"tim-b")
    assert demo.run("verify").exit_code == 1


def test_replay_ends_with_1_and_the_first_difference(demo: Terminal, opening: str) -> None:
    assert demo.json("replay", opening)["ok"] is True
    rewrite_journal(demo, b'"id":"delegasi.1"', b'"id":"delegasi.2"')
    result = demo.run("replay", "--all")
    assert result.exit_code == 1
    assert opening in result.stdout
    assert demo.run("replay", "tidak-ada").exit_code == 1
    demo.refused("replay", code=2)
    demo.refused("replay", opening, "--all", code=2)


def test_migrate_says_that_there_is_nothing_to_do(demo: Terminal, empty: Terminal) -> None:
    assert "sudah sesuai" in demo.ok("migrate")


def test_doctor_finds_nothing_wrong_and_names_the_versions(demo: Terminal, opening: str) -> None:
    found = {row["subject"]: row for row in demo.json("doctor")}
    assert {"Python", "SpiffWorkflow", "V8", "feelin", "SQLAlchemy", "SQLite", "FEEL", "basis data", "pewaktu"} <= set(
        found
    )
    assert found["SpiffWorkflow"]["text"] == "3.2.0"
    assert "wrong" not in {row["grade"] for row in found.values()}
    assert "WAL" in demo.ok("doctor")


def test_doctor_ends_with_1_when_the_database_is_damaged(demo: Terminal) -> None:
    file = demo.data / "prima.sqlite"
    content = bytearray(file.read_bytes())
    for page in range(40, len(content) // 4096 - 1):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    file.write_bytes(content)
    result = demo.run("doctor")
    assert result.exit_code == 1
    assert "SALAH" in result.stdout


def test_doctor_ends_with_1_when_feel_does_not_evaluate(demo: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.upkeep.FEEL_SAMPLES", {"1 + 1": 3})
    result = demo.run("doctor")
    assert result.exit_code == 1
    assert "1 + 1" in result.stdout


def test_doctor_says_that_pages_come_without_diagrams(demo: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "build_failure", lambda: "npm tidak ada")
    assert "npm tidak ada" in demo.ok("doctor")


def test_where_there_is_no_data_nothing_is_made(empty: Terminal) -> None:
    for command in (["tasks"], ["verify"], ["user", "list"], ["backup", "x"]):
        assert "Belum ada data" in empty.refused(*command)
    assert "belum ada data" in empty.ok("doctor")
    assert not empty.data.exists()


def test_where_the_data_is_may_be_said_before_or_after_the_command_or_by_the_environment(demo: Terminal) -> None:
    elsewhere = Terminal(demo.data.parent / "lain")
    assert elsewhere.json("tasks", "--data", str(demo.data)) == []
    url = f"sqlite:///{demo.data / 'prima.sqlite'}"
    assert elsewhere.json("tasks", "--database", url) == []
    assert elsewhere.run("tasks", PRIMA_DATABASE=url).exit_code == 0
    assert "sqlite" in elsewhere.refused("tasks", "--database", "mysql://x/y")
