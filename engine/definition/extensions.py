"""The extension elements of one BPMN element: zeebe's are read, other engines' refused, all else kept and ignored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.definition.bpmn_xml import BPMN, XSI, ZEEBE, Element, attribute, bpmn_children, children, names, split_name
from engine.definition.findings import Findings
from engine.definition.model import VariableMapping
from engine.definition.vocabulary import (
    MODELLER_NAMESPACES,
    OTHER_ENGINES,
    OTHER_ENGINES_INERT,
    ZEEBE_ATTRIBUTES,
    ZEEBE_CHILDREN,
    ZEEBE_INERT_ATTRIBUTES,
    ZEEBE_PLACES,
    ZEEBE_REQUIRED,
)


@dataclass(frozen=True)
class Extensions:
    """The zeebe extensions of one element, by local name."""

    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[VariableMapping, ...] = ()
    outputs: tuple[VariableMapping, ...] = ()

    def get(self, element: str, name: str) -> str | None:
        """An attribute of an extension element; None if either is absent or it is empty."""
        return self.attributes.get(element, {}).get(name) or None

    def __contains__(self, element: str) -> bool:
        return element in self.attributes


def read_extensions(element: Element, findings: Findings) -> Extensions:
    """The zeebe extensions of a BPMN element; what is not executed there goes to `findings`."""
    _check_foreign_attributes(element, findings)
    found: dict[str, Element] = {}
    for holder in bpmn_children(element, "extensionElements"):
        for extension in children(holder):
            local = _accepted(element, extension, findings)
            if local is None:
                continue
            if local in found:
                findings.add("zeebe_repeated", element, element=local)
            found.setdefault(local, extension)
    mapping = found.get("ioMapping")
    return Extensions(
        attributes={local: _attributes(extension) for local, extension in found.items()},
        properties=_pairs(element, found.get("properties"), "name", findings),
        headers=_pairs(element, found.get("taskHeaders"), "key", findings),
        inputs=_mappings(mapping, "input"),
        outputs=_mappings(mapping, "output"),
    )


def _accepted(element: Element, extension: Element, findings: Findings) -> str | None:
    """The local name of a zeebe extension that is executed on this element; else None and a finding."""
    namespace, local = names(extension)
    if namespace in OTHER_ENGINES:
        _other_engine(element, f"{OTHER_ENGINES[namespace]}:{local}", local, findings)
        return None
    if namespace != ZEEBE:
        if namespace not in MODELLER_NAMESPACES:
            findings.foreign[namespace] += 1
        return None
    if names(element)[1] not in ZEEBE_PLACES.get(local, frozenset()):
        findings.add("zeebe_unsupported", element, element=local)
        return None
    _check_zeebe(element, extension, local, findings)
    for child in children(extension):
        child_namespace, child_local = names(child)
        if child_namespace == ZEEBE and child_local in ZEEBE_CHILDREN.get(local, frozenset()):
            _check_zeebe(element, child, child_local, findings)
        else:
            findings.add("zeebe_unsupported", element, element=f"{local}/{child_local}")
    return local


def _check_zeebe(element: Element, extension: Element, local: str, findings: Findings) -> None:
    allowed = ZEEBE_ATTRIBUTES[local]
    for name, value in extension.attrib.items():
        values = allowed.get(str(name), frozenset())
        if str(name) not in allowed or (values is not None and value not in values):
            findings.add("zeebe_attribute_unsupported", element, element=local, attribute=split_name(str(name))[1])
    for name in ZEEBE_REQUIRED.get(local, ()):
        if attribute(extension, name) is None:
            findings.add("zeebe_incomplete", element, element=local, attribute=name)


def _check_foreign_attributes(element: Element, findings: Findings) -> None:
    for tag in element.attrib:
        namespace, local = split_name(str(tag))
        if namespace in OTHER_ENGINES:
            _other_engine(element, f"{OTHER_ENGINES[namespace]}:{local}", local, findings)
        elif namespace == ZEEBE:
            if local not in ZEEBE_INERT_ATTRIBUTES:
                findings.add("zeebe_unsupported", element, element=local)
        elif namespace and namespace not in MODELLER_NAMESPACES | {XSI, BPMN}:
            findings.foreign[namespace] += 1


def _other_engine(element: Element, extension: str, local: str, findings: Findings) -> None:
    inert = local in OTHER_ENGINES_INERT
    rule = "engine_extension_ignored" if inert else "engine_extension_unsupported"
    findings.add(rule, element, extension=extension)


def _attributes(extension: Element) -> dict[str, str]:
    return {str(name): str(value).strip() for name, value in extension.attrib.items()}


def _pairs(element: Element, holder: Element | None, key: str, findings: Findings) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for child in children(holder) if holder is not None else ():
        name = attribute(child, key)
        if name is None:
            continue
        if name in pairs:
            findings.add("property_repeated", element, property=name)
        pairs[name] = child.get("value") or ""
    return pairs


def _mappings(holder: Element | None, kind: str) -> tuple[VariableMapping, ...]:
    if holder is None:
        return ()
    return tuple(
        VariableMapping((child.get("source") or "").strip(), (child.get("target") or "").strip())
        for child in children(holder)
        if names(child) == (ZEEBE, kind)
    )
