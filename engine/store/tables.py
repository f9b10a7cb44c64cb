"""Every table of the store.

Each leads with `tenant` (the office).  Only `journal`, `resource`, the versions, `account` secrets and the personal and
free texts are facts; all the rest is derived from the journal by the appliers.  Times are the text that
`engine.clock.to_text` writes.  JSON columns take and give Python values.

The conditions at the end (`user_task_is_open` …) name their states as literals: use them as they are in queries,
because a state passed as a parameter keeps both databases from using the partial indexes made with the same condition.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy.schema import SchemaItem

from engine.store.columns import BYTES, INTEGER, JSON, TEXT

NO_DUE_TIME = "9999-12-31T23:59:59.999999Z"
NO_USER_TASK = ""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _text(name: str) -> Column[str]:
    return Column(name, TEXT, nullable=False)


def _optional(name: str) -> Column[str]:
    return Column(name, TEXT, nullable=True)


def _integer(name: str) -> Column[int]:
    return Column(name, INTEGER, nullable=False)


def _optional_integer(name: str) -> Column[int]:
    return Column(name, INTEGER, nullable=True)


def _bytes(name: str) -> Column[bytes]:
    return Column(name, BYTES, nullable=False)


def _json(name: str) -> Column[object]:
    return Column(name, JSON, nullable=False)


def _table(name: str, *items: SchemaItem, key: tuple[str, ...] = ("id",), large: bool = False) -> Table:
    """A table with `tenant` before its columns and its key; `large` rows stay out of SQLite's key tree."""
    primary_key = PrimaryKeyConstraint("tenant", *key)
    return Table(name, metadata, _text("tenant"), *items, primary_key, sqlite_strict=True, sqlite_with_rowid=large)


def _is(column: Column[str], *states: str) -> ColumnElement[bool]:
    literals = [literal_column(f"'{state}'", TEXT) for state in states]
    return column == literals[0] if len(literals) == 1 else column.in_(literals)


def _partial(name: str, condition: ColumnElement[bool], *columns: Column[str]) -> Index:
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


# ── The record ────────────────────────────────────────────────────────────────────────────────────────────────────────

journal = _table(
    "journal",
    _integer("position"),  # the order across all streams of the office, from 1, without gaps
    _text("stream"),
    _integer("seq"),  # the order within the stream, from 1, without gaps
    _text("at"),
    _text("actor"),  # the account id
    _text("command_id"),
    _text("kind"),  # of the command
    _optional("cause_stream"),
    _optional_integer("cause_seq"),
    _integer("semantics"),
    _text("prev_hash"),
    _text("hash"),
    _bytes("body"),  # deflated; see journal.py
    UniqueConstraint("tenant", "stream", "seq"),
    UniqueConstraint("tenant", "command_id"),
    key=("position",),
    large=True,
)

stream_head = _table("stream_head", _text("stream"), _integer("seq"), _text("hash"), _text("at"), key=("stream",))

snapshot = _table("snapshot", _text("stream"), _integer("seq"), _bytes("state"), key=("stream",), large=True)

sequence_number = _table("sequence_number", _text("name"), _integer("value"), key=("name",))

# ── Definitions, the organisation, the catalogue ──────────────────────────────────────────────────────────────────────

resource = _table("resource", _text("hash"), _bytes("bytes"), key=("hash",), large=True)

definition = _table(
    "definition",
    _text("key"),
    _integer("version"),
    _text("hash"),
    _text("name"),
    _json("files"),  # [[path, hash], …]
    _text("deployed_by"),
    _text("deployed_at"),
    _text("approved_by"),
    _optional("approved_at"),
    _optional("effective_from"),
    _optional("withdrawn_at"),
    _optional("version_tag"),
    _json("notes"),
    Index(None, "tenant", "hash"),
    key=("key", "version"),
    large=True,
)

organisation_version = _table(
    "organisation_version",
    _text("hash"),
    _json("body"),
    _text("effective_at"),
    _integer("seq"),
    key=("hash",),
    large=True,
)

