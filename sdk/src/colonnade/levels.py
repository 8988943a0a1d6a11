"""Loading a field for a whole level of an operation: what is asked for in neighbouring turns is loaded at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from colonnade.coalescing import QUIET_TURNS

Load: TypeAlias = "Callable[..., Awaitable[Sequence[Any]]]"
"""An author's function: the parents, then what the field is given by name."""

Outcomes: TypeAlias = "Mapping[int, object]"
"""What was loaded, by the identity of the parent; an exception stands for the failure of one."""


class Gathered(BaseException):
    """Carries out of a resolver what its function is to be given; no boundary of a plugin stops it."""

    def __init__(self, passed: Mapping[str, Any]) -> None:
        super().__init__()
        self.passed = passed


@dataclass(slots=True, eq=False)
class _Batch:
    load: Load
    passed: Mapping[str, Any]
    parents: dict[int, object]
    done: asyncio.Future[Outcomes]
    waiting: int = 0
    task: asyncio.Task[None] | None = None


@dataclass(slots=True, eq=False)
class Batches:
    """What one operation waits to have loaded.

    Every function is called once for each distinct set of arguments, as soon as a few turns of the loop ask for
    nothing more. `gathering`: resolvers only say what they would be given, by raising `Gathered`.
    """

    gathering: bool = False
    _pending: dict[tuple[int, str], _Batch] = field(default_factory=dict[tuple[int, str], _Batch])
    _asked: int = 0

    async def value(
        self, load: Load, parent: object, arguments: Mapping[str, Any], passed: Mapping[str, Any]
    ) -> object:
        """What `load` gives for one parent. Raises its exception."""
        outcome = (await self.outcomes(load, [parent], arguments, passed))[id(parent)]
        if isinstance(outcome, Exception):
            raise outcome.with_traceback(None)  # it may have been raised for another parent before
        return outcome

    def outcomes(
        self, load: Load, parents: Sequence[object], arguments: Mapping[str, Any], passed: Mapping[str, Any]
    ) -> Awaitable[Outcomes]:
        """What `load` gives for `parents`, which join the batch now. `arguments`: what tells batches apart."""
        key = (id(load), repr(arguments) if arguments else "")
        batch = self._pending.get(key)
        if batch is None:
            loop = asyncio.get_running_loop()
            batch = _Batch(load, passed, {}, loop.create_future())
            if not self._pending:
                loop.call_soon(self._turn, loop, -1, 0)
            self._pending[key] = batch
        self._asked += 1
        batch.parents.update((id(parent), parent) for parent in parents)
        batch.waiting += 1
        return _awaited(batch)

    def _turn(self, loop: asyncio.AbstractEventLoop, seen: int, quiet: int) -> None:
        quiet = quiet + 1 if self._asked == seen else 0
        if quiet < QUIET_TURNS:
            loop.call_soon(self._turn, loop, self._asked, quiet)
            return
        pending, self._pending = self._pending, {}
        for batch in pending.values():
            batch.task = loop.create_task(_settle(batch))


async def _awaited(batch: _Batch) -> Outcomes:
    try:
        # Everybody's future: who gives up must not cancel it for the others.
        return await asyncio.shield(batch.done)
    finally:
        batch.waiting -= 1
        if not batch.waiting and batch.task is not None and not batch.done.done():
            batch.task.cancel()


async def _settle(batch: _Batch) -> None:
    parents = list(batch.parents.values())
    outcomes: dict[int, object]
    try:
        values = await batch.load(parents, **batch.passed)
        if len(values) != len(parents):
            raise RuntimeError(
                f"{batch.load.__qualname__} was asked for {len(parents)} objects and gave {len(values)} values"
            )
        outcomes = dict(zip(batch.parents, values, strict=True))
    except asyncio.CancelledError:
        batch.done.cancel()
        raise
    except Exception as error:
        outcomes = dict.fromkeys(batch.parents, error)
    if not batch.done.done():
        batch.done.set_result(outcomes)
