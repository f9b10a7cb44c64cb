"""Reading BPMN: what comes out of a file, and what is refused because it is not executed."""

from __future__ import annotations

import pytest

from engine.definition.bpmn_xml import DEEPEST, LARGEST_FILE, MOST_ELEMENTS
from engine.definition.model import EventKind, NodeType, TimerKind, VariableMapping
from engine.definition.process_reader import slug
from engine.definition.reader import ReadResult, read_bpmn
from tests.definition.diagram import (
    boundary,
    bpmn,
    chain,
    element,
    end,
    extensions,
    flow,
    gateway,
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


def found(result: ReadResult) -> set[tuple[str, str]]:
    """(rule, element id) of every problem and note."""
    return {(item.rule, item.element_id) for item in (*result.problems, *result.notes)}


def in_lanes(*lanes: str) -> bytes:
    return simple(element("laneSet", "lajur", *lanes))


def lane(lane_id: str, *node_ids: str, inside: str = "", **attributes: str) -> str:
    references = "".join(f"<bpmn:flowNodeRef>{node_id}</bpmn:flowNodeRef>" for node_id in node_ids)
    return element(
        "lane",
        lane_id,
        inside if inside.startswith("<bpmn:ext") else "",
        references,
        "" if inside.startswith("<bpmn:ext") else inside,
        **attributes,
    )


READING = [
    # the file
    ("dtd_forbidden", "", b'<?xml version="1.0"?>\n<!-- a --><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    ("not_xml", "", b"<a><b></a>"),
    ("encoding_unsupported", "", b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>'),
    ("file_too_large", "", b" " * (LARGEST_FILE + 1)),
    ("too_deep", "", b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1)),
    ("too_many_elements", "", b"<a>" + b"<b/>" * MOST_ELEMENTS + b"</a>"),
    ("not_bpmn", "", b"<definitions/>"),
    ("must_understand", "berkas", simple(root='<bpmn:extension definition="asing:x" mustUnderstand="true" />')),
    (
        "no_executable_process",
        "berkas",
        b'<d:definitions xmlns:d="http://www.omg.org/spec/BPMN/20100524/MODEL" id="berkas"/>',
    ),
    ("several_processes", "berkas", simple(root=element("process", "lain", start("a"), isExecutable="true"))),
    ("expression_language", "berkas", simple().replace(b'id="berkas"', b'id="berkas" expressionLanguage="urn:juel"')),
    # ids and references
    ("id_missing", "proses", simple("<bpmn:task />")),
    ("id_invalid", "1-kerja", simple(element("textAnnotation", "1-kerja", name=""))),
    ("duplicate_id", "kerja", simple(element("textAnnotation", "kerja", name=""))),
    ("reference_unknown", "mulai", bpmn(start("mulai", message("tidak-ada")))),
    ("reference_unknown", "a", in_lanes(lane("a", "tidak-ada"))),
    ("reference_missing", "alur", simple(element("sequenceFlow", "alur", sourceRef="mulai"))),
    ("reference_missing", "terima", simple(element("receiveTask", "terima"))),
    ("flow_listing_mismatch", "kerja", simple(node=task(body="<bpmn:incoming>lain</bpmn:incoming>"))),
    # elements and attributes
    ("attribute_unsupported", "kerja", simple(node=task(isForCompensation="true"))),
    ("attribute_unsupported", "kerja", simple(node=task(startQuantity="2"))),
    ("attribute_unsupported", "kerja", simple(node=task(completionQuantity="0"))),
    ("attribute_unsupported", "kerja", simple(node=task(kind="serviceTask", implementation="urn:ws"))),
    ("attribute_unsupported", "proses", simple(process='isExecutable="true" isClosed="true"')),
    ("attribute_unsupported", "e", simple(gateway("e", "eventBasedGateway", instantiate="true"))),
    ("attribute_unsupported", "e", simple(gateway("e", "eventBasedGateway", eventGatewayType="Parallel"))),
    ("attribute_unsupported", "mulai", bpmn(start("mulai", parallelMultiple="true"))),
    (
        "attribute_unsupported",
        "alur",
        simple(element("sequenceFlow", "alur", sourceRef="mulai", targetRef="kerja", isImmediate="false")),
    ),
    ("attribute_unknown", "kerja", simple(node=task(kind="serviceTask", operationRef="op"))),
    ("attribute_unknown", "kerja", simple(node=task(kind="scriptTask", scriptFormat="python"))),
    ("attribute_unknown", "kirim", simple(task("kirim", kind="sendTask", messageRef="pesan"), root=message_root())),
    ("element_unsupported", "kerja", simple(node=task(body="<bpmn:rendering />"))),
    ("element_unsupported", "proses", simple("<bpmn:correlationSubscription />")),
    (
        "element_unsupported",
        "kerja",
        simple(node=task(body="<bpmn:dataInputAssociation><bpmn:assignment /></bpmn:dataInputAssociation>")),
    ),
    (
        "element_unsupported",
        "mulai",
        simple(start("lain")).replace(
            b'id="mulai" name="mulai">', b'id="mulai" name="mulai"><bpmn:eventDefinitionRef>x</bpmn:eventDefinitionRef>'
        ),
    ),
    ("flow_node_unsupported", "tari", simple(element("choreographyTask", "tari"))),
    ("business_rule_unsupported", "aturan", simple(element("businessRuleTask", "aturan"))),
    ("event_subprocess_unsupported", "sub", simple(sub_process("sub", triggeredByEvent="true"))),
    ("transaction_unsupported", "transaksi", simple(element("transaction", "transaksi"))),
    ("ad_hoc_unsupported", "bebas", simple(element("adHocSubProcess", "bebas"))),
    ("complex_gateway_unsupported", "rumit", simple(element("complexGateway", "rumit"))),
    ("data_store_unsupported", "gudang", simple(element("dataStoreReference", "gudang"))),
    ("data_binding_unsupported", "kerja", simple(node=task(body="<bpmn:ioSpecification />"))),
    ("resource_role_unsupported", "kerja", simple(node=task(body="<bpmn:potentialOwner />"))),
    ("standard_loop_unsupported", "kerja", simple(node=task(body="<bpmn:standardLoopCharacteristics />"))),
    ("script_not_feel", "kerja", simple(node=task(kind="scriptTask", body="<bpmn:script>x = 1</bpmn:script>"))),
    (
        "expression_language",
        "alur",
        simple(
            element(
                "sequenceFlow",
                "alur",
                '<bpmn:conditionExpression language="juel">${a}</bpmn:conditionExpression>',
                sourceRef="mulai",
                targetRef="kerja",
            )
        ),
    ),
    ("event_definition_unsupported", "mulai", bpmn(start("mulai", "<bpmn:signalEventDefinition />"))),
    ("several_event_definitions", "mulai", bpmn(start("mulai", timer(), timer()))),
    ("timer_incomplete", "tunggu", bpmn(element("intermediateCatchEvent", "tunggu", "<bpmn:timerEventDefinition />"))),
    ("timer_incomplete", "tunggu", bpmn(element("intermediateCatchEvent", "tunggu", timer(" ")))),
    # multi-instance
    (
        "attribute_unsupported",
        "kerja",
        simple(
            node=task(
                body='<bpmn:multiInstanceLoopCharacteristics behavior="One">'
                + extensions(zeebe("loopCharacteristics", inputCollection="=a"))
                + "</bpmn:multiInstanceLoopCharacteristics>"
            )
        ),
    ),
    (
        "element_unsupported",
        "kerja",
        simple(
            node=task(
                body="<bpmn:multiInstanceLoopCharacteristics>"
                + extensions(zeebe("loopCharacteristics", inputCollection="=a"))
                + "<bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
            )
        ),
    ),
    ("zeebe_incomplete", "kerja", simple(node=task(body="<bpmn:multiInstanceLoopCharacteristics />"))),
    # extensions
    ("zeebe_unsupported", "kerja", simple(node=task("kerja", zeebe("executionListeners")))),
    ("zeebe_unsupported", "kerja", simple(node=task("kerja", zeebe("taskDefinition", type="a")))),
    ("zeebe_unsupported", "proses", simple(properties=zeebe("userTaskForm", id="f"))),
    ("zeebe_unsupported", "kerja", simple(node=task("kerja", zeebe("ioMapping", zeebe("lain"))))),
    ("zeebe_unsupported", "kerja", simple(node=task(zeebe__lain="x"))),
    (
        "zeebe_attribute_unsupported",
        "kerja",
        simple(node=task("kerja", zeebe("formDefinition", formId="f", formKey="k"))),
    ),
    (
        "zeebe_attribute_unsupported",
        "kerja",
        simple(node=task("kerja", zeebe("formDefinition", formId="f", bindingType="versionTag"))),
    ),
    ("zeebe_repeated", "kerja", simple(node=task("kerja", zeebe("ioMapping"), zeebe("ioMapping")))),
    ("zeebe_incomplete", "kerja", simple(node=task("kerja", zeebe("formDefinition")))),
    (
        "property_repeated",
        "kerja",
        simple(node=task("kerja", zeebe("properties", *[zeebe("property", name="a", value="1")] * 2))),
    ),
    ("engine_extension_unsupported", "kerja", simple(node=task(camunda__asyncBefore="true"))),
    ("engine_extension_unsupported", "kerja", simple(node=task("kerja", "<camunda:taskListener />"))),
    ("zeebe_unsupported", "kerja", simple(node=task(body=zeebe("assignmentDefinition", assignee="x")))),
    ("zeebe_unsupported", "proses", simple(zeebe("properties"))),
    ("engine_extension_unsupported", "proses", simple("<camunda:potentialStarter />")),
    ("attribute_unknown", "kerja", simple(node=task(bpmn__isForCompensation="true"))),
    # lanes
    ("lane_overlap", "kerja", in_lanes(lane("a", "kerja"), lane("b", "kerja"))),
    ("lane_group_missing", "a", in_lanes(lane("a", "kerja", name=""))),
    # notes
    ("process_not_executable", "lain", simple(root=element("process", "lain", isExecutable="false"))),
    ("foreign_ignored", "berkas", simple(node=task("kerja", "<asing:catatan />", asing__warna="merah"))),
    ("engine_extension_ignored", "proses", simple(process='isExecutable="true" camunda:historyTimeToLive="30"')),
    ("root_element_ignored", "berkas", simple(root='<bpmn:interface id="i" name="i" />')),
]


@pytest.mark.parametrize(
    ("rule", "element_id", "data"), READING, ids=[f"{i}-{case[0]}" for i, case in enumerate(READING)]
)
def test_what_is_not_executed_is_refused_by_name(rule: str, element_id: str, data: bytes) -> None:
    assert found(read_bpmn(data)) == {(rule, element_id)}


def test_all_problems_are_told_at_once() -> None:
    data = simple(
        element("businessRuleTask", "panggil"), node=task(isForCompensation="true"), root=element("interface", "i")
    )

    result = read_bpmn(data)

    assert found(result) == {
        ("business_rule_unsupported", "panggil"),
        ("attribute_unsupported", "kerja"),
        ("root_element_ignored", "berkas"),
    }
    assert {item.severity for item in result.problems} == {"error"}
    assert {item.severity for item in result.notes} == {"note"}
    assert result.stand_ins == {"panggil"}


def test_a_problem_reads_as_a_sentence_with_id_and_name() -> None:
    (refused,) = read_bpmn(simple(node=task(isForCompensation="true", name="Bekerja"))).problems

    assert str(refused) == (
        'kerja "Bekerja": Atribut isForCompensation="true" belum dapat dijalankan; hapus, atau isi false. '
        "[attribute_unsupported]"
    )


def test_entities_are_never_expanded() -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "'
        + "c" * 1000
        + '"><!ENTITY d "'
        + "&b;" * 1000
        + '">]><a x="&d;"/>'
    )

    assert found(read_bpmn(bomb.encode())) == {("dtd_forbidden", "")}


def test_a_document_type_in_another_encoding_is_refused() -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'

    assert found(read_bpmn(text.encode("utf-16"))) == {("dtd_forbidden", "")}


def test_a_task_is_read_with_all_that_its_extensions_say() -> None:
    node = task(
        "kerja",
        zeebe("userTask"),
        zeebe("assignmentDefinition", assignee="=petugas", candidateGroups="a, b", candidateUsers='=["c"]'),
        zeebe("formDefinition", formId="isian", bindingType="deployment"),
        zeebe("taskSchedule", dueDate="=batas", followUpDate="2026-11-23T08:00:00+07:00"),
        zeebe("priorityDefinition", priority="70"),
        zeebe(
            "ioMapping",
            zeebe("input", source="=a", target="b"),
            zeebe("output", source="c", target="d"),
            zeebe("output", source="=e", target="f"),
        ),
        properties(sop__nomor="3", excludedUsers="=[petugas]"),
        name="Bekerja",
    )

    read = read_bpmn(simple(node=node)).models["proses"].nodes["kerja"]

    assert (read.type, read.name, read.parent) == (NodeType.USER_TASK, "Bekerja", "proses")
    assert (read.incoming, read.outgoing) == (("mulai-kerja",), ("kerja-selesai",))
    assert (read.assignment.assignee, read.assignment.candidate_groups) == ("=petugas", "a, b")
    assert read.assignment.candidate_users == '=["c"]'
    assert (read.form_id, read.due_date, read.priority) == ("isian", "=batas", "70")
    assert read.follow_up_date == "2026-11-23T08:00:00+07:00"
    assert read.inputs == (VariableMapping("=a", "b"),)
    assert read.outputs == (VariableMapping("c", "d"), VariableMapping("=e", "f"))
    assert (read.sop_number, read.properties["excludedUsers"]) == ("3", "=[petugas]")


def test_jobs_and_scripts_are_read() -> None:
    headers = zeebe("taskHeaders", zeebe("header", key="tujuan", value="surat"))
    service = task("kerja", zeebe("taskDefinition", type="kirim", retries="5"), headers, kind="serviceTask")

    nodes = read_bpmn(simple(script("hitung", "=1 + 1", "dua"), node=service)).models["proses"].nodes

    assert (nodes["kerja"].job_type, nodes["kerja"].job_retries) == ("kirim", "5")
    assert nodes["kerja"].job_headers == {"tujuan": "surat"}
    assert (nodes["hitung"].script, nodes["hitung"].result_variable) == ("=1 + 1", "dua")


def test_events_are_read() -> None:
    data = simple(
        boundary("terlambat", "kerja", timer("R3/PT1H", "timeCycle"), cancelActivity="false"),
        element("intermediateCatchEvent", "dengar", message()),
        element("receiveTask", "terima", messageRef="pesan"),
        end("henti", "<bpmn:terminateEventDefinition />"),
        end("gagal", '<bpmn:errorEventDefinition errorRef="galat" />'),
        root=message_root() + element("error", "galat", errorCode="habis"),
    )

    nodes = read_bpmn(data).models["proses"].nodes
    events = {node_id: node.event for node_id, node in nodes.items() if node.event is not None}

    assert (nodes["terlambat"].attached_to, nodes["terlambat"].interrupting) == ("kerja", False)
    assert (events["terlambat"].timer_kind, events["terlambat"].timer_text) == (TimerKind.CYCLE, "R3/PT1H")
    assert (events["dengar"].kind, events["dengar"].message_name) == (EventKind.MESSAGE, "kabar")
    assert events["terima"] == events["dengar"]
    assert events["terima"].correlation_key == "=nomor"
    assert events["henti"].kind is EventKind.TERMINATE
    assert (events["gagal"].kind, events["gagal"].error_code) == (EventKind.ERROR, "habis")
    assert events["mulai"].kind is EventKind.NONE


def test_a_boundary_event_interrupts_unless_it_says_otherwise() -> None:
    data = simple(boundary("batas", "kerja", timer()))

    assert read_bpmn(data).models["proses"].nodes["batas"].interrupting is True


def test_multi_instance_is_read() -> None:
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true">'
        + extensions(
            zeebe(
                "loopCharacteristics",
                inputCollection="=daftar",
                inputElement="satu",
                outputCollection="hasil",
                outputElement="=jawab",
            )
        )
        + "<bpmn:completionCondition>=cukup</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>"
    )

    read = read_bpmn(simple(node=task(body=loop))).models["proses"].nodes["kerja"].multi_instance

    assert read is not None
    assert (read.sequential, read.input_collection, read.input_element) == (True, "=daftar", "satu")
    assert (read.output_collection, read.output_element, read.completion_condition) == ("hasil", "=jawab", "=cukup")


