"""A called process is an instance of its own: what goes in, what comes back, and what happens when one side ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import commands as c
from engine.errors import CommandRejected
from tests.engine.office import SYSTEM, Office, person

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">'
)
OPEN = '<zeebe:properties><zeebe:property name="variables" value="open" /></zeebe:properties>'


def process(key: str, body: str, tag: str = "") -> bytes:
    """A process with open variables, its body between the start `s` and the end `e`."""
    version = f'<zeebe:versionTag value="{tag}" />' if tag else ""
    return (
        f'{HEAD}<bpmn:process id="{key}" name="{key}" isExecutable="true">'
        f"<bpmn:extensionElements>{version}{OPEN}</bpmn:extensionElements>"
        f'<bpmn:startEvent id="s" /><bpmn:endEvent id="e" />{body}</bpmn:process></bpmn:definitions>'
    ).encode()


def caller(call: str = '<zeebe:calledElement processId="anak" />', *, inside: str = "", beside: str = "") -> bytes:
    """`s` -> the call `panggil` -> `e`."""
    return process(
        "induk",
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="panggil" />'
        '<bpmn:sequenceFlow id="f2" sourceRef="panggil" targetRef="e" />'
        f'<bpmn:callActivity id="panggil" name="Panggil"><bpmn:extensionElements>{call}</bpmn:extensionElements>'
        f"{inside}</bpmn:callActivity>{beside}",
    )


def called(result: str = "=n + 1", tag: str = "") -> bytes:
    """`s` -> a user task `kerja` -> a script that sets `hasil` -> `e`."""
    return process(
        "anak",
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="kerja" />'
        '<bpmn:sequenceFlow id="f2" sourceRef="kerja" targetRef="hitung" />'
        '<bpmn:sequenceFlow id="f3" sourceRef="hitung" targetRef="e" />'
        '<bpmn:userTask id="kerja" name="Kerja"><bpmn:extensionElements>'
        '<zeebe:assignmentDefinition assignee="katim" /></bpmn:extensionElements></bpmn:userTask>'
        '<bpmn:scriptTask id="hitung"><bpmn:extensionElements>'
        f'<zeebe:script expression="{result}" resultVariable="hasil" /></bpmn:extensionElements></bpmn:scriptTask>',
        tag,
    )


def deploy(office: Office, *files: bytes) -> None:
    for data in files:
        office.handle(c.DeployDefinition(actor=SYSTEM, files={"process.bpmn": data}, approved_by="kepala"))


def start(office: Office, **variables: int | list[int]) -> str:
    command = c.StartProcessInstance(actor=c.SYSTEM, key="induk", variables=variables)
    instance = office.handle(command).instance_id
    office.runs()
    return instance


def work(office: Office, instance: str, number: int = 1) -> None:
    """Complete the called instance's task."""
    task = f"{instance}~panggil.c{number}:kerja.1"
    office.handle(c.CompleteUserTask(actor=person("katim"), task_id=task))
    office.runs()


def test_a_called_process_gets_the_callers_variables_and_gives_its_own_back(office: Office) -> None:
    deploy(office, caller(), called())
    instance = start(office, n=41)
    assert office.page(instance).instance.state == "ACTIVE"
    work(office, instance)
    assert office.page(instance).instance.state == "COMPLETED"
    assert office.page(instance).variables == {"n": 41, "hasil": 42}
    assert office.page(f"{instance}~panggil.c1").instance.state == "COMPLETED"


def test_only_mapped_variables_go_in_and_come_back_when_the_call_says_so(office: Office) -> None:
    mapping = (
        '<zeebe:calledElement processId="anak" propagateAllParentVariables="false"'
        ' propagateAllChildVariables="false" /><zeebe:ioMapping><zeebe:input source="=m * 2" target="n" />'
        '<zeebe:output source="=hasil" target="jawaban" /></zeebe:ioMapping>'
    )
    deploy(office, caller(mapping), called())
    instance = start(office, m=10)
    assert office.page(f"{instance}~panggil.c1").variables == {"n": 20}
    work(office, instance)
    assert office.page(instance).variables == {"m": 10, "jawaban": 21}


def test_the_version_in_force_at_the_call_or_the_tagged_one_is_called_and_recorded(office: Office) -> None:
    tagged = '<zeebe:calledElement processId="anak" bindingType="versionTag" versionTag="lama" />'
    deploy(office, caller(tagged), called("=1", "lama"), called("=2", "baru"))
    instance = start(office)
    assert office.page(f"{instance}~panggil.c1").instance.version == 1
    deploy(office, caller())
    assert office.page(f"{start(office)}~panggil.c1").instance.version == 2


