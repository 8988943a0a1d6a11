"""How long a request may wait for a thread: refused soon while there are always some that wait, so that no queue stands.

This is controlled delay, as of a network's buffers: a burst may wait for half a second; what keeps a queue standing for
that long is more than is ever worked off, and waiting is of use to nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

BURST: Final = 0.5
"""Seconds that a request may wait as long as the queue was short within that time."""

STANDING: Final = 0.05
"""Seconds that it may wait while the queue has not been short for so long; a wait below counts as short."""


class Admission:
    """Decides by time waited; safe to use from several threads. `clock`: seconds, monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock: Final = clock
        self._lock: Final = threading.Lock()
        self._short = clock()

    def now(self) -> float:
        """When a request comes that is to wait."""
        return self._clock()

    def admits(self, came: float) -> bool:
        """Whether what came then, and whose turn it is, is still to be worked on."""
        with self._lock:
            now = self._clock()
            waited = now - came
            if waited < STANDING:
                self._short = now
                return True
            return waited < BURST and now - self._short < BURST
