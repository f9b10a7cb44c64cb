"""The files of a process folder: what makes a definition, and what refuses one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.definition.executable import ExecutableDefinition, files_hash, load_definition
from engine.definition.feel import FeelEngine
from engine.definition.model import EventKind, NodeType, TimerKind
from engine.errors import DefinitionRejected, Problem
from engine.values import canonical_bytes
from tests.definition.diagram import bpmn, chain, extensions, script, simple, start, task, zeebe

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
SOP = ROOT / "processes" / "pelayanan_prima"
SOP_JOBS = {"tetapkan_tenggat", "registrasi_keluhan", "beri_tahu_pelapor"}


def form(form_id: str = "isian", *keys: str) -> bytes:
    return json.dumps({"id": form_id, "components": [{"type": "number", "key": key} for key in keys]}).encode()


# (rule, element, files): the only problem
LOADING: list[tuple[str, str, Mapping[str, bytes]]] = [
    ("bpmn_file_count", "", {}),
    ("bpmn_file_count", "", {"a.bpmn": simple(), "b.bpmn": simple()}),
    ("form_id_taken", "isian", {"a.bpmn": simple(), "forms/a.form": form(), "forms/b.form": form()}),
    ("process_key_mismatch", "proses", {"a.bpmn": simple(), "README.md": b"lain"}),
]


@pytest.fixture(scope="module")
def feel() -> Iterator[FeelEngine]:
    with FeelEngine(timeout_ms=1000) as engine:
        yield engine


def load(files: Mapping[str, bytes], feel: FeelEngine, *, key: str | None = "proses") -> ExecutableDefinition:
    return load_definition(files, feel=feel, job_types=(), calendars=(), expected_key=key)


def refused(files: Mapping[str, bytes], feel: FeelEngine, *, key: str | None = "proses") -> tuple[Problem, ...]:
    with pytest.raises(DefinitionRejected) as rejected:
        load(files, feel, key=key)
    return tuple(rejected.value.problems)


@pytest.mark.parametrize(("rule", "element_id", "files"), LOADING)
def test_a_folder_that_makes_no_definition_is_refused(
    rule: str, element_id: str, files: Mapping[str, bytes], feel: FeelEngine
) -> None:
    problems = refused(files, feel, key="lain" if "README.md" in files else "proses")

    assert [(item.rule, item.element_id) for item in problems] == [(rule, element_id)]


def test_the_problems_of_all_files_come_at_once_with_their_file(feel: FeelEngine) -> None:
    files = {"p/process.bpmn": simple(node=script("kerja", "=1 +")), "p/forms/a.form": b"{", "p/forms/b.form": b"[]"}

    problems = refused(files, feel)

    assert {(item.rule, item.file) for item in problems} == {
        ("feel_syntax", "p/process.bpmn"),
        ("form_not_json", "p/forms/a.form"),
        ("form_not_json", "p/forms/b.form"),
    }


def test_a_file_that_is_no_bpmn_is_refused(feel: FeelEngine) -> None:
    (problem,) = refused({"a.bpmn": b"halo"}, feel)

    assert (problem.rule, problem.file) == ("not_xml", "a.bpmn")


def test_a_definition_holds_what_running_it_needs(feel: FeelEngine) -> None:
    data = bpmn(
        start("mulai", extensions(zeebe("formDefinition", formId="isian"))),
        script("hitung", "=harga * 2", "total"),
        chain("mulai", "hitung"),
    )

    definition = load({"process.bpmn": data, "isian.form": form("isian", "harga"), "sisa.form": form("sisa")}, feel)

    assert (definition.key, definition.name, definition.bpmn) == ("proses", "Proses uji", data)
    assert set(definition.forms) == {"isian", "sisa"}
    assert {name: item.kind for name, item in definition.variables.items()} == {"harga": "number", "total": "any"}
    assert definition.expressions["=harga * 2"].names == {"harga"}
    assert definition.personal == frozenset()
    assert [(note.rule, note.element_id, note.severity) for note in definition.notes] == [
        ("form_unused", "sisa", "note")
    ]


def test_the_hash_covers_paths_and_contents_of_the_definition_s_files_only(feel: FeelEngine) -> None:
    files = {"process.bpmn": simple(node=task("kerja", zeebe("formDefinition", formId="isian"))), "isian.form": form()}
    first = load(files, feel).files_hash

    assert first == load({**files, "katalog.csv": b"a"}, feel).files_hash
    assert first != load({"process.bpmn": files["process.bpmn"], "b.form": files["isian.form"]}, feel).files_hash
    assert first != load({**files, "isian.form": form("isian", "a")}, feel).files_hash
    pairs = [[path, hashlib.sha256(files[path]).hexdigest()] for path in sorted(files)]
    assert first == hashlib.sha256(canonical_bytes(pairs)).hexdigest() == files_hash(files)


# --- whole files as Camunda Modeler writes them ----------------------------------------------------------------------


def folder(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_a_file_with_every_element_that_is_executed_is_accepted_without_a_remark(feel: FeelEngine) -> None:
    definition = load_definition(
        folder(FIXTURES / "semua_elemen"),
        feel=feel,
        job_types={"nilai", "kirim_surat"},
        calendars={"jam_kerja"},
        expected_key="semua_elemen",
    )

    nodes = definition.model.nodes.values()
    assert {node.type for node in nodes} == set(NodeType)
    assert {node.event.kind for node in nodes if node.event is not None} == set(EventKind)
    assert {node.event.timer_kind for node in nodes if node.event is not None} == {*TimerKind, None}
    assert {node.lane_id for node in nodes} == {"Lane_petugas"}
    assert definition.personal == {"nama_pemohon", "nama_penyetor", "penyetor"}
    assert definition.notes == ()


def test_a_model_made_for_another_engine_is_refused_with_every_reason(feel: FeelEngine) -> None:
    files = {"mesin_lain.bpmn": (FIXTURES / "mesin_lain.bpmn").read_bytes()}

    assert {(item.rule, item.element_id) for item in refused(files, feel, key=None)} == {
        ("engine_extension_unsupported", "ajukan"),
        ("engine_extension_unsupported", "setujui"),
        ("performer_missing", "setujui"),
        ("attribute_unknown", "catat"),
        ("script_not_feel", "catat"),
        ("script_missing", "catat"),
        ("attribute_unknown", "panggil"),
        ("call_process_missing", "panggil"),
        ("event_definition_unsupported", "lompat"),
        ("event_subprocess_unsupported", "saat_dibatalkan"),
        ("condition_missing", "Flow_4"),
        ("feel_required", "Flow_3"),
    }


# --- the SOP ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sop_files() -> Mapping[str, bytes]:
    return folder(SOP)


def test_the_sop_runs_without_a_remark(sop_files: Mapping[str, bytes], feel: FeelEngine) -> None:
    definition = load_definition(
        sop_files, feel=feel, job_types=SOP_JOBS, calendars={"jam_kerja"}, expected_key=SOP.name
    )

    assert definition.notes == ()
    assert [node.id for node in definition.model.start_events] == [
        "mulai_hari_layanan",
        "pelanggan_datang",
        "keluhan_masuk",
    ]
    numbered = {node.sop_number: node.id for node in definition.model.nodes.values() if node.sop_number}
    assert [numbered[str(number)] for number in range(1, 9)] == [
        "delegasi",
        "instruksi",
        "kesiapan",
        "pelayanan",
        "informasi",
        "penerimaan",
        "tindak_lanjut",
        "laporan_keluhan",
    ]
    assert {"nama_pelanggan", "isi_keluhan", "kontak", "kronologi", "jawaban"} <= definition.personal
    assert not definition.personal & {"tim", "petugas", "petugas_dikeluhkan", "nomor_tiket", "siap"}


def test_the_sop_names_what_an_office_lacks(sop_files: Mapping[str, bytes], feel: FeelEngine) -> None:
    with pytest.raises(DefinitionRejected) as rejected:
        load_definition(sop_files, feel=feel, job_types=SOP_JOBS - {"tetapkan_tenggat"}, calendars=())

    assert {(item.rule, item.element_id) for item in rejected.value.problems} == {
        ("job_type_unknown", "tetapkan_tenggat"),
        ("calendar_unknown", "waktu_delegasi"),
        ("calendar_unknown", "waktu_instruksi"),
        ("calendar_unknown", "waktu_kesiapan"),
        ("calendar_unknown", "waktu_laporan"),
    }


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_spoiled_model_is_accepted_or_refused_and_never_breaks_the_validator(
    data: st.DataObject, sop_files: Mapping[str, bytes], feel: FeelEngine
) -> None:
    root = etree.fromstring(sop_files["process.bpmn"])
    process = root.find("{*}process")
    assert process is not None
    for _ in range(data.draw(st.integers(1, 4))):
        elements = [element for element in process.iter("*") if element is not process]
        spoil(data.draw(st.sampled_from(elements)), data)
    files = {**sop_files, "process.bpmn": etree.tostring(root)}

    problems: tuple[Problem, ...] = ()
    try:
        load_definition(files, feel=feel, job_types=SOP_JOBS, calendars={"jam_kerja"})
    except DefinitionRejected as rejected:
        problems = tuple(rejected.problems)
    assert {item.severity for item in problems} <= {"error"}
    assert all(item.message % item.params for item in problems)


def spoil(element: etree._Element, data: st.DataObject) -> None:
    """Take an element away, give it another's name, or change one of its attributes."""
    act = data.draw(st.sampled_from(["remove", "rename", "attribute", "text"]))
    parent = element.getparent()
    if act == "remove" and parent is not None:
        parent.remove(element)
    elif act == "rename":
        tags = sorted({str(other.tag) for other in element.getroottree().getroot().iter("*")})
        element.tag = data.draw(st.sampled_from(tags))
    elif act == "attribute" and element.attrib:
        name = data.draw(st.sampled_from(sorted(str(key) for key in element.attrib)))
        element.set(name, data.draw(st.sampled_from(["", "=", "=tim", "true", "delegasi", "tidak-ada"])))
    else:
        element.text = data.draw(st.sampled_from(["", "=", "=siap", "delegasi"]))
