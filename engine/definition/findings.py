"""What is found while a file is read, and the check of one element against the white lists."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from engine.definition.bpmn_xml import BPMN, ZEEBE, Element, children, names, split_name
from engine.definition.rulebook import problem
from engine.definition.vocabulary import ATTRIBUTES, CHILDREN, CHILDREN_REFUSED, OTHER_ENGINES
from engine.errors import Problem

_ASSOCIATIONS: Final = frozenset({"dataInputAssociation", "dataOutputAssociation"})


@dataclass
class Findings:
    """Collects what is wrong or worth knowing while a file is read."""

    problems: list[Problem] = field(default_factory=list)
    foreign: Counter[str] = field(default_factory=Counter)

    def add(self, rule: str, element: Element, /, **params: object) -> None:
        """A finding about an element that has an id and a name, or stands inside one that has."""
        named: Element | None = element
        while named is not None and named.get("id") is None:
            named = named.getparent()
        bearer = element if named is None else named
        self.problems.append(problem(rule, bearer.get("id") or "", bearer.get("name") or "", **params))

    def stranger(self, element: Element) -> None:
        """An element of another namespace that stands where BPMN's own should: ignored, if it is no instruction."""
        namespace, local = names(element)
        if namespace == ZEEBE:
            self.add("zeebe_unsupported", element, element=local)
        elif namespace in OTHER_ENGINES:
            self.add("engine_extension_unsupported", element, extension=f"{OTHER_ENGINES[namespace]}:{local}")
        else:
            self.foreign[namespace] += 1

    def foreign_notes(self, root: Element) -> list[Problem]:
        """One note for each foreign namespace that was met."""
        return [
            problem("foreign_ignored", root.get("id") or "", "", namespace=namespace, count=count)
            for namespace, count in sorted(self.foreign.items())
        ]


def check_element(element: Element, findings: Findings, *, check_children: bool = True) -> None:
    """Refuse every attribute and child element that is not executed on this kind of element."""
    local = names(element)[1]
    allowed = ATTRIBUTES[local]
    for tag, value in element.attrib.items():
        namespace, name = split_name(str(tag))
        if namespace not in {"", BPMN}:
            continue  # read_extensions looks at these
        if namespace == BPMN or name not in allowed:
            findings.add("attribute_unknown", element, attribute=name)
            continue
        values = allowed[name]
        if values is not None and str(value).strip() not in values:
            findings.add("attribute_unsupported", element, attribute=name, value=value, expected=max(values))
    if not check_children:
        return
    for child in children(element):
        namespace, name = names(child)
        if namespace != BPMN:
            findings.stranger(child)
        elif name.endswith("EventDefinition") and local.endswith("Event"):
            continue  # _event looks at these
        else:
            check_part(child, CHILDREN[local], findings)


def check_part(child: Element, allowed: frozenset[str], findings: Findings) -> None:
    """Refuse a BPMN child element that is not among those allowed where it stands."""
    name = names(child)[1]
    if name not in allowed:
        findings.add(CHILDREN_REFUSED.get(name, "element_unsupported"), child, element=name)
    elif name in _ASSOCIATIONS:
        check_element(child, findings)
