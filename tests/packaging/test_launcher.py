"""The launcher, on a checkout of its own without libraries to download: what pip itself does is not what is tested."""

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
Starts = tuple[Path, list[tuple[int, str]]]  # a checkout; exit code and output of each start on it
STUB_COMMAND = "import sys\ndef main():\n    print('ran', *sys.argv[1:])\n    return 0\n"


def make_checkout(folder: Path) -> Path:
    """The launcher and the build as they are, FEEL already built, and a command line that prints its arguments."""
    for name in ("prima", "build_assets.py", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = re.sub(r"^dependencies = \[.*?^\]$", "dependencies = []", project, flags=re.MULTILINE | re.DOTALL)
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    (folder / "README.md").write_text("# Prima\n", encoding="utf-8")
    for built in ("engine/feel_js", "web/js", "web/static/dist"):
        shutil.copytree(ROOT / built, folder / built, ignore=shutil.ignore_patterns("node_modules"))
    (folder / "engine/__init__.py").touch()
    (folder / "web/commandline").mkdir()
    (folder / "web/__init__.py").touch()
    (folder / "web/commandline/__init__.py").write_text(STUB_COMMAND, encoding="utf-8")
    return folder


def start(checkout: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(checkout / "prima"), *arguments],
        env={**os.environ, "LC_ALL": "id_ID.UTF-8", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(started: subprocess.Popen[str]) -> tuple[int, str]:
    output = started.communicate(timeout=240)[0]
    return started.returncode, output


def load_launcher(checkout: Path) -> ModuleType:
    loader = SourceFileLoader("prima_launcher", str(checkout / "prima"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def first_starts(tmp_path_factory: pytest.TempPathFactory) -> Starts:
    """A clean checkout on which two people started at once, and what each of them saw."""
    checkout = make_checkout(tmp_path_factory.mktemp("checkout"))
    both = [start(checkout, "serve", "--demo"), start(checkout, "tasks")]
    return checkout, [finished(each) for each in both]


@pytest.fixture
def launcher(tmp_path: Path) -> ModuleType:
    shutil.copy(ROOT / "prima", tmp_path / "prima")
    return load_launcher(tmp_path)


def test_two_starts_at_once_install_once_and_both_run(
    first_starts: Starts,
) -> None:
    _, (served, listed) = first_starts
    assert served[0] == listed[0] == 0, served[1] + listed[1]
    assert served[1].endswith("ran serve --demo\n")
    assert listed[1].endswith("ran tasks\n")
    assert (served[1] + listed[1]).count("[2/2]") == 1
    assert (served[1] + listed[1]).count("Menunggu pemasangan lain") == 1


def test_each_stage_is_told_with_its_size(first_starts: Starts) -> None:
    output = "".join(seen for _, seen in first_starts[1])
    assert re.search(r"\[1/2\] Membuat lingkungan Python di .*\.venv \(sekitar 15 MB\)", output)
    assert re.search(r"\[2/2\] Memasang Prima dan pustakanya \(unduhan sekitar \d+ MB\)", output)
    assert re.search(r"hatchling [\d.]+: \d+ [kM]B", output)
    assert re.search(r"penafsir FEEL: \d+ KB", output)
    assert re.search(r"selesai: \.venv kini \d+ MB, \d+ detik", output)


def test_the_next_start_installs_nothing(first_starts: Starts) -> None:
    assert finished(start(first_starts[0], "show", "7")) == (0, "ran show 7\n")


def test_the_command_runs_in_the_folder_it_was_called_from(first_starts: Starts, tmp_path: Path) -> None:
    command = first_starts[0] / "web/commandline/__init__.py"
    command.write_text("import os\ndef main():\n    print(os.getcwd())\n", encoding="utf-8")
    try:
        called = subprocess.run(
            [sys.executable, first_starts[0] / "prima"], cwd=tmp_path, capture_output=True, text=True
        )
    finally:
        command.write_text(STUB_COMMAND, encoding="utf-8")
    assert Path(called.stdout.strip()) == tmp_path.resolve()


@pytest.mark.parametrize("changed", ["pyproject.toml", "web/js/package-lock.json", "engine/feel_js/src/index.js"])
def test_a_changed_input_asks_for_another_installation(first_starts: Starts, changed: str) -> None:
    checkout = load_launcher(first_starts[0])
    path = first_starts[0] / changed
    before = path.read_bytes()
    assert checkout.is_fresh([])
    path.write_bytes(before + b"\n")
    try:
        assert not checkout.is_fresh([])
    finally:
        path.write_bytes(before)
    assert checkout.is_fresh([])


def test_the_engine_and_pages_may_change_without_another_installation(
    first_starts: Starts,
) -> None:
    (first_starts[0] / "engine/commands.py").write_text("x = 1\n", encoding="utf-8")
    assert load_launcher(first_starts[0]).is_fresh([])


def test_an_extra_that_is_not_there_yet_asks_for_another_installation(
    first_starts: Starts,
) -> None:
    assert not load_launcher(first_starts[0]).is_fresh(["test"])


def test_a_moved_checkout_does_not_trust_its_environment(first_starts: Starts, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = load_launcher(first_starts[0])
    assert launcher.venv_works()
    monkeypatch.setattr(launcher, "ROOT", str(first_starts[0]) + "-elsewhere")
    assert not launcher.venv_works()


def test_an_unreachable_package_index_is_told_in_one_sentence(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_NO_CACHE_DIR": "1", "PIP_FIND_LINKS": ""}
    code, output = finished(start(checkout, "serve", **nowhere))
    assert code == 1
    assert "indeks paket tidak dapat dihubungi" in output.splitlines()[-1]
    assert "Traceback" not in output
    assert not (checkout / ".venv/prima-installed.json").exists()


def test_an_old_python_is_refused_in_one_sentence(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    with pytest.raises(launcher.LauncherError, match=r"^Prima needs Python 3\.11 or newer, and this is Python 3\.10 "):
        launcher.refuse_old_python()


def test_an_old_python_can_read_the_launcher() -> None:
    source = (ROOT / "prima").read_text(encoding="ascii")
    tree = ast.parse(source, feature_version=(3, 7))
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Nonlocal)
    assert [type(node).__name__ for node in ast.walk(tree) if isinstance(node, newer)] == []
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.cause] == []


def test_a_python_without_pip_is_told_what_to_install(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(launcher.LauncherError, match=r"ensurepip.*python3\.\d+-venv"):
        launcher.make_venv()


def test_a_postgresql_address_brings_its_driver(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(launcher, "ensure_installed", lambda extras, again: asked.append(extras))
    monkeypatch.setattr(launcher, "run", lambda program, arguments: 0)
    launcher.main(["serve", "--database", "postgresql+psycopg://localhost/prima"])
    launcher.main(["serve", "--demo"])
    assert asked == [["postgresql"], []]


def test_test_runs_pytest_with_its_arguments(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(launcher, "ensure_installed", lambda extras, again: None)
    monkeypatch.setattr(launcher, "run", lambda program, arguments: ran.append((program, arguments)))
    monkeypatch.chdir(ROOT)
    launcher.main(["test", "-k", "claim"])
    assert ran == [(launcher.VENV_PYTHON, ["-m", "pytest", "-k", "claim"])]


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("prima: engine/feel_js: failed: npm said no.\nerror: subprocess-exited-with-error\n", "npm said no."),
        ("ERROR: No matching distribution found for x\n", "ERROR: No matching distribution found for x"),
        ("  ValueError: bad table\nerror: subprocess-exited-with-error\n", "ValueError: bad table"),
        ("npm error getaddrinfo EAI_AGAIN\nerror: metadata-generation-failed\n", "indeks paket tidak dapat dihubungi"),
    ],
)
def test_a_failed_installation_is_told_by_its_reason(
    launcher: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: str, sentence: str
) -> None:
    monkeypatch.setenv("LC_ALL", "id_ID.UTF-8")
    monkeypatch.setattr(launcher, "LOG", str(tmp_path / "log"))
    (tmp_path / "log").write_text(log, encoding="utf-8")
    said = launcher.install_failure()
    assert sentence in said
    assert said.count("\n") == 0


def test_a_web_build_that_failed_is_told_after_the_installation(
    launcher: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist = tmp_path / "web/static/dist"
    dist.mkdir(parents=True)
    launcher.show_build_failure()
    assert capsys.readouterr().out == ""
    (dist / "BUILD_FAILED.txt").write_text("npm said no.\n", encoding="utf-8")
    launcher.show_build_failure()
    assert "npm said no." in capsys.readouterr().out


def test_a_half_written_stamp_counts_as_no_installation(launcher: ModuleType, tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/prima-installed.json").write_text(json.dumps({"extras": []})[:-1], encoding="utf-8")
    assert launcher.installed() == {}
    assert not launcher.is_fresh([])