catalogue_version = _table(
    "catalogue_version",
    _text("hash"),
    _json("body"),
    _text("effective_at"),
    _integer("seq"),
    key=("hash",),
    large=True,
)

# ── Process instances ─────────────────────────────────────────────────────────────────────────────────────────────────

process_instance = _table(
    "process_instance",
    _text("id"),
    _text("key"),
    _integer("version"),
    _text("definition_hash"),
    _text("start_event"),
    _optional("business_key"),
    _optional("team"),
    _text("state"),  # ACTIVE, SUSPENDED, COMPLETED, TERMINATED
    _text("started_at"),
    _text("started_by"),
    _optional("ended_at"),
    _integer("open_incidents"),
    _optional("end_event"),
    Index(None, "tenant", "state", "started_at", "id"),
    Index(None, "tenant", "key", "started_at"),
    Index(None, "tenant", "business_key"),
)

process_instance_exclusion = _table(
    "process_instance_exclusion", _text("instance_id"), _text("account_id"), key=("instance_id", "account_id")
)

# ── User tasks ────────────────────────────────────────────────────────────────────────────────────────────────────────

user_task = _table(
    "user_task",
    _text("id"),
    _text("instance_id"),
    _text("key"),
    _text("element_id"),
    _integer("activation"),
    _text("name"),
    _optional("lane_id"),
    _optional("lane_name"),
    _optional("sop_number"),
    _text("state"),  # READY, ACTIVE, COMPLETED, WITHDRAWN, FAILED
    _optional("assignee"),
    _json("candidate_groups"),
    _json("candidate_users"),
    _optional("form_id"),
    _optional("due_at"),
    _optional("follow_up_at"),
    _integer("priority"),
    _text("created_at"),
    _optional("claimed_at"),
    _optional("ended_at"),
    _optional("completed_by"),
    _integer("revision"),
    _optional("breached_at"),
    _integer("waits_for_customer"),  # 0 or 1
    _optional("business_key"),
    _optional("team"),
    _integer("suspended"),  # 0 or 1
    Index(None, "tenant", "instance_id"),
    large=True,
)

# One row per group and person who may claim; only while the task is open and unassigned.
user_task_candidate = _table(
    "user_task_candidate",
    _text("task_id"),
    _text("candidate"),  # `group:<group>` or `user:<account>`
    _text("due_at"),  # NO_DUE_TIME if none
    Index(None, "tenant", "candidate", "due_at", "task_id"),
    key=("task_id", "candidate"),
)

user_task_exclusion = _table(
    "user_task_exclusion", _text("task_id"), _text("account_id"), key=("task_id", "account_id")
)

# ── What waits ────────────────────────────────────────────────────────────────────────────────────────────────────────

timer = _table(
    "timer",
    _text("id"),
    _text("instance_id"),
    _text("element_id"),
    _integer("activation"),
    _optional("attached_to"),
    _text("kind"),
    _text("due_at"),
    _optional("calendar"),
    _text("state"),  # SCHEDULED, SUSPENDED, FAILED
    _integer("attempts"),
    _optional("not_before"),
    Index(None, "tenant", "instance_id"),
)

job = _table(
    "job",
    _text("id"),
    _text("instance_id"),
    _text("element_id"),
    _integer("activation"),
    _text("type"),
    _text("state"),  # OPEN, SUSPENDED, FAILED
    _integer("attempt"),
    _integer("retries"),
    _optional("not_before"),
    _json("headers"),
    _text("created_at"),
    Index(None, "tenant", "instance_id"),
)

message_subscription = _table(
    "message_subscription",
    _text("id"),
    _text("instance_id"),
    _text("element_id"),
    _integer("activation"),
    _text("message_name"),
    _text("correlation_key"),
    _text("created_at"),
    Index(None, "tenant", "message_name", "correlation_key"),
)

