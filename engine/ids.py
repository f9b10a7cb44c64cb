"""How things are named: an instance's tokens, timers and subscriptions are `instance:element.n`."""

from __future__ import annotations

from engine.errors import NotFound

CALL_MARK = "~"  # a called instance is named by the calling instance and the call


def called_instance(caller_id: str, call: str) -> str:
    """The id of the instance that a call (`element.cN` of the calling instance) starts."""
    return f"{caller_id}{CALL_MARK}{call}"


def global_id(instance_id: str, local: str) -> str:
    """The id by which the world knows something of an instance."""
    return f"{instance_id}:{local}"


def instance_of(identifier: str) -> str:
    """The instance that a task, timer, job or subscription belongs to; raises NotFound when it is no such id."""
    instance_id, colon, local = identifier.partition(":")
    if not (instance_id and colon and local):
        raise NotFound("%(id)s bukan nomor yang dikenal.", id=identifier)
    return instance_id


def local_id(identifier: str) -> str:
    """Its name within the instance."""
    return identifier.partition(":")[2]


def element_and_number(local: str) -> tuple[str, int]:
    """(element, n) of a local id; the marks of timers, messages and bodies are dropped."""
    element, _, number = local.rpartition(".")
    return element, int(number.lstrip("tmbc"))


def instance_stream(instance_id: str) -> str:
    """The stream of a process instance."""
    return f"instance:{instance_id}"
