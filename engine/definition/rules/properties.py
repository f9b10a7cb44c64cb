"""The zeebe properties that have a meaning here: each only where it has one, with values that it can have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.definition.expressions import BUSINESS_KEY, CANDIDATE_GROUPS, EXCLUDED_USERS
from engine.definition.model import ACTIVITIES, HUMAN, EventKind, FlowNode, NodeType, TimerKind
from engine.definition.rules.activities import is_variable_name
from engine.definition.rules.case import Case
from engine.definition.variables import (
    LOOP_VARIABLES,
    PERSONAL,
    RESULT_KINDS,
    RESULT_PREFIX,
    personal_results,
    result_declarations,
    takes_results,
)

SOP_PREFIX: Final = "sop."
FILE_KIND: Final = "jenis_berkas"
LOOP_REPORT_FROM: Final = "loopReportFrom"  # the activation from which on a group is told of the loop
LOOP_REPORT_TO: Final = "loopReportTo"
WAITS_FOR_CUSTOMER: Final = "menunggu_pelanggan"


def check(case: Case) -> None:
    """Check the properties of the process and of every flow node."""
    for name, value in case.model.properties.items():
        if name == "variables":
            if value != "open":
                case.refuse_process("property_value", property=name, value=value, expected="open")
        elif not name.startswith(SOP_PREFIX):
            case.refuse_process("property_unknown", property=name)
    for node in case.nodes():
        for name, value in node.properties.items():
            _check_property(case, node, name, value)


def _check_property(case: Case, node: FlowNode, name: str, value: str) -> None:
    if name.startswith(RESULT_PREFIX):
        _check_result(case, node, name.removeprefix(RESULT_PREFIX), value.strip())
    elif name in _CHECKS:
        _CHECKS[name](case, node, value.strip())
    elif not name.startswith(SOP_PREFIX):
        case.refuse("property_unknown", node, property=name)


def _check_result(case: Case, node: FlowNode, variable: str, kind: str) -> None:
    name = f"{RESULT_PREFIX}{variable}"
    if not takes_results(node):
        case.refuse("property_misplaced", node, property=name)
    if not is_variable_name(variable):
        case.refuse("variable_name_invalid", node, attribute=name, variable=variable)
    elif variable in LOOP_VARIABLES:
        case.refuse("variable_name_reserved", node, attribute=name, variable=variable)
    if kind not in RESULT_KINDS:
        case.refuse("property_value", node, property=name, value=kind, expected=", ".join(sorted(RESULT_KINDS)))


def _check_standard(case: Case, node: FlowNode, value: str) -> None:
    if value not in {"true", "false"}:
        case.refuse("property_value", node, property="standar_waktu", value=value, expected="true, false")
    if value == "true" and not (node.type is NodeType.BOUNDARY_EVENT and _waits_for_time(node)):
        case.refuse("property_misplaced", node, property="standar_waktu")


def _check_calendar(case: Case, node: FlowNode, value: str) -> None:
    if not _waits_for_time(node):
        case.refuse("property_misplaced", node, property="calendar")
    elif node.event is not None and node.event.timer_kind is TimerKind.DATE:
        case.refuse("calendar_on_date", node)
    if value not in case.calendars:
        case.refuse("calendar_unknown", node, calendar=value, known=", ".join(sorted(case.calendars)) or "–")


def _check_excluded(case: Case, node: FlowNode, _value: str) -> None:
    if node.type not in ACTIVITIES | {NodeType.START_EVENT} or node.type is NodeType.SCRIPT_TASK:
        case.refuse("property_misplaced", node, property=EXCLUDED_USERS)


def _check_business_key(case: Case, node: FlowNode, _value: str) -> None:
    if node.type not in ACTIVITIES | {NodeType.START_EVENT}:
        case.refuse("property_misplaced", node, property=BUSINESS_KEY)


def _check_starters(case: Case, node: FlowNode, _value: str) -> None:
    if node.type is not NodeType.START_EVENT or node.parent != case.model.key:
        case.refuse("property_misplaced", node, property=CANDIDATE_GROUPS)


def _check_waits_for_customer(case: Case, node: FlowNode, value: str) -> None:
    if node.type not in HUMAN:
        case.refuse("property_misplaced", node, property=WAITS_FOR_CUSTOMER)
    if value not in {"true", "false"}:
        case.refuse("property_value", node, property=WAITS_FOR_CUSTOMER, value=value, expected="true, false")


def _check_personal(case: Case, node: FlowNode, _value: str) -> None:
    if not takes_results(node):
        case.refuse("property_misplaced", node, property=PERSONAL)
        return
    for name in sorted(personal_results(node) - {declared.name for declared in result_declarations(node)}):
        case.refuse("personal_unknown", node, variable=name)


def _check_file_kind(case: Case, node: FlowNode, _value: str) -> None:
    if node.type is not NodeType.START_EVENT:
        case.refuse("property_misplaced", node, property=FILE_KIND)


def _waits_for_time(node: FlowNode) -> bool:
    return node.event is not None and node.event.kind is EventKind.TIMER


def _check_loop_report(case: Case, node: FlowNode, value: str) -> None:
    if node.type not in ACTIVITIES:
        case.refuse("property_misplaced", node, property=LOOP_REPORT_FROM)
    if not (value.isdigit() and int(value) > 1):
        case.refuse("property_value", node, property=LOOP_REPORT_FROM, value=value, expected="2, 3, …")
    if not node.properties.get(LOOP_REPORT_TO, "").strip():
        case.refuse("property_value", node, property=LOOP_REPORT_TO, value="", expected="kelompok")


def _check_loop_report_to(case: Case, node: FlowNode, _value: str) -> None:
    if LOOP_REPORT_FROM not in node.properties:
        case.refuse("property_misplaced", node, property=LOOP_REPORT_TO)


_CHECKS: Final[dict[str, Callable[[Case, FlowNode, str], None]]] = {
    "standar_waktu": _check_standard,
    "calendar": _check_calendar,
    EXCLUDED_USERS: _check_excluded,
    BUSINESS_KEY: _check_business_key,
    CANDIDATE_GROUPS: _check_starters,
    LOOP_REPORT_FROM: _check_loop_report,
    LOOP_REPORT_TO: _check_loop_report_to,
    WAITS_FOR_CUSTOMER: _check_waits_for_customer,
    PERSONAL: _check_personal,
    FILE_KIND: _check_file_kind,
}
