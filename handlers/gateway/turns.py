"""How many events are worked on at once: fewer while those keep the loop from what it has to do.

Threads of one process share one interpreter. Where each of many computes, the loop, which reads requests and refuses
them, waits for all of them whenever it comes back from the operating system, several times for each request: refusals
would take seconds, before anything here has seen what is refused. Threads that wait for a database or a chain are in
nobody's way, so that their number cannot be set once and for all: it falls while the loop is late, and rises again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

LEAST: Final = 4
"""Events at once, however late the loop is: of two, both may be waiting for the database, and what comes meanwhile makes a
queue that keeps the loop late, so that it stays at two."""

LATE: Final = 0.005
"""Seconds by which the loop may be late before fewer events get a turn: five threads that compute, each for its millisecond."""

LOOK: Final = 0.02
"""Seconds between looks at how late the loop is, while something is worked on."""


class Turns:
    """At most `most` at once, in the order in which they came. Of one loop: only its thread may use it."""

    def __init__(self, most: int) -> None:
        self._most: Final = most
        self._least: Final = min(LEAST, most)
        self._waiting: Final[deque[asyncio.Future[None]]] = deque()
        self._looking = False
        self.at_once = most
        self.taken = 0

    async def take(self) -> None:
        """Returns when it is the caller's turn, who has to `give` it back."""
        self._look()
        if self.taken < self.at_once and not self._waiting:
            self.taken += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give()
            raise

    def give(self) -> None:
        """The turn is over: the next one's begins."""
        self.taken -= 1
        self._pass_on()

    def late(self, seconds: float) -> None:
        """The loop was late by so much: half as many at once when that is too much, or else one more."""
        if seconds > LATE:
            self.at_once = max(self._least, self.at_once // 2)
        else:
            self.at_once = min(self._most, self.at_once + 1)
            self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting and self.taken < self.at_once:
            turn = self._waiting.popleft()
            if not turn.done():
                self.taken += 1
                turn.set_result(None)

    def _look(self) -> None:
        if not self._looking:
            self._looking = True
            loop = asyncio.get_running_loop()
            loop.call_later(LOOK, self._looked, loop, loop.time() + LOOK)

    def _looked(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._looking = False
        self.late(loop.time() - due)
        if self.taken:
            self._look()
