"""The little Markdown that a form's text may use: paragraphs, headings, lists, bold and italic.  HTML stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup, escape

_BULLET = re.compile(r"\s*[-*+]\s+")
_NUMBER = re.compile(r"\s*\d+[.)]\s+")
_HEADING = re.compile(r"#{1,6}\s+")
_BOLD = re.compile(r"\*\*(.+?)\*\*|__(.+?)__")
_ITALIC = re.compile(r"(?<![\w*])\*([^*\s][^*]*?)\*(?![\w*])")


def typeset(text: str) -> Markup:
    """A form's text as HTML."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return Markup("\n").join(part for block in blocks for part in _block(block.split("\n")))


def _block(lines: list[str]) -> Iterator[Markup]:
    for kind, group in groupby((line for line in lines if line.strip()), key=_kind):
        found = list(group)
        if kind == "heading":
            yield from (Markup("<p><strong>{}</strong></p>").format(_inline(_HEADING.sub("", line))) for line in found)
        elif kind in ("ul", "ol"):
            items = Markup().join(Markup("<li>{}</li>").format(_inline(_marker_off(line))) for line in found)
            yield Markup(f"<{kind}>{{}}</{kind}>").format(items)  # noqa: S704  (kind is one of two constants)
        else:
            yield Markup("<p>{}</p>").format(Markup("<br>").join(_inline(line) for line in found))


def _kind(line: str) -> str:
    if _HEADING.match(line):
        return "heading"
    if _BULLET.match(line):
        return "ul"
    return "ol" if _NUMBER.match(line) else "p"


def _marker_off(line: str) -> str:
    return _NUMBER.sub("", line, count=1) if _NUMBER.match(line) else _BULLET.sub("", line, count=1)


def _inline(line: str) -> Markup:
    text = str(escape(line.strip()))
    text = _BOLD.sub(lambda found: f"<strong>{found[1] or found[2]}</strong>", text)
    return Markup(_ITALIC.sub(r"<em>\1</em>", text))  # noqa: S704  (escaped above; only our own tags were added)
