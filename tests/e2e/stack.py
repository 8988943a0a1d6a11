"""The whole stack as a process, `python -m handlers.local`, started and stopped by tests."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


class Running:
    """A started stack, up and listening. `state`: the folder where it keeps things."""

    def __init__(self, process: subprocess.Popen[str], said: str, state: Path) -> None:
        self.process = process
        self.state = state
        self.said = said
        address = re.search(r"http://localhost:(\d+) ", said)
        chain = re.search(r"Chain +(http://\S+) ", said)
        assert address is not None
        assert chain is not None
        self.port = int(address[1])
        self.chain_url = chain[1]

    def ask(self, body: str) -> Any:
        connection = HTTPConnection("localhost", self.port, timeout=30)
        connection.request("POST", "/graphql", body, {"content-type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def wait_for_demo(self) -> None:
        """Return when the demo data is there: from then on nobody but the test sends transactions."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with closing(HTTPConnection("localhost", self.port, timeout=30)) as connection:
                connection.request("POST", "/development/session", headers={"x-colonnade-development": "1"})
                offered = json.loads(connection.getresponse().read())
            if offered.get("actionId"):
                return
            assert time.monotonic() < deadline, "there is no demo data"
            time.sleep(0.1)

    @property
    def pasted_query(self) -> str:
        """The body of the command that the greeting offers to paste."""
        (command,) = [line for line in self.said.splitlines() if line.strip().startswith("curl ")]
        return shlex.split(command)[-1]

    def descendants(self) -> set[int]:
        """Every process below this one."""
        parents = _parents_of_processes()
        found = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found - {self.process.pid}

    def kill(self) -> None:
        """End it without a word, SIGKILL, and return when nothing of it is left."""
        children = self.descendants()
        self.process.kill()
        self.process.wait()
        assert gone(children)

    @contextmanager
    def reading(self) -> Iterator[list[str]]:
        """Within the block, the lines it writes are taken as they come: else it would stop once the pipe is full. The
        stack has ended by the end of the block."""
        lines: list[str] = []
        assert self.process.stdout is not None
        reader = threading.Thread(target=lines.extend, args=[self.process.stdout])
        reader.start()
        try:
            yield lines
        finally:
            self.process.kill()
            reader.join(PATIENCE)


def start(environ: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "handlers.local"],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def running(state: Path, environ: Mapping[str, str] | None = None) -> Iterator[Running]:
    process = start({"PORT": "0", "COLONNADE_STATE": str(state), **(environ or {})})
    try:
        said = ""
        assert process.stdout is not None
        while "Ctrl-C stops everything" not in said:
            line = process.stdout.readline()
            assert line, f"it ended with status {process.wait()}:\n{said}"
            said += line
        yield Running(process, said, state)
    finally:
        process.kill()
        process.communicate()


def gone(pids: set[int]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while any(map(_exists, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _parents_of_processes() -> dict[int, int]:
    """The parent of every process: from /proc where there is one, else from ps."""
    if Path("/proc/self/stat").exists():
        found: dict[int, int] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has ended since
                # The name in parentheses may hold anything; the state and the parent follow it.
                found[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        return found
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    return {int(pid): int(parent) for pid, parent in (line.split() for line in listed.stdout.splitlines())}
