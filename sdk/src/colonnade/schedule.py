"""The schedule: which jobs are due, found anew each minute from what plugins declare.

Something asks each minute, EventBridge or a thread, and knows nothing of jobs: one that comes with a plugin changes
no template. A turn is a whole multiple of the job's time since 1970, so that a job of a day runs at midnight UTC.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from colonnade.conditions import absent, attribute
from colonnade.entities import Entity
from colonnade.errors import ConditionFailed
from colonnade.plugin import PROJECT
from colonnade.queues import Message, Queue
from colonnade.store import MAX_KEYS, Item, Key, Store, Writes

if TYPE_CHECKING:
    from colonnade.context import Clock

ASKED: Final = Entity(
    PROJECT, "JobAsked", partition="{job}", serves=("when the schedule last asked for a job",)
)

AHEAD: Final = 3_600
"""Seconds: a turn that was noted further in the future than this was noted by a clock that was wrong."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Jobs, and how often each is asked for. `queue`: whose workers do them, and try again what fails."""

    every: Mapping[str, timedelta]
    store: Store
    clock: Clock
    queue: Queue

    async def tick(self) -> Sequence[str]:
        """Ask the queue for each job whose turn has come; their names.

        One read for a hundred jobs, and one write for each that is due. A tick that comes twice asks for nothing new;
        two at once may both ask, as a turn may run twice. What missed ticks leave undone is made up for by one turn.
        A clock that goes back brings no turn again, unless it was more than `AHEAD` seconds ahead.
        A job is noted after the queue has taken it. Raises `QueueUnavailable` and `StoreError`; the next tick then
        asks again for what is not noted.
        """
        now = int(self.clock.now().timestamp())
        begins = {name: now - now % int(every.total_seconds()) for name, every in self.every.items()}
        asked = await self._asked(begins)
        due = [name for name, begin in begins.items() if not begin <= asked.get(name, -1) <= now + AHEAD]
        if due:
            await self.queue.send([Message({"job": name, "arguments": {}}) for name in due])
            await asyncio.gather(*(self._note(name, begins[name], now) for name in due))
        return due

    async def _asked(self, names: Iterable[str]) -> Mapping[str, int]:
        keys = {ASKED.key(job=name): name for name in names}
        wanted = list(keys)
        found: dict[Key, Item] = {}
        for start in range(0, len(wanted), MAX_KEYS):
            found.update(await self.store.batch_get(wanted[start : start + MAX_KEYS]))
        return {keys[key]: cast(int, item.attributes["at"]) for key, item in found.items()}

    async def _note(self, name: str, begin: int, now: int) -> None:
        first = absent() | attribute("at").below(begin) | attribute("at").above(now + AHEAD)
        try:
            await self.store.transact(Writes([ASKED.put({"job": name, "at": now}, condition=first)]))
        except ConditionFailed:
            return  # another tick noted this turn, or a later one