def test_flows_leave_a_gateway_in_the_order_that_it_lists_them() -> None:
    listed = "<bpmn:outgoing>pilih-b</bpmn:outgoing><bpmn:outgoing>pilih-a</bpmn:outgoing>"
    data = bpmn(
        start(),
        gateway("pilih", "exclusiveGateway", listed),
        task("a"),
        task("b"),
        task("c"),
        chain("mulai", "pilih"),
        flow("pilih", "a", "=x > 1"),
        flow("pilih", "c"),
        flow("pilih", "b", " =x > 2 "),
    )

    model = read_bpmn(data).models["proses"]

    assert model.nodes["pilih"].outgoing == ("pilih-b", "pilih-a", "pilih-c")
    assert (model.flows["pilih-a"].condition, model.flows["pilih-b"].condition) == ("=x > 1", "=x > 2")
    assert model.flows["pilih-c"].condition is None


def test_the_innermost_lane_holds_a_node_and_what_hangs_on_or_stands_in_it() -> None:
    inner = element("childLaneSet", "dalam", lane("petugas", "sub", name="Petugas Layanan"))
    group = extensions(properties(group='="ka-tim:" + tim'))
    data = bpmn(
        element("laneSet", "lajur", lane("kantor", "sub", "mulai", inside=inner), lane("ketua", "kerja", inside=group)),
        start(),
        sub_process("sub", start("awal"), task("isi"), chain("awal", "isi")),
        task(),
        end(),
        boundary("batas", "sub", timer()),
        chain("mulai", "sub", "kerja", "selesai"),
    )

    model = read_bpmn(data).models["proses"]

    assert {node.id: node.lane_id for node in model.nodes.values()} == {
        "mulai": "kantor",
        "sub": "petugas",
        "awal": "petugas",
        "isi": "petugas",
        "batas": "petugas",
        "kerja": "ketua",
        "selesai": None,
    }
    assert model.lanes["petugas"].group == "petugas-layanan"
    assert model.lanes["ketua"].group == '="ka-tim:" + tim'


