"""Writes an abstract process as BPMN 2.0 XML with Camunda 8's `zeebe:` extensions, as the engine's dialect reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lxml import etree

from . import model
from .model import Node, Process, Timer

EPOCH = datetime(2030, 1, 7, tzinfo=UTC)  # minute 0 of the referee's clock
CANDIDATE_GROUP = "penguji"
CORRELATION_KEY = "kunci"
JOB_TYPE = "uji"
_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_ZEEBE = "http://camunda.org/schema/zeebe/1.0"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NAMESPACES = {"bpmn": _BPMN, "zeebe": _ZEEBE, "xsi": _XSI}


def write_bpmn(process: Process) -> bytes:
    """The model as a file that can be deployed.

    Its process id is `process.key`; user tasks are for the group `penguji`, jobs are of type `uji`; any variable is
    allowed.  Messages are named after their event (`Node.message`) and correlate on the text `kunci`; dates count from
    EPOCH.
    """
    root = etree.Element(
        _bpmn("definitions"), nsmap=_NAMESPACES, id="definitions", targetNamespace="http://example.org/uji"
    )
    for name in sorted({node.message for node in process.nodes if node.message}):
        message = _child(root, "message", id=f"id_{name}", name=name)
        _zeebe(_child(message, "extensionElements"), "subscription", correlationKey=f'="{CORRELATION_KEY}"')
    for code in sorted({node.error_code for node in process.nodes if node.error_code}):
        _child(root, "error", id=f"id_{code}", name=code, errorCode=code)
    holder = _child(root, "process", id=process.key, name="Proses acak", isExecutable="true")
    properties = _zeebe(_child(holder, "extensionElements"), "properties")
    _zeebe(properties, "property", name="variables", value="open")
    _write_inside(process, None, holder)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def timer_text(timer: Timer) -> str:
    """The timer as its element's text: ISO 8601, or FEEL behind `=`."""
    duration = f"PT{timer.minutes}M"
    if timer.variable is not None:
        return _variable_timer_text(timer, timer.variable)
    if timer.kind == "date":
        text = (EPOCH + timedelta(minutes=timer.minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f'=date and time("{text}")' if timer.feel else text
    if timer.kind == "cycle":
        text = f"R{'' if timer.repetitions is None else timer.repetitions}/{duration}"
        return f'="{text}"' if timer.feel else text
    return f'=duration("{duration}")' if timer.feel else duration


def _variable_timer_text(timer: Timer, variable: str) -> str:
    minutes = f"string(if {variable} > 0 then {variable} else {timer.minutes})"
    if timer.kind == "cycle":
        return f'="R{"" if timer.repetitions is None else timer.repetitions}/PT" + {minutes} + "M"'
    return f'=duration("PT" + {minutes} + "M")'


def _write_inside(process: Process, parent: str | None, holder: etree._Element) -> None:
    nodes = process.inside(parent)
    for node in nodes:
        _write_node(process, node, holder)
    inside = {node.id for node in nodes}
    for flow in process.flows:
        if flow.source in inside:
            element = _child(holder, "sequenceFlow", id=flow.id, sourceRef=flow.source, targetRef=flow.target)
            if flow.condition is not None:
                _formal(element, "conditionExpression", flow.condition)


def _write_node(process: Process, node: Node, holder: etree._Element) -> None:
    attributes = {"id": node.id, "name": node.id.replace("_", " ")}
    if node.default is not None:
        attributes["default"] = node.default
    if node.attached_to is not None:
        attributes["attachedToRef"] = node.attached_to
        attributes["cancelActivity"] = "true" if node.interrupting else "false"
    if node.kind == model.RECEIVE:
        attributes["messageRef"] = f"id_{node.message}"
    element = _child(holder, node.kind, **attributes)
    _write_extensions(node, element)
    for flow in process.incoming(node.id):
        _child(element, "incoming").text = flow.id
    for flow in process.outgoing(node.id):
        _child(element, "outgoing").text = flow.id
    if node.multi is not None:
        _write_multi_instance(node, element)
    if node.kind == model.SUB_PROCESS:
        _write_inside(process, node.id, element)
    if node.event != model.NONE and node.kind != model.RECEIVE:
        _write_event(node, element)


def _write_extensions(node: Node, element: etree._Element) -> None:
    bare = node.kind in (model.SUB_PROCESS, model.RECEIVE)
    if node.kind not in model.ACTIVITIES or (bare and not node.inputs and not node.outputs):
        return
    extensions = _child(element, "extensionElements")
    if node.kind == model.USER:
        _zeebe(extensions, "userTask")
        _zeebe(extensions, "assignmentDefinition", candidateGroups=CANDIDATE_GROUP)
    if node.kind == model.SERVICE:
        _zeebe(extensions, "taskDefinition", type=JOB_TYPE)
        _write_headers(node, extensions)
    if node.script is not None and node.result is not None:
        _zeebe(extensions, "script", expression=node.script, resultVariable=node.result)
    if node.inputs or node.outputs:
        mappings = _zeebe(extensions, "ioMapping")
        for mapping in node.inputs:
            _zeebe(mappings, "input", source=mapping.source, target=mapping.target)
        for mapping in node.outputs:
            _zeebe(mappings, "output", source=mapping.source, target=mapping.target)


def _write_headers(node: Node, extensions: etree._Element) -> None:
    """What the job handler has to know: the names that it gives values for, the error that it may throw."""
    headers = {"sets": " ".join(node.sets), "throws": node.throws or ""}
    if any(headers.values()):
        holder = _zeebe(extensions, "taskHeaders")
        for key, value in headers.items():
            _zeebe(holder, "header", key=key, value=value)


def _write_multi_instance(node: Node, element: etree._Element) -> None:
    multi = node.multi
    loop = _child(element, "multiInstanceLoopCharacteristics")
    if multi.sequential:
        loop.set("isSequential", "true")
    attributes = {
        "inputCollection": multi.input_collection,
        "inputElement": multi.input_element,
        "outputCollection": multi.output_collection,
        "outputElement": multi.output_element,
    }
    given = {name: value for name, value in attributes.items() if value is not None}
    _zeebe(_child(loop, "extensionElements"), "loopCharacteristics", **given)
    if multi.completion_condition is not None:
        _formal(loop, "completionCondition", multi.completion_condition)


def _write_event(node: Node, element: etree._Element) -> None:
    definition = _child(element, f"{node.event}EventDefinition", id=f"{node.id}_def")
    if node.message is not None:
        definition.set("messageRef", f"id_{node.message}")
    if node.error_code is not None:
        definition.set("errorRef", f"id_{node.error_code}")
    if node.timer is not None:
        kind = {"duration": "timeDuration", "date": "timeDate", "cycle": "timeCycle"}[node.timer.kind]
        _formal(definition, kind, timer_text(node.timer))


def _formal(holder: etree._Element, tag: str, text: str) -> None:
    element = _child(holder, tag)
    element.set(f"{{{_XSI}}}type", "bpmn:tFormalExpression")
    element.text = text


def _bpmn(tag: str) -> str:
    return f"{{{_BPMN}}}{tag}"


def _child(holder: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(holder, _bpmn(tag), **attributes)


def _zeebe(holder: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(holder, f"{{{_ZEEBE}}}{tag}", **attributes)
