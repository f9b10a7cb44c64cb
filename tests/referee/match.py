"""A match: the engine plays a random process, and the referee judges every entry of its journal.

The test chooses what to ask for among what the referee allows.  What the engine then wrote is read from the journal,
entry by entry: each must be an act that the referee allows at that moment, and must have led to the same sequence
flows, entries, items and withdrawn tasks.  After each request the marking, the variables, the incidents and the end
must be the referee's too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from engine.clock import from_text
from engine.ids import global_id, instance_stream
from engine.runtime.execution.boundaries import CHAIN_LIMIT
from engine.runtime.execution.scopes import all_visible, scope_of
from engine.runtime.state import ROOT, Phase, State, Token
from engine.store import journal, snapshots
from engine.store.journal import StoredEntry
from engine.store.session import Database
from engine.values import parse_json

from . import model
from .bpmn_writer import CORRELATION_KEY, EPOCH, write_bpmn
from .generator import Choices, next_action, results_for, start_values
from .model import Process
from .office import KEY, TESTER, Ask, job_answer
from .token_game import Action, Referee, Trace

TENANT = "kantor"
LARGE = 2**40  # beyond 2**53 numbers are an incident, which the referee does not know: the match ends well before
_DONE_BY_ENTRY = {
    "CompleteUserTask": "complete",
    "CompleteJob": "job",
    "ThrowJobError": "throw",
    "FailJob": "fail",
    "TriggerTimer": "timer",
    "CorrelateMessage": "message",
    "RetryIncident": "retry",
}


class _Endless(Exception):
    """The engine has stopped a loop of overdue timers, which the standard would let run for ever."""


class Match:
    """One process instance, played from its deployment on.  `database` is for looking only."""

    def __init__(self, process: Process, choices: Choices, ask: Ask, database: Database) -> None:
        self._process = process
        self._choices = choices
        self._ask_office = ask
        self._database = database
        self._referee = Referee(process)
        self._minute = 0
        self._instance = ""
        self._seq = 0
        self._latest: dict[tuple[str, bool], str] = {}  # (element, whether a multi-instance body) -> its last token
        self._holders: dict[str, str] = {}  # timer or subscription -> the token that waits for it
        self._sent: dict[str, dict[str, Any]] = {}  # token or message -> the values that were sent with it

    def play(self, most: int) -> None:
        """Start and do at most so many things."""
        files = {f"{KEY}.bpmn": write_bpmn(self._process).decode()}
        self._ask("DeployDefinition", files=files, approved_by=TESTER)
        values = start_values(self._choices)
        self._instance = self._ask("StartProcessInstance", key=KEY, variables=values)["instance"]
        self._follow_start(values)
        for _ in range(most):
            actions = self._referee.enabled_in_time()
            if not actions or _largest(self._referee.scope_tree()) > LARGE:
                return
            try:
                self._do(next_action(self._choices, actions))
            except _Endless:
                return
            self._compare()

    @property
    def instance(self) -> str:
        """The id of the process instance."""
        return self._instance

    # Asking

    def _ask(self, command: str | None, **fields: Any) -> dict[str, Any]:
        answer = self._try(command, **fields)
        assert "rejected" not in answer, answer["reason"]
        return answer

    def _try(self, command: str | None, **fields: Any) -> dict[str, Any]:
        return self._ask_office({"minute": self._minute, "command": command, "fields": fields})

    def _do(self, action: Action) -> None:
        getattr(self, f"_do_{action.kind}")(action)
        self._follow()

    def _do_complete(self, action: Action) -> None:
        task = self._global(self._token_of(action))
        late = self._choices.integer(0, 7) == 7
        if late:
            self._minute += self._choices.integer(1, 60)
        if "rejected" in self._try("ClaimUserTask", task_id=task):
            assert late  # what fell due meanwhile came first and took the task away, or the instance with it
            self._ask(None)
            self._follow()
            assert action not in self._referee.enabled()
            return
        values = self._send(self._token_of(action), action)
        if "rejected" in self._try("CompleteUserTask", task_id=task, values=values):
            raise AssertionError(f"{task} was claimed, and could not be completed")

    def _do_job(self, action: Action) -> None:
        if self._choices.integer(0, 2) == 2:
            self._ask(None)
            return
        values = self._send(self._token_of(action), action)
        self._ask("CompleteJob", **self._job(action), variables=values)

    def _do_throw(self, action: Action) -> None:
        self._ask("ThrowJobError", **self._job(action), code=self._process.node(action.element_id).throws)

    def _do_fail(self, action: Action) -> None:
        self._ask("FailJob", **self._job(action), detail="tidak bisa", retry=False)

    def _do_timer(self, action: Action) -> None:
        self._minute = max(self._minute, action.due or 0)
        if self._choices.integer(0, 1):
            self._ask(None)
        else:
            self._ask("TriggerTimer", timer_id=self._global(self._waiting_for(action)))

    def _do_message(self, action: Action) -> None:
        values = results_for(self._choices, action.sets)
        if self._choices.integer(0, 1):
            subscription = self._waiting_for(action)
            self._sent[subscription] = values
            identifier = self._global(subscription)
            self._ask("CorrelateMessage", subscription_id=identifier, message_id="pesan-1", variables=values)
            return
        name = self._process.node(action.element_id).message
        self._ask("PublishMessage", name=name, correlation_key=CORRELATION_KEY, variables=values)
        self._sent[f"message {action.element_id}"] = values
        before = self._referee.trace
        self._ask(None)
        self._follow()
        assert self._referee.trace is not before  # somebody was waiting, and got it

    def _do_retry(self, action: Action) -> None:
        self._ask("RetryIncident", incident_id=self._global(self._token_of(action)))

    _do_retry_item = _do_retry

    def _send(self, key: str, action: Action) -> dict[str, Any]:
        self._sent[key] = results_for(self._choices, action.sets)
        return self._sent[key]

    def _job(self, action: Action) -> dict[str, Any]:
        token = self._token_of(action)
        return {"job_id": self._global(token), "attempt": self._state().tokens[token].attempt}

    def _global(self, local: str) -> str:
        return global_id(self._instance, local)

    def _token_of(self, action: Action) -> str:
        """The engine's name of the token that an action is about."""
        on_body = action.kind == "retry" or action.element_id != action.holder
        mark = "b" if on_body and self._process.node(action.holder).multi is not None else ""
        return f"{action.holder}.{mark}{action.number}"

    def _waiting_for(self, action: Action) -> str:
        """The timer or subscription of an action."""
        token = self._state().tokens[self._token_of(action)]
        waiting: Mapping[str, Any] = token.timers if action.kind == "timer" else token.subscriptions
        (found,) = (name for name, item in waiting.items() if item.element == action.element_id)
        return found

    # Judging the journal

    def _follow_start(self, values: dict[str, Any]) -> None:
        (entry,) = self._new_entries()
        self._note(entry.entry.events)
        self._judge(entry, self._referee.start(values))
        self._compare()

    def _follow(self) -> None:
        for entry in self._new_entries():
            if entry.entry.kind == "ClaimUserTask":
                assert [event["event"] for event in entry.entry.events] == ["user_task:claimed"]
                continue
            action = self._action_of(entry)
            given: dict[str, Any] = entry.entry.command["given"]
            if action.kind == "retry":
                body = self._process.node(action.holder).multi is not None
                self._latest[action.holder, body] = given["token"]
            self._note(entry.entry.events)
            values = self._values_of(action, given)
            assert given.get("variables", {}) == values
            self._judge(entry, self._referee.act(action, values, at=_minute(entry)))

    def _new_entries(self) -> list[StoredEntry]:
        with self._database.read() as connection:
            found = list(journal.read(connection, TENANT, instance_stream(self._instance), self._seq))
        self._seq += len(found)
        return found

    def _action_of(self, entry: StoredEntry) -> Action:
        """The action that an entry says was done; the referee must allow it now."""
        kind = _DONE_BY_ENTRY[entry.entry.kind]
        given: dict[str, Any] = entry.entry.command["given"]
        waiting = given.get("timer") or given.get("subscription")
        token = self._holders[waiting] if waiting else given.get("task") or given.get("job") or given["token"]
        holder, _, number = token.rpartition(".")
        if kind == "retry" and self._process.node(holder).multi is not None and not number.startswith("b"):
            kind = "retry_item"
        wanted = Action(kind, waiting.rpartition(".")[0] if waiting else holder, int(number.lstrip("b")), holder)
        allowed = self._referee.enabled()
        assert wanted in allowed
        action = allowed[allowed.index(wanted)]
        if kind == "timer":
            first = min(item.due for item in allowed if item.due is not None)
            assert action.due == first <= _minute(entry)
        return action

    def _values_of(self, action: Action, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values that the action was done with: what the test sent, or what its job handler answers."""
        if action.kind == "message":
            by_name = self._sent.get(f"message {action.element_id}", {})
            return self._sent.pop(given["subscription"], by_name)
        token = self._token_of(action)
        if action.kind == "job" and token not in self._sent:
            node = self._process.node(action.element_id)
            answer = job_answer(token, node.sets, node.throws)
            assert isinstance(answer, dict)
            return answer
        return self._sent.pop(token, {}) if action.kind in ("complete", "job") else {}

    def _note(self, events: list[dict[str, Any]]) -> None:
        """Remember who waits for what."""
        for event in events:
            if event["event"] == "flow_node:entered":
                element, _, number = event["id"].rpartition(".")
                self._latest[element, number.startswith("b")] = event["id"]
            elif event["event"] in ("subscription:opened", "timer:scheduled"):
                holder = self._holder_of(event["id"].rpartition(".")[0])
                self._holders[event["id"]] = event.get("of", holder)

    def _holder_of(self, event_id: str) -> str:
        node = self._process.node(event_id)
        if node.kind == model.BOUNDARY and node.attached_to is not None:
            host = self._process.node(node.attached_to)
            return self._latest[host.id, host.multi is not None]
        before = [self._process.node(flow.source) for flow in self._process.incoming(event_id)]
        gateways = [source.id for source in before if source.kind == model.EVENT_BASED]
        return self._latest[gateways[0] if gateways else event_id, False]

    def _judge(self, entry: StoredEntry, trace: Trace) -> None:
        events = entry.entry.events
        if any(event["event"] == "incident:raised" and event["kind"] == "endless_loop" for event in events):
            assert self._seq > CHAIN_LIMIT
            raise _Endless
        entered = [event["id"].rpartition(".") for event in events if event["event"] == "flow_node:entered"]
        repeated = {node.id for node in self._process.nodes if node.multi is not None}
        items = [element for element, _, number in entered if element in repeated and not number.startswith("b")]
        once = [element for element, _, number in entered if element not in repeated or number.startswith("b")]
        withdrawn = [event["id"] for event in events if event["event"] == "user_task:withdrawn"]
        assert [event["flow"] for event in events if event["event"] == "sequence_flow:taken"] == trace.flows
        assert once == trace.entered
        assert items == trace.items
        assert Counter(withdrawn) == Counter(f"{element}.{number}" for element, number in trace.withdrawn)

    # Judging the state

    def _state(self) -> State:
        with self._database.read() as connection:
            found = snapshots.load(connection, TENANT, instance_stream(self._instance))
        assert found is not None
        assert found.seq == self._seq or not self._seq
        return State.from_json(parse_json(found.state))

    def _compare(self) -> None:
        state, referee = self._state(), self._referee
        assert (state.state.value == "COMPLETED") is referee.finished
        assert state.scopes[ROOT].variables == referee.variables
        if referee.finished:
            return
        leaves = [token for token in state.tokens.values() if self._is_leaf(token)]
        assert Counter(token.element for token in leaves) == referee.marking.waiting
        arrivals = Counter[str]()
        for scope in state.scopes.values():
            for at_gateway in scope.arrivals.values():
                arrivals.update(at_gateway)
        assert arrivals == referee.marking.arrivals
        failed = sorted(_place(token) for token in leaves if token.phase is not Phase.WAITING)
        assert failed == sorted((element, number) for element, number, _ in referee.incidents)
        for token in leaves:
            if token.loop is None and not token.id.rpartition(".")[2].startswith("b"):
                assert all_visible(state, scope_of(state, token)) == referee.visible(*_place(token))

    def _is_leaf(self, token: Token) -> bool:
        if token.phase is not Phase.WAITING:
            return True
        return token.loop is None and self._process.node(token.element).kind != model.SUB_PROCESS


def _place(token: Token) -> tuple[str, int]:
    element, _, number = token.id.rpartition(".")
    return element, int(number.lstrip("b"))


def _largest(tree: Any) -> int:
    """The greatest absolute number anywhere in the scopes, or in a part of them."""
    if isinstance(tree, dict):
        return max((_largest(item) for item in tree.values()), default=0)
    if isinstance(tree, list):
        return max((_largest(item) for item in tree), default=0)
    return abs(tree) if isinstance(tree, int) else 0


def _minute(entry: StoredEntry) -> int:
    return int((from_text(entry.entry.at) - EPOCH).total_seconds() // 60)