def test_a_sub_process_comes_before_what_it_holds() -> None:
    data = bpmn(sub_process("sub", start("awal"), task("isi"), chain("awal", "isi")), start(), chain("mulai", "sub"))

    model = read_bpmn(data).models["proses"]

    assert [(node.id, node.parent) for node in model.nodes.values()] == [
        ("sub", "proses"),
        ("awal", "sub"),
        ("isi", "sub"),
        ("mulai", "proses"),
    ]
    assert model.flows["awal-isi"].parent == "sub"


def test_drawing_data_objects_annotations_and_black_box_pools_are_ignored() -> None:
    drawn = (
        element("dataObject", "data", isCollection="true"),
        element("dataObjectReference", "rujukan", dataObjectRef="data"),
        element("textAnnotation", "catatan", "<bpmn:text>Halo</bpmn:text>", name=""),
        element("association", "garis", name="", sourceRef="kerja", targetRef="catatan"),
        element("group", "kelompok", name=""),
    )
    data_input = (
        '<bpmn:property id="p" name="__targetRef_placeholder" /><bpmn:dataInputAssociation id="d">'
        "<bpmn:sourceRef>rujukan</bpmn:sourceRef><bpmn:targetRef>p</bpmn:targetRef></bpmn:dataInputAssociation>"
    )
    pools = element(
        "collaboration", "kolaborasi", element("participant", "luar"), element("messageFlow", "surat"), name=""
    )

    result = read_bpmn(simple(*drawn, node=task(body=data_input), root=pools))

    assert found(result) == set()
    assert set(result.models["proses"].nodes) == {"mulai", "kerja", "selesai"}


def test_the_process_is_read_with_its_version_and_properties() -> None:
    model = read_bpmn(simple(properties=zeebe("versionTag", value="1.2") + properties(variables="open"))).models[
        "proses"
    ]

    assert (model.key, model.name, model.version_tag, model.variables_open) == ("proses", "Proses uji", "1.2", True)


def test_a_nameless_process_is_called_as_its_pool() -> None:
    pool = element(
        "collaboration", "kolaborasi", element("participant", "kolam", processRef="proses", name="Kantor"), name=""
    )

    assert read_bpmn(simple(root=pool).replace(b' name="Proses uji"', b"")).models["proses"].name == "Kantor"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Kepala KKP", "kepala-kkp"), ("  Ka. Tim / Kerja ", "ka-tim-kerja"), ("Café", "cafe"), ("…", "")],
)
def test_a_lane_without_a_group_is_named_by_its_slug(name: str, expected: str) -> None:
    assert slug(name) == expected
