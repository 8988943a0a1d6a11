"""The CPU time of whole processes, as the operating system accounts for them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.cases import Measured


def measured(command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> Measured:
    """What a process took from its start to its end, which prints its answer as JSON on the last line.

    The time is of the process with its threads and children. Raises RuntimeError for one that fails.
    """
    process = subprocess.Popen(command, env=dict(environment), cwd=folder, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as printed:
        lines = printed.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not lines:
        raise RuntimeError(
            f"{' '.join(map(str, command))[:300]} ended with {process.returncode}: {lines[-5:]}"
        )
    return Measured(usage.ru_utime + usage.ru_stime, json.loads(lines[-1]))
