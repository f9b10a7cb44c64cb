"""An instance's journal in words: each entry as sentences of the translation catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.clock import from_text
from engine.definition.executable import ExecutableDefinition
from engine.definition.model import NodeType
from engine.ids import element_and_number
from engine.reading.desk import Desk
from engine.runtime.personal_data import masked
from engine.store import free_texts, journal, queries
from engine.store.free_texts import FreeText
from engine.store.journal import StoredEntry
from engine.values import JsonObject
from engine.views import HistoryLine

MOST_LINES = 2000


def history(desk: Desk, instance_id: str, definition: ExecutableDefinition) -> tuple[HistoryLine, ...]:
    """What happened in an instance, oldest first."""
    world = desk.world
    stream = f"instance:{instance_id}"
    entries = list(journal.read(world.connection, world.tenant, stream))[-MOST_LINES:]
    texts = free_texts.of_stream(world.connection, world.tenant, stream)
    called = queries.names(world.connection, world.tenant, _people(entries))
    return tuple(line for entry in entries for line in _lines(entry, definition, called, texts.get(entry.seq, [])))


def _people(entries: list[StoredEntry]) -> Iterator[str]:
    for stored in entries:
        yield stored.entry.actor["account"]
        for event in stored.entry.events:
            for key in ("by", "to", "held_by", "superior"):
                if event.get(key):
                    yield event[key]


def _lines(
    stored: StoredEntry, definition: ExecutableDefinition, called: dict[str, str], texts: list[FreeText]
) -> Iterator[HistoryLine]:
    entry = stored.entry
    account = entry.actor["account"]
    for message, params, element, late in _sentences(entry.events, entry.at, definition, called, texts):
        yield HistoryLine(
            seq=stored.seq,
            at=entry.at,
            who=account,
            who_name=called.get(account) or account,
            door=entry.actor["door"],
            message=message,
            params=params,
            element_id=element,
            late=late,
            detail=masked(entry.command.get("given", {}).get("variables", {})),
            hash=stored.hash,
            through=entry.actor.get("through"),
        )


Sentence = tuple[str, dict[str, str], str | None, bool]


def _sentences(
    events: list[JsonObject],
    at: str,
    definition: ExecutableDefinition,
    called: dict[str, str],
    texts: list[FreeText],
) -> Iterator[Sentence]:
    for event in events:
        message = _MESSAGES.get(event["event"])
        element = _element(event)
        if message is None or (event["event"] == "timer:fired" and _is_standard(definition, element)):
            continue
        params = {"name": _name(definition, element)} | _people_in(event, called) | _particulars(event, at, texts)
        if event["event"] == "process_instance:completed" and (end := _end_reached(events, definition)):
            message, params = _MESSAGES["process_instance:completed/named"], {"name": end}
        yield message, params, element, event["event"] == "time_standard:breached"
    for text in texts:
        if text.kind == "reason":
            yield "Alasan: %(text)s", {"text": text.text}, None, False


def _people_in(event: JsonObject, called: dict[str, str]) -> dict[str, str]:
    places = (("by", "person"), ("to", "person"), ("held_by", "holder"), ("superior", "superior"))
    return {place: called.get(event[key]) or str(event[key]) for key, place in places if event.get(key)}


def _particulars(event: JsonObject, at: str, texts: list[FreeText]) -> dict[str, str]:
    tag = event["event"]
    if tag == "timer:fired":
        return {"late": _minutes_late(event["due"], at)}
    if tag == "time_standard:breached":
        nobody = {place: "–" for key, place in (("held_by", "holder"), ("superior", "superior")) if not event.get(key)}
        return nobody | {"late": _minutes_late(event["due"], at)}
    if tag == "incident:raised":
        return {"detail": next((text.text for text in texts if text.about == event["id"]), event["kind"])}
    if tag == "loop:repeated":
        return {"turn": str(event["turn"] - 1), "superior": event["told"]}
    return {"key": event["business_key"]} if tag == "process_instance:keyed" else {}


_MESSAGES = {
    "process_instance:started": "Dimulai",
    "process_instance:keyed": "Diberi nomor %(key)s",
    "process_instance:completed": "Selesai",
    "process_instance:completed/named": "Selesai: %(name)s",
    "process_instance:terminated": "Dibatalkan",
    "process_instance:suspended": "Ditangguhkan",
    "process_instance:resumed": "Dilanjutkan",
    "user_task:created": "%(name)s tersedia",
    "user_task:claimed": "%(name)s diambil",
    "user_task:released": "%(name)s dikembalikan ke antrean",
    "user_task:assigned": "%(name)s ditugaskan kepada %(person)s",
    "user_task:completed": "%(name)s diselesaikan",
    "user_task:withdrawn": "%(name)s ditarik",
    "job:completed": "%(name)s selesai",
    "job:failed": "%(name)s gagal",
    "call:requested": "%(name)s memanggil proses lain",
    "call:completed": "%(name)s selesai",
    "timer:fired": "Waktu tiba: %(name)s",
    "time_standard:breached": "Lewat tenggat: %(name)s, dipegang %(holder)s, diberitahukan kepada %(superior)s",
    "incident:raised": "Gangguan pada %(name)s: %(detail)s",
    "incident:resolved": "Gangguan pada %(name)s dicoba lagi",
    "loop:repeated": "%(name)s diulang untuk kali ke-%(turn)s; diberitahukan kepada %(superior)s",
    "exclusion:added": "Isi berkas ditutup bagi petugas yang bersangkutan",
}


def _element(event: JsonObject) -> str | None:
    local: Any = event.get("task") if event["event"] == "time_standard:breached" else event.get("id")
    return element_and_number(local)[0] if local else None


def _name(definition: ExecutableDefinition, element: str | None) -> str:
    node = definition.model.nodes.get(element or "")
    if node is None:
        return element or ""
    return node.name or node.id


def _end_reached(events: list[JsonObject], definition: ExecutableDefinition) -> str:
    """The name of the end event at which the instance's last token ended; empty where it has none."""
    reached = [_element(event) or "" for event in events if event["event"] == "flow_node:entered"]
    nodes = (definition.model.nodes.get(element) for element in reversed(reached))
    return next((node.name or "" for node in nodes if node is not None and node.type is NodeType.END_EVENT), "")


def _is_standard(definition: ExecutableDefinition, element: str | None) -> bool:
    node = definition.model.nodes.get(element or "")
    return node is not None and node.properties.get("standar_waktu") == "true"


def _minutes_late(due: str, at: str) -> str:
    return str(max(0, int((from_text(at) - from_text(due)).total_seconds() // 60)))
