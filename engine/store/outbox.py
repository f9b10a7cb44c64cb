"""What crosses streams: rows written with the entry that causes them, each delivered as one command.

A delivery's id is its command's id, so a delivery that is tried twice is applied once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, literal, or_, select, update

from engine.ids import called_instance, global_id, instance_of, instance_stream
from engine.store.encoding import inflate
from engine.store.journal import StoredEntry
from engine.store.tables import journal, message, outbox, process_instance
from engine.values import JsonObject, Value, parse_json


@dataclass(frozen=True)
class Delivery:
    """One command to be carried out on behalf of a journal entry."""

    id: str
    target_stream: str
    command: JsonObject
    cause_stream: str
    cause_seq: int
    attempts: int


def send_message(connection: Connection, tenant: str, stored: StoredEntry) -> None:
    """One row for each recipient that was fixed when a message was published."""
    for event in stored.entry.events:
        if event["event"] == "message:published":
            for number, target in enumerate(event["targets"]):
                _put(
                    connection,
                    tenant,
                    stored,
                    _command(stored, event, target),
                    f"{stored.entry.stream}/{stored.seq}/{number}",
                )


def deliver_buffered(connection: Connection, tenant: str, stored: StoredEntry) -> None:
    """A subscription that opens gets the oldest message that was kept for its name and key and is not expired."""
    for event in stored.entry.events:
        if event["event"] != "subscription:opened":
            continue
        key = {"tenant": tenant, "name": event["message"], "key": event["key"], "now": stored.entry.at}
        row = connection.execute(_BUFFERED, key).first()
        if row is None:
            continue
        stream, _, seq = row.id.rpartition("/")
        body = connection.execute(_MESSAGE_BODY, {"tenant": tenant, "stream": stream, "seq": int(seq)}).scalar_one()
        published = parse_json(inflate(body))["command"]
        subscription = global_id(stored.entry.stream.partition(":")[2], event["id"])
        command = {
            "kind": "CorrelateMessage",
            "subscription_id": subscription,
            "message_id": published["id"],
            "variables": published["variables"],
        }
        connection.execute(delete(message).where(message.c.tenant == tenant, message.c.id == row.id))
        _put(connection, tenant, stored, command, f"{row.id}/{subscription}")


def forget_expired(connection: Connection, tenant: str, now: str) -> int:
    """Kept messages whose time to live is over go; returns how many."""
    return connection.execute(delete(message).where(message.c.tenant == tenant, message.c.expires_at <= now)).rowcount


def has_expired(connection: Connection, tenant: str, now: str) -> bool:
    """Whether a kept message's time to live is over."""
    found = select(message.c.id).where(message.c.tenant == tenant, message.c.expires_at <= now).limit(1)
    return connection.execute(found).first() is not None


def send_calls(connection: Connection, tenant: str, stored: StoredEntry) -> None:
    """One row for each process that an entry calls, and for each called one whose call was withdrawn."""
    for number, event in enumerate(stored.entry.events):
        if event["event"] not in ("call:requested", "call:withdrawn"):
            continue
        caller = stored.entry.stream.partition(":")[2]
        called = called_instance(caller, event["call"])
        if event["event"] == "call:withdrawn":
            command: JsonObject = {
                "kind": "CancelProcessInstance",
                "instance_id": called,
                "reason": "Panggilannya sudah ditarik.",
            }
        else:
            command = {
                "kind": "CallProcess",
                "key": event["process"],
                "call_id": global_id(caller, event["id"]),
                "instance_id": called,
                "version_tag": event.get("version_tag"),
                "excluded": event.get("excluded", []),
                "variables": event["variables"],
            }
        _put(connection, tenant, stored, command, f"{stored.entry.stream}/{stored.seq}/{number}")


def report_end(
    connection: Connection, tenant: str, stored: StoredEntry, caller: str, variables: Mapping[str, Value]
) -> None:
    """The calling instance is told how the called one ended."""
    completed = any(event["event"] == "process_instance:completed" for event in stored.entry.events)
    command: JsonObject = {"kind": "CompleteCall", "call_id": caller, "variables": dict(variables)}
    if not completed:
        command = {"kind": "FailCall", "call_id": caller, "detail": "Proses yang dipanggil dibatalkan."}
    _put(connection, tenant, stored, command, f"{stored.entry.stream}/{stored.seq}/end")


