"""The validator: each rule on the smallest model that breaks it, and what must stay allowed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from engine.definition.feel import FeelEngine
from engine.definition.forms import Form, parse_form
from engine.definition.reader import read_bpmn
from engine.definition.rulebook import NOTES, RULES
from engine.definition.validator import validate
from engine.errors import Problem
from tests.definition.diagram import (
    boundary,
    bpmn,
    chain,
    element,
    end,
    error,
    error_root,
    extensions,
    flow,
    gateway,
    job,
    message,
    message_root,
    properties,
    script,
    simple,
    start,
    sub_process,
    task,
    timer,
    zeebe,
)
from tests.definition.test_executable import LOADING
from tests.definition.test_reader import READING

OPEN = properties(variables="open")
MULTI = "multiInstanceLoopCharacteristics"


@pytest.fixture(scope="module")
def feel() -> Iterator[FeelEngine]:
    with FeelEngine(timeout_ms=1000) as engine:
        yield engine


def form(form_id: str = "isian", *components: Mapping[str, Any]) -> Form:
    """A form with `nomor` (text), `jumlah` (number), `batas` (a moment) and `nama` (personal text), and more."""
    known = [
        {"type": "textfield", "key": "nomor"},
        {"type": "number", "key": "jumlah"},
        {"type": "datetime", "subtype": "datetime", "key": "batas"},
        {"type": "textfield", "key": "nama", "properties": {"personal": "true"}},
    ]
    schema = {"id": form_id, "type": "default", "components": [*known, *components]}
    return parse_form(json.dumps(schema), name=f"{form_id}.form")


def check(data: bytes, feel: FeelEngine, *forms: Form) -> list[Problem]:
    """Every finding of reading and validating; the form `isian` is there, with the job type and the calendar."""
    result = read_bpmn(data)
    known = {item.id: item for item in forms or (form(),)}
    problems = [*result.problems, *result.notes]
    for model in result.models.values():
        problems += validate(
            model, known, feel, job_types={"kirim_surat"}, calendars={"jam_kerja"}, stand_ins=result.stand_ins
        )
    return problems


def found(problems: list[Problem]) -> set[tuple[str, str]]:
    """(rule, element id), without the note that the form is not used."""
    return {
        (item.rule, item.element_id) for item in problems if (item.rule, item.element_id) != ("form_unused", "isian")
    }


def with_form(*parts: str, node: str = "", **options: str) -> bytes:
    """`simple`, with the form `isian` at the start: its variables are declared."""
    begin = start("mulai", extensions(zeebe("formDefinition", formId="isian")))
    return bpmn(begin, node or task(), end(), chain("mulai", "kerja", "selesai"), *parts, **options)


def split(*parts: str, kind: str = "exclusiveGateway", **attributes: str) -> bytes:
    """`mulai` to the gateway `pilih`, tasks `a` and `b`, variables open; the flows out of it are the parts."""
    return bpmn(
        start(),
        gateway("pilih", kind, **attributes),
        task("a"),
        task("b"),
        chain("mulai", "pilih"),
        *parts,
        properties=OPEN,
    )


def awaiting(*targets: str, more: str = "", root: str = "") -> bytes:
    """`mulai` to the event-based gateway `tunggu` and from there to the target `dengar` (a message) and to `b`."""
    dengar = element("intermediateCatchEvent", "dengar", message())
    return bpmn(
        start(),
        gateway("tunggu", "eventBasedGateway"),
        dengar,
        *targets,
        end(),
        more,
        chain("mulai", "tunggu", "dengar", "selesai"),
        root=message_root() + root,
        properties=OPEN,
    )


def loop(body: str = "", **attributes: str) -> str:
    """Multi-instance over `=daftar`."""
    written = {"inputCollection": "=daftar", **attributes}
    return f"<bpmn:{MULTI}>{extensions(zeebe('loopCharacteristics', **written))}{body}</bpmn:{MULTI}>"


def mapped(*inside: str) -> str:
    return zeebe("ioMapping", *inside)


def output(source: str, target: str = "hasil") -> str:
    return mapped(zeebe("output", source=source, target=target))


def hidden_by(expression: str) -> Form:
    return form("isian", {"type": "textfield", "key": "alasan", "id": "alasan", "conditional": {"hide": expression}})


# (rule, element, file): the only finding
RULE_BY_RULE: list[tuple[str, str, bytes]] = [
    # how nodes and flows are joined
    ("start_missing", "proses", bpmn(task(), end(), chain("kerja", "selesai"))),
    ("subprocess_start_count", "kerja", simple(node=sub_process("kerja", task("a")))),
    (
        "subprocess_start_count",
        "kerja",
        simple(node=sub_process("kerja", start("a"), start("b"), task("c"), flow("a", "c"), flow("b", "c"))),
    ),
    (
        "subprocess_start_kind",
        "a",
        simple(node=sub_process("kerja", start("a", message()), task("b"), chain("a", "b")), root=message_root()),
    ),
    ("subprocess_start_kind", "a", simple(node=sub_process("kerja", start("a", timer()), task("b"), chain("a", "b")))),
    (
        "incoming_forbidden",
        "mulai",
        simple(gateway("g"), task("b"), chain("b", "g", "mulai"), start("awal"), chain("awal", "b")),
    ),
    ("outgoing_forbidden", "selesai", simple(task("b"), chain("selesai", "b"))),
    (
        "outgoing_missing",
        "pilih",
        simple(gateway("pilih"))
        .replace(b'targetRef="selesai"', b'targetRef="pilih"')
        .replace(b'<bpmn:endEvent id="selesai" name="selesai"></bpmn:endEvent>', b""),
    ),
    ("outgoing_missing", "batas", simple(boundary("batas", "kerja", timer()))),
    ("several_outgoing", "kerja", simple(task("b"), chain("kerja", "b"))),
    (
        "flow_crosses_container",
        "kerja-b",
        simple(sub_process("sub", start("a"), task("b"), chain("a", "b")), start("awal"), chain("awal", "sub"))
        .replace(b'sourceRef="kerja" targetRef="selesai"', b'sourceRef="kerja" targetRef="b"')
        .replace(b"kerja-selesai", b"kerja-b")
        .replace(b'<bpmn:endEvent id="selesai" name="selesai"></bpmn:endEvent>', b""),
    ),
    (
        "reference_unknown",
        "kerja-b",
        simple(start("awal"), chain("awal", "selesai"))
        .replace(b"kerja-selesai", b"kerja-b")
        .replace(b'sourceRef="kerja" targetRef="selesai"', b'sourceRef="kerja" targetRef="b"'),
    ),
    ("unreachable", "b", simple(task("b"), chain("b", "selesai"))),
    ("incoming_missing", "g", simple(gateway("g"), chain("g", "selesai"))),
    # gateways
    (
        "condition_misplaced",
        "a-selesai",
        bpmn(start(), task("a"), end(), chain("mulai", "a"), flow("a", "selesai", "=true")),
    ),
    ("condition_missing", "pilih-b", split(flow("pilih", "a", "=x"), flow("pilih", "b"))),
    ("condition_missing", "pilih-b", split(flow("pilih", "a", "=x"), flow("pilih", "b"), kind="inclusiveGateway")),
    ("condition_empty", "pilih-b", split(flow("pilih", "a", "=x"), flow("pilih", "b", ""))),
    ("default_misplaced", "a", bpmn(start(), task("a", default="a-selesai"), end(), chain("mulai", "a", "selesai"))),
    ("default_unknown", "pilih", split(flow("pilih", "a", "=x"), flow("pilih", "b", "=y"), default="mulai-pilih")),
    ("default_with_condition", "pilih-b", split(flow("pilih", "a", "=x"), flow("pilih", "b", "=y"), default="pilih-b")),
    ("event_gateway_too_few", "tunggu", awaiting()),
    ("event_gateway_target", "tunggu", awaiting(task("b"), chain("tunggu", "b"))),
    (
        "event_gateway_target_incoming",
        "b",
        awaiting(
            element("intermediateCatchEvent", "b", timer()),
            start("awal"),
            chain("tunggu", "b", "selesai"),
            chain("awal", "b"),
        ),
    ),
    (
        "event_gateway_target_boundary",
        "b",
        awaiting(
            task("b", kind="receiveTask", messageRef="lain"),
            boundary("c", "b", timer()),
            chain("tunggu", "b", "selesai"),
            chain("c", "selesai"),
            root=message_root("lain", "lain"),
        ).replace(message().encode(), timer().encode()),
    ),
    (
        "event_gateway_target_repeated",
        "b",
        awaiting(
            task("b", kind="receiveTask", messageRef="lain", body=loop()),
            chain("tunggu", "b", "selesai"),
            root=message_root("lain", "lain"),
        ).replace(message().encode(), timer().encode()),
    ),
    (
        "event_gateway_mixed",
        "tunggu",
        awaiting(
            task("b", kind="receiveTask", messageRef="lain"),
            chain("tunggu", "b", "selesai"),
            root=message_root("lain", "lain"),
        ),
    ),
    (
        "message_ambiguous",
        "tunggu",
        awaiting(element("intermediateCatchEvent", "b", message()), chain("tunggu", "b", "selesai")),
    ),
    # loops
    (
        "loop_without_wait",
        "g",
        bpmn(
            start(),
            gateway("g"),
            gateway("h", default="h-g"),
            end(),
            chain("mulai", "g", "h", "g"),
            flow("h", "selesai", "=true"),
        ),
    ),
    # events
    ("timer_start_unsupported", "mulai", bpmn(start("mulai", timer()), task(), chain("mulai", "kerja"))),
    ("event_misplaced", "mulai", bpmn(start("mulai", error()), task(), chain("mulai", "kerja"), root=error_root())),
    ("event_misplaced", "selesai", bpmn(start(), end("selesai", timer()), chain("mulai", "selesai"))),
    (
        "event_misplaced",
        "lempar",
        bpmn(start(), element("intermediateThrowEvent", "lempar", timer()), end(), chain("mulai", "lempar", "selesai")),
    ),
    (
        "event_definition_missing",
        "a",
        bpmn(start(), element("intermediateCatchEvent", "a"), end(), chain("mulai", "a", "selesai")),
    ),
    ("event_definition_missing", "batas", simple(boundary("batas", "kerja", ""), chain("batas", "selesai"))),
    (
        "message_throw_unsupported",
        "selesai",
        bpmn(start(), end("selesai", message()), chain("mulai", "selesai"), root=message_root(), properties=OPEN),
    ),
    (
        "message_throw_unsupported",
        "a",
        bpmn(
            start(),
            element("intermediateThrowEvent", "a", message()),
            end(),
            chain("mulai", "a", "selesai"),
            root=message_root(),
            properties=OPEN,
        ),
    ),
    ("timer_invalid", "batas", simple(boundary("batas", "kerja", timer("5 menit")), chain("batas", "selesai"))),
    ("timer_invalid", "batas", simple(boundary("batas", "kerja", timer("-PT5M")), chain("batas", "selesai"))),
    (
        "timer_invalid",
        "batas",
        simple(boundary("batas", "kerja", timer("besok", "timeDate")), chain("batas", "selesai")),
    ),
    (
        "timer_invalid",
        "batas",
        simple(
            boundary("batas", "kerja", timer("0 0 9 * * *", "timeCycle"), cancelActivity="false"),
            chain("batas", "selesai"),
        ),
    ),
    ("timer_invalid", "kerja", simple(node=task("kerja", zeebe("taskSchedule", dueDate="lusa")))),
    (
        "cycle_misplaced",
        "batas",
        simple(boundary("batas", "kerja", timer("R3/PT5M", "timeCycle")), chain("batas", "selesai")),
    ),
    (
        "cycle_misplaced",
        "a",
        bpmn(
            start(),
            element("intermediateCatchEvent", "a", timer("R/PT5M", "timeCycle")),
            end(),
            chain("mulai", "a", "selesai"),
        ),
    ),
    (
        "message_name_missing",
        "mulai",
        bpmn(start("mulai", message()), task(), chain("mulai", "kerja"), root=message_root(name="")),
    ),
    (
        "message_name_not_literal",
        "mulai",
        bpmn(start("mulai", message()), task(), chain("mulai", "kerja"), root=message_root(name="=nama")),
    ),
    (
        "message_start_repeated",
        "proses",
        bpmn(
            start("a", message()),
            start("b", message()),
            task(),
            chain("a", "kerja"),
            chain("b", "kerja"),
            root=message_root(),
        ),
    ),
    (
        "message_ambiguous",
        "kerja",
        simple(
            boundary("a", "kerja", message()),
            boundary("b", "kerja", message()),
            chain("a", "selesai"),
            chain("b", "selesai"),
            root=message_root(),
            properties=OPEN,
        ),
    ),
    (
        "correlation_key_missing",
        "kerja",
        simple(node=task(kind="receiveTask", messageRef="pesan"), root=message_root(key=None)),
    ),
    (
        "error_code_missing",
        "gagal",
        simple(
            node=sub_process("kerja", start("a"), end("gagal", "<bpmn:errorEventDefinition />"), chain("a", "gagal"))
        ),
    ),
    (
        "error_code_not_literal",
        "gagal",
        simple(
            boundary("c", "kerja", "<bpmn:errorEventDefinition />"),
            chain("c", "selesai"),
            node=sub_process("kerja", start("a"), end("gagal", error()), chain("a", "gagal")),
            root=error_root(code="=kode"),
        ),
    ),
    (
        "error_uncaught",
        "gagal",
        simple(node=sub_process("kerja", start("a"), end("gagal", error()), chain("a", "gagal")), root=error_root()),
    ),
    ("error_uncaught", "selesai", bpmn(start(), end("selesai", error()), chain("mulai", "selesai"), root=error_root())),
    (
        "error_ambiguous",
        "kerja",
        simple(
            boundary("a", "kerja", error()),
            boundary("b", "kerja", error()),
            chain("a", "selesai"),
            chain("b", "selesai"),
            node=job("kerja"),
            root=error_root(),
        ),
    ),
    ("error_host", "batas", simple(boundary("batas", "kerja", error()), chain("batas", "selesai"), root=error_root())),
    (
        "error_not_interrupting",
        "batas",
        simple(
            boundary("batas", "kerja", error(), cancelActivity="false"),
            chain("batas", "selesai"),
            node=job("kerja"),
            root=error_root(),
        ),
    ),
    (
        "boundary_host",
        "batas",
        simple(
            boundary("batas", "selesai", timer()), task("b"), chain("batas", "b"), start("awal"), chain("awal", "b")
        ),
    ),
    (
        "boundary_never_fires",
        "batas",
        simple(boundary("batas", "kerja", timer()), chain("batas", "selesai"), node=script("kerja")),
    ),
    (
        "reference_missing",
        "batas",
        simple(boundary("batas", "", timer()), chain("batas", "selesai")),
    ),
    # activities
    ("job_type_missing", "kerja", simple(node=task(kind="serviceTask"))),
    ("call_process_missing", "kerja", simple(node=task(kind="callActivity"))),
    (
        "call_version_tag_missing",
        "kerja",
        simple(
            node=task("kerja", zeebe("calledElement", processId="lain", bindingType="versionTag"), kind="callActivity")
        ),
    ),
    ("job_type_unknown", "kerja", simple(node=job("kerja", job_type="lain"))),
    (
        "retries_invalid",
        "kerja",
        simple(node=task("kerja", zeebe("taskDefinition", type="kirim_surat", retries="=3"), kind="sendTask")),
    ),
    ("script_missing", "kerja", simple(node=task(kind="scriptTask"))),
    ("performer_missing", "kerja", simple(node=element("userTask", "kerja"))),
    ("priority_invalid", "kerja", simple(node=task("kerja", zeebe("priorityDefinition", priority="tinggi")))),
    ("priority_invalid", "kerja", simple(node=task("kerja", zeebe("priorityDefinition", priority="101")))),
    ("form_unknown", "kerja", simple(node=task("kerja", zeebe("formDefinition", formId="lain")))),
    (
        "form_misplaced",
        "a",
        simple(
            node=sub_process(
                "kerja", start("a", extensions(zeebe("formDefinition", formId="isian"))), task("b"), chain("a", "b")
            )
        ),
    ),
    ("loop_output_incomplete", "kerja", simple(node=task(body=loop(outputCollection="hasil")), properties=OPEN)),
    (
        "input_mapping_misplaced",
        "mulai",
        bpmn(
            start("mulai", extensions(mapped(zeebe("input", source="1", target="a")))), task(), chain("mulai", "kerja")
        ),
    ),
    ("variable_name_invalid", "kerja", simple(node=task("kerja", output("1", "nomor urut")))),
    ("variable_name_invalid", "kerja", simple(node=task("kerja", output("1", "pesanan.total")))),
    ("variable_name_invalid", "kerja", simple(node=script("kerja", result="if"))),
    ("variable_name_invalid", "kerja", simple(node=task(body=loop(inputElement="satu-satu")), properties=OPEN)),
    ("variable_name_reserved", "kerja", simple(node=task("kerja", output("1", "loopCounter")))),
    # expressions and variables
    ("feel_syntax", "kerja", simple(node=script("kerja", "=1 +"))),
    ("feel_required", "kerja", simple(node=script("kerja", "1 + 1"))),
    ("feel_required", "pilih-a", split(flow("pilih", "a", "x"), flow("pilih", "b"), default="pilih-b")),
    (
        "feel_required",
        "kerja",
        simple(node=task(kind="receiveTask", messageRef="pesan"), root=message_root(key="nomor")),
    ),
    ("feel_required", "kerja", simple(node=task(body=loop(inputCollection="daftar")))),
    ("feel_required", "kerja", simple(node=task("kerja", properties(excludedUsers="budi")))),
    ("variable_undeclared", "kerja", with_form(node=script("kerja", "=jumlah + lain"))),
    ("variable_undeclared", "batas", with_form(boundary("batas", "kerja", timer("=lama")), chain("batas", "selesai"))),
    ("variable_undeclared", "kerja", with_form(node=task("kerja", zeebe("assignmentDefinition", assignee="=siapa")))),
    ("variable_kind_conflict", "proses", with_form(node=job("kerja", properties(result__jumlah="string")))),
    ("personal_computed", "kerja", with_form(node=script("kerja", "=upper case(nama)"))),
    ("personal_computed", "kerja", with_form(node=task("kerja", output("=nama.depan")))),
    ("personal_computed", "kerja", with_form(node=task("kerja", output("=[nama]")))),
    ("personal_decides", "kerja", with_form(node=task("kerja", zeebe("assignmentDefinition", assignee="=nama")))),
    ("personal_decides", "batas", with_form(boundary("batas", "kerja", timer("=nama")), chain("batas", "selesai"))),
    ("personal_decides", "kerja", with_form(node=task("kerja", properties(excludedUsers="=[nama]")))),
    (
        "personal_decides",
        "kerja",
        with_form(node=task("kerja", kind="receiveTask", messageRef="pesan"), root=message_root(key="=nama")),
    ),
    ("personal_decides", "kerja", with_form(node=task(body=loop(inputCollection="=nama")))),
    ("personal_decides", "kerja", with_form(node=task("kerja", zeebe("taskSchedule", dueDate="=nama")))),
    (
        "personal_decides",
        "g-a",
        with_form(
            gateway("g", default="g-b"),
            task("a"),
            task("b"),
            start("awal"),
            chain("awal", "g"),
            flow("g", "a", '=nama = "x"'),
            flow("g", "b"),
        ),
    ),
    # properties
    ("property_misplaced", "kerja", simple(node=task("kerja", properties(standar_waktu="true")))),
    ("property_misplaced", "kerja", simple(node=task("kerja", properties(calendar="jam_kerja")))),
    (
        "property_misplaced",
        "akhir",
        bpmn(start(), end("akhir", extensions(properties(excludedUsers='=["budi"]'))), chain("mulai", "akhir")),
    ),
    (
        "property_misplaced",
        "akhir",
        bpmn(start(), end("akhir", extensions(properties(businessKey='="a"'))), chain("mulai", "akhir")),
    ),
    ("property_misplaced", "kerja", simple(node=job("kerja", properties(menunggu_pelanggan="true")))),
    ("property_value", "kerja", simple(node=task("kerja", properties(menunggu_pelanggan="ya")))),
    ("personal_decides", "kerja", with_form(node=job("kerja", properties(businessKey="=nama")))),
    ("property_misplaced", "kerja", simple(node=task("kerja", properties(result__a="string")))),
    ("property_misplaced", "kerja", simple(node=task("kerja", properties(personal="a")))),
    ("property_misplaced", "kerja", simple(node=task("kerja", properties(jenis_berkas="Keluhan")))),
    ("property_value", "kerja", simple(node=job("kerja", properties(result__a="teks")))),
    (
        "property_value",
        "batas",
        simple(boundary("batas", "kerja", timer(), properties(standar_waktu="ya")), chain("batas", "selesai")),
    ),
    ("property_value", "proses", simple(properties=properties(variables="tertutup"))),
    (
        "variable_name_invalid",
        "kerja",
        simple(node=job("kerja", zeebe("properties", zeebe("property", name="result.a-b", value="any")))),
    ),
    (
        "calendar_unknown",
        "batas",
        simple(boundary("batas", "kerja", timer(), properties(calendar="lain")), chain("batas", "selesai")),
    ),
    (
        "calendar_on_date",
        "batas",
        simple(
            boundary("batas", "kerja", timer("2026-11-23T08:00:00Z", "timeDate"), properties(calendar="jam_kerja")),
            chain("batas", "selesai"),
        ),
    ),
    ("personal_unknown", "kerja", simple(node=job("kerja", properties(result__a="string", personal="a, b")))),
    ("property_unknown", "kerja", simple(node=task("kerja", properties(warna="merah")))),
    ("property_unknown", "proses", simple(properties=properties(warna="merah"))),
]


@pytest.mark.parametrize(
    ("rule", "element_id", "data"), RULE_BY_RULE, ids=[f"{i}-{case[0]}" for i, case in enumerate(RULE_BY_RULE)]
)
def test_each_rule_names_its_element_and_nothing_else(
    rule: str, element_id: str, data: bytes, feel: FeelEngine
) -> None:
    problems = check(data, feel)

    assert found(problems) == {(rule, element_id)}
    assert {item.severity for item in problems if item.rule == rule} == {"note" if rule in NOTES else "error"}
    assert all(str(item) for item in problems)


def test_every_rule_of_the_book_is_tested() -> None:
    in_forms = {"form_unused", "form_personal", "form_variable_undeclared"}

    assert {rule for rule, *_ in (*READING, *LOADING, *RULE_BY_RULE)} | in_forms == set(RULES)


def test_a_rule_s_words_use_exactly_its_parameters(feel: FeelEngine) -> None:
    for _, _, data in RULE_BY_RULE:
        for item in check(data, feel):
            assert set(item.params) <= {"kind"} | {name for name in item.params if f"%({name})s" in item.message}


# --- expressions inside forms ----------------------------------------------------------------------------------------


def test_a_form_that_nothing_uses_is_a_note(feel: FeelEngine) -> None:
    (note,) = check(simple(), feel)

    assert (note.rule, note.element_id, note.severity) == ("form_unused", "isian", "note")


def test_a_form_may_not_ask_for_what_nothing_fills(feel: FeelEngine) -> None:
    assert found(check(with_form(), feel, hidden_by("=jumlah > lain"))) == {("form_variable_undeclared", "alasan")}


def test_a_form_s_condition_may_not_look_at_what_is_personal_elsewhere(feel: FeelEngine) -> None:
    data = with_form(
        node=task("kerja", zeebe("formDefinition", formId="lanjutan"), output("=nama", "penanggung_jawab"))
    )
    other = parse_form(
        json.dumps(
            {
                "id": "lanjutan",
                "components": [
                    {"type": "textfield", "key": "a", "id": "a", "conditional": {"hide": "=penanggung_jawab = null"}},
                ],
            }
        ),
        name="lanjutan.form",
    )

    assert found(check(data, feel, form(), other)) == {("form_personal", "a")}


# --- personal data ---------------------------------------------------------------------------------------------------


def test_a_personal_value_may_be_moved_whole(feel: FeelEngine) -> None:
    data = with_form(node=task("kerja", output("=nama", "pelapor")))

    assert found(check(data, feel)) == set()


def test_taint_follows_a_value_through_every_move(feel: FeelEngine) -> None:
    later = script("c", "=kedua = null", "kosong")
    data = bpmn(
        start("mulai", extensions(zeebe("formDefinition", formId="isian"))),
        task("a", output("=pertama", "kedua")),
        task("b", output("=nama", "pertama")),
        later,
        chain("mulai", "a", "b", "c"),
    )

    assert found(check(data, feel)) == {("personal_computed", "c")}


def test_a_personal_result_of_a_job_is_personal(feel: FeelEngine) -> None:
    results = properties(result__alamat="string", personal="alamat")
    data = simple(boundary("batas", "kerja", timer("=alamat")), chain("batas", "selesai"), node=job("kerja", results))

    assert found(check(data, feel)) == {("personal_decides", "batas")}


def test_a_collection_of_personal_elements_is_personal(feel: FeelEngine) -> None:
    repeated = task("kerja", body=loop(inputCollection="=[1, 2]", outputCollection="semua", outputElement="=nama"))
    data = with_form(script("akhir", "=count(semua)", "banyak"), node=repeated).replace(
        b'sourceRef="kerja" targetRef="selesai"', b'sourceRef="kerja" targetRef="akhir"'
    )
    data = data.replace(b'<bpmn:endEvent id="selesai" name="selesai"></bpmn:endEvent>', b"")

    assert found(check(data, feel)) == {("personal_computed", "akhir")}


# --- loops without a wait --------------------------------------------------------------------------------------------


def looping(*nodes: str, body: str, root: str = "") -> bytes:
    """`g` and `h` around a body: `h` leads back to `g` or out."""
    return bpmn(
        start(),
        gateway("g"),
        gateway("h", default="h-g"),
        end(),
        *nodes,
        chain("mulai", "g"),
        body,
        flow("h", "g"),
        flow("h", "selesai", "=true"),
        root=root,
    )


WAITING = [
    looping(task("a"), body=chain("g", "a", "h")),
    looping(job("a"), body=chain("g", "a", "h")),
    looping(element("intermediateCatchEvent", "a", timer()), body=chain("g", "a", "h")),
    looping(sub_process("a", start("b"), task("c"), end("d"), chain("b", "c", "d")), body=chain("g", "a", "h")),
    # the join waits for the task beside the short way round
    looping(
        gateway("p", "parallelGateway"),
        gateway("q", "parallelGateway"),
        task("a"),
        body=chain("g", "p", "q", "h") + chain("p", "a", "q"),
    ),
    # the sub-process waits for the task beside the short way to its end
    looping(
        sub_process(
            "a",
            start("b"),
            gateway("p", "parallelGateway"),
            end("d"),
            task("c"),
            chain("b", "p", "d"),
            chain("p", "c"),
        ),
        body=chain("g", "a", "h"),
    ),
]

ENDLESS = [
    (looping(body=chain("g", "h")), "g"),
    (looping(script("a"), body=chain("g", "a", "h")), "g"),
    (looping(element("intermediateThrowEvent", "a"), body=chain("g", "a", "h")), "g"),
    (looping(sub_process("a", start("b"), end("c"), chain("b", "c")), body=chain("g", "a", "h")), "g"),
    (
        looping(
            gateway("p", "parallelGateway"),
            gateway("q", "parallelGateway"),
            script("a"),
            body=chain("g", "p", "q", "h") + chain("p", "a", "q"),
        ),
        "g",
    ),
    (
        looping(
            sub_process("a", start("b"), end("c", error()), chain("b", "c")),
            boundary("d", "a", error()),
            body=chain("g", "a") + chain("d", "h"),
            root=error_root(),
        ),
        "g",
    ),
]


@pytest.mark.parametrize("data", WAITING)
def test_a_loop_in_which_something_waits_is_allowed(data: bytes, feel: FeelEngine) -> None:
    assert found(check(data, feel)) == set()


@pytest.mark.parametrize(("data", "first"), ENDLESS)
def test_a_loop_in_which_nothing_waits_is_refused_once(data: bytes, first: str, feel: FeelEngine) -> None:
    assert found(check(data, feel)) == {("loop_without_wait", first)}


# --- what is allowed -------------------------------------------------------------------------------------------------

ALLOWED = {
    "an activity that ends its path": bpmn(start(), task(), chain("mulai", "kerja")),
    "several ways into an activity": bpmn(start("a"), start("b"), task(), chain("a", "kerja"), chain("b", "kerja")),
    "several start events, one by message": bpmn(
        start("a"), start("b", message()), task(), chain("a", "kerja"), chain("b", "kerja"), root=message_root(key=None)
    ),
    "a condition on the only way out": split(flow("pilih", "a", "=x"), chain("a", "b")),
    "a default without a condition": split(flow("pilih", "a", "=x"), flow("pilih", "b"), default="pilih-b"),
    "a parallel gateway that joins and splits": bpmn(
        start(),
        gateway("p", "parallelGateway"),
        gateway("q", "parallelGateway"),
        task("a"),
        task("b"),
        gateway("r", "parallelGateway"),
        end(),
        chain("mulai", "p", "a", "q"),
        chain("p", "b", "q"),
        chain("q", "r", "selesai"),
        chain("q", "r2", "r"),
        task("r2"),
    ),
    "an event-based gateway": awaiting(
        element("intermediateCatchEvent", "b", timer()), chain("tunggu", "b", "selesai")
    ),
    "an event-based gateway with receive tasks": awaiting(
        task("b", kind="receiveTask", messageRef="lain"),
        chain("tunggu", "b", "selesai"),
        root=message_root("lain", "lain"),
    ).replace(message().encode(), timer().encode()),
    "a message that comes while a task is done": simple(
        boundary("a", "kerja", message(), cancelActivity="false"),
        chain("a", "selesai"),
        root=message_root(),
        properties=OPEN,
    ),
    "reminders": simple(
        boundary("a", "kerja", timer("R/PT1H", "timeCycle"), cancelActivity="false"), chain("a", "selesai")
    ),
    "a time standard by a business calendar": simple(
        boundary("a", "kerja", timer("PT15M"), properties(standar_waktu="true", calendar="jam_kerja")),
        chain("a", "selesai"),
    ),
    "an error caught two levels up": simple(
        boundary("c", "kerja", error()),
        chain("c", "selesai"),
        node=sub_process(
            "kerja",
            start("a"),
            sub_process("b", start("d"), end("gagal", error()), chain("d", "gagal")),
            chain("a", "b"),
        ),
        root=error_root(),
    ),
    "an error caught by an event for every error": simple(
        boundary("c", "kerja", "<bpmn:errorEventDefinition />"),
        boundary("d", "kerja", error()),
        chain("c", "selesai"),
        chain("d", "selesai"),
        node=job("kerja"),
        root=error_root(),
    ),
    "a task with no form in a lane": bpmn(
        element("laneSet", "lajur", element("lane", "l", "<bpmn:flowNodeRef>kerja</bpmn:flowNodeRef>", name="Petugas")),
        start(),
        element("manualTask", "kerja"),
        chain("mulai", "kerja"),
    ),
    "results of a message": bpmn(
        start(),
        task("terima", properties(result__jawaban="string"), kind="receiveTask", messageRef="pesan"),
        task("kerja", zeebe("assignmentDefinition", assignee="=jawaban")),
        chain("mulai", "terima", "kerja"),
        root=message_root(key='="a"'),
    ),
    "one form twice": bpmn(
        start("mulai", extensions(zeebe("formDefinition", formId="isian"))),
        task("kerja", zeebe("formDefinition", formId="isian"), output("=jumlah + 1", "jumlah")),
        chain("mulai", "kerja"),
    ),
    "the counter of a repeated task": simple(
        node=task(
            "kerja",
            zeebe("assignmentDefinition", assignee='="petugas-" + string(loopCounter)'),
            body=loop(
                "<bpmn:completionCondition>=cukup</bpmn:completionCondition>",
                inputElement="satu",
                outputCollection="semua",
                outputElement="=satu",
            ),
        ),
        properties=OPEN,
    ),
    "notes of the SOP": simple(node=task("kerja", properties(sop__nomor="1", sop__tambahan="true"))),
    "performers to be left out": with_form(node=task("kerja", properties(excludedUsers="=[nomor]"))),
}


@pytest.mark.parametrize("data", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_runs_right_is_not_refused(data: bytes, feel: FeelEngine) -> None:
    assert found(check(data, feel)) == set()


def test_nothing_more_is_said_about_what_was_refused_while_reading(feel: FeelEngine) -> None:
    data = bpmn(
        start(),
        element("businessRuleTask", "aturan"),
        gateway("rumit", "complexGateway"),
        task("a"),
        task("b"),
        chain("mulai", "aturan", "rumit"),
        flow("rumit", "a", "=x"),
        flow("rumit", "b"),
        boundary("galat_batas", "aturan", error()),
        chain("galat_batas", "b"),
        root=error_root(),
        properties=OPEN,
    )

    assert found(check(data, feel)) == {
        ("business_rule_unsupported", "aturan"),
        ("complex_gateway_unsupported", "rumit"),
    }


def test_all_findings_of_a_model_come_at_once(feel: FeelEngine) -> None:
    data = simple(
        task("lepas"),
        boundary("batas", "kerja", timer("lama")),
        chain("batas", "selesai"),
        node=job("kerja", job_type="x"),
    )

    assert found(check(data, feel)) == {
        ("unreachable", "lepas"),
        ("timer_invalid", "batas"),
        ("job_type_unknown", "kerja"),
    }


def test_open_variables_lift_the_rule_of_declaration(feel: FeelEngine) -> None:
    undeclared = script("kerja", "=lain + 1")

    assert found(check(simple(node=undeclared), feel)) == {("variable_undeclared", "kerja")}
    assert found(check(simple(node=undeclared, properties=OPEN), feel)) == set()
