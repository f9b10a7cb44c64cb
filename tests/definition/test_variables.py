"""Which variables a process declares, of what kind, and which are personal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from engine.definition.expressions import Purpose, compile_all, expression_uses
from engine.definition.feel import FeelEngine
from engine.definition.forms import Form, parse_form
from engine.definition.reader import read_bpmn
from engine.definition.variables import (
    LOOP_VARIABLES,
    Declaration,
    Variable,
    declared_variables,
    kind_conflicts,
    result_declarations,
    takes_results,
)
from tests.definition.diagram import (
    boundary,
    bpmn,
    chain,
    element,
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
    task,
    timer,
    zeebe,
)


@pytest.fixture(scope="module")
def feel() -> Iterator[FeelEngine]:
    with FeelEngine(timeout_ms=1000) as engine:
        yield engine


def form(form_id: str, **fields: Mapping[str, Any]) -> Form:
    components = [{"type": "textfield", "key": key, **more} for key, more in fields.items()]
    return parse_form(json.dumps({"id": form_id, "components": components}), name=f"{form_id}.form")


def variables(data: bytes, feel: FeelEngine, *forms: Form) -> dict[str, Variable]:
    model = read_bpmn(data).models["proses"]
    uses = expression_uses(model)
    compiled, _ = compile_all(uses, feel)
    return declared_variables(model, {item.id: item for item in forms}, uses, compiled)


def personal(found: Mapping[str, Variable]) -> set[str]:
    return {name for name, variable in found.items() if variable.personal}


PERSONAL = {"properties": {"personal": "true"}}


def test_fields_of_the_forms_in_use_are_declared_with_their_kind(feel: FeelEngine) -> None:
    used = form("isian", nama=PERSONAL, umur={"type": "number"}, setuju={"type": "checkbox"})
    data = simple(node=task("kerja", zeebe("formDefinition", formId="isian")))

    found = variables(data, feel, used, form("lain", sisa={}))

    assert {name: (item.kind, item.personal) for name, item in found.items()} == {
        "nama": ("string", True),
        "umur": ("number", False),
        "setuju": ("boolean", False),
    }
    assert found["umur"].declarations == (Declaration("umur", "number", False, "isian.form"),)


def test_what_is_made_inside_is_declared_without_a_kind(feel: FeelEngine) -> None:
    loop = zeebe(
        "loopCharacteristics",
        inputCollection="=[1]",
        inputElement="satu",
        outputCollection="semua",
        outputElement="=satu",
    )
    repeated = f"<bpmn:multiInstanceLoopCharacteristics>{extensions(loop)}</bpmn:multiInstanceLoopCharacteristics>"
    mapping = zeebe(
        "ioMapping", zeebe("input", source="1", target="masuk"), zeebe("output", source="2", target="keluar")
    )

    found = variables(simple(script("hitung", "=1", "hasil"), node=task("kerja", mapping, body=repeated)), feel)

    assert set(found) == {"masuk", "keluar", "hasil", "satu", "semua", *LOOP_VARIABLES}
    assert {item.kind for item in found.values()} == {"any"}
    assert not any(declaration.from_outside for item in found.values() for declaration in item.declarations)


def test_results_are_declared_on_jobs_and_on_what_receives_a_message() -> None:
    declared = properties(result__nomor="string", result__alamat="any", personal="alamat")
    data = simple(
        job("layanan", declared),
        element("intermediateCatchEvent", "dengar", extensions(declared), message()),
        element("intermediateCatchEvent", "tunggu", extensions(declared), timer()),
        node=task("kerja", declared),
        root=message_root(),
    )

    nodes = read_bpmn(data).models["proses"].nodes

    assert {node_id for node_id, node in nodes.items() if takes_results(node)} == {"layanan", "dengar"}
    assert result_declarations(nodes["layanan"]) == (
        Declaration("nomor", "string", False, "layanan"),
        Declaration("alamat", "any", True, "layanan"),
    )
    assert [item.name for item in result_declarations(nodes["dengar"])] == ["nomor", "alamat"]
    assert result_declarations(nodes["tunggu"]) == result_declarations(nodes["kerja"]) == ()


def test_a_variable_that_is_personal_in_one_place_is_personal_in_all(feel: FeelEngine) -> None:
    data = bpmn(
        start("mulai", extensions(zeebe("formDefinition", formId="a"))),
        task("kerja", zeebe("formDefinition", formId="b")),
        chain("mulai", "kerja"),
    )

    found = variables(data, feel, form("a", nama=PERSONAL), form("b", nama={}))

    assert personal(found) == {"nama"}
    assert [item.personal for item in found["nama"].declarations] == [True, False]


def test_taint_reaches_a_fixed_point_in_whatever_order_the_moves_are_written(feel: FeelEngine) -> None:
    moves = [f"{zeebe('output', source=f'=v{number}', target=f'v{number + 1}')}" for number in range(6)]
    node = task("kerja", zeebe("formDefinition", formId="a"), zeebe("ioMapping", *reversed(moves)))

    assert personal(variables(simple(node=node), feel, form("a", v0=PERSONAL))) == {f"v{n}" for n in range(7)}


def test_only_a_whole_move_carries_taint(feel: FeelEngine) -> None:
    outputs = (
        zeebe("output", source="nama", target="teks"),
        zeebe("output", source="=lain", target="bersih"),
        zeebe("output", source="=nama", target="salinan"),
    )
    node = task("kerja", zeebe("formDefinition", formId="a"), zeebe("ioMapping", *outputs))

    assert personal(variables(simple(node=node), feel, form("a", nama=PERSONAL, lain={}))) == {"nama", "salinan"}


def test_kinds_that_differ_are_a_conflict_and_any_is_not(feel: FeelEngine) -> None:
    results = properties(result__jumlah="string", result__batas="any", result__nama="string")
    data = simple(job("layanan", results), node=task("kerja", zeebe("formDefinition", formId="a")))

    found = variables(data, feel, form("a", jumlah={"type": "number"}, batas={"type": "number"}, nama={}))

    assert [(item.name, said) for item, said in kind_conflicts(found)] == [
        ("jumlah", {"a.form": "number", "layanan": "string"})
    ]
    assert {name: item.kind for name, item in found.items()} == {"jumlah": "any", "batas": "number", "nama": "string"}


def test_every_attribute_that_may_be_feel_is_found() -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics>"
        + extensions(zeebe("loopCharacteristics", inputCollection="=m1", outputCollection="semua", outputElement="=m2"))
        + "<bpmn:completionCondition>=m3</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>"
    )
    node = task(
        "kerja",
        zeebe("assignmentDefinition", assignee="=a1", candidateGroups="=a2", candidateUsers="=a3"),
        zeebe("taskSchedule", dueDate="=t1", followUpDate="=t2"),
        zeebe("priorityDefinition", priority="=t3"),
        zeebe("ioMapping", zeebe("input", source="=i1", target="i"), zeebe("output", source="=o1", target="o")),
        properties(excludedUsers="=[a4]"),
        body=loop,
    )
    group = extensions(properties(group="=g1"))
    data = simple(
        element("laneSet", "lajur", element("lane", "l", group)),
        script("hitung", "=s1", "s"),
        boundary("batas", "kerja", timer("=w1")),
        element("receiveTask", "terima", messageRef="pesan"),
        gateway("pilih"),
        flow("pilih", "hitung", "=c1"),
        node=node,
        root=message_root(key="=k1"),
    )

    by_purpose: dict[Purpose, set[str]] = {}
    for use in expression_uses(read_bpmn(data).models["proses"]):
        by_purpose.setdefault(use.purpose, set()).add(use.text)

    assert by_purpose == {
        Purpose.CONDITION: {"=c1", "=m3"},
        Purpose.TIMER: {"=w1"},
        Purpose.CORRELATION: {"=k1"},
        Purpose.ASSIGNMENT: {"=a1", "=a2", "=a3", "=[a4]", "=g1"},
        Purpose.SCHEDULE: {"=t1", "=t2", "=t3"},
        Purpose.COLLECTION: {"=m1"},
        Purpose.MOVE: {"=m2", "=s1", "=i1", "=o1"},
    }


def test_a_start_message_s_key_is_not_evaluated_and_so_may_name_anything() -> None:
    data = bpmn(start("mulai", message()), task(), chain("mulai", "kerja"), root=message_root(key="=tidak_ada"))

    uses = expression_uses(read_bpmn(data).models["proses"])

    assert "=tidak_ada" not in {use.text for use in uses}
