"""A worker's side of the pipe."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Doing: TypeAlias = Callable[[Mapping[str, Any]], Callable[[], str]]
"""Makes ready what a request asks for; what it returns does it once, and returns the answer as JSON."""


def serve(doings: Mapping[str, Doing]) -> None:
    """Does what the lines of standard input ask, and prints CPU seconds and the last answer, until there are no more."""
    printed = sys.stdout
    sys.stdout = open("/dev/null", "w", encoding="utf-8")  # noqa: SIM115 - logs are written, to nowhere
    for line in sys.stdin:
        asked = json.loads(line)
        once = doings[asked["what"]](asked)
        answer = ""
        started = time.process_time()
        for _ in range(asked["times"]):
            answer = once()
        cpu = time.process_time() - started
        printed.write(json.dumps({"cpu": cpu, "answer": json.loads(answer)}) + "\n")
        printed.flush()
