"""Small processes for the tests of commands: each `proses`, its tasks for the group `petugas-layanan:tim-a`."""

from __future__ import annotations

import json

from tests.definition.diagram import (
    bpmn,
    chain,
    element,
    end,
    extensions,
    job,
    message,
    properties,
    start,
    task,
    timer,
    zeebe,
)

GROUP = "petugas-layanan:tim-a"
OPEN = properties(variables="open")


def human(element_id: str = "kerja", *zeebe_parts: str, **attributes: str) -> str:
    """A user task for the officers of team A."""
    return task(element_id, zeebe("assignmentDefinition", candidateGroups=GROUP), *zeebe_parts, **attributes)


def catch(element_id: str, definition: str) -> str:
    """An intermediate catch event."""
    return element("intermediateCatchEvent", element_id, definition)


def line(*nodes: tuple[str, str], root: str = "", properties: str = OPEN) -> bytes:
    """`mulai`, these (id, node) one after the other, `selesai`."""
    ids = [node_id for node_id, _ in nodes]
    return bpmn(
        start(), *(node for _, node in nodes), end(), chain("mulai", *ids, "selesai"), root=root, properties=properties
    )


def one_task(**options: str) -> bytes:
    """One user task."""
    return line(("kerja", human()), **options)


def one_job(*after: tuple[str, str], retries: str = "3") -> bytes:
    """A job of type `kirim_surat`, then perhaps more."""
    service = task("surat", zeebe("taskDefinition", type="kirim_surat", retries=retries), kind="serviceTask")
    return line(("surat", service), *after)


def form(form_id: str, *components: dict[str, object]) -> bytes:
    """A form-js form."""
    rows = [{"id": f"{form_id}_{number}", **item} for number, item in enumerate(components)]
    return json.dumps({"type": "default", "id": form_id, "schemaVersion": 18, "components": rows}).encode()


__all__ = [
    "GROUP",
    "OPEN",
    "bpmn",
    "catch",
    "chain",
    "element",
    "end",
    "extensions",
    "form",
    "human",
    "job",
    "line",
    "message",
    "one_job",
    "one_task",
    "properties",
    "start",
    "task",
    "timer",
    "zeebe",
]
