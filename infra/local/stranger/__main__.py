"""`make stranger`: clone, `make dev`, a first query, a plugin, its tests; each timed, from an empty home and no cache.

It clones what is committed, and does what the README of the clone says. Where the registries are reached only through
settings in a home folder, give them as variables: `room.PASSED` has their names.
"""

from __future__ import annotations

import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

from infra.local.stranger.readme import Told, told_by
from infra.local.stranger.room import PROGRAMS, Room, empty_room

ROOT: Final = Path(__file__).resolve().parents[3]
PATIENCE: Final = 1_200.0
_SERVING: Final = re.compile(r"runs on (http://localhost:\d+)")
_CHECKOUT: Final = "colonnade"
_MADE: Final = (f"work/{_CHECKOUT}", "home", "tmp")


class Stumbled(RuntimeError):
    """A step of the path did not do what it should; the message ends with what it said."""


@dataclass
class Journey:
    """The steps gone so far, in order: what was done, its seconds, and the bytes that it left on the disk."""

    room: Room
    steps: list[tuple[str, float, int]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Times the block."""
        sys.stdout.write(f"  {name} … ")
        sys.stdout.flush()
        before, began = self.room.size(*_MADE), time.monotonic()
        yield
        seconds = time.monotonic() - began
        self.steps.append((name, seconds, self.room.size(*_MADE) - before))
        sys.stdout.write(f"{seconds:.1f} s\n")

    def run(self, command: str, folder: Path) -> str:
        """What a command line of a person's shell says. Raises `Stumbled` where it fails."""
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=folder,
            env=dict(self.room.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode:
            raise Stumbled(f"`{command}` ended with status {done.returncode}:\n{done.stdout[-3000:]}")
        return done.stdout

    @contextmanager
    def serving(self, name: str, command: str, folder: Path) -> Iterator[str]:
        """The URL that a `make dev` serves, timed until it does; at the end of the block, as after Ctrl-C, it is gone."""
        environment = {**self.room.environment, "PORT": "0"}  # 8000 may be taken on this machine
        with subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            with self.step(name):
                url = _served_by(process, command)
            try:
                yield url
            finally:
                os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C in a terminal does
                process.communicate(timeout=PATIENCE)


def _served_by(process: subprocess.Popen[str], command: str) -> str:
    said = ""
    assert process.stdout is not None
    while not (found := _SERVING.search(said)):
        line = process.stdout.readline()
        if not line:
            raise Stumbled(f"`{command}` ended with status {process.wait()}:\n{said[-3000:]}")
        said += line
    return found[1]


def go(room: Room) -> Journey:
    """All of the path. Raises `Stumbled`, and `NotTold` where the README is silent."""
    journey = Journey(room)
    checkout = room.work / _CHECKOUT
    with journey.step("git clone"):
        journey.run(f"git clone --quiet {ROOT} {_CHECKOUT}", room.work)
    told = told_by((checkout / "README.md").read_text())
    with journey.serving(f"{told.serve}, the first", told.serve, checkout) as url:
        with journey.step("the first query"):
            _ask(url, told)
        for command in told.plugin:
            with journey.step(command):
                journey.run(command, checkout)
    if left := room.left_behind():
        raise Stumbled("Ctrl-C left processes behind:\n" + "\n".join(left))
    with journey.serving(f"{told.serve}, the second", told.serve, checkout) as url:
        _ask(url, told)
    return journey


def table(journey: Journey) -> str:
    """The journey in Markdown."""
    rows = [f"| `{name}` | {seconds:.1f} s | {size / 1e6:,.0f} MB |" for name, seconds, size in journey.steps]
    return "\n".join(["| step | time | on the disk since |", "|---|---|---|", *rows])


def main() -> int:
    """The exit status: 0 where everything worked."""
    with empty_room(os.environ) as room:
        where = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors"
        sys.stdout.write(f"A stranger with {', '.join(PROGRAMS)} ({where}):\n")
        try:
            journey = go(room)
        except (Stumbled, ValueError) as stumbled:
            sys.stderr.write(f"\n{stumbled}\n")
            return 1
        load = f"{os.getloadavg()[0]:.1f}"
        day = datetime.now(UTC).date()
        sys.stdout.write(
            f"\n{table(journey)}\n\n{day}, {where}, Python {platform.python_version()}, load {load}.\n"
        )
    return 0


def _ask(url: str, told: Told) -> None:
    asked = json.dumps({"query": told.query}).encode()
    request = Request(f"{url}/graphql", asked, {"content-type": "application/json"})  # noqa: S310 (this machine's)
    with urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
        answer = json.load(response)
    if "errors" in answer or "amountOut" not in answer["data"]["swapPrice"]:
        raise Stumbled(f"The first query was answered with {json.dumps(answer)[:3000]}")


if __name__ == "__main__":
    sys.exit(main())
