"""Gathering what is asked for while the event loop is busy, to answer it all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

QUIET_TURNS: Final = 3
"""A task that starts others takes two turns until they ask; a turn takes microseconds."""


class Coalescer(Generic[K, V]):
    """Answers keys together that are asked for in neighbouring turns of one event loop.

    `answer` gets the distinct keys of a batch in the order they came, and gives a value for each. A batch goes out
    as soon as a few turns of the loop add nothing to it, so that what nested tasks ask for joins in. An exception
    of `answer` is raised to all who wait for the batch.
    """

    def __init__(self, answer: Callable[[Sequence[K]], Awaitable[Sequence[V]]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[tuple[K, ...], asyncio.Future[list[V]]]] = []
        self._batches: set[asyncio.Task[None]] = set()

    async def ask(self, keys: Sequence[K]) -> list[V]:
        """The values of `keys`, in order; no keys at all still take part in a batch."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[V]] = loop.create_future()
        self._waiting.append((tuple(keys), future))
        if len(self._waiting) == 1:
            loop.call_soon(self._turn, loop, 0, 0)
        return await future

    def _turn(self, loop: asyncio.AbstractEventLoop, seen: int, quiet: int) -> None:
        quiet = quiet + 1 if len(self._waiting) == seen else 0
        if quiet < QUIET_TURNS:
            loop.call_soon(self._turn, loop, len(self._waiting), quiet)
            return
        waiting, self._waiting = self._waiting, []
        # The loop itself holds tasks only weakly.
        task = loop.create_task(self._settle(waiting))
        self._batches.add(task)
        task.add_done_callback(self._batches.discard)

    async def _settle(self, waiting: Sequence[tuple[tuple[K, ...], asyncio.Future[list[V]]]]) -> None:
        keys = list(dict.fromkeys(key for asked, _ in waiting for key in asked))
        try:
            answers = await self._answer(keys)
            if len(answers) != len(keys):
                raise ValueError(f"{len(answers)} answers to {len(keys)} keys")
            # Distinct keys of one who asks stand in its order already.
            alone = len(waiting) == 1 and len(keys) == len(waiting[0][0])
            values = {} if alone else dict(zip(keys, answers, strict=True))
        except asyncio.CancelledError:
            for _, future in waiting:
                future.cancel()
            raise
        except Exception as error:
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        for asked, future in waiting:
            if not future.done():
                future.set_result([*answers] if alone else [values[key] for key in asked])
