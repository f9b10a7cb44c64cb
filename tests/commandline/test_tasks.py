"""Tasks at the command line: who may do what, how it is recorded, how it is refused."""

import json
from pathlib import Path

import pytest

from tests.commandline.conftest import OPENING, Terminal
from web.commandline.session import system_account


def test_starting_prints_nothing_but_the_id(demo: Terminal) -> None:
    assert len(demo.ok(*OPENING).split()) == 1


def test_every_act_is_recorded_as_its_user_through_the_system_account(demo: Terminal, opening: str) -> None:
    demo.ok("claim", demo.open_task(opening, "delegasi"), "--as", "kepala")
    line = demo.json("show", opening)["history"][-1]
    assert (line["who"], line["door"], line["through"]) == ("kepala", "cli", system_account())
    assert f"dr. Ratna Wulandari, melalui baris perintah oleh {system_account()}: " in demo.ok("show", opening)


def test_an_environment_variable_does_not_change_who_is_recorded(
    demo: Terminal, opening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "orang-lain")
    demo.ok("claim", demo.open_task(opening, "delegasi"), "--as", "kepala")
    assert demo.json("show", opening)["history"][-1]["through"] != "orang-lain"


def test_an_act_that_needs_a_person_asks_for_one(demo: Terminal, opening: str) -> None:
    task = demo.open_task(opening, "delegasi")
    for act in ("claim", "release", "complete"):
        assert "--as USER" in demo.refused(act, task, code=2)


def test_a_task_is_refused_to_whom_it_is_not_offered(demo: Terminal, opening: str) -> None:
    task = demo.open_task(opening, "delegasi")
    refusal = demo.refused("claim", task, "--as", "petugas")
    assert refusal == 'Tugas "1. Mendelegasikan Pelayanan Prima" bukan untuk Anda.'
    assert demo.refused("claim", task, "--as", "tidak_ada") == "Akun tidak_ada tidak dikenal."
    assert "tidak ada" in demo.refused("claim", f"{opening}:delegasi.7", "--as", "kepala")


def test_a_task_must_be_taken_before_it_is_completed(demo: Terminal, opening: str) -> None:
    task = demo.open_task(opening, "delegasi")
    assert "belum diambil" in demo.refused("complete", task, "--as", "kepala", "--var", "konfirmasi=true")


def test_values_that_break_the_form_are_all_named_and_change_nothing(demo: Terminal, opening: str) -> None:
    task = demo.open_task(opening, "delegasi")
    demo.ok("claim", task, "--as", "kepala")
    refusal = demo.refused("complete", task, "--as", "kepala", "--var", "arahan=3")
    assert {line.partition(":")[0] for line in refusal.splitlines()} == {"versi_standar", "arahan", "konfirmasi"}
    assert demo.open_task(opening, "delegasi") == task


def test_a_released_task_is_in_the_queue_again(demo: Terminal, opening: str) -> None:
    task = demo.open_task(opening, "delegasi")
    demo.ok("claim", task, "--as", "kepala")
    assert [row["state"] for row in demo.json("tasks", "--as", "kepala")] == ["ACTIVE"]
    demo.ok("release", task, "--as", "kepala")
    assert [row["state"] for row in demo.json("tasks", "--as", "kepala")] == ["READY"]
    assert demo.json("tasks", "--as", "petugas") == []


def test_a_leader_hands_a_task_on_with_a_reason(demo: Terminal, opening: str) -> None:
    demo.do("kepala", opening, "delegasi", versi_standar="v1", konfirmasi=True)
    task = demo.open_task(opening, "instruksi")
    demo.ok("claim", task, "--as", "katim")
    assert "Alasan" in demo.refused("assign", task, "petugas", "--as", "katim")
    demo.ok("assign", task, "petugas", "--as", "katim", "--reason", "Rapat dinas")
    assert [row["assignee"] for row in demo.json("tasks")] == ["petugas"]
    assert any("Rapat dinas" in line["text"] for line in demo.json("show", opening)["history"])


def test_a_task_shows_the_fields_that_completing_it_takes(demo: Terminal, opening: str) -> None:
    task = demo.open_task(opening, "delegasi")
    fields = {row["key"]: row for row in demo.json("task", task, "--as", "kepala")["fields"]}
    assert fields["konfirmasi"]["required"] is True
    assert fields["arahan"]["required"] is False
    assert "versi_standar" in demo.ok("task", task)


@pytest.mark.parametrize(
    ("text", "value"),
    [("tim-a", "tim-a"), ("true", True), ('"12"', "12"), ("12", 12), ('["a"]', ["a"]), ("NaN", "NaN"), ("a=b", "a=b")],
)
def test_a_value_is_json_or_else_text(text: str, value: object) -> None:
    from web.commandline.values import parsed

    assert parsed(text) == value


def test_malformed_values_are_mistakes_in_the_arguments(demo: Terminal) -> None:
    assert "nama=nilai" in demo.refused(*OPENING, "--var", "siap", code=2)
    assert "dua kali" in demo.refused(*OPENING, "--var", "tim=tim-b", code=2)


def test_values_come_from_a_file_too(demo: Terminal, tmp_path: Path, opening: str) -> None:
    file = tmp_path / "isian.json"
    file.write_text(json.dumps({"versi_standar": "v2", "konfirmasi": True}), encoding="utf-8")
    task = demo.open_task(opening, "delegasi")
    demo.ok("claim", task, "--as", "kepala")
    demo.ok("complete", task, "--as", "kepala", "--vars-file", str(file), "--var", "arahan=Senyum")
    assert demo.json("show", opening)["variables"]["arahan"] == "Senyum"
    file.write_text("[1]", encoding="utf-8")
    assert "objek JSON" in demo.refused("complete", task, "--as", "kepala", "--vars-file", str(file), code=2)
