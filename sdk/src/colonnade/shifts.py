"""Shifts: work that never ends, done by processes that do.

A shift holds the lease on its source, does the work again and again, and gives the lease back at its end, so that the
next shift, which waits for it, begins where this one stops.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from colonnade.errors import ColonnadeError
from colonnade.leases import Leases

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shift:
    """One turn at a source. `source`: its name; `holder`: unique to this turn; `pause`: seconds between two looks that
    find nothing; `monotonic`: seconds."""

    leases: Leases
    source: str
    holder: str
    pause: float = 1.0
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def work(
        self,
        look: Callable[[], Awaitable[bool]],
        seconds: float,
        patience: float | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> int:
        """Look until `seconds` have passed or `stopping` says so; how many looks that were.

        `look` says whether there was something to do: then the next follows at once. What it raises on purpose
        (`ColonnadeError`) is logged, and does not end the shift. While another holds the lease, this one waits, at
        most `patience` seconds before it looks for the first time.
        """
        begun = self.monotonic()
        ends = begun + seconds
        renewed: float | None = None
        looks = 0
        try:
            while self.monotonic() < ends and not stopping():
                if renewed is None or self.monotonic() - renewed >= self.leases.seconds / 3:
                    asked = self.monotonic()
                    renewed = asked if await self._has_lease() else None
                if renewed is None:
                    if patience is not None and not looks and self.monotonic() - begun >= patience:
                        break
                    await self.sleep(self.pause)
                    continue
                looks += 1
                if not await self._look(look):
                    await self.sleep(self.pause)
        finally:
            if renewed is not None:
                await self.leases.give_back(self.source, self.holder)
        return looks

    async def _has_lease(self) -> bool:
        try:
            return await self.leases.take(self.source, self.holder)
        except ColonnadeError as error:
            _log.warning("The lease on %s cannot be taken: %s", self.source, error)
            return False

    async def _look(self, look: Callable[[], Awaitable[bool]]) -> bool:
        try:
            return await look()
        except ColonnadeError as error:
            _log.warning("%s could not be looked at: %s", self.source, error)
            return False
