"""pip-audit, on a lock of Python's."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from infra.local.audit.outcome import Finding, NotRun

SECONDS = 20
"""How long the service may be silent."""


def audit(program: Path, lock: Path, service: str | None = None) -> Sequence[Finding]:
    """What is known against the distributions of a hashed lock, where markers hold for this machine.

    `service`: the URL of an OSV API instead of PyPI's own advisories. Raises `NotRun`.
    """
    options = ["--vulnerability-service", "osv", "--osv-url", service] if service else []
    command: list[str | Path] = [
        program,
        "--requirement",
        lock,
        "--disable-pip",
        "--require-hashes",
        *options,
    ]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", str(SECONDS)]
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        return findings(ran.stdout, ran.returncode)
    except NotRun as reason:
        raise NotRun(_last_line(ran.stderr) if not ran.stdout else str(reason)) from reason


def findings(output: str, status: int) -> Sequence[Finding]:
    """What pip-audit's JSON tells, with its exit status. Raises `NotRun`.

    It ends well where it skipped every distribution, as it does when the service knows none; that is no audit.
    """
    try:
        distributions = json.loads(output)["dependencies"]
        skipped = [each for each in distributions if "skip_reason" in each]
        found = [
            Finding(each["name"], each["version"], known["id"], _first_line(known["description"]))
            for each in distributions
            if "skip_reason" not in each
            for known in each["vulns"]
        ]
        missed = (
            f"{len(skipped)} of {len(distributions)} were skipped: {skipped[0]['skip_reason']}"
            if skipped
            else ""
        )
    except (ValueError, KeyError, TypeError) as error:
        raise NotRun(f"pip-audit ended with status {status}, and said what is no report") from error
    if missed and not found:
        raise NotRun(missed)
    if status != (1 if found else 0):
        raise NotRun(f"pip-audit ended with status {status}, and reports {len(found)} findings")
    return sorted(found)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:120]


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2][-300:]
