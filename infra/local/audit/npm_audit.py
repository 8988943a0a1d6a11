"""npm audit, on a lock of npm's."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from infra.local.audit.outcome import Finding, NotRun

SECONDS = 20
"""How long the registry may be silent."""


def audit(program: Path, lock: Path, service: str | None = None) -> Sequence[Finding]:
    """What is known against the packages of a package-lock.json. `service`: another registry. Raises `NotRun`."""
    command: list[str | Path] = [program, "audit", "--package-lock-only", "--json", "--fetch-retries=0"]
    command += [f"--fetch-timeout={SECONDS * 1_000}", *([f"--registry={service}"] if service else [])]
    ran = subprocess.run(
        command, cwd=lock.parent, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    try:
        told = json.loads(ran.stdout)
        # By package: its ranges that are affected, and via which advisories, or via which other packages.
        advised = [
            (name, advisory)
            for name, each in told["vulnerabilities"].items()
            for advisory in each["via"]
            if isinstance(advisory, dict)
        ]
        known = told["metadata"]["vulnerabilities"]["total"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotRun(_said(ran.stdout) or _said_aloud(ran.stderr, ran.returncode)) from error
    if bool(known) != bool(advised) or bool(ran.returncode) != bool(advised):
        raise NotRun(
            f"npm ended with status {ran.returncode}, and counts {known} where it lists {len(advised)}"
        )
    return sorted(Finding(name, each["range"], each["url"], each["title"]) for name, each in advised)


def _said(output: str) -> str:
    try:
        told: Any = json.loads(output)
        error = told.get("error") or {}
        parts = [error.get("code"), error.get("summary"), told.get("message"), told.get("statusCode")]
    except (ValueError, AttributeError):
        return ""
    return "; ".join(str(part).strip() for part in parts if part)


def _said_aloud(errors: str, status: int) -> str:
    lines = [line for line in errors.splitlines() if line.startswith("npm error ")]
    return lines[0].removeprefix("npm error ") if lines else f"npm ended with status {status}"
