"""A circuit breaker: who failed repeatedly is left alone for a while, then asked once before it is trusted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal, TypeAlias

State: TypeAlias = Literal["closed", "open", "half-open"]

LONGEST_REST_SECONDS = 300.0


class Breaker:
    """Opens after `failures` in a row for `rest_seconds`, then lets a single probe decide. Safe between threads.

    `clock`: seconds, monotonic.
    """

    def __init__(
        self, failures: int, rest_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threshold = failures
        self._rest = rest_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opens_until: float | None = None
        self._probe_until: float | None = None

    @property
    def state(self) -> State:
        with self._lock:
            return self._state()

    def _state(self) -> State:
        if self._opens_until is None:
            return "closed"
        return "open" if self._clock() < self._opens_until else "half-open"

    def admit(self) -> bool:
        """Whether a request may go now; after the rest, one at a time may, until its outcome is told."""
        with self._lock:
            state = self._state()
            if state == "half-open":
                now = self._clock()
                # A probe whose outcome is never told must not keep the endpoint out for good.
                if self._probe_until is not None and now < self._probe_until:
                    return False
                self._probe_until = now + self._rest
            return state != "open"

    def resting_seconds(self) -> float:
        """How long until a request may be tried."""
        with self._lock:
            return 0.0 if self._opens_until is None else max(0.0, self._opens_until - self._clock())

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._opens_until, self._probe_until = 0, None, None

    def failed(self, rest_seconds: float | None = None) -> bool:
        """Count a failure; `rest_seconds`: what the endpoint itself asked for. Says whether this one opened it."""
        with self._lock:
            self._failures += 1
            half_open = self._state() == "half-open"
            if rest_seconds is None and not half_open and self._failures < self._threshold:
                return False
            opened = self._opens_until is None
            rest = min(max(rest_seconds or 0.0, self._rest), LONGEST_REST_SECONDS)
            self._opens_until, self._probe_until = self._clock() + rest, None
            return opened or half_open
