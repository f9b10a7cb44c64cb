"""The state of one process instance: what the snapshot holds and the state hash is taken over.

It is ours alone: no id, type or byte of the executing library is in it.  Ids are derived: a token is named
`element.n` by its element and the n-th activation of that element in the instance; a scope by the token that owns it
(the root scope is `""`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from engine.values import JsonObject, Value

ROOT = ""


class InstanceState(StrEnum):
    """Life of a process instance."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


ENDED = frozenset({InstanceState.COMPLETED, InstanceState.TERMINATED})


class Phase(StrEnum):
    """Where a token stands in its flow node; FAILED_* are incidents, retried from where they stand."""

    WAITING = "waiting"
    FAILED_ENTERING = "failed_entering"
    FAILED_WAITING = "failed_waiting"
    FAILED_LEAVING = "failed_leaving"


@dataclass(slots=True)
class Timer:
    """A timer that is due at `due` (UTC text); `left` counts a cycle's remaining firings, -1 without end.

    `chain` is the length of the chain of timers, each overdue when the one before armed it, that this one ends: a loop
    over such timers would never wait.
    """

    element: str
    due: str
    left: int = 1
    every: str | None = None
    chain: int = 0

    def to_json(self) -> JsonObject:
        data: JsonObject = {"element": self.element, "due": self.due}
        if self.chain:
            data["chain"] = self.chain
        if self.every is not None:
            data |= {"left": self.left, "every": self.every}
        return data


@dataclass(slots=True)
class Subscription:
    """Waits for a message of this name and correlation key, for the event `element`."""

    element: str
    message: str
    key: str

    def to_json(self) -> JsonObject:
        return {"element": self.element, "message": self.message, "key": self.key}


@dataclass(slots=True)
class Work:
    """What a human task needs to be admitted: who may, who holds, which revision."""

    groups: list[str]
    users: list[str]
    assignee: str | None = None
    excluded: list[str] = field(default_factory=list)
    due: str | None = None
    revision: int = 1

    def to_json(self) -> JsonObject:
        data: JsonObject = {"groups": self.groups, "users": self.users, "revision": self.revision}
        optional = {"assignee": self.assignee, "excluded": self.excluded, "due": self.due}
        return data | {key: value for key, value in optional.items() if value}


@dataclass(slots=True)
class Loop:
    """A multi-instance body: its items, and how many have been started and ended."""

    items: list[Value]
    started: int = 0
    ended: int = 0

    def to_json(self) -> JsonObject:
        return {"items": self.items, "started": self.started, "ended": self.ended}


@dataclass(slots=True)
class Token:
    """One token resting on a flow node."""

    id: str
    element: str
    scope: str  # the scope it moves in
    phase: Phase = Phase.WAITING
    body: str | None = None  # the multi-instance body it is an item of
    index: int = 0  # 1-based place among that body's items
    work: Work | None = None
    attempt: int = 0  # of its job, 0 = no job
    called: str | None = None  # the call whose end it waits for: `element.cN`, part of the called instance's id
    loop: Loop | None = None
    timers: dict[str, Timer] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        data: JsonObject = {"element": self.element, "scope": self.scope}
        if self.phase is not Phase.WAITING:
            data["phase"] = self.phase.value
        if self.body is not None:
            data |= {"body": self.body, "index": self.index}
        if self.work is not None:
            data["work"] = self.work.to_json()
        if self.attempt:
            data["attempt"] = self.attempt
        if self.called is not None:
            data["called"] = self.called
        if self.loop is not None:
            data["loop"] = self.loop.to_json()
        if self.timers:
            data["timers"] = {key: timer.to_json() for key, timer in self.timers.items()}
        if self.subscriptions:
            data["subscriptions"] = {key: item.to_json() for key, item in self.subscriptions.items()}
        return data

    @classmethod
    def from_json(cls, token_id: str, data: JsonObject) -> Token:
        work, loop = data.get("work"), data.get("loop")
        return cls(
            id=token_id,
            element=data["element"],
            scope=data["scope"],
            phase=Phase(data.get("phase", Phase.WAITING)),
            body=data.get("body"),
            index=data.get("index", 0),
            work=Work(**work) if work else None,
            attempt=data.get("attempt", 0),
            called=data.get("called"),
            loop=Loop(**loop) if loop else None,
            timers={key: Timer(**item) for key, item in data.get("timers", {}).items()},
            subscriptions={key: Subscription(**item) for key, item in data.get("subscriptions", {}).items()},
        )


@dataclass(slots=True)
class Scope:
    """A place for variables; one that holds flow nodes also counts its live tokens and their arrivals at joins.

    `arrivals[gateway][flow]` is the number of tokens that wait on that incoming flow.
    """

    parent: str | None
    variables: dict[str, Value] = field(default_factory=dict)
    live: int = 0
    arrivals: dict[str, dict[str, int]] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        data: JsonObject = {"parent": self.parent}
        if self.variables:
            data["variables"] = self.variables
        if self.live:
            data["live"] = self.live
        if self.arrivals:
            data["arrivals"] = self.arrivals
        return data


@dataclass(slots=True)
class State:
    """Everything that decides how the instance goes on."""

    instance_id: str
    key: str
    definition: str  # hash
    start_event: str
    state: InstanceState = InstanceState.ACTIVE
    business_key: str | None = None
    caller: str | None = None  # the call that started it: the calling instance's token
    counts: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)
    excluded: list[str] = field(default_factory=list)

    def to_json(self) -> JsonObject:
        data: JsonObject = {
            "instance": self.instance_id,
            "key": self.key,
            "definition": self.definition,
            "start": self.start_event,
            "state": self.state.value,
            "counts": self.counts,
            "tokens": {key: token.to_json() for key, token in self.tokens.items()},
            "scopes": {key: scope.to_json() for key, scope in self.scopes.items()},
        }
        if self.business_key is not None:
            data["business_key"] = self.business_key
        if self.caller is not None:
            data["caller"] = self.caller
        if self.excluded:
            data["excluded"] = self.excluded
        return data

    @classmethod
    def from_json(cls, data: JsonObject) -> State:
        """The state that `to_json` wrote."""
        return cls(
            instance_id=data["instance"],
            key=data["key"],
            definition=data["definition"],
            start_event=data["start"],
            state=InstanceState(data["state"]),
            business_key=data.get("business_key"),
            caller=data.get("caller"),
            counts=data["counts"],
            tokens={key: Token.from_json(key, item) for key, item in data["tokens"].items()},
            scopes={key: Scope(**item) for key, item in data["scopes"].items()},
            excluded=data.get("excluded", []),
        )

    def next_id(self, element: str, mark: str = "") -> str:
        """The id of the next activation of an element; `mark`: t timers, m messages, b bodies, c calls."""
        kind = f"{element}.{mark}" if mark else element
        number = self.counts.get(kind, 0) + 1
        self.counts[kind] = number
        return f"{element}.{mark}{number}"

    def due_timers(self, now: str) -> list[tuple[str, str]]:
        """(due, timer id) of the timers due at `now`, in the order in which they fire."""
        return sorted(
            (timer.due, timer_id)
            for token in self.tokens.values()
            for timer_id, timer in token.timers.items()
            if timer.due <= now
        )
