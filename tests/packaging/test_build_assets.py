"""The build hook, on npm projects of its own and with a stand-in for npm; every installation does the real builds."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import build_assets
from build_assets import AssetBuildError, AssetsBuildHook, NpmProject

ROOT = Path(__file__).resolve().parents[2]

# Stands for npm: logs its calls, and on "run" copies a source to dist/bundle.js and lists it as esbuild does.
NPM = """
import json, pathlib, sys
with open("../calls", "a") as calls:
    print(sys.argv[1], file=calls)
source = pathlib.Path("src/index.js").read_text()
if sys.argv[1] == "run":
    pathlib.Path("node_modules/@scope/kept/src").mkdir(parents=True, exist_ok=True)
    pathlib.Path("node_modules/.bundled.json").write_text(json.dumps({"inputs": {
        "src/index.js": {}, "node_modules/@scope/kept/src/a.js": {}, "node_modules/bare/b.js": {}}}))
    if "broken" in source:
        sys.exit("✘ [ERROR] Could not resolve \\"./gone.js\\"")
    pathlib.Path("dist").mkdir(exist_ok=True)
    pathlib.Path("dist/bundle.js").write_text(source)
"""


def calls(project: NpmProject) -> list[str]:
    log = project.folder.parent / "calls"
    return log.read_text().split() if log.exists() else []


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NpmProject:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src/index.js").write_text("1;")
    kept, bare = folder / "node_modules/@scope/kept", folder / "node_modules/bare"
    for package, facts in (
        (kept, {"name": "@scope/kept"}),
        (bare, {"name": "bare", "license": "ISC", "author": "Ani"}),
    ):
        package.mkdir(parents=True)
        (package / "package.json").write_text(json.dumps({"version": "1.2.3", **facts}))
    (kept / "LICENSE.md").write_text("Copyright Budi, do as you like.")
    (tmp_path / "npm.py").write_text(NPM, encoding="utf-8")
    monkeypatch.setattr(build_assets, "machine_npm", lambda: [sys.executable, str(tmp_path / "npm.py")])
    return NpmProject("web/js", "scripts", folder, folder / "dist", required=False)


class Screen:
    """What the hook says to hatchling's application."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.display_waiting = self.display_info = self.display_warning = self.lines.append

    def abort(self, line: str) -> None:
        self.lines.append(line)
        raise SystemExit(1)


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AssetsBuildHook:
    screen: Any = Screen()
    made = AssetsBuildHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel", screen)  # type: ignore[arg-type]
    monkeypatch.setattr(AssetsBuildHook, "app", screen)
    return made


def said(hook: AssetsBuildHook) -> list[str]:
    screen: Any = hook.app
    return list(screen.lines)


def test_an_unchanged_project_is_built_once(hook: AssetsBuildHook, project: NpmProject) -> None:
    hook.build(project)
    hook.build(project)
    assert calls(project) == ["ci", "run"]
    assert (project.output / "bundle.js").read_text() == "1;"
    assert said(hook)[0] == "prima: web/js: building"
    assert re.fullmatch(r"prima: web/js: ready: \d+ KB", said(hook)[-1])


@pytest.mark.parametrize("change", ["source", "output changed", "output gone", "new source"])
def test_a_changed_project_is_built_again(hook: AssetsBuildHook, project: NpmProject, change: str) -> None:
    hook.build(project)
    if change == "source":
        (project.folder / "src/index.js").write_text("2;")
    elif change == "new source":
        (project.folder / "src/other.js").write_text("2;")
    elif change == "output changed":
        (project.output / "bundle.js").write_text("cut off")
    else:
        (project.output / "bundle.js").unlink()
    assert not project.is_built()
    hook.build(project)
    assert project.is_built()
    assert calls(project) == ["ci", "run", "ci", "run"]


