"""What can be asked of the engine: commands, imperative.

Each touches exactly one stream.  `actor` says who asks and by which door; `command_id` makes a repeat harmless: the
same id is applied once and gets the first answer again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.values import JsonObject, Value


@dataclass(frozen=True)
class Actor:
    """Who asks: an account id, the door (`web`, `cli`, `engine`), and whom the account stands in for.

    At the command line `through` is the operating system's account that typed it.
    """

    account: str
    door: str = "web"
    acting_for: str | None = None
    through: str | None = None


SYSTEM = Actor("sistem", "engine")


@dataclass(frozen=True, kw_only=True)
class Command:
    """What every command carries."""

    actor: Actor
    command_id: str | None = None  # given by the caller, or drawn by the engine


# -- definitions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DeployDefinition(Command):
    """Check a process folder's files (path -> bytes) and make them the effective version, approved by someone."""

    files: Mapping[str, bytes]
    approved_by: str
    note: str = ""


# -- process instances ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StartProcessInstance(Command):
    """Start an instance of the effective version by one of its start events (needed when there are several)."""

    key: str
    start_event: str | None = None
    variables: Mapping[str, Value] = field(default_factory=dict)
    business_key: str | None = None


@dataclass(frozen=True)
class ClaimUserTask(Command):
    """Take a task out of the queue for oneself."""

    task_id: str


@dataclass(frozen=True)
class ReleaseUserTask(Command):
    """Give a task that one holds back to the queue."""

    task_id: str


@dataclass(frozen=True)
class AssignUserTask(Command):
    """Give a task to somebody (a leader's act), with a reason."""

    task_id: str
    assignee: str
    reason: str = ""


@dataclass(frozen=True)
class CompleteUserTask(Command):
    """Complete a task that one holds, with its form's values, typed under this revision of the task."""

    task_id: str
    values: Mapping[str, Value] = field(default_factory=dict)
    revision: int | None = None


@dataclass(frozen=True)
class TriggerTimer(Command):
    """Fire a timer that is due."""

    timer_id: str


@dataclass(frozen=True)
class CorrelateMessage(Command):
    """Deliver a published message to one waiting subscription."""

    subscription_id: str
    message_id: str
    variables: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class CompleteJob(Command):
    """A job handler is done; `attempt` must be the one it was given."""

    job_id: str
    attempt: int
    variables: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class FailJob(Command):
    """A job handler failed; without retries left it becomes an incident."""

    job_id: str
    attempt: int
    detail: str
    retry: bool = True


@dataclass(frozen=True)
class ThrowJobError(Command):
    """A job handler raises a BPMN error, to be caught by a boundary event."""

    job_id: str
    attempt: int
    code: str


@dataclass(frozen=True)
class CallProcess(Command):
    """Start an instance for a call activity; `call_id` is the calling token, `instance_id` the new instance."""

    key: str
    call_id: str
    instance_id: str
    version_tag: str | None = None
    variables: Mapping[str, Value] = field(default_factory=dict)
    excluded: Sequence[str] = ()  # the accounts from whom the calling instance is kept


@dataclass(frozen=True)
class CompleteCall(Command):
    """The called instance has completed, with these variables."""

    call_id: str
    variables: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class FailCall(Command):
    """The called instance could not be started, or was cancelled: an incident on the call."""

    call_id: str
    detail: str


@dataclass(frozen=True)
class RetryIncident(Command):
    """Try again where an incident stands, with the variables as they are now."""

    incident_id: str


@dataclass(frozen=True)
class CancelProcessInstance(Command):
    """End an instance before its time, with a reason."""

    instance_id: str
    reason: str


@dataclass(frozen=True)
class SuspendProcessInstance(Command):
    """Let nothing happen in an instance until it is resumed."""

    instance_id: str
    reason: str


@dataclass(frozen=True)
class ResumeProcessInstance(Command):
    """Let a suspended instance go on; what fell due meanwhile fires."""

    instance_id: str


# -- messages -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PublishMessage(Command):
    """Publish a message: it starts an instance or reaches every instance that waits for its name and key.

    One that nobody waits for is kept for `time_to_live` seconds.
    """

    name: str
    correlation_key: str = ""
    variables: Mapping[str, Value] = field(default_factory=dict)
    time_to_live: int = 3600


# -- people and the office ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AddAccount(Command):
    """Make an account.  The password is hashed before it goes anywhere; None means that nobody can log in with it."""

    account_id: str
    display_name: str
    roles: tuple[str, ...]
    groups: tuple[str, ...] = ()
    team: str | None = None
    superior: str | None = None
    password: str | None = field(default=None, repr=False)
    demo: bool = False


@dataclass(frozen=True)
class ChangeAccount(Command):
    """Replace what an account is called and what it may do; None leaves a field as it is."""

    account_id: str
    display_name: str | None = None
    roles: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    team: str | None = None
    superior: str | None = None


@dataclass(frozen=True)
class SetPassword(Command):
    """Give an account a new password; its sessions end."""

    account_id: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class DisableAccount(Command):
    """Let an account log in no more; its sessions end."""

    account_id: str


@dataclass(frozen=True)
class EnableAccount(Command):
    """Let a disabled account log in again."""

    account_id: str


@dataclass(frozen=True)
class AdoptOrganisation(Command):
    """Make a version of the organisation (the bytes of organisasi.yaml) the one in force."""

    document: bytes


@dataclass(frozen=True)
class AdoptCatalogue(Command):
    """Make a version of the service catalogue (the bytes of katalog_layanan.csv) the one in force."""

    document: bytes


@dataclass(frozen=True)
class RecordAccess(Command):
    """Somebody looked at personal values: `subject` is the task whose page showed them, `names` the variables."""

    subject: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What a command led to: its place in the journal, and its events.  A repeat gets the same again."""

    stream: str
    seq: int
    at: str
    events: tuple[JsonObject, ...]
    repeated: bool = False

    @property
    def instance_id(self) -> str:
        """The process instance whose stream it is (or ValueError)."""
        kind, _, found = self.stream.partition(":")
        if kind != "instance":
            raise ValueError(f"{self.stream} is no process instance")
        return found