def test_a_process_that_is_not_there_is_an_incident_of_the_caller_which_can_be_tried_again(office: Office) -> None:
    deploy(office, caller())
    instance = start(office, n=1)
    (incident,) = office.page(instance).incidents
    assert incident.kind == "call_failed"
    assert "Proses anak tidak ada" in incident.detail
    deploy(office, called())
    office.handle(c.RetryIncident(actor=person("admin"), incident_id=incident.id))
    office.runs()
    work(office, instance, 2)
    assert office.page(instance).instance.state == "COMPLETED"


def test_an_interrupting_timer_on_the_call_cancels_the_called_instance(office: Office) -> None:
    late = (
        '<bpmn:boundaryEvent id="lewat" attachedToRef="panggil"><bpmn:timerEventDefinition id="t">'
        "<bpmn:timeDuration>PT10M</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:sequenceFlow id="f3" sourceRef="lewat" targetRef="e2" /><bpmn:endEvent id="e2" />'
    )
    deploy(office, caller(beside=late), called())
    instance = start(office, n=1)
    office.later(minutes=11)
    office.runs()
    assert office.page(instance).instance.state == "COMPLETED"
    assert office.page(f"{instance}~panggil.c1").instance.state == "TERMINATED"


def test_cancelling_the_caller_cancels_the_called_and_the_other_way_is_an_incident(office: Office) -> None:
    deploy(office, caller(), called())
    first, second = start(office, n=1), start(office, n=1)
    office.handle(c.CancelProcessInstance(actor=person("admin"), instance_id=first, reason="Salah buka."))
    office.handle(
        c.CancelProcessInstance(actor=person("admin"), instance_id=f"{second}~panggil.c1", reason="Salah buka.")
    )
    office.runs()
    assert office.page(f"{first}~panggil.c1").instance.state == "TERMINATED"
    (incident,) = office.page(second).incidents
    assert "dibatalkan" in incident.detail


def test_each_item_of_a_multi_instance_call_calls_on_its_own(office: Office) -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
        '<zeebe:loopCharacteristics inputCollection="=daftar" inputElement="n" outputCollection="semua"'
        ' outputElement="=hasil" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
    )
    deploy(office, caller(inside=loop), called())
    instance = start(office, daftar=[5, 6])
    work(office, instance, 1)
    work(office, instance, 2)
    assert office.page(instance).variables["semua"] == [6, 7]


def test_a_process_that_calls_itself_without_end_stops_with_an_incident(office: Office) -> None:
    itself = caller('<zeebe:calledElement processId="induk" />')
    deploy(office, itself)
    instance = start(office)
    deepest = instance + "~panggil.c1" * 20
    (incident,) = office.page(deepest).incidents
    assert "20 tingkat" in incident.detail


def test_a_call_goes_on_after_the_engine_is_opened_again(office: Office) -> None:
    deploy(office, caller(), called())
    instance = office.handle(c.StartProcessInstance(actor=c.SYSTEM, key="induk", variables={"n": 1})).instance_id
    office.reopen()
    office.runs()
    work(office, instance)
    assert office.page(instance).instance.state == "COMPLETED"


@pytest.mark.parametrize("call", ["", '<zeebe:calledElement processId="anak" bindingType="deployment" />'])
def test_a_call_that_does_not_say_what_it_calls_is_refused(office: Office, call: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"call_process_missing|calledElement") as refused:
        deploy(office, caller(call))
    assert not isinstance(refused.value, CommandRejected)


def test_who_is_kept_from_the_caller_is_kept_from_what_it_calls(office: Office) -> None:
    excluding = (
        '<zeebe:calledElement processId="anak" /><zeebe:properties>'
        '<zeebe:property name="excludedUsers" value="=[terlapor]" /></zeebe:properties>'
    )
    deploy(office, caller(excluding), called())
    command = c.StartProcessInstance(actor=c.SYSTEM, key="induk", variables={"n": 1, "terlapor": "katim"})
    instance = office.handle(command).instance_id
    office.runs()
    with pytest.raises(CommandRejected):
        office.handle(c.CompleteUserTask(actor=person("katim"), task_id=f"{instance}~panggil.c1:kerja.1"))
