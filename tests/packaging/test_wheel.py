"""What `pip install .` brings, so that the commands work from any directory."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    done = subprocess.run([*pip, str(folder), str(ROOT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(folder.glob("prima-*.whl")))


def below(folder: str, pattern: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob(pattern) if path.is_file()}


def test_the_wheel_holds_every_module_template_and_migration(wheel: zipfile.ZipFile) -> None:
    asked = below("engine", "*.py") | below("web", "*.py") | below("web/templates", "*.*") | below("web/locale", "*.po")
    asked = {path for path in asked if "node_modules" not in path}
    assert asked
    assert asked <= set(wheel.namelist())


def test_the_wheel_holds_the_built_assets_with_their_licences(wheel: zipfile.ZipFile) -> None:
    built = {"engine/feel_js/dist/feel.js", "engine/feel_js/dist/NOTICE.txt"}
    built |= {
        f"web/static/dist/{name}" for name in ("viewer.js", "viewer.css", "bootstrap.css", "htmx.js", "NOTICE.txt")
    }
    built |= set(below("web/locale", "*.po"))
    assert built <= set(wheel.namelist())
    assert "web/static/dist/BUILD_FAILED.txt" not in wheel.namelist()


def test_the_wheel_holds_the_shipped_processes(wheel: zipfile.ZipFile) -> None:
    processes = {f"engine/shipped/{path}" for path in below("processes", "*.*")}
    assert "engine/shipped/processes/pelayanan_prima/process.bpmn" in processes
    assert processes <= set(wheel.namelist())


def test_the_wheel_holds_no_sources_of_bundles_and_no_tests(wheel: zipfile.ZipFile) -> None:
    assert [
        name
        for name in wheel.namelist()
        if name.startswith(("tests/", "web/js/", "engine/feel_js/src/")) or "node_modules" in name or "package" in name
    ] == []


def test_the_wheel_brings_the_command(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))
    assert "prima = web.commandline:main" in wheel.read(name).decode()
