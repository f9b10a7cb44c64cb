"""`prima serve`: the first set-up, and commands beside a server that runs."""

import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import open_engine
from tests.commandline.conftest import OPENING, Terminal
from web.commandline.session import acting_as
from web.setting_up import FirstOffice, set_up_office, smallest_organisation

Keep = Callable[[subprocess.Popen[str]], subprocess.Popen[str]]
LIVE = ("--office-name", "Balai Uji", "--zone", "Asia/Makassar", "--admin", "bos", "--admin-name", "Bos Besar")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serving(terminal: Terminal, keep: Keep, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """A server that answers, and its address."""
    port = free_port()
    program = keep(terminal.process("serve", "--port", str(port), *arguments))
    address = f"http://127.0.0.1:{port}/login"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert program.poll() is None, program.communicate()[0]
        try:
            with urllib.request.urlopen(address, timeout=5):
                return program, address
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def stopped(program: subprocess.Popen[str]) -> str:
    program.send_signal(signal.SIGTERM)
    output = program.communicate(timeout=60)[0]
    assert program.returncode == 0, output
    return output


def test_a_demo_is_set_up_and_served_by_one_command(empty: Terminal, programs: Keep) -> None:
    program, address = serving(empty, programs, "--demo")
    with urllib.request.urlopen(address, timeout=5) as answer:
        assert "Ratna Wulandari" in answer.read().decode()
    people = {"kepala", "katim", "katim2", "petugas", "petugas2", "pemilik", "auditor", "admin"}
    assert people <= {row["id"] for row in empty.json("user", "list") if row["demo"]}
    assert [(row["key"], row["approved_by"]) for row in empty.json("definitions")] == [("pelayanan_prima", "kepala")]
    assert "DEMO" in stopped(program)


def test_beside_a_server_commands_work_and_the_server_carries_out_what_they_cause(
    demo: Terminal, programs: Keep, tmp_path: Path
) -> None:
    program, _ = serving(demo, programs, "--demo")
    day = demo.ok(*OPENING)
    demo.do("kepala", day, "delegasi", versi_standar="v1", konfirmasi=True)
    demo.do("katim", day, "instruksi", petugas_bertugas=["petugas"], perilaku_disampaikan=True)
    ready = {"hadir": True, "atk_siap": True, "sistem_siap": True, "pelanggan_menunggu": True, "petugas": "petugas"}
    visit = {"jenis_layanan": "sanitasi-kapal", "nama_pelanggan": "Seseorang", "no_permintaan": "P-1"}
    demo.do("petugas", day, "kesiapan", **ready, **visit)
    deadline = time.monotonic() + 20
    while not any(task["element_id"] == "pelayanan" for task in demo.json("show", day)["tasks"]):
        assert time.monotonic() < deadline, "the server has not carried the job out"
        time.sleep(0.1)
    second = programs(demo.process("serve", "--demo", "--port", str(free_port())))
    output = second.communicate(timeout=60)[0]
    assert second.returncode == 1
    assert str(program.pid) in output
    assert "Traceback" not in output
    copy = tmp_path / "cadangan.sqlite"
    demo.ok("backup", str(copy))
    assert str(program.pid) in demo.refused("restore", str(copy))
    assert "sesuai" in demo.ok("verify")
    assert "wrong" not in {row["grade"] for row in demo.json("doctor")}
    stopped(program)


def test_a_port_that_is_taken_is_said_in_a_sentence(demo: Terminal, programs: Keep) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        program = programs(demo.process("serve", "--demo", "--port", port))
        output = program.communicate(timeout=60)[0]
    assert program.returncode == 1
    assert port in output
    assert "Traceback" not in output


def test_a_real_office_is_set_up_by_options_and_stays(empty: Terminal, programs: Keep, tmp_path: Path) -> None:
    secret = tmp_path / "sandi"
    secret.write_text("kata-sandi-panjang\n", encoding="utf-8")
    program, _ = serving(empty, programs, *LIVE, "--admin-password-file", str(secret))
    stopped(program)
    with open_engine(data_dir=empty.data) as engine:
        assert (engine.office_name, engine.zone) == ("Balai Uji", "Asia/Makassar")
        found = engine.authenticate("bos", "kata-sandi-panjang")
        assert found is not None
        assert (found.display_name, found.roles, found.demo) == ("Bos Besar", ("admin",), False)
    program, _ = serving(empty, programs)
    assert "organisasi.yaml" not in stopped(program)
    assert "data kantor sungguhan" in empty.refused("serve", "--demo")


def test_without_a_terminal_the_first_serve_names_the_options_that_it_needs(empty: Terminal) -> None:
    refusal = empty.refused("serve", code=2)
    assert "--office-name" in refusal
    assert "--zone" in refusal
    assert "--admin" in empty.refused("serve", "--office-name", "Balai", "--zone", "Asia/Jakarta", code=2)


@pytest.mark.parametrize(
    ("arguments", "given", "code", "said"),
    [
        (("--zone", "Mars/Olympus", "--admin", "bos"), "kata-sandi-panjang\n", 1, "Mars/Olympus"),
        (("--zone", "Asia/Jakarta", "--admin", "bos"), "pendek\n", 1, "paling sedikit"),
        (("--zone", "Asia/Jakarta", "--admin", "B O S"), "kata-sandi-panjang\n", 1, "Nama akun"),
        (("--zone", "Asia/Jakarta", "--admin", "bos", "--base-url", "prima"), "kata-sandi-panjang\n", 2, "prima"),
    ],
)
def test_a_first_serve_with_a_mistake_sets_nothing_up(
    empty: Terminal, arguments: tuple[str, ...], given: str, code: int, said: str
) -> None:
    options = ("serve", "--office-name", "Balai", "--admin-password-file", "-", *arguments)
    assert said in empty.refused(*options, given=given, code=code)
    with open_engine(data_dir=empty.data) as engine:
        assert engine.organisation is None
        assert engine.accounts() == ()


def test_demo_data_is_served_only_as_a_demo(demo: Terminal) -> None:
    assert "demo" in demo.refused("serve")


def test_a_demo_that_was_cut_short_is_completed_by_the_next_start(demo: Terminal, empty: Terminal) -> None:
    from web.setting_up import set_up_demo

    with open_engine(data_dir=demo.data) as engine:
        stages: list[str] = []
        set_up_demo(engine, acting_as(None), stages.append)
        assert stages == []
        assert len(engine.accounts()) == 9


@pytest.mark.parametrize("name", ["Balai Uji", "123", "!!!", "Ünïcode – Kantor"])
def test_the_smallest_organisation_is_a_good_one(empty: Terminal, name: str) -> None:
    with open_engine(data_dir=empty.data) as engine:
        set_up_office(engine, acting_as(None), FirstOffice(name, "Asia/Jayapura"), "bos")
        assert (engine.office_name, engine.zone) == (name, "Asia/Jayapura")
    assert b"bos" in smallest_organisation(FirstOffice(name, "Asia/Jayapura"), "bos")


def test_the_tests_of_an_installed_prima_are_pointed_to_the_checkout(empty: Terminal) -> None:
    assert "./prima test" in empty.refused("test", "-k", "x")


def test_an_unknown_command_is_a_mistake_in_the_arguments(empty: Terminal) -> None:
    assert "terbang" in empty.refused("terbang", code=2)
    assert "--terbang" in empty.refused("tasks", "--terbang", code=2)