def test_a_failed_web_build_leaves_its_reason_and_lets_the_installation_go_on(
    hook: AssetsBuildHook, project: NpmProject
) -> None:
    (project.folder / "src/index.js").write_text("broken")
    hook.build(project)
    reason = (project.output / "BUILD_FAILED.txt").read_text(encoding="utf-8")
    assert reason.count("\n") == 1
    assert 'Could not resolve "./gone.js"' in reason
    assert "WARNING" in said(hook)[-1]
    assert not project.is_built()


def test_a_repaired_web_build_takes_the_reason_away(hook: AssetsBuildHook, project: NpmProject) -> None:
    (project.folder / "src/index.js").write_text("broken")
    hook.build(project)
    (project.folder / "src/index.js").write_text("1;")
    hook.build(project)
    assert sorted(project.outputs()) == ["NOTICE.txt", "bundle.js"]


def test_a_failed_feel_build_stops_the_installation_with_one_sentence(
    hook: AssetsBuildHook, project: NpmProject
) -> None:
    (project.folder / "src/index.js").write_text("broken")
    feel = NpmProject("engine/feel_js", "FEEL interpreter", project.folder, project.output, required=True)
    with pytest.raises(SystemExit):
        hook.build(feel)
    assert re.fullmatch(
        r"prima: engine/feel_js: failed: no process runs without the FEEL interpreter.*", said(hook)[-1]
    )


def test_without_node_and_its_wheel_the_reason_says_so(project: NpmProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_assets, "machine_npm", lambda: None)
    monkeypatch.setattr(build_assets, "wheel_npm", lambda: None)
    with pytest.raises(AssetBuildError, match=r"node 18 or newer with npm was not found"):
        build_assets.build_npm_project(project)


def test_the_node_wheel_is_asked_for_only_when_a_build_is_due_and_no_node_is_there(
    hook: AssetsBuildHook, project: NpmProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_assets, "npm_projects", lambda root: [project])
    assert hook.dependencies() == []
    node = build_assets.machine_npm()
    monkeypatch.setattr(build_assets, "machine_npm", lambda: None)
    assert hook.dependencies() == [build_assets.NODE_WHEEL]
    monkeypatch.setattr(build_assets, "machine_npm", lambda: node)
    hook.build(project)
    monkeypatch.setattr(build_assets, "machine_npm", lambda: None)
    assert hook.dependencies() == []


@pytest.mark.parametrize(("version", "usable"), [("v12.22.0", False), ("v20.11.1", True), ("rubbish", False)])
def test_a_node_that_is_too_old_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, usable: bool
) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert build_assets.machine_npm() == ([str(tmp_path / "npm")] if usable else None)


def test_the_notice_holds_the_licence_of_every_bundled_package(hook: AssetsBuildHook, project: NpmProject) -> None:
    hook.build(project)
    notice = (project.output / "NOTICE.txt").read_text(encoding="utf-8")
    assert "@scope/kept 1.2.3\n-----------------\nCopyright Budi, do as you like." in notice
    assert "bare 1.2.3\n----------\nCopyright Ani. Licence: ISC." in notice


def test_packages_inside_packages_are_found() -> None:
    inputs = ["src/a.js", "node_modules/a/x.js", "node_modules/a/node_modules/@s/b/y.js", "node_modules/a/z/w.js"]
    assert build_assets.bundled_packages(inputs) == [Path("node_modules/a"), Path("node_modules/a/node_modules/@s/b")]


@pytest.mark.parametrize("project_folder", ["engine/feel_js", "web/js"])
def test_lock_files_pin_everything_and_name_no_host(project_folder: str) -> None:
    wanted = json.loads((ROOT / project_folder / "package.json").read_text(encoding="utf-8"))
    text = (ROOT / project_folder / "package-lock.json").read_text(encoding="utf-8")
    lock = json.loads(text)["packages"]
    assert "://" not in text, "take the “resolved” and “funding” entries out"
    assert all("integrity" in facts for path, facts in lock.items() if path)
    pins = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert {name: lock[f"node_modules/{name}"]["version"] for name in pins} == pins
