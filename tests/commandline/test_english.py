"""Every text of the command line has its English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

from tests.commandline.conftest import ROOT
from web.language import catalogue

SPEAKING = [*sorted((ROOT / "web" / "commandline").glob("*.py")), ROOT / "web" / "setting_up.py"]
RAISED = {"Conflict", "Finding", "InvalidInput", "NotFound", "NotPermitted", "_good"}
SAME_IN_BOTH = re.compile(r"(%\(\w+\)s|[\W\d])*|Python|SQLite|V8|FEEL|feelin|Status|Administrator")


def texts_of(file: Path) -> Iterator[str]:
    """What a module hands to gettext, and what it puts into refusals and findings."""
    for _line, message, _comments, _context in extract_from_file("python", str(file)):
        yield str(message)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED:
            found = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            yield from (text for text in found if not SAME_IN_BOTH.fullmatch(text))


@pytest.mark.parametrize("file", [*SPEAKING, ROOT / "engine" / "upkeep.py"], ids=lambda file: file.name)
def test_every_text_is_translated_with_the_same_places(file: Path) -> None:
    for text in set(texts_of(file)):
        known = catalogue("en", "commandline")
        english = str(known.gettext(text))
        if english == text:
            english = str(catalogue("en").gettext(text))
        assert english != text or SAME_IN_BOTH.fullmatch(text), text
        assert set(re.findall(r"%\(\w+\)s", english)) == set(re.findall(r"%\(\w+\)s", text)), text
