"""What cfn-lint finds wrong with templates."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from infra.local import on_demand

IGNORED: Final[Mapping[str, str]] = {
    "W3005": "osls names dependencies that references imply already",
    "W8003": "a stage's parameters are in the template, so each of its conditions is decided",
}
"""Rules that are not asked, and why."""

_FOUND: Final = range(1, 16)
"""Exit statuses of cfn-lint that tell of findings: each bit is a level."""


def faults(*templates: Path) -> Sequence[str]:
    """Each finding as `rule, place: message`. Raises `SetupFailed`, and `OSError` where cfn-lint cannot be run."""
    lint = on_demand.python_environment("cloudformation").with_name("cfn-lint")
    command = [str(lint), "--format", "json", "--ignore-checks", *IGNORED, "--template", *map(str, templates)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode and done.returncode not in _FOUND:
        raise OSError(f"cfn-lint fails: {done.stderr[-2_000:]}")
    return [
        f"{found['Rule']['Id']}, {'.'.join(map(str, found['Location']['Path'] or ()))}: {found['Message']}"
        for found in json.loads(done.stdout or "[]")
    ]
