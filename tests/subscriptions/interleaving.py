"""One of the many orders in which processes can run: each step of a port waits until its turn is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from colonnade.connections import Connections
from colonnade.errors import ConnectionThrottled, ConnectionUnavailable
from colonnade.events import Published
from colonnade.queues import Message, Queue
from colonnade.store import Item, Key, Page, Query, Store, Writes
from colonnade.subscriptions.ports import Log

T = TypeVar("T")

_SPINS = 6


@dataclass
class Interleaving:
    """Lets one waiting step go on at a time, drawn by `random`. `failures`: what actors raised."""

    random: Random
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)
    _actors: set[asyncio.Task[None]] = field(default_factory=set)
    failures: list[BaseException] = field(default_factory=list)

    async def turn(self) -> None:
        """Wait until this step is drawn."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def start(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Add an actor."""
        actor = asyncio.ensure_future(work)
        self._actors.add(actor)
        actor.add_done_callback(self._ended)
        return actor

    def _ended(self, actor: asyncio.Task[None]) -> None:
        self._actors.discard(actor)
        if not actor.cancelled() and (failure := actor.exception()) is not None:
            self.failures.append(failure)

    async def step(self) -> bool:
        """Draw one step; False when no actor is left."""
        while self._actors:
            for _ in range(_SPINS):
                await asyncio.sleep(0)
            self._waiting = [future for future in self._waiting if not future.done()]
            if self._waiting:
                self._waiting.pop(self.random.randrange(len(self._waiting))).set_result(None)
                return True
        return False


@dataclass
class StepStore:
    """A store each operation of which waits for its turn, before and after."""

    inner: Store
    order: Interleaving

    async def get(self, key: Key) -> Item | None:
        return await self._step(lambda: self.inner.get(key))

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        return await self._step(lambda: self.inner.batch_get(keys))

    async def query(self, query: Query) -> Page:
        return await self._step(lambda: self.inner.query(query))

    async def transact(self, writes: Writes) -> None:
        await self._step(lambda: self.inner.transact(writes))

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        return await self._step(lambda: self.inner.increment(key, name, by))

    async def _step(self, operation: Callable[[], Awaitable[T]]) -> T:
        await self.order.turn()
        result = await operation()
        await self.order.turn()
        return result


@dataclass
class StepLog:
    """A log each read of which waits for its turn."""

    inner: Log
    order: Interleaving

    async def head(self, topic: str) -> int:
        await self.order.turn()
        return await self.inner.head(topic)

    async def read(self, topic: str, after: int, limit: int = 100) -> Sequence[Published]:
        await self.order.turn()
        # Short pages, so that the ends of pages are met.
        return await self.inner.read(topic, after, min(limit, 3))


@dataclass
class StepConnections:
    """Sockets that fail now and then, some after they have taken the message."""

    inner: Connections
    order: Interleaving
    faults: int

    async def post(self, connection_id: str, text: str) -> None:
        await self.order.turn()
        fault = self.order.random.randrange(6) if self.faults else 5
        self.faults -= fault < 2
        if fault == 0:
            raise ConnectionThrottled("too fast")
        await self.inner.post(connection_id, text)
        if fault == 1:
            raise ConnectionUnavailable("nobody knows")
        await self.order.turn()

    async def close(self, connection_id: str) -> None:
        await self.order.turn()
        await self.inner.close(connection_id)


@dataclass
class StepQueue:
    """A queue that takes a message at its turn."""

    inner: Queue
    order: Interleaving

    async def send(self, messages: Sequence[Message]) -> None:
        await self.order.turn()
        await self.inner.send(messages)
        await self.order.turn()
