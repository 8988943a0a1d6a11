"""How long a request may wait for a thread: refused soon while there are always some that wait, so that no queue stands.

This is controlled delay, as of a network's buffers: a burst may wait for a second; what keeps a queue standing for
that long is more than is ever worked off, and waiting is of use to nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

BURST: Final = 1.0
"""Seconds that a request may wait, and that a queue may stand."""

STANDING: Final = 0.1
"""Seconds of waiting from which a queue counts as standing."""


class Admission:
    """Decides by time waited; safe to use from several threads. `clock`: seconds, monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock: Final = clock
        self._lock: Final = threading.Lock()
        self._decided = clock()
        self._stands_since: float | None = None

    def now(self) -> float:
        """When a request comes that is to wait."""
        return self._clock()

    def admits(self, came: float) -> bool:
        """Whether what came then, and whose turn it is, is still to be worked on."""
        with self._lock:
            now = self._clock()
            waited = now - came
            # Whatever came after the last turn met nobody who waited.
            queued = waited >= STANDING and came <= self._decided
            self._decided = now
            if not queued:
                self._stands_since = None
                return True
            if self._stands_since is None:
                self._stands_since = now
            return waited < BURST and now - self._stands_since < BURST
