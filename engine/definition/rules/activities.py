"""Tasks and sub-processes: jobs, scripts, forms, performers, repetition, names of variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.definition.calendar import parse_moment
from engine.definition.model import ACTIVITIES, HUMAN, JOB, FlowNode, NodeType
from engine.definition.rules.case import Case
from engine.definition.variables import LOOP_VARIABLES

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FEEL_WORDS: Final = frozenset(
    {"and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance", "not", "null"}
    | {"of", "or", "return", "satisfies", "some", "then", "true"}
)


def check(case: Case) -> None:
    """Check every activity, and the variables that any node names."""
    for node in case.nodes():
        if node.type in JOB:
            _check_job(case, node)
        elif node.type is NodeType.SCRIPT_TASK and node.script is None:
            case.refuse("script_missing", node)
        elif node.type is NodeType.CALL_ACTIVITY:
            _check_call(case, node)
        elif node.type in HUMAN:
            _check_performer(case, node)
            _check_schedule(case, node)
        _check_form(case, node)
        _check_loop(case, node)
        _check_names(case, node)


def is_variable_name(name: str) -> bool:
    """Whether FEEL can refer to a variable of this name without quoting it."""
    return _VARIABLE.fullmatch(name) is not None and name not in _FEEL_WORDS


def _check_job(case: Case, node: FlowNode) -> None:
    if node.job_type is None:
        case.refuse("job_type_missing", node)
    elif node.job_type not in case.job_types:
        known = ", ".join(sorted(case.job_types)) or "–"
        case.refuse("job_type_unknown", node, type=node.job_type, known=known)
    if node.job_retries is not None and not (node.job_retries.isascii() and node.job_retries.isdigit()):
        case.refuse("retries_invalid", node, text=node.job_retries)


def _check_call(case: Case, node: FlowNode) -> None:
    if node.call is None:
        case.refuse("call_process_missing", node)
    elif node.call.version_tag == "":
        case.refuse("call_version_tag_missing", node)


def _check_performer(case: Case, node: FlowNode) -> None:
    assignment = node.assignment
    if node.lane_id is None and not (assignment.assignee or assignment.candidate_groups or assignment.candidate_users):
        case.refuse("performer_missing", node)


def _check_schedule(case: Case, node: FlowNode) -> None:
    for attribute, text in (("dueDate", node.due_date), ("followUpDate", node.follow_up_date)):
        if text is not None and not text.startswith("=") and not _is_moment(text):
            case.refuse("timer_invalid", node, attribute=attribute, text=text, example="2026-11-23T08:00:00+07:00")
    priority = node.priority
    if priority is not None and not priority.startswith("="):
        whole = priority.isascii() and priority.isdigit()
        if not whole or int(priority) > 100:
            case.refuse("priority_invalid", node, text=priority)


def _is_moment(text: str) -> bool:
    try:
        parse_moment(text, "UTC")
    except ValueError:
        return False
    return True


def _check_form(case: Case, node: FlowNode) -> None:
    if node.form_id is None:
        return
    if node.type is NodeType.START_EVENT and node.parent != case.model.key:
        case.refuse("form_misplaced", node)
    elif node.form_id not in case.forms:
        known = ", ".join(sorted(case.forms)) or "–"
        case.refuse("form_unknown", node, form=node.form_id, known=known)


def _check_loop(case: Case, node: FlowNode) -> None:
    loop = node.multi_instance
    if loop is not None and (loop.output_collection is None) != (loop.output_element is None):
        case.refuse("loop_output_incomplete", node)


def _check_names(case: Case, node: FlowNode) -> None:
    for attribute, name in _named(node):
        if not is_variable_name(name):
            case.refuse("variable_name_invalid", node, attribute=attribute, variable=name)
        elif name in LOOP_VARIABLES:
            case.refuse("variable_name_reserved", node, attribute=attribute, variable=name)
    if node.inputs and node.type not in ACTIVITIES:
        case.refuse("input_mapping_misplaced", node)


def _named(node: FlowNode) -> Iterator[tuple[str, str]]:
    """Every variable that a node makes, with the attribute that names it."""
    for mapping in node.inputs:
        yield "input target", mapping.target
    for mapping in node.outputs:
        yield "output target", mapping.target
    if node.result_variable is not None:
        yield "resultVariable", node.result_variable
    loop = node.multi_instance
    if loop is not None and loop.input_element is not None:
        yield "inputElement", loop.input_element
    if loop is not None and loop.output_collection is not None:
        yield "outputCollection", loop.output_collection
