"""Instances at the command line: listing, steering, messages."""

from pathlib import Path

import pytest

from tests.commandline.conftest import OPENING, Terminal
from tests.definition.diagram import bpmn, chain, end, flow, gateway, message, message_root, start
from tests.engine.models import OPEN, catch, human, line


def test_instances_are_found_by_state_process_and_text(demo: Terminal, opening: str) -> None:
    assert [row["id"] for row in demo.json("instances")] == [opening]
    assert [row["id"] for row in demo.json("instances", "--state", "ACTIVE", "--key", "pelayanan_prima")] == [opening]
    assert demo.json("instances", "--state", "COMPLETED") == []
    assert demo.json("instances", "--key", "lain") == []
    assert opening in demo.ok("instances")


def test_tables_fit_a_hundred_columns_and_show_the_office_zone(demo: Terminal, opening: str) -> None:
    for command in (["tasks"], ["instances"], ["user", "list"], ["definitions"]):
        output = demo.ok(*command)
        assert max(map(len, output.splitlines())) <= 100, output
    assert "WIB" in demo.ok("instances")


def test_a_process_with_several_starts_asks_which(demo: Terminal) -> None:
    refusal = demo.refused("start", "pelayanan_prima", "--as", "kepala")
    assert "mulai_hari_layanan" in refusal
    assert "keluhan_masuk" in refusal
    assert "tidak ada atau belum berlaku" in demo.refused("start", "lain", "--as", "kepala")


def test_an_instance_is_suspended_resumed_and_cancelled_with_reasons(demo: Terminal, opening: str) -> None:
    task = demo.open_task(opening, "delegasi")
    assert "--reason" in demo.refused("suspend", opening, code=2)
    demo.ok("suspend", opening, "--reason", "Listrik padam", "--as", "pemilik")
    assert "ditangguhkan" in demo.refused("claim", task, "--as", "kepala")
    demo.ok("resume", opening)
    demo.ok("cancel", opening, "--reason", "Kantor tutup")
    shown = demo.json("show", opening)
    assert shown["instance"]["state"] == "TERMINATED"
    assert [line["who"] for line in shown["history"][-2:]] == ["sistem", "sistem"]
    assert any("Kantor tutup" in line["text"] for line in shown["history"])
    assert "sudah" in demo.refused("cancel", opening, "--reason", "Lagi")


def test_steering_is_refused_to_staff(demo: Terminal, opening: str) -> None:
    assert "administrator atau pemilik proses" in demo.refused("cancel", opening, "--reason", "x", "--as", "petugas")


def test_what_is_not_there_is_said_to_be_not_there(demo: Terminal) -> None:
    assert "tidak ada" in demo.refused("show", "tidak-ada")
    assert "bukan nomor" in demo.refused("retry", "tidak-ada")
    assert demo.json("incidents") == []


def test_a_message_that_no_process_knows_is_refused(demo: Terminal) -> None:
    assert "Tidak ada proses yang mengenal pesan" in demo.refused("message", "pesan.asing", "--key", "1")


@pytest.mark.parametrize("user", ["auditor", "pemilik", "admin"])
def test_those_who_oversee_see_what_staff_of_another_team_does_not(demo: Terminal, opening: str, user: str) -> None:
    assert [row["id"] for row in demo.json("instances", "--as", user)] == [opening]
    assert demo.json("instances", "--as", "petugas2") == []
    assert "bukan bagian" in demo.refused("show", opening, "--as", "petugas2")


def test_english_is_spoken_where_the_machine_speaks_it(demo: Terminal, opening: str) -> None:
    task = demo.open_task(opening, "delegasi")
    result = demo.run("claim", task, "--as", "petugas", LC_ALL="en_US.UTF-8")
    assert result.exit_code == 1
    assert "bukan untuk Anda" not in result.stderr
    assert "Tidak ada" not in demo.run("incidents", LC_ALL="en_US.UTF-8").output


def test_starting_by_the_system_needs_no_person(demo: Terminal) -> None:
    day = demo.ok(*(part for part in OPENING if part not in ("--as", "kepala")))
    assert demo.json("show", day)["instance"]["started_by"] == "sistem"


def deployed(demo: Terminal, folder: Path, bpmn: bytes) -> None:
    folder.mkdir()
    (folder / "proses.bpmn").write_bytes(bpmn)
    demo.ok("deploy", str(folder), "--approved-by", "pemilik")


def test_a_message_reaches_who_waits_for_it_before_the_command_returns(demo: Terminal, tmp_path: Path) -> None:
    waiting = line(("tunggu", catch("tunggu", message())), ("kerja", human()), root=message_root())
    deployed(demo, tmp_path / "proses", waiting)
    instance = demo.ok("start", "proses", "--var", 'nomor="A-1"')
    assert "disimpan" in demo.ok("message", "kabar", "--key", "B-2")
    assert demo.json("tasks") == []
    assert "1 penerima" in demo.ok("message", "kabar", "--key", "A-1", "--var", "isi=selesai", "--as", "petugas")
    assert [(row["instance_id"], row["element_id"]) for row in demo.json("tasks")] == [(instance, "kerja")]
    assert demo.json("show", instance)["variables"]["isi"] == "selesai"


def test_an_incident_is_listed_and_retried_where_it_stands(demo: Terminal, tmp_path: Path) -> None:
    undecided = bpmn(
        start(),
        gateway("pilih"),
        end("a"),
        end("b"),
        chain("mulai", "pilih"),
        flow("pilih", "a", "=siap = true"),
        flow("pilih", "b", "=siap = false"),
        properties=OPEN,
    )
    deployed(demo, tmp_path / "proses", undecided)
    instance = demo.ok("start", "proses")
    (incident,) = demo.json("incidents")
    assert (incident["instance_id"], incident["element_id"]) == (instance, "pilih")
    assert incident["id"] in demo.ok("incidents")
    assert incident["detail"] in demo.ok("show", instance)
    assert "administrator atau pemilik proses" in demo.refused("retry", incident["id"], "--as", "petugas")
    assert "belum teratasi" in demo.ok("retry", incident["id"], "--as", "pemilik")
    assert len(demo.json("incidents")) == 1
