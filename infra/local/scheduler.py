"""What EventBridge does: ask each minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from infra.local.workers import Handler

_MINUTE: Final = 60.0


class LocalScheduler:
    """Hands `event` to `handler` at the start and at the beginning of each minute. `now`: epoch seconds."""

    def __init__(
        self, handler: Handler, event: Mapping[str, Any], now: Callable[[], float] = time.time
    ) -> None:
        self._handler: Final = handler
        self._event: Final = event
        self._now: Final = now

    def step(self) -> float:
        """Ask; how many seconds to wait until the next time. Raises what the handler does."""
        self._handler(self._event, None)
        return _MINUTE - self._now() % _MINUTE
