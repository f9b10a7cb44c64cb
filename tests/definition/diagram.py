"""Small BPMN files, written in a line or two."""

from __future__ import annotations

from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

_NAMESPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "asing": "urn:asing",
}
_HUMAN = ("userTask", "manualTask", "task")


def bpmn(*parts: str, root: str = "", process: str = 'isExecutable="true"', properties: str = "") -> bytes:
    """A file with one process `proses` that holds these parts; `root` stands beside the process."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    inside = "".join((extensions(properties) if properties else "", *parts))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions {declared} id="berkas" targetNamespace="urn:uji">'
        f'{root}<bpmn:process id="proses" name="Proses uji" {process}>{inside}</bpmn:process></bpmn:definitions>'
    ).encode()


def element(kind: str, element_id: str, *inside: str, **attributes: str) -> str:
    """A BPMN element; `name` is its id unless given."""
    written = {"name": element_id, **attributes}
    text = " ".join(f"{name.replace('__', ':')}={quoteattr(value)}" for name, value in written.items() if value)
    return f'<bpmn:{kind} id="{element_id}" {text}>{"".join(inside)}</bpmn:{kind}>'


def extensions(*inside: str) -> str:
    """An extensionElements element."""
    return f"<bpmn:extensionElements>{''.join(inside)}</bpmn:extensionElements>"


def zeebe(kind: str, *inside: str, **attributes: str) -> str:
    """A zeebe extension element."""
    text = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<zeebe:{kind} {text}>{''.join(inside)}</zeebe:{kind}>"


def properties(**values: str) -> str:
    """zeebe:properties; two underscores stand for a full stop."""
    return zeebe(
        "properties", *(zeebe("property", name=name.replace("__", "."), value=value) for name, value in values.items())
    )


def start(element_id: str = "mulai", *inside: str, **attributes: str) -> str:
    """A start event."""
    return element("startEvent", element_id, *inside, **attributes)


def end(element_id: str = "selesai", *inside: str, **attributes: str) -> str:
    """An end event."""
    return element("endEvent", element_id, *inside, **attributes)


def task(
    element_id: str = "kerja", *zeebe_parts: str, kind: str = "userTask", body: str = "", **attributes: str
) -> str:
    """A task; one for humans is assigned to somebody, so that it needs no lane."""
    assigned = kind in _HUMAN and not any("assignmentDefinition" in part for part in zeebe_parts)
    own = (zeebe("assignmentDefinition", assignee="budi"), *zeebe_parts) if assigned else zeebe_parts
    return element(kind, element_id, extensions(*own) if own else "", body, **attributes)


def job(
    element_id: str = "layanan", *zeebe_parts: str, job_type: str = "kirim_surat", body: str = "", **attributes: str
) -> str:
    """A service task with a job type."""
    return task(
        element_id, zeebe("taskDefinition", type=job_type), *zeebe_parts, kind="serviceTask", body=body, **attributes
    )


def script(element_id: str = "hitung", expression: str = "=1 + 1", result: str = "hasil") -> str:
    """A script task."""
    return task(element_id, zeebe("script", expression=expression, resultVariable=result), kind="scriptTask")


def gateway(element_id: str, kind: str = "exclusiveGateway", *inside: str, **attributes: str) -> str:
    """A gateway."""
    return element(kind, element_id, *inside, **attributes)


def flow(source: str, target: str, condition: str | None = None, flow_id: str = "") -> str:
    """A sequence flow `source-target`."""
    inside = "" if condition is None else f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>"
    return element("sequenceFlow", flow_id or f"{source}-{target}", inside, name="", sourceRef=source, targetRef=target)


def chain(*node_ids: str) -> str:
    """Sequence flows from each node to the next."""
    return "".join(flow(source, target) for source, target in pairwise(node_ids))


def timer(text: str = "PT5M", kind: str = "timeDuration") -> str:
    """A timer event definition."""
    return (
        f'<bpmn:timerEventDefinition><bpmn:{kind} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{kind}>'
        "</bpmn:timerEventDefinition>"
    )


def message(reference: str = "pesan") -> str:
    """A message event definition."""
    return f'<bpmn:messageEventDefinition messageRef="{reference}" />'


def message_root(message_id: str = "pesan", name: str = "kabar", key: str | None = "=nomor") -> str:
    """A message, for `root`."""
    subscription = extensions(zeebe("subscription", correlationKey=key)) if key else ""
    return element("message", message_id, subscription, name=name)


def error(reference: str = "galat") -> str:
    """An error event definition."""
    return f'<bpmn:errorEventDefinition errorRef="{reference}" />'


def error_root(error_id: str = "galat", code: str = "habis") -> str:
    """An error, for `root`."""
    return element("error", error_id, errorCode=code)


def boundary(element_id: str, host: str, definition: str, *zeebe_parts: str, **attributes: str) -> str:
    """A boundary event."""
    own = extensions(*zeebe_parts) if zeebe_parts else ""
    return element("boundaryEvent", element_id, own, definition, attachedToRef=host, **attributes)


def sub_process(element_id: str, *inside: str, **attributes: str) -> str:
    """A sub-process around these parts."""
    return element("subProcess", element_id, *inside, **attributes)


def simple(*more: str, node: str = "", **options: str) -> bytes:
    """`mulai` to one node `kerja` (a user task unless given) to `selesai`, and more parts."""
    return bpmn(start(), node or task(), end(), chain("mulai", "kerja", "selesai"), *more, **options)