def due(connection: Connection, tenant: str, now: str, limit: int) -> list[Delivery]:
    """Deliveries that may be tried now, oldest first; those for a suspended instance wait until it is resumed."""
    rows = connection.execute(_DUE.limit(limit), {"tenant": tenant, "now": now})
    return [Delivery(r.id, r.target_stream, r.command, r.cause_stream, r.cause_seq, r.attempts) for r in rows]


def next_due(connection: Connection, tenant: str) -> str | None:
    """When the next delivery may be tried; None when none waits."""
    earliest = func.min(func.coalesce(outbox.c.not_before, outbox.c.created_at))
    return connection.execute(select(earliest).where(outbox.c.tenant == tenant, ~_IS_SUSPENDED)).scalar()


def delivered(connection: Connection, tenant: str, delivery_id: str) -> None:
    """The delivery has been carried out (or can never be): its row goes."""
    connection.execute(_DELETE, {"tenant": tenant, "id": delivery_id})


def postpone(connection: Connection, tenant: str, delivery_id: str, not_before: str, error: str) -> None:
    """Something went wrong that may go right later."""
    statement = (
        update(outbox)
        .where(outbox.c.tenant == tenant, outbox.c.id == delivery_id)
        .values(attempts=outbox.c.attempts + 1, not_before=not_before, last_error=error[:2000])
    )
    connection.execute(statement)


def _command(stored: StoredEntry, event: JsonObject, target: JsonObject) -> JsonObject:
    published: dict[str, Any] = stored.entry.command
    if "start" in target:
        return {
            "kind": "StartProcessInstance",
            "key": target["start"],
            "start_event": target["event"],
            "variables": published["variables"],
        }
    return {
        "kind": "CorrelateMessage",
        "subscription_id": target["subscription"],
        "message_id": published["id"],
        "variables": published["variables"],
    }


def _put(connection: Connection, tenant: str, stored: StoredEntry, command: JsonObject, row_id: str) -> None:
    connection.execute(
        insert(outbox),
        {
            "tenant": tenant,
            "id": row_id,
            "target_stream": _target(command),
            "command": command,
            "cause_stream": stored.entry.stream,
            "cause_seq": stored.seq,
            "created_at": stored.entry.at,
            "attempts": 0,
            "not_before": None,
            "last_error": None,
        },
    )


def _target(command: JsonObject) -> str:
    if command["kind"] == "StartProcessInstance":
        return f"definition:{command['key']}"
    if "instance_id" in command:
        return instance_stream(command["instance_id"])
    return instance_stream(instance_of(command.get("subscription_id") or command["call_id"]))


_IS_SUSPENDED = (
    select(process_instance.c.id)
    .where(
        process_instance.c.tenant == outbox.c.tenant,
        outbox.c.target_stream == literal("instance:") + process_instance.c.id,
        process_instance.c.state == "SUSPENDED",
    )
    .exists()
)
_DUE = (
    select(outbox)
    .where(
        outbox.c.tenant == bindparam("tenant"),
        ~_IS_SUSPENDED,
        or_(outbox.c.not_before.is_(None), outbox.c.not_before <= bindparam("now")),
    )
    .order_by(outbox.c.created_at, outbox.c.id)
)
_DELETE = delete(outbox).where(outbox.c.tenant == bindparam("tenant"), outbox.c.id == bindparam("id"))
_BUFFERED = (
    select(message.c.id)
    .where(
        message.c.tenant == bindparam("tenant"),
        message.c.name == bindparam("name"),
        message.c.correlation_key == bindparam("key"),
        message.c.expires_at > bindparam("now"),
    )
    .order_by(message.c.published_at, message.c.id)
    .limit(1)
)
_MESSAGE_BODY = select(journal.c.body).where(
    journal.c.tenant == bindparam("tenant"), journal.c.stream == bindparam("stream"), journal.c.seq == bindparam("seq")
)
