"""What happened in processes that may be killed at any time: a line each, in files that outlive them."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path


def note(state: Path, what: str, count: int = 1) -> None:
    """Write down that `what` happened."""
    file = os.open(state / "tally", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"{what}={count}\n".encode())
    finally:
        os.close(file)


def tally(state: Path) -> Counter[str]:
    """How often each thing happened."""
    found: Counter[str] = Counter()
    path = state / "tally"
    for line in path.read_text().splitlines() if path.exists() else ():
        what, _, count = line.partition("=")
        found[what] += int(count)
    return found
