"""Everything that can be said about the code without running it: `python -m infra.local.check [NAME…]`.

All checks run, two at a time, whatever the others find; what a failing one said follows its line.
"""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from infra.local import on_demand, toolchain
from infra.local.steps import SetupFailed, say
from infra.local.toolchain import ROOT, TESTS, VENV

_BIN = VENV / "bin"
_DEPTRY = (_BIN / "deptry", "--no-ansi")
# What pyproject.toml leaves out of the application's dependencies, which do not include those of its tests.
_TESTS = ("tests", "sdk/tests", "--exclude", "^$", "--extend-exclude", "^$", "--ignore", "DEP002,DEP004")
# pytest-asyncio is a plugin, which nobody imports.
_SDK = ("src", "--known-first-party", "colonnade", "--per-rule-ignores", "DEP002=pytest-asyncio")
# What plugins do not start without; this key is nobody's.
_REQUIRED = {"IDENTITY_SIGNING_KEYS": f"nobody:private:{'A' * 43}"}
_SHOWN = 60  # lines of what a failing check said; its command shows the rest


@dataclass(frozen=True)
class Check:
    """A command that exits with 0 when all is well.

    `variables`: what its environment holds besides. `npm_project`: whose packages are installed before.
    """

    name: str
    command: Sequence[str | Path]
    directory: Path = ROOT
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    npm_project: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """How a check went, with what it said, and how many seconds it took."""

    check: Check
    passed: bool
    said: str
    seconds: float


# The slow ones first, so that the quick ones fill the gaps.
CHECKS = (
    Check("mypy", (_BIN / "mypy",)),
    Check("pyright", (TESTS / "node_modules" / ".bin" / "pyright",), npm_project=TESTS),
    Check("contracts", ("node", "contracts/compile.mjs", "--check")),
    Check("schema", (_BIN / "colonnade", "lock", "--check")),
    Check("plugins", (_BIN / "colonnade", "check"), variables=_REQUIRED),
    Check("docs", (_BIN / "python", "-m", "infra.local.documentation", "--check")),
    Check("imports", (_BIN / "lint-imports",)),
    Check("shipped", (_BIN / "python", "-m", "infra.local.shipped", "--check")),
    Check("dependencies", (*_DEPTRY, ".")),
    Check("test-dependencies", (*_DEPTRY, *_TESTS)),
    Check("sdk-dependencies", (*_DEPTRY, *_SDK), ROOT / "sdk"),
    Check("environment", (toolchain.TOOLS / "bin" / "uv", "pip", "check", "--python", _BIN / "python")),
    Check("format", (_BIN / "ruff", "format", "--check", "--quiet", ".")),
    Check("ruff", (_BIN / "ruff", "check", "--quiet", ".")),
    Check("links", (_BIN / "python", "-m", "infra.local.links")),
)


def main(names: Sequence[str], checks: Sequence[Check] = CHECKS) -> int:
    """The exit status: 0 when every check, or every one named, passed."""
    known = {check.name: check for check in checks}
    if unknown := [name for name in names if name not in known]:
        sys.stderr.write(f"No check is called {', '.join(unknown)}. There are: {', '.join(known)}.\n")
        return 2
    chosen = [known[name] for name in names] or list(checks)
    failed = []
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        for running in as_completed([pool.submit(run, check) for check in chosen]):
            outcome = running.result()
            say(f"{outcome.check.name:<18}{'ok' if outcome.passed else 'FAILED':<8}{outcome.seconds:.1f} s\n")
            if not outcome.passed:
                say(f"{_end_of(outcome)}\n\n")
                failed.append(outcome.check.name)
    say(f"Failed: {', '.join(failed)}.\n" if failed else f"All {len(chosen)} checks passed.\n")
    return 1 if failed else 0


def run(check: Check) -> Outcome:
    """Runs one check to its end; a command that is not there fails it."""
    started = time.monotonic()
    environment = {**toolchain.environment(), "NO_COLOR": "1", **check.variables}
    try:
        if check.npm_project is not None:
            on_demand.node_project(check.npm_project)
        result = subprocess.run(
            check.command,
            cwd=check.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except (OSError, SetupFailed) as error:
        return Outcome(check, False, str(error), time.monotonic() - started)
    return Outcome(check, result.returncode == 0, result.stdout, time.monotonic() - started)


def _end_of(outcome: Outcome) -> str:
    lines = outcome.said.strip().splitlines()
    command = shlex.join(map(str, outcome.check.command))
    left_out = [f"… {len(lines) - _SHOWN} lines before these: {command}"] if len(lines) > _SHOWN else []
    return "\n".join([*left_out, *lines[-_SHOWN:]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
