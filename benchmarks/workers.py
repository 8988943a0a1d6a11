"""Processes that stay, each with one server in it, and do what they are asked many times over."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from benchmarks.cases import Measured

WARM: Final = 0.5
OPTIMISED: Final = 4.0
"""Seconds of CPU before anything counts; of Node.js, which optimises in the background, and still after ten thousand answers."""


class Worker:
    """A process that reads requests and prints measurements, a line of JSON each.

    It measures its own CPU time: what the pipe costs is not in it.
    """

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> None:
        self._command = command
        self._process = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def warm_up(self, what: str, times: int, **details: Any) -> None:
        """Does it until what compiles while it runs has compiled."""
        wanted = OPTIMISED if str(self._command[-1]).endswith(".mjs") else WARM
        taken = 0.0
        while taken < wanted:
            taken += times * self.measure(what, times, **details).cpu

    def measure(self, what: str, times: int, **details: Any) -> Measured:
        """The CPU time of doing `what` once, from doing it `times` times. Raises RuntimeError where the worker died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"what": what, "times": times, **details}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(map(str, self._command))} ended amid {what}")
        said = json.loads(line)
        return Measured(said["cpu"] / times, said["answer"])
