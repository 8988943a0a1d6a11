"""Locks every dependency anew: hashes for Python, integrity for npm, no registry's address in either.

`python -m infra.local.lock [--upgrade] [LOCK…]`. Without `--upgrade`, what is locked stays unless the
requirements no longer allow it; a lock that is named is written without the others.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from infra.local import toolchain
from infra.local.steps import say
from infra.local.toolchain import ROOT
from infra.local.wheels import find_links

# Plugins of others need the SDK, which is this checkout's and in no lock: its version is held against what they want.
_SDK = "colonnade @ ./sdk\n"  # on standard input
_SDK_OF_THIS_CHECKOUT = ("-c", "-", "--no-emit-package", "colonnade")
_DEPLOYED = ("pyproject.toml", "sdk/pyproject.toml", "--group", "plugins", *_SDK_OF_THIS_CHECKOUT)
_PYTHON_LOCKS: Mapping[str, Sequence[str]] = {
    "requirements.lock": _DEPLOYED,
    "requirements-dev.lock": (*_DEPLOYED, "--group", "dev", "-c", "requirements.lock"),
    "requirements-tools.lock": ("--group", "tools"),
    "requirements-node.lock": ("--group", "node"),
    **{
        f"infra/local/environments/{name}.lock": ("--group", name)
        for name in ("audit", "cloudformation", "codegen", "docs", "lambda", "load")
    },
}
_NPM_PROJECTS = (".", "benchmarks", "examples/web", "infra/deployment", "tests")


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 once every lock, or every one named, is written."""
    options = [argument for argument in arguments if argument.startswith("-")]
    named = [argument for argument in arguments if not argument.startswith("-")]
    if unknown := set(options) - {"--upgrade"}:
        sys.stderr.write(f"Unknown option {' '.join(unknown)}; there is only --upgrade.\n")
        return 2
    commands = dict(_commands(options))
    if unknown := set(named) - set(commands):
        sys.stderr.write(f"No lock is called {', '.join(unknown)}. There are: {', '.join(commands)}.\n")
        return 2
    # pyproject.toml's [tool.uv] counts, a person's own uv.toml does not.
    environment = {**toolchain.environment(), "XDG_CONFIG_HOME": os.devnull}
    for lock in named or commands:
        say(f"{lock}\n")
        folder = (ROOT / lock).parent if lock.endswith(".json") else ROOT
        status = subprocess.run(
            commands[lock], cwd=folder, env=environment, input=_SDK, text=True, check=False
        ).returncode
        if status:
            return status
    return 0


def _commands(options: Sequence[str]) -> Iterator[tuple[str, Sequence[str | Path]]]:
    # One lock serves every platform, and every Python from the oldest we support.
    universal = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header")
    uv: Sequence[str | Path] = (
        toolchain.uv(),
        "pip",
        "compile",
        "--quiet",
        *universal,
        *find_links(),
        *options,
    )
    for lock, sources in _PYTHON_LOCKS.items():
        yield lock, (*uv, *sources, "-o", lock)
    verb = "update" if options else "install"
    npm = (toolchain.npm(), verb, "--package-lock-only", "--ignore-scripts", "--loglevel=error")
    for project in _NPM_PROJECTS:
        yield f"{project}/package-lock.json".removeprefix("./"), npm


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
