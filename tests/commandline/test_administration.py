"""Definitions, the office's files, accounts: by the machine's owner, or by a person who may."""

import json
import shutil
from pathlib import Path

import pytest

from tests.commandline.conftest import OPENING, ROOT, Terminal

SHIPPED = ROOT / "processes" / "pelayanan_prima"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The shipped process without two of its forms."""
    folder = tmp_path / "pelayanan_prima"
    shutil.copytree(SHIPPED, folder)
    for name in ("kesiapan", "delegasi"):
        (folder / "forms" / f"{name}.form").unlink()
    return folder


def test_lint_says_when_all_is_well(empty: Terminal) -> None:
    assert "baik" in empty.ok("lint", str(SHIPPED))
    assert "baik" in empty.ok("lint", str(SHIPPED / "process.bpmn"), str(ROOT / "processes"))
    assert not empty.data.exists()


def test_lint_prints_every_problem_and_ends_with_1(empty: Terminal, broken: Path) -> None:
    result = empty.run("lint", str(broken))
    assert result.exit_code == 1
    assert result.stdout.count("SALAH") >= 2
    found = json.loads(empty.run("lint", str(broken), "--json").stdout)[str(broken)]
    named = {problem["element_id"] for problem in found if problem["severity"] == "error"}
    assert {"kesiapan", "delegasi"} <= named


@pytest.mark.parametrize("content", [b"", b"bukan xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\x00\xff"])
def test_what_is_no_bpmn_is_refused_by_lint_and_deploy(demo: Terminal, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rusak.bpmn"
    file.write_bytes(content)
    before = demo.json("definitions")
    assert demo.run("lint", str(file)).exit_code == 1
    assert demo.refused("deploy", str(file), "--approved-by", "kepala")
    assert demo.json("definitions") == before


def test_deploying_names_who_approved_and_an_unchanged_process_keeps_its_version(demo: Terminal) -> None:
    assert "tidak berubah" in demo.ok("deploy", str(SHIPPED), "--approved-by", "kepala")
    assert "--approved-by" in demo.refused("deploy", str(SHIPPED), code=2)
    assert "tidak dikenal" in demo.refused("deploy", str(SHIPPED), "--approved-by", "siapa")
    assert "pemilik proses" in demo.refused("deploy", str(SHIPPED), "--as", "petugas")
    assert [(row["version"], row["approved_by"]) for row in demo.json("definitions")] == [(1, "kepala")]


def test_a_changed_process_becomes_the_next_version(demo: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "pelayanan_prima"
    shutil.copytree(SHIPPED, folder)
    form = folder / "forms" / "delegasi.form"
    form.write_text(form.read_text(encoding="utf-8").replace('"Arahan"', '"Arahan hari ini"'), encoding="utf-8")
    assert "versi 2" in demo.ok("deploy", str(folder), "--as", "pemilik")
    effective = [row for row in demo.json("definitions") if row["effective"]]
    assert [(row["version"], row["approved_by"], row["deployed_by"]) for row in effective] == [
        (2, "pemilik", "pemilik")
    ]


def test_a_path_that_is_not_there_is_a_mistake_in_the_arguments(demo: Terminal) -> None:
    assert "bukan berkas" in demo.refused("deploy", "tidak/ada", "--as", "pemilik", code=2)
    demo.refused("organisation", "tidak/ada.yaml", code=2)


def test_the_offices_files_are_adopted_by_the_machines_owner_or_an_administrator(demo: Terminal) -> None:
    organisation, catalogue = str(SHIPPED / "organisasi.yaml"), str(SHIPPED / "katalog_layanan.csv")
    demo.ok("organisation", organisation)
    demo.ok("catalogue", catalogue, "--as", "admin")
    assert "Hanya administrator" in demo.refused("organisation", organisation, "--as", "kepala")


def test_an_organisation_with_mistakes_is_refused_with_each_of_them(demo: Terminal, tmp_path: Path) -> None:
    text = (SHIPPED / "organisasi.yaml").read_text(encoding="utf-8")
    file = tmp_path / "organisasi.yaml"
    file.write_text(
        text.replace("head: kepala ", "head: siapa ").replace("Asia/Jakarta #", "Mars/Olympus #"), encoding="utf-8"
    )
    assert len(demo.refused("organisation", str(file)).splitlines()) == 2


def test_the_examples_are_printed_for_an_office_to_begin_with(empty: Terminal) -> None:
    assert empty.ok("organisation", "--example").startswith("#")
    assert empty.ok("catalogue", "--example").startswith("kode,")


def test_an_account_takes_its_place_from_the_organisation(demo: Terminal, tmp_path: Path) -> None:
    text = (SHIPPED / "organisasi.yaml").read_text(encoding="utf-8")
    more = text.replace(
        "people:\n",
        'people:\n  baru:\n    name: Orang Baru\n    roles: [staff]\n    groups: ["petugas-layanan:tim-b"]\n'
        "    team: tim-b\n    superior: katim2\n",
    )
    file = tmp_path / "organisasi.yaml"
    file.write_text(more, encoding="utf-8")
    assert "baru" in demo.ok("organisation", str(file))
    demo.ok("user", "add", "baru", "--password-file", "-", given="kata-sandi-panjang\n")
    account = next(row for row in demo.json("user", "list") if row["id"] == "baru")
    assert (account["display_name"], account["team"], account["superior"]) == ("Orang Baru", "tim-b", "katim2")
    assert account["groups"] == ["petugas-layanan:tim-b"]


def test_a_password_is_never_an_argument_and_has_a_least_length(demo: Terminal, tmp_path: Path) -> None:
    secret = tmp_path / "sandi"
    secret.write_text("kata-sandi-panjang\nbaris lain\n", encoding="utf-8")
    demo.ok("user", "add", "baru", "--role", "staff", "--password-file", str(secret))
    assert "paling sedikit" in demo.refused("user", "password", "baru", "--password-file", "-", given="pendek\n")
    assert "--password-file" in demo.refused("user", "password", "baru", given="", code=2)
    from engine import open_engine

    with open_engine(data_dir=demo.data) as engine:
        assert engine.authenticate("baru", "kata-sandi-panjang") is not None
        assert engine.authenticate("baru", "kata-sandi-panjang\n") is None


def test_accounts_are_changed_disabled_and_enabled(demo: Terminal) -> None:
    demo.ok("user", "disable", "petugas2")
    assert "dinonaktifkan" in demo.refused("tasks", "--as", "petugas2")
    demo.ok("user", "enable", "petugas2", "--as", "admin")
    assert "masih aktif" in demo.refused("user", "enable", "petugas2")
    assert "Hanya administrator" in demo.refused("user", "disable", "petugas2", "--as", "katim2")
    assert "administrator terakhir" in demo.refused("user", "disable", "admin")
    demo.ok("user", "change", "petugas2", "--name", "Agus P.")
    assert demo.ok("user", "groups", "petugas2", "pelanggan", "petugas-layanan:tim-a").split() == [
        "pelanggan",
        "petugas-layanan:tim-a",
    ]
    assert demo.ok("user", "groups", "petugas2", "--none") == ""
    account = next(row for row in demo.json("user", "list") if row["id"] == "petugas2")
    assert (account["display_name"], account["groups"]) == ("Agus P.", [])


def test_nobody_may_be_called_like_the_system(demo: Terminal) -> None:
    assert "sistem" in demo.refused("user", "add", "sistem", "--role", "staff", "--no-password")


def test_an_office_is_set_up_on_postgresql_by_commands_alone(empty: Terminal, empty_postgresql_url: str) -> None:
    place = ("--database", empty_postgresql_url)
    assert "prima migrate" in empty.refused("user", "list", *place)
    assert "disesuaikan" in empty.ok("migrate", *place)
    empty.ok("organisation", str(SHIPPED / "organisasi.yaml"), *place)
    for account in ("kepala", "petugas"):
        empty.ok("user", "add", account, "--no-password", *place)
    empty.ok("deploy", "pelayanan_prima", "--approved-by", "kepala", *place)
    day = empty.ok(*OPENING, *place)
    assert [row["instance_id"] for row in empty.json("tasks", "--as", "kepala", *place)] == [day]
    assert "PostgreSQL" in empty.ok("doctor", *place)
    assert "sesuai" in empty.ok("verify", *place)
    assert "pg_dump" in empty.refused("backup", str(empty.data / "x"), *place)
