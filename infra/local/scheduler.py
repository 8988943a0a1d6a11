"""What EventBridge does for jobs: ask for each when its time has come."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from infra.local.files import replace_text
from infra.local.workers import Handler

ATTEMPTS: Final = 3
"""How often a turn is asked for while the handler raises, as Lambda does for events that nobody waits for."""

_LONGEST_WAIT: Final = 1.0

_log = logging.getLogger(__name__)


class LocalScheduler:
    """Asks `handler` for the jobs in `every`, at whole multiples of their times since 1970.

    `file`: where it keeps which turns it has asked for. A laptop is not always on: turns that were missed are made up
    for by one, at the start. `now`: epoch seconds.
    """

    def __init__(
        self,
        every: Mapping[str, timedelta],
        handler: Handler,
        file: Path,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._every: Final = every
        self._handler: Final = handler
        self._file: Final = file
        self._now: Final = now
        self._turns: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}

    def step(self) -> float:
        """Ask for what is due; how many seconds to wait for the next look."""
        for name, every in self._every.items():
            turn = int(self._now() // every.total_seconds())
            if self._turns.get(name) != turn:
                self._turns[name] = turn
                replace_text(self._file, json.dumps(self._turns))
                self._ask(name)
        return _LONGEST_WAIT

    def _ask(self, name: str) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._handler({"job": name, "arguments": {}}, None)
            except Exception:
                fields = {"job": name, "attempt": attempt}
                _log.exception("A job that the schedule asked for failed", extra={"fields": fields})
            else:
                return
