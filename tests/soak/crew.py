"""The processes of a soak, started, killed and started again."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from tests.soak.plan import Plan
from tests.soak.roles import play

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.soak.roles"])  # so that a start takes no second of imports


class Crew:
    """Processes by their roles; `kills`: how often each was killed."""

    def __init__(self, plan: Plan) -> None:
        self.kills: Counter[str] = Counter()
        self._plan = plan
        self._starts: Counter[str] = Counter()
        self._running: dict[str, BaseProcess] = {}

    def start(self, role: str) -> None:
        """Start one; it becomes of use when it becomes of use."""
        self._starts[role] += 1
        process = PROCESSES.Process(
            target=play, args=(role, self._starts[role], self._plan), name=role, daemon=True
        )
        process.start()
        self._running[role] = process

    def kill(self, role: str) -> None:
        """End one with SIGKILL, wherever it is."""
        process = self._running.pop(role)
        process.kill()
        process.join()
        process.close()
        self.kills[role] += 1

    def is_alive(self, role: str) -> bool:
        """Whether it runs."""
        return role in self._running and self._running[role].exitcode is None

    def failed(self) -> Sequence[str]:
        """Those that ended otherwise than by a kill or in success."""
        return [f"{role}: {p.exitcode}" for role, p in self._running.items() if p.exitcode not in {None, 0}]

    def has_ended(self, role: str) -> bool:
        """Whether it has done its work."""
        return role in self._running and self._running[role].exitcode == 0

    def disband(self) -> None:
        """End everybody."""
        for role in list(self._running):
            process = self._running.pop(role)
            process.kill()
            process.join()
            process.close()


@contextmanager
def crew_of(plan: Plan) -> Iterator[Crew]:
    """Nobody is left at the end of the block."""
    crew = Crew(plan)
    try:
        yield crew
    finally:
        crew.disband()
