"""The checks that need no run: lint, format, types, who may import whom; and that the strictest of them do bite."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or "lint-imports"

MODULES = {
    "engine": ["bootstrap", "door", "commands", "events", "views", "values", "ids", "errors", "clock"],
    "engine/bench": ["raw"],
    "engine/replay": [],
    "engine/reading": [],
    "engine/jobs": [],
    "engine/runtime": ["execution", "dispatcher"],
    "engine/definition": ["specs", "forms"],
    "engine/store": ["tables"],
    "web": ["inbox"],
}


def run(command: list[str], folder: Path = ROOT, given: str | None = None) -> tuple[int, str]:
    done = subprocess.run(command, cwd=folder, input=given, capture_output=True, encoding="utf-8")
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-m", "ruff", "check", "."],
        [sys.executable, "-m", "ruff", "format", "--check", "."],
        [sys.executable, "-m", "mypy"],
        [LINT_IMPORTS],
    ],
    ids=["lint", "format", "types", "imports"],
)
def test_static_check_finds_nothing(command: list[str]) -> None:
    code, output = run(command)
    assert code == 0, output


@pytest.mark.parametrize(
    "line",
    [
        "import datetime; datetime.datetime.now(datetime.UTC)",
        "import datetime; datetime.datetime.utcnow()",
        "import datetime; datetime.date.today()",
        "import time; time.time()",
        "import uuid; uuid.uuid4()",
        "import random; random.random()",
    ],
)
def test_only_the_clock_module_may_ask_for_time_and_chance(line: str) -> None:
    ruff = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--stdin-filename"]
    code, output = run([*ruff, "engine/runtime/dispatcher.py", "-"], given=line)
    assert code == 1
    assert "TID251" in output
    assert run([*ruff, "engine/clock.py", "-"], given=line)[0] == 0


def copy_of_the_house(folder: Path) -> Path:
    """Empty modules in the rooms that design and contracts speak of, with this project's contracts."""
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.importlinter]")
    (folder / "pyproject.toml").write_text(contracts[1] + contracts[2], encoding="utf-8")
    for package, modules in MODULES.items():
        (folder / package).mkdir(exist_ok=True)
        for name in ["__init__", *modules]:
            (folder / package / f"{name}.py").touch()
    return folder


ALLOWED = {
    "web/inbox.py": "import engine",
    "engine/bootstrap.py": "import engine.door",
    "engine/door.py": "import engine.replay, engine.jobs, engine.reading",
    "engine/store/tables.py": "import sqlalchemy.orm, engine.definition.forms, engine.events",
    "engine/definition/specs.py": "from SpiffWorkflow.bpmn.specs import defaults",
    "engine/bench/raw.py": "from SpiffWorkflow.bpmn.parser import BpmnParser",
    "engine/runtime/execution.py": "import engine.definition.specs, engine.events",
    "engine/runtime/dispatcher.py": "import engine.store.tables, engine.runtime.execution",
    "engine/events.py": "import engine.values, engine.clock",
}


def test_the_imports_that_design_asks_for_are_allowed(tmp_path: Path) -> None:
    house = copy_of_the_house(tmp_path)
    for file, line in ALLOWED.items():
        (house / file).write_text(f"{line}\n", encoding="utf-8")
    code, output = run([LINT_IMPORTS], house)
    assert code == 0, output


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("engine/commands.py", "import web.inbox", "rooms"),
        ("engine/runtime/dispatcher.py", "import engine.jobs", "floors"),
        ("engine/jobs/__init__.py", "import engine.replay", "floors"),
        ("engine/store/tables.py", "import engine.runtime", "floors"),
        ("engine/unheard_of.py", "", "floors"),
        ("engine/definition/forms.py", "import SpiffWorkflow", "spiffworkflow"),
        ("web/inbox.py", "import sqlalchemy", "sqlalchemy"),
        ("engine/runtime/dispatcher.py", "import sqlalchemy", "sqlalchemy"),
        ("web/inbox.py", "import engine.store.tables", "store"),
        ("engine/jobs/__init__.py", "import flask", "flask"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tmp_path: Path, file: str, line: str, contract: str) -> None:
    house = copy_of_the_house(tmp_path)
    (house / file).write_text(f"{line}\n", encoding="utf-8")
    contracts = tomllib.loads((house / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    name = next(entry["name"] for entry in contracts if entry["id"] == contract)
    code, output = run([LINT_IMPORTS], house)
    assert code != 0
    assert f"{name} BROKEN" in output
