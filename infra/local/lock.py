"""Locks every dependency anew: hashes for Python, integrity for npm, no registry's address in either.

`python -m infra.local.lock [--upgrade]`. Without `--upgrade`, what is locked stays unless the
requirements no longer allow it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.local import toolchain
from infra.local.steps import say
from infra.local.toolchain import ROOT

_PYTHON_LOCKS = {
    "requirements.lock": ("pyproject.toml", "sdk/pyproject.toml"),
    "requirements-dev.lock": (
        "pyproject.toml",
        "sdk/pyproject.toml",
        "--group",
        "dev",
        "-c",
        "requirements.lock",
    ),
    "requirements-tools.lock": ("--group", "tools"),
    "requirements-node.lock": ("--group", "node"),
    **{
        f"infra/local/environments/{name}.lock": ("--group", name)
        for name in ("audit", "cloudformation", "codegen", "docs", "lambda")
    },
}
_NPM_PROJECTS = (".", "benchmarks", "examples/web", "infra/deployment")


def main(options: list[str]) -> int:
    """The exit status: 0 once every lock is written."""
    if unknown := set(options) - {"--upgrade"}:
        sys.stderr.write(f"Unknown option {' '.join(unknown)}; there is only --upgrade.\n")
        return 2
    # pyproject.toml's [tool.uv] counts, a person's own uv.toml does not.
    environment = {**toolchain.environment(), "XDG_CONFIG_HOME": os.devnull}
    for lock, command in _commands(options):
        say(f"{lock}\n")
        folder = (ROOT / lock).parent if lock.endswith(".json") else ROOT
        status = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
        if status:
            return status
    return 0


def _commands(options: list[str]) -> Iterator[tuple[str, Sequence[str | Path]]]:
    # One lock serves every platform, and every Python from the oldest we support.
    universal = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header")
    for lock, sources in _PYTHON_LOCKS.items():
        yield lock, (toolchain.uv(), "pip", "compile", "--quiet", *universal, *options, *sources, "-o", lock)
    verb = "update" if options else "install"
    npm = (toolchain.npm(), verb, "--package-lock-only", "--ignore-scripts", "--loglevel=error")
    for project in _NPM_PROJECTS:
        yield f"{project}/package-lock.json".removeprefix("./"), npm


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
