"""Every place in a model where an expression may stand, and what FEEL knows of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from engine.definition.feel import Expression
from engine.definition.model import EventKind, FlowNode, Lane, NodeType, ProcessModel, SequenceFlow
from engine.definition.rulebook import problem
from engine.errors import FeelError, FeelSyntaxError, Problem

EXCLUDED_USERS: Final = "excludedUsers"
BUSINESS_KEY: Final = "businessKey"
CANDIDATE_GROUPS: Final = "candidateGroups"  # of a start event: who may start there


class FeelCompiler(Protocol):
    """What is needed of FEEL here: to parse."""

    def compile(self, source: str) -> Expression:
        """What is known of an expression without its leading `=`; raises FeelSyntaxError."""


class Purpose(StrEnum):
    """What the value of an expression decides; MOVE gives it to a variable."""

    CONDITION = "condition"
    TIMER = "timer"
    CORRELATION = "correlation"
    ASSIGNMENT = "assignment"
    SCHEDULE = "schedule"
    COLLECTION = "collection"
    MOVE = "move"


@dataclass(frozen=True)
class ExpressionUse:
    """One attribute that may hold FEEL: `text` as written, `target` the variable that a MOVE fills."""

    bearer: FlowNode | SequenceFlow | Lane
    attribute: str
    text: str
    purpose: Purpose
    target: str | None = None
    feel_required: bool = False

    @property
    def is_feel(self) -> bool:
        """Whether it is FEEL; else it is literal."""
        return self.text.startswith("=")


def expression_uses(model: ProcessModel) -> tuple[ExpressionUse, ...]:
    """Every attribute of a model that is FEEL or may be."""
    return tuple(_all_uses(model))


def compile_all(
    uses: Iterable[ExpressionUse], feel: FeelCompiler
) -> tuple[dict[str, Expression], list[tuple[ExpressionUse, Problem]]]:
    """What FEEL knows of every expression, by its text with the `=`, and a problem for each that does not parse."""
    compiled: dict[str, Expression] = {}
    problems = []
    for use in uses:
        if not use.is_feel or use.text in compiled:
            continue
        try:
            compiled[use.text] = feel.compile(use.text[1:])
        except FeelSyntaxError as error:
            problems.append((use, _syntax(use, error.detail, error.position + 1)))
        except FeelError as error:
            problems.append((use, _syntax(use, error.detail, 1)))
    return compiled, problems


def _syntax(use: ExpressionUse, detail: str, position: int) -> Problem:
    return problem(
        "feel_syntax",
        use.bearer.id,
        use.bearer.name,
        attribute=use.attribute,
        expression=use.text,
        detail=detail,
        position=position,
    )


def _all_uses(model: ProcessModel) -> Iterator[ExpressionUse]:
    for lane in model.lanes.values():
        yield ExpressionUse(lane, "group", lane.group, Purpose.ASSIGNMENT)
    for flow in model.flows.values():
        if flow.condition:
            yield ExpressionUse(flow, "conditionExpression", flow.condition, Purpose.CONDITION, feel_required=True)
    for node in model.nodes.values():
        yield from _event_uses(node)
        yield from _task_uses(node)
        yield from _loop_uses(node)
        yield from _mapping_uses(node)


def _event_uses(node: FlowNode) -> Iterator[ExpressionUse]:
    event = node.event
    if event is None:
        return
    if event.timer_text and event.timer_kind:
        yield ExpressionUse(node, event.timer_kind.value, event.timer_text, Purpose.TIMER)
    if event.kind is EventKind.MESSAGE and event.correlation_key and node.type is not NodeType.START_EVENT:
        yield ExpressionUse(node, "correlationKey", event.correlation_key, Purpose.CORRELATION, feel_required=True)


def _task_uses(node: FlowNode) -> Iterator[ExpressionUse]:
    written = (
        ("assignee", node.assignment.assignee, Purpose.ASSIGNMENT),
        ("candidateGroups", node.assignment.candidate_groups, Purpose.ASSIGNMENT),
        ("candidateUsers", node.assignment.candidate_users, Purpose.ASSIGNMENT),
        ("dueDate", node.due_date, Purpose.SCHEDULE),
        ("followUpDate", node.follow_up_date, Purpose.SCHEDULE),
        ("priority", node.priority, Purpose.SCHEDULE),
    )
    for attribute, text, purpose in written:
        if text:
            yield ExpressionUse(node, attribute, text, purpose)
    if node.call is not None:
        yield ExpressionUse(node, "processId", node.call.process, Purpose.ASSIGNMENT)
    excluded = node.properties.get(EXCLUDED_USERS, "").strip()
    if excluded:
        yield ExpressionUse(node, EXCLUDED_USERS, excluded, Purpose.ASSIGNMENT, feel_required=True)
    starters = node.properties.get(CANDIDATE_GROUPS, "").strip()
    if starters:
        yield ExpressionUse(node, CANDIDATE_GROUPS, starters, Purpose.ASSIGNMENT)
    business_key = node.properties.get(BUSINESS_KEY, "").strip()
    if business_key:
        yield ExpressionUse(node, BUSINESS_KEY, business_key, Purpose.CORRELATION, feel_required=True)


def _loop_uses(node: FlowNode) -> Iterator[ExpressionUse]:
    loop = node.multi_instance
    if loop is None:
        return
    if loop.input_collection:
        yield ExpressionUse(node, "inputCollection", loop.input_collection, Purpose.COLLECTION, feel_required=True)
    if loop.output_element:
        yield ExpressionUse(
            node, "outputElement", loop.output_element, Purpose.MOVE, loop.output_collection, feel_required=True
        )
    if loop.completion_condition:
        yield ExpressionUse(
            node, "completionCondition", loop.completion_condition, Purpose.CONDITION, feel_required=True
        )


def _mapping_uses(node: FlowNode) -> Iterator[ExpressionUse]:
    if node.script:
        yield ExpressionUse(node, "script", node.script, Purpose.MOVE, node.result_variable, feel_required=True)
    for mapping in node.inputs:
        yield ExpressionUse(node, "input", mapping.source, Purpose.MOVE, mapping.target)
    for mapping in node.outputs:
        yield ExpressionUse(node, "output", mapping.source, Purpose.MOVE, mapping.target)