message_start = _table(
    "message_start",
    _text("message_name"),
    _text("key"),
    _integer("version"),
    _text("start_event"),
    key=("message_name", "key"),
)

message = _table(
    "message",
    _text("id"),
    _text("name"),
    _text("correlation_key"),
    _json("variables"),
    _text("published_at"),
    _text("expires_at"),
    Index(None, "tenant", "name", "correlation_key"),
    large=True,
)

outbox = _table(
    "outbox",
    _text("id"),
    _text("target_stream"),
    _json("command"),
    _text("cause_stream"),
    _integer("cause_seq"),
    _text("created_at"),
    _integer("attempts"),
    _optional("not_before"),
    _optional("last_error"),
    large=True,
)

incident = _table(
    "incident",
    _text("id"),
    _text("instance_id"),
    _text("element_id"),
    _integer("activation"),
    _text("kind"),
    _text("detail"),
    _text("raised_at"),
    _optional("resolved_at"),
    _optional("job_id"),
    Index(None, "tenant", "instance_id"),
    large=True,
)

# ── Lateness ──────────────────────────────────────────────────────────────────────────────────────────────────────────

escalation = _table(
    "escalation",
    _text("id"),
    _text("instance_id"),
    _optional("user_task_id"),
    _text("element_id"),
    _text("account_id"),  # who is told
    _optional("held_by"),
    _text("due_at"),
    _text("fired_at"),
    _text("reason"),
    _optional("seen_at"),
    Index(None, "tenant", "account_id", "seen_at"),
)

time_breach = _table(
    "time_breach",
    _text("instance_id"),
    _text("timer_id"),
    _text("element_id"),
    _text("user_task_id"),  # NO_USER_TASK if none
    _optional("held_by"),
    _optional("superior"),
    _text("due_at"),
    _text("fired_at"),
    key=("instance_id", "timer_id", "user_task_id"),
)

# ── Beside the chain ──────────────────────────────────────────────────────────────────────────────────────────────────

personal_value = _table(
    "personal_value",
    _text("commitment"),
    _text("stream"),
    _optional("value"),  # canonical JSON text; null once erased
    Column("salt", BYTES, nullable=True),  # null once erased
    _optional("erased_at"),
    Index(None, "tenant", "stream"),
    key=("commitment",),
)

free_text = _table(
    "free_text",
    _text("id"),
    _text("stream"),
    _integer("seq"),
    _text("kind"),
    _text("text"),
    _bytes("salt"),  # of the commitment in the journal
    large=True,
)

# ── Accounts and settings ─────────────────────────────────────────────────────────────────────────────────────────────

account = _table(
    "account",
    _text("id"),
    _text("display_name"),
    _json("roles"),
    _json("groups"),
    _optional("team"),
    _optional("superior"),
    _optional("password_hash"),
    _text("state"),  # ACTIVE, DISABLED
    _text("created_at"),
    _integer("demo"),  # 0 or 1
    _integer("session_epoch"),
    large=True,
)

setting = _table("setting", _text("name"), _text("value"), key=("name",))

# ── Conditions, and the partial indexes made with them ────────────────────────────────────────────────────────────────

user_task_is_open = _is(user_task.c.state, "READY", "ACTIVE")
timer_is_scheduled = _is(timer.c.state, "SCHEDULED")
job_is_open = _is(job.c.state, "OPEN")
incident_is_open = incident.c.resolved_at.is_(None)

_partial(
    "ix_user_task_open_by_assignee",
    user_task_is_open,
    user_task.c.tenant,
    user_task.c.assignee,
    user_task.c.due_at,
    user_task.c.id,
)
_partial("ix_timer_scheduled", timer_is_scheduled, timer.c.tenant, timer.c.due_at, timer.c.id)
_partial("ix_job_open", job_is_open, job.c.tenant, job.c.not_before, job.c.id)
_partial("ix_incident_open", incident_is_open, incident.c.tenant, incident.c.raised_at, incident.c.id)
