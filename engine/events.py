"""What happened: the events of the journal, past tense, each with its fields.

An event is a JSON object whose key `event` is the tag `noun:verb`; a changed shape gets a new tag (`noun:verb.2`).
Tokens, timers, jobs and subscriptions are named `element.n` (the n-th activation of that element in the instance);
the instance is the stream's.  Times are UTC text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.values import JsonObject

FIELDS: Mapping[str, frozenset[str]] = {
    # process instances
    "process_instance:started": frozenset({"key", "version", "definition", "start", "business_key", "team", "caller"}),
    "process_instance:keyed": frozenset({"business_key"}),
    "process_instance:completed": frozenset(),
    "process_instance:terminated": frozenset(),
    "process_instance:suspended": frozenset(),
    "process_instance:resumed": frozenset(),
    "flow_node:entered": frozenset({"id", "scope"}),
    "flow_node:left": frozenset({"id", "outcome"}),
    "sequence_flow:taken": frozenset({"flow"}),
    "variables:set": frozenset({"scope", "values"}),
    "user_task:created": frozenset(
        {"id", "groups", "users", "assignee", "due", "follow_up", "priority", "excluded", "waits_for_customer"}
    ),
    "user_task:claimed": frozenset({"id", "by"}),
    "user_task:released": frozenset({"id", "by"}),
    "user_task:assigned": frozenset({"id", "to"}),
    "user_task:completed": frozenset({"id", "by"}),
    "user_task:withdrawn": frozenset({"id"}),
    "job:created": frozenset({"id", "type", "retries"}),
    "job:completed": frozenset({"id"}),
    "job:failed": frozenset({"id", "attempt", "retries", "not_before"}),
    "job:withdrawn": frozenset({"id"}),
    "call:requested": frozenset({"id", "call", "process", "version_tag", "variables", "excluded"}),
    "call:completed": frozenset({"id"}),
    "call:withdrawn": frozenset({"id", "call"}),
    "timer:scheduled": frozenset({"id", "due", "of"}),
    "timer:fired": frozenset({"id", "due"}),
    "timer:cancelled": frozenset({"id"}),
    "subscription:opened": frozenset({"id", "message", "key"}),
    "subscription:closed": frozenset({"id"}),
    "incident:raised": frozenset({"id", "kind"}),
    "incident:resolved": frozenset({"id"}),
    "time_standard:breached": frozenset({"timer", "task", "held_by", "superior", "due"}),
    "loop:repeated": frozenset({"id", "turn", "told"}),
    "exclusion:added": frozenset({"accounts"}),
    # definitions, people, the office
    "definition:deployed": frozenset(
        {"key", "version", "hash", "name", "files", "approved_by", "version_tag", "notes", "message_starts"}
    ),
    "account:added": frozenset({"display_name", "roles", "groups", "team", "superior", "demo"}),
    "account:changed": frozenset({"display_name", "roles", "groups", "team", "superior"}),
    "account:password_set": frozenset(),
    "account:disabled": frozenset(),
    "account:enabled": frozenset(),
    "organisation:adopted": frozenset({"hash"}),
    "catalogue:adopted": frozenset({"hash"}),
    # who looked at personal data
    "personal_data:viewed": frozenset({"subject", "names"}),
    # messages
    "message:published": frozenset({"name", "key", "expires", "targets"}),
    "message:buffered": frozenset({"name", "key", "expires"}),
}


def event(tag: str, **fields: Any) -> JsonObject:
    """An event with these fields; those that are None are left out.  Raises ValueError on an unknown tag or field."""
    known = FIELDS.get(tag)
    if known is None or not fields.keys() <= known:
        raise ValueError(f"expected a known event with its fields, found {tag} {sorted(fields)}")
    return {"event": tag} | {key: value for key, value in fields.items() if value is not None}
