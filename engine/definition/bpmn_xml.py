"""Bytes of a BPMN file to an XML tree, with nothing in it that could harm: no DTD, no entities, no network, bounded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE: Final = "http://camunda.org/schema/zeebe/1.0"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
DRAWING: Final = frozenset(
    {
        "http://www.omg.org/spec/BPMN/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC",
    }
)

LARGEST_FILE: Final = 5 * 1024 * 1024  # bytes
DEEPEST: Final = 64  # elements inside one another
MOST_ELEMENTS: Final = 60_000

TRUE: Final = frozenset({"true", "1"})  # xsd:boolean

Element = etree._Element


class XmlError(Exception):
    """The bytes are not taken as XML; `rule` names the rule, `params` fill its message."""

    def __init__(self, rule: str, **params: object) -> None:
        self.rule = rule
        self.params = params
        super().__init__(rule)


def parse_xml(data: bytes) -> Element:
    """The root element of a UTF-8 XML document within the limits above.  Raises XmlError."""
    if len(data) > LARGEST_FILE:
        raise XmlError("file_too_large", found=len(data), limit=LARGEST_FILE)
    if _has_doctype(data):
        raise XmlError("dtd_forbidden")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise XmlError("not_xml", detail=str(error.msg), line=line, column=column) from error
    document = root.getroottree().docinfo
    if document.internalDTD is not None or document.doctype:
        raise XmlError("dtd_forbidden")
    if (document.encoding or "UTF-8").upper() not in {"UTF-8", "US-ASCII", "ASCII"}:
        raise XmlError("encoding_unsupported", encoding=document.encoding)
    _check_size(root)
    return root


def children(element: Element) -> Iterator[Element]:
    """The child elements, without comments and processing instructions."""
    return element.iterchildren("*")


def names(element: Element) -> tuple[str, str]:
    """Namespace (empty if none) and local name of an element."""
    return split_name(str(element.tag))


def split_name(tag: str) -> tuple[str, str]:
    """Namespace (empty if none) and local name of `{namespace}local`."""
    if tag.startswith("{"):
        namespace, _, local = tag[1:].partition("}")
        return namespace, local
    return "", tag


def is_bpmn(element: Element, *locals_: str) -> bool:
    """Whether the element is one of BPMN's, by these local names."""
    namespace, local = names(element)
    return namespace == BPMN and local in locals_


def bpmn_children(element: Element, *locals_: str) -> list[Element]:
    """BPMN's child elements with these local names, in document order."""
    return [child for child in children(element) if is_bpmn(child, *locals_)]


def attribute(element: Element, name: str) -> str | None:
    """An attribute without the white space around it; None if absent or empty."""
    value = element.get(name)
    return value.strip() or None if value is not None else None


def text_of(element: Element) -> str:
    """The character data of an element (CDATA included), stripped."""
    return "".join(str(part) for part in element.itertext()).strip()


def local_reference(value: str | None) -> str | None:
    """The id that a QName refers to in the same file."""
    return value.rpartition(":")[2] or None if value else None


def _has_doctype(data: bytes) -> bool:
    """Whether a DOCTYPE stands before the root element; asked before a parser could expand anything."""
    rest = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    while rest.startswith((b"<?", b"<!--")):
        end = b"?>" if rest.startswith(b"<?") else b"-->"
        rest = rest.partition(end)[2].lstrip()
    return rest[:9].upper() == b"<!DOCTYPE"


def _check_size(root: Element) -> None:
    count = 0
    level: list[Element] = [root]
    depth = 0
    while level:
        depth += 1
        count += len(level)
        if depth > DEEPEST:
            raise XmlError("too_deep", limit=DEEPEST)
        if count > MOST_ELEMENTS:
            raise XmlError("too_many_elements", limit=MOST_ELEMENTS)
        level = [child for element in level for child in children(element)]
