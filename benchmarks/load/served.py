"""The whole stack as a process of its own, as `make dev` starts it, for clients that are to tire it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

from infra.local.toolchain import ROOT

PATIENCE: Final = 120.0
_UP: Final = "Ctrl-C stops everything"
_ENVIRONMENT: Final = {
    "PORT": "0",
    # One machine asks for everybody here, and what one client may ask for is not what is measured.
    "COLONNADE_BUCKET": "1000000000",
    "COLONNADE_RESTORE_RATE": "1000000000",
}


@dataclass(frozen=True, slots=True)
class Served:
    """The API at `url`; `said`: the lines that the process has written since it was up."""

    url: str
    process: subprocess.Popen[str]
    said: list[str]

    def memory(self) -> int:
        """What the process has in memory, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024


@contextmanager
def served(state: Path) -> Iterator[Served]:
    """The stack, with something in it to ask for, until the block ends. Raises RuntimeError where it does not start."""
    process = subprocess.Popen(
        [sys.executable, "-m", "handlers.local"],
        cwd=ROOT,
        env={**os.environ, **_ENVIRONMENT, "COLONNADE_STATE": str(state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        said: list[str] = []
        while not any(_UP in line for line in said):
            said.append(process.stdout.readline())
            if not said[-1]:
                raise RuntimeError(f"the stack did not start:\n{''.join(said)}")
        address = re.search(r"http://localhost:\d+", "".join(said))
        assert address is not None
        later: list[str] = []
        reader = threading.Thread(target=later.extend, args=[process.stdout], daemon=True)
        reader.start()
        _wait_for_session(address[0])
        yield Served(address[0], process, later)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_session(url: str) -> None:
    ends = time.monotonic() + PATIENCE
    asked = Request(f"{url}/development/session", b"", {"x-colonnade-development": "1"})  # noqa: S310 - of this machine
    while True:
        with urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310 - of this machine
            if json.loads(answer.read()).get("actionId"):
                return
        if time.monotonic() > ends:
            raise RuntimeError("the stack has nothing to look at after two minutes")
        time.sleep(0.2)
