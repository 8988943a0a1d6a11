"""An event on its way to those who follow it: outbox, relay, log, deliverer, post, all adapters in memory."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import strawberry

from benchmarks.asked import FOLLOW
from benchmarks.peers.serving import Doing
from colonnade import Context, Info, Plugin, hookimpl
from colonnade.composer import Composition, compose
from colonnade.events import Event, EventType, event
from colonnade.outbox import OutboxRow, recorded
from colonnade.publishing import Delivery
from colonnade.queues import Queues
from colonnade.registry import Registry
from colonnade.store import Writes
from colonnade.subscriptions import SubscriptionField, lossless, subscription
from colonnade.testing import FrozenClock, MemoryStore, ScriptedChains, SequentialIds
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.testing.scripted_connections import ScriptedConnections
from handlers import runtime
from schema.roots import Query


@event("ticker.ticked", key=("ticker",))
class Ticked(Event):
    ticker: str
    name: str
    price: str
    volume: int


@strawberry.type(description="What happened.")
class Tick:
    name: str = strawberry.field(description="Of what.")
    price: str = strawberry.field(description="Its price, a decimal of dollars.")
    volume: int = strawberry.field(description="What was traded of it, in pieces.")


def _of_the_ticker(context: Context) -> Sequence[str]:
    return [Ticked.topic("all")]


@subscription(topics=_of_the_ticker, delivery=lossless, shared=True, description="What happens.")
async def ticked(event: Ticked, info: Info) -> Tick | None:
    return Tick(name=event.name, price=event.price, volume=event.volume)


class Audience:
    """A deployment in memory, with so many sockets that follow the same."""

    def __init__(self, size: int) -> None:
        self.clock = FrozenClock()
        self.ids = SequentialIds(self.clock)
        self.store = MemoryStore(self.clock)
        self.sockets = ScriptedConnections()
        self.deliveries = MemoryQueue()
        adapters = runtime.Adapters(
            self.store,
            ScriptedChains(),
            self.clock,
            self.ids,
            Queues(self.deliveries, MemoryQueue()),
            self.sockets,
        )
        self.application = runtime.build(os.environ, _composition(), adapters)
        self.connections = [self.sockets.open() for _ in range(size)]

    async def follow(self) -> None:
        """Have every socket subscribe."""
        for connection in self.connections:
            for message in (
                {"type": "connection_init"},
                {"id": "1", "type": "subscribe", "payload": {"query": FOLLOW}},
            ):
                await self.application.realtime.transport.received(connection, json.dumps(message))

    async def tell(self) -> str:
        """One event, until it is posted to all; what the last was sent."""
        for connection in self.connections:
            self.sockets.sent[connection].clear()
        ticked = Ticked(ticker="all", name="ACME", price="1.5", volume=100)
        put = recorded(ticked, self.ids.new("evt"), self.clock.now())
        await self.store.transact(Writes([put]))
        assert not await self.application.relay.relay([OutboxRow.of(put.item.attributes)])
        for message in self.deliveries.take():
            await self.application.deliver(Delivery.of(message.body))
        assert all(len(self.sockets.sent[connection]) == 1 for connection in self.connections)
        return json.dumps(json.loads(self.sockets.sent[self.connections[-1]][0])["payload"])


def delivering() -> Doing:
    """Delivers one event to as many as a request says; `times` counts events."""
    audiences: dict[int, Audience] = {}

    def deliver(asked: Mapping[str, Any]) -> Callable[[], str]:
        size = asked["followers"]
        if size not in audiences:
            audiences[size] = Audience(size)
            runtime.run(audiences[size].follow())
        return lambda: runtime.run(audiences[size].tell())

    return deliver


def _composition() -> Composition:
    module: Any = ModuleType("ticker")
    module.plugin = Plugin("ticker", sdk=">=0")
    module.graphql = hookimpl(graphql)
    module.event_types = hookimpl(event_types)
    registry = Registry()
    registry.add("ticker", lambda: module, "benchmarks")
    return compose(registry, Query)


def graphql() -> list[type | SubscriptionField]:
    return [ticked]


def event_types() -> list[EventType]:
    return [EventType(Ticked, "Something happened.")]
