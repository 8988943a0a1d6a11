"""`python -m handlers.local`, as a person runs it: it answers, keeps what it has, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from infra.local import ports

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


class Running:
    """A started stack, up and listening."""

    def __init__(self, process: subprocess.Popen[str], said: str) -> None:
        self.process = process
        self.said = said
        address = re.search(r"http://localhost:(\d+) ", said)
        assert address is not None
        self.port = int(address[1])

    def ask(self, body: str) -> Any:
        connection = HTTPConnection("localhost", self.port, timeout=30)
        connection.request("POST", "/graphql", body, {"content-type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    @property
    def pasted_query(self) -> str:
        """The body of the command that the greeting offers to paste."""
        (command,) = [line for line in self.said.splitlines() if line.strip().startswith("curl ")]
        return shlex.split(command)[-1]

    def descendants(self) -> set[int]:
        """Every process below this one."""
        parents = parents_of_processes()
        found = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found - {self.process.pid}


def parents_of_processes() -> dict[int, int]:
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
def running(state: Path) -> Iterator[Running]:
    process = start({"PORT": "0", "COLONNADE_STATE": str(state)})
    try:
        said = ""
        assert process.stdout is not None
        while "Ctrl-C stops everything" not in said:
            line = process.stdout.readline()
            assert line, f"it ended with status {process.wait()}:\n{said}"
            said += line
        yield Running(process, said)
    finally:
        process.kill()
        process.communicate()


def gone(pids: set[int]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while any(map(exists, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.onchain
def test_stack_answers_what_it_offers_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with running(tmp_path) as stack:
        answer = stack.ask(stack.pasted_query)
        assert "errors" not in answer
        price = answer["data"]["swapPrice"]
        assert price["amountOut"]["token"] == {"symbol": "USDC"}
        assert 2_000 < float(price["amountOut"]["amount"]) < 3_000
        first_block = int(price["block"]["number"])
        children = stack.descendants()
        assert len(children) >= 2, "a database and a chain, unless both run inside"
        stack.process.send_signal(signal.SIGTERM)
        assert stack.process.wait(PATIENCE) == 128 + signal.SIGTERM
        assert gone(children)

    with running(tmp_path) as again:
        assert "starts anew" not in again.said
        assert int(again.ask(again.pasted_query)["data"]["swapPrice"]["block"]["number"]) > first_block
        children = again.descendants()
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(PATIENCE) == 0
        assert gone(children)


@pytest.mark.onchain
def test_second_stack_on_the_same_state_says_why_it_does_not_start(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        second = start({"PORT": "0", "COLONNADE_STATE": str(tmp_path)})
        said, _ = second.communicate(timeout=PATIENCE)
        assert second.returncode == 1
        assert "Another process runs the local chain" in said
        assert "Traceback" not in said
        assert "errors" not in first.ask(first.pasted_query)


def test_busy_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with ports.listen(0, "a test") as taken:
        port = taken.getsockname()[1]
        process = start({"PORT": str(port), "COLONNADE_STATE": str(tmp_path)})
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert f"Port {port}" in said
    assert f"make dev PORT={port + 1}" in said
    assert "Traceback" not in said


def test_port_that_is_no_number_is_refused(tmp_path: Path) -> None:
    process = start({"PORT": "http", "COLONNADE_STATE": str(tmp_path)})
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "PORT is a number" in said


def test_state_that_cannot_be_kept_where_it_should_is_said_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    process = start({"PORT": "0", "COLONNADE_STATE": str(tmp_path / "file" / "state")})
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert str(tmp_path / "file" / "state") in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("choice", "said_instead"), [("abort", "absent_module"), ("skip", "the state cannot be kept there")]
)
def test_plugin_that_fails_stops_the_start_only_where_it_should(
    tmp_path: Path, choice: str, said_instead: str
) -> None:
    offer = tmp_path / "absent-1.0.dist-info"
    offer.mkdir()
    (offer / "METADATA").write_text("Metadata-Version: 2.1\nName: absent\nVersion: 1.0\n")
    (offer / "entry_points.txt").write_text("[colonnade.plugins]\nabsent = absent_module\n")
    (tmp_path / "the state cannot be kept there").touch()
    process = start(
        {
            "PORT": "0",
            "COLONNADE_ON_PLUGIN_FAILURE": choice,
            "COLONNADE_STATE": str(tmp_path / "the state cannot be kept there" / "state"),
            "PYTHONPATH": str(tmp_path),
        }
    )
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert said_instead in said
    assert ("Plugins failed to load" in said) == (choice == "abort")
