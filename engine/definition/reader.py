"""BPMN bytes to process models.

What stands in the file and is not executed is refused here, because the model that comes out no longer shows it; how
the parts fit together is the validator's business.  A refused flow node leaves a stand-in of a similar kind behind, so
that everything else can still be checked and all problems are told at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.definition.bpmn_xml import (
    BPMN,
    DRAWING,
    TRUE,
    Element,
    XmlError,
    attribute,
    bpmn_children,
    children,
    is_bpmn,
    names,
    parse_xml,
)
from engine.definition.event_reader import EventReader
from engine.definition.findings import Findings
from engine.definition.model import ProcessModel
from engine.definition.process_reader import ProcessReader
from engine.definition.rulebook import problem
from engine.definition.vocabulary import ROOT_ELEMENTS
from engine.errors import Problem

_XML_ID: Final = re.compile(r"[^\W\d][\w.\-]*")
_XPATH: Final = "http://www.w3.org/1999/XPath"  # the standard's default, which many tools write out unasked


@dataclass(frozen=True)
class ReadResult:
    """What a file says: its executable processes by id, why it is refused, and what is worth knowing.

    `stand_ins` are ids of elements that were refused while reading: the model holds only something like them.
    """

    models: Mapping[str, ProcessModel] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    stand_ins: frozenset[str] = frozenset()


def read_bpmn(data: bytes) -> ReadResult:
    """The executable processes of a BPMN 2.0 file with zeebe extensions, and every reason to refuse it at once.

    Never raises on bad input: a file that is no XML, or no BPMN, is a result without models and with a problem.
    """
    try:
        root = parse_xml(data)
    except XmlError as refused:
        return ReadResult(problems=(problem(refused.rule, "", "", **refused.params),))
    if not is_bpmn(root, "definitions"):
        return ReadResult(problems=(problem("not_bpmn", root.get("id") or "", "", found=names(root)[1]),))
    findings = Findings()
    _check_ids(root, findings)
    _check_root(root, findings)
    events = EventReader(root, findings)
    models = _read_processes(root, events, findings)
    found = [*findings.problems, *findings.foreign_notes(root)]
    return ReadResult(
        models=models,
        problems=tuple(item for item in found if item.severity == "error"),
        notes=tuple(item for item in found if item.severity == "note"),
        stand_ins=frozenset(events.stand_ins),
    )


def _read_processes(root: Element, events: EventReader, findings: Findings) -> dict[str, ProcessModel]:
    models: dict[str, ProcessModel] = {}
    for process in bpmn_children(root, "process"):
        if attribute(process, "isExecutable") in TRUE:
            model = ProcessReader(process, events, findings).read()
            models.setdefault(model.key, model)
        else:
            findings.add("process_not_executable", process)
    if not models:
        findings.add("no_executable_process", root)
    elif len(models) > 1:
        findings.add("several_processes", root, count=len(models), keys=", ".join(models))
    return models


def _check_ids(root: Element, findings: Findings) -> None:
    own: dict[str, list[Element]] = {}
    for element in root.iter("*"):
        if element.get("id") is not None and names(element)[0] in DRAWING | {BPMN}:
            own.setdefault(element.get("id") or "", []).append(element)
    for element_id, bearers in own.items():
        if len(bearers) > 1:
            findings.add("duplicate_id", bearers[0], id=element_id, count=len(bearers))
        if not _XML_ID.fullmatch(element_id):
            findings.add("id_invalid", bearers[0], found=element_id)


def _check_root(root: Element, findings: Findings) -> None:
    ignored: Counter[str] = Counter()
    for child in children(root):
        namespace, local = names(child)
        if is_bpmn(child, "extension") and attribute(child, "mustUnderstand") in TRUE:
            findings.add("must_understand", child, definition=attribute(child, "definition") or "")
        elif namespace == BPMN and local not in ROOT_ELEMENTS:
            ignored[local] += 1
        elif namespace not in DRAWING | {BPMN}:
            findings.stranger(child)
    for local in ignored:
        findings.add("root_element_ignored", root, element=local)
    language = attribute(root, "expressionLanguage")
    if language and "feel" not in language.lower() and language != _XPATH:
        findings.add("expression_language", root, language=language)
