"""What the engine shows: frozen rows for pages and listings.  Times are UTC text, or None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from engine.values import Value

Row = TypeVar("Row")


@dataclass(frozen=True)
class Account:
    """A person (or the system) as the engine knows them."""

    id: str
    display_name: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    team: str | None = None
    superior: str | None = None
    active: bool = True
    demo: bool = False
    session_epoch: int = 0  # sessions of an earlier epoch are over

    def has(self, role: str) -> bool:
        """Whether the account has a role: admin, process_owner, staff or auditor."""
        return role in self.roles


@dataclass(frozen=True)
class TaskView:
    """A human task in a list."""

    id: str
    instance_id: str
    process_key: str
    element_id: str
    name: str
    sop_number: str | None
    lane_name: str | None
    state: str  # READY (in the queue), ACTIVE (held), COMPLETED, WITHDRAWN
    assignee: str | None
    assignee_name: str | None
    candidate_groups: tuple[str, ...]
    business_key: str | None
    team: str | None
    due_at: str | None
    created_at: str
    claimed_at: str | None
    ended_at: str | None
    completed_by: str | None
    breached_at: str | None
    waits_for_customer: bool
    suspended: bool
    revision: int
    priority: int


@dataclass(frozen=True)
class TaskDetail:
    """A human task with what is needed to do it."""

    task: TaskView
    definition_version: int
    form_id: str | None
    sop: Mapping[str, str]  # the element's sop.* properties without the prefix: kegiatan, kelengkapan, waktu, output …
    variables: Mapping[str, Value]  # visible to the task; personal ones revealed only to who may do the task
    options: Mapping[str, list[dict[str, Value]]]  # choices by the form's valuesKey
    may_claim: bool
    may_release: bool
    may_complete: bool
    may_assign: bool
    assignable: tuple[Account, ...]  # whom it may be given to
    personal: tuple[str, ...] = ()  # the variables whose personal values are shown in clear: looking is on record


@dataclass(frozen=True)
class InstanceView:
    """A process instance in a list."""

    id: str
    key: str
    version: int
    start_event: str
    start_name: str
    business_key: str | None
    team: str | None
    state: str  # ACTIVE, SUSPENDED, COMPLETED, TERMINATED
    started_at: str
    started_by: str
    ended_at: str | None
    open_incidents: int
    restricted: bool = False  # this viewer may know only that it exists and how it ended


@dataclass(frozen=True)
class TokenView:
    """Where a token is."""

    element_id: str
    name: str
    state: str  # waiting, failed
    since: str | None
    holder: str | None
    due_at: str | None
    late: bool


@dataclass(frozen=True)
class IncidentView:
    """What went wrong on one token."""

    id: str
    instance_id: str
    element_id: str
    name: str
    kind: str
    detail: str
    raised_at: str


@dataclass(frozen=True)
class HistoryLine:
    """One entry of an instance's history, as a message id of the catalogue with its parameters."""

    seq: int
    at: str
    who: str  # account id
    who_name: str
    door: str
    message: str
    params: Mapping[str, str]
    element_id: str | None
    late: bool = False
    detail: Mapping[str, Value] = field(default_factory=dict)  # values that were given, personal ones masked
    hash: str = ""
    through: str | None = None  # the operating system's account, for an act at the command line


@dataclass(frozen=True)
class InstanceDetail:
    """A process instance with everything that its page shows."""

    instance: InstanceView
    tokens: tuple[TokenView, ...]
    tasks: tuple[TaskView, ...]
    visits: Mapping[str, int]  # element id -> how often a token left it
    incidents: tuple[IncidentView, ...]
    history: tuple[HistoryLine, ...]
    variables: Mapping[str, Value]  # personal ones masked
    breaches: tuple[Mapping[str, str | None], ...]
    may_manage: bool = False  # cancel, suspend, resume, retry incidents


@dataclass(frozen=True)
class EscalationView:
    """A breach of a time standard that somebody was told of."""

    id: str
    instance_id: str
    task_id: str | None
    element_id: str
    name: str
    sop_number: str | None
    held_by: str | None
    held_by_name: str | None
    due_at: str
    fired_at: str
    seen_at: str | None
    business_key: str | None
    reason: str = ""  # the timer of the broken time standard, or `turns:3` for a loop turned so often


@dataclass(frozen=True)
class DefinitionView:
    """A deployed version of a process."""

    key: str
    version: int
    name: str
    hash: str
    deployed_at: str
    deployed_by: str
    approved_by: str
    effective: bool
    version_tag: str | None


@dataclass(frozen=True)
class Startable:
    """A start event that an account may use."""

    key: str
    start_event: str
    name: str
    process_name: str
    form_id: str | None


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A keyset page; `next` is given back to get the following one, None at the end."""

    rows: tuple[Row, ...]
    next: str | None
    total: int | None = None  # capped: 1001 means "more than 1000"
