"""Who was active on which day: one event a principal and UTC day, whoever else records it too."""

from __future__ import annotations

import asyncio
import logging
import threading
from datetime import timedelta
from typing import Final

from colonnade import Context
from colonnade.conditions import absent
from colonnade.core_events import PrincipalActive
from colonnade.errors import ColonnadeError, ConditionFailed
from colonnade.store import Writes
from plugins.identity.entities import ACTIVE_DAY

MAX_REMEMBERED: Final = 10_000
"""Principals that one process remembers for a day; it forgets them all when there are more."""

PATIENCE: Final = 1.0
"""Seconds that a request spends on this at most."""

_KEPT: Final = timedelta(days=2)

_log = logging.getLogger(__name__)


class ActivityRecorder:
    """Records `PrincipalActive`; after the first time in a process it costs nothing. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day = ""
        self._seen: set[str] = set()

    async def note(self, context: Context, principal: str) -> None:
        """Record that `principal` is active, unless that is known. Never fails: a request goes on without it."""
        day = context.clock.now().date().isoformat()
        if self._knows(principal, day):
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await _record(context, principal, day)
        except ConditionFailed:
            self._remember(principal, day)  # Another process was first.
        except (ColonnadeError, TimeoutError) as error:
            _log.warning("An active principal was not recorded: %s", error)
        else:
            self._remember(principal, day)

    def _knows(self, principal: str, day: str) -> bool:
        with self._lock:
            return day == self._day and principal in self._seen

    def _remember(self, principal: str, day: str) -> None:
        with self._lock:
            if day != self._day or len(self._seen) >= MAX_REMEMBERED:
                self._day, self._seen = day, set()
            self._seen.add(principal)


async def _record(context: Context, principal: str, day: str) -> None:
    now = context.clock.now()
    marker = ACTIVE_DAY.put(
        {"principal": principal, "day": day},
        condition=absent(),
        expires_at=int((now + _KEPT).timestamp()),
    )
    event = context.record(PrincipalActive(principal=principal, day=day))
    await context.store.transact(Writes([marker, event]))
