"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.errors import StoreError
from engine.store.columns import BYTES, INTEGER, JSON, TEXT

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first tables."""

    op.create_table(
        "account",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("display_name", TEXT, nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("groups", JSON, nullable=False),
        sa.Column("team", TEXT, nullable=True),
        sa.Column("superior", TEXT, nullable=True),
        sa.Column("password_hash", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("demo", INTEGER, nullable=False),
        sa.Column("session_epoch", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_account")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "catalogue_version",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("effective_at", TEXT, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "hash", name=op.f("pk_catalogue_version")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "definition",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("deployed_by", TEXT, nullable=False),
        sa.Column("deployed_at", TEXT, nullable=False),
        sa.Column("approved_by", TEXT, nullable=False),
        sa.Column("approved_at", TEXT, nullable=True),
        sa.Column("effective_from", TEXT, nullable=True),
        sa.Column("withdrawn_at", TEXT, nullable=True),
        sa.Column("version_tag", TEXT, nullable=True),
        sa.Column("notes", JSON, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", "version", name=op.f("pk_definition")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    with op.batch_alter_table("definition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_definition_tenant_hash"), ["tenant", "hash"], unique=False)

    op.create_table(
        "escalation",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("instance_id", TEXT, nullable=False),
        sa.Column("user_task_id", TEXT, nullable=True),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("held_by", TEXT, nullable=True),
        sa.Column("due_at", TEXT, nullable=False),
        sa.Column("fired_at", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("seen_at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_escalation")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_escalation_tenant_account_id_seen_at"), ["tenant", "account_id", "seen_at"], unique=False
        )

    op.create_table(
        "free_text",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("salt", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_free_text")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "incident",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("instance_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("activation", INTEGER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("raised_at", TEXT, nullable=False),
        sa.Column("resolved_at", TEXT, nullable=True),
        sa.Column("job_id", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_incident")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(
            "ix_incident_open",
            ["tenant", "raised_at", "id"],
            unique=False,
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_incident_tenant_instance_id"), ["tenant", "instance_id"], unique=False)

    op.create_table(
        "job",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("instance_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("activation", INTEGER, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("attempt", INTEGER, nullable=False),
        sa.Column("retries", INTEGER, nullable=False),
        sa.Column("not_before", TEXT, nullable=True),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_job")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(
            "ix_job_open",
            ["tenant", "not_before", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'OPEN'"),
            postgresql_where=sa.text("state = 'OPEN'"),
        )
        batch_op.create_index(batch_op.f("ix_job_tenant_instance_id"), ["tenant", "instance_id"], unique=False)

    op.create_table(
        "journal",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("command_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("cause_stream", TEXT, nullable=True),
        sa.Column("cause_seq", INTEGER, nullable=True),
        sa.Column("semantics", INTEGER, nullable=False),
        sa.Column("prev_hash", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "position", name=op.f("pk_journal")),
        sa.UniqueConstraint("tenant", "stream", "seq", name=op.f("uq_journal_tenant_stream_seq")),
        sa.UniqueConstraint("tenant", "command_id", name=op.f("uq_journal_tenant_command_id")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "message",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("correlation_key", TEXT, nullable=False),
        sa.Column("variables", JSON, nullable=False),
        sa.Column("published_at", TEXT, nullable=False),
        sa.Column("expires_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_message")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_tenant_name_correlation_key"), ["tenant", "name", "correlation_key"], unique=False
        )

    op.create_table(
        "message_start",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("message_name", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("start_event", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "message_name", "key", name=op.f("pk_message_start")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "message_subscription",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("instance_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("activation", INTEGER, nullable=False),
        sa.Column("message_name", TEXT, nullable=False),
        sa.Column("correlation_key", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_message_subscription")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("message_subscription", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_subscription_tenant_message_name_correlation_key"),
            ["tenant", "message_name", "correlation_key"],
            unique=False,
        )

    op.create_table(
        "organisation_version",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("effective_at", TEXT, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "hash", name=op.f("pk_organisation_version")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "outbox",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("target_stream", TEXT, nullable=False),
        sa.Column("command", JSON, nullable=False),
        sa.Column("cause_stream", TEXT, nullable=False),
        sa.Column("cause_seq", INTEGER, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("attempts", INTEGER, nullable=False),
        sa.Column("not_before", TEXT, nullable=True),
        sa.Column("last_error", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_outbox")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "personal_value",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("commitment", TEXT, nullable=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=True),
        sa.Column("salt", BYTES, nullable=True),
        sa.Column("erased_at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "commitment", name=op.f("pk_personal_value")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("personal_value", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_personal_value_tenant_stream"), ["tenant", "stream"], unique=False)

    op.create_table(
        "process_instance",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("definition_hash", TEXT, nullable=False),
        sa.Column("start_event", TEXT, nullable=False),
        sa.Column("business_key", TEXT, nullable=True),
        sa.Column("team", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("started_at", TEXT, nullable=False),
        sa.Column("started_by", TEXT, nullable=False),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.Column("open_incidents", INTEGER, nullable=False),
        sa.Column("end_event", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_process_instance")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_process_instance_tenant_business_key"), ["tenant", "business_key"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_process_instance_tenant_key_started_at"), ["tenant", "key", "started_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_process_instance_tenant_state_started_at_id"),
            ["tenant", "state", "started_at", "id"],
            unique=False,
        )

    op.create_table(
        "process_instance_exclusion",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("instance_id", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "instance_id", "account_id", name=op.f("pk_process_instance_exclusion")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "resource",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("bytes", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "hash", name=op.f("pk_resource")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "sequence_number",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_sequence_number")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "setting",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_setting")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshot",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "stream", name=op.f("pk_snapshot")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "stream_head",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "stream", name=op.f("pk_stream_head")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "time_breach",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("instance_id", TEXT, nullable=False),
        sa.Column("timer_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("user_task_id", TEXT, nullable=False),
        sa.Column("held_by", TEXT, nullable=True),
        sa.Column("superior", TEXT, nullable=True),
        sa.Column("due_at", TEXT, nullable=False),
        sa.Column("fired_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "instance_id", "timer_id", "user_task_id", name=op.f("pk_time_breach")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "timer",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("instance_id", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("activation", INTEGER, nullable=False),
        sa.Column("attached_to", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("due_at", TEXT, nullable=False),
        sa.Column("calendar", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("attempts", INTEGER, nullable=False),
        sa.Column("not_before", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_timer")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_timer_scheduled",
            ["tenant", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'SCHEDULED'"),
            postgresql_where=sa.text("state = 'SCHEDULED'"),
        )
        batch_op.create_index(batch_op.f("ix_timer_tenant_instance_id"), ["tenant", "instance_id"], unique=False)

    op.create_table(
        "user_task",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("instance_id", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("element_id", TEXT, nullable=False),
        sa.Column("activation", INTEGER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("lane_id", TEXT, nullable=True),
        sa.Column("lane_name", TEXT, nullable=True),
        sa.Column("sop_number", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("assignee", TEXT, nullable=True),
        sa.Column("candidate_groups", JSON, nullable=False),
        sa.Column("candidate_users", JSON, nullable=False),
        sa.Column("form_id", TEXT, nullable=True),
        sa.Column("due_at", TEXT, nullable=True),
        sa.Column("follow_up_at", TEXT, nullable=True),
        sa.Column("priority", INTEGER, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("claimed_at", TEXT, nullable=True),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.Column("completed_by", TEXT, nullable=True),
        sa.Column("revision", INTEGER, nullable=False),
        sa.Column("breached_at", TEXT, nullable=True),
        sa.Column("waits_for_customer", INTEGER, nullable=False),
        sa.Column("business_key", TEXT, nullable=True),
        sa.Column("team", TEXT, nullable=True),
        sa.Column("suspended", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_user_task")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.create_index(
            "ix_user_task_open_by_assignee",
            ["tenant", "assignee", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('READY', 'ACTIVE')"),
            postgresql_where=sa.text("state IN ('READY', 'ACTIVE')"),
        )
        batch_op.create_index(batch_op.f("ix_user_task_tenant_instance_id"), ["tenant", "instance_id"], unique=False)

    op.create_table(
        "user_task_candidate",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("task_id", TEXT, nullable=False),
        sa.Column("candidate", TEXT, nullable=False),
        sa.Column("due_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "task_id", "candidate", name=op.f("pk_user_task_candidate")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("user_task_candidate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_user_task_candidate_tenant_candidate_due_at_task_id"),
            ["tenant", "candidate", "due_at", "task_id"],
            unique=False,
        )

    op.create_table(
        "user_task_exclusion",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("task_id", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "task_id", "account_id", name=op.f("pk_user_task_exclusion")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Databases are not taken back: restore the backup made before the migration."""
    raise StoreError("Tables are not taken back: restore the backup made before the migration.")
