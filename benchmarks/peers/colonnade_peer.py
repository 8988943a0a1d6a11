"""Colonnade's own handler of HTTP events, with one plugin that serves the sample; logs as a deployment does."""

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import strawberry

from benchmarks.peers import colonnade_delivery, sample
from benchmarks.peers.serving import serve
from colonnade import Plugin, batched, extend, hookimpl
from colonnade.clock import SystemClock
from colonnade.composer import Composition, compose
from colonnade.queues import Queues
from colonnade.registry import Registry
from colonnade.testing import FrozenClock, MemoryStore, ScriptedChains, SequentialIds
from colonnade.testing.memory_queue import MemoryQueue
from handlers import runtime
from handlers.http import HttpHandler
from infra import observability
from schema.roots import Query


@strawberry.type(description="A row with what belongs to it.")
class Trade(sample.Row):
    @batched(description="Who made it.")
    @staticmethod
    async def maker(trades: Sequence["Trade"]) -> Sequence[sample.Company | None]:
        return await sample.companies([sample.maker_of(trade.id) for trade in trades])

    @batched(description="Where it is traded.")
    @staticmethod
    async def venue(trades: Sequence["Trade"]) -> Sequence[sample.Company | None]:
        return await sample.companies([sample.venue_of(trade.id) for trade in trades])


TRADES = [Trade(**vars(row)) for row in sample.ROWS]


def trades(first: int) -> list[Trade] | None:
    return TRADES[:first]


@extend("Query")
class SampleQueries:
    trades = strawberry.field(trades, description="Rows with what belongs to them.")
    rows = strawberry.field(sample.rows, description="Rows.")
    listings = strawberry.field(sample.listings, description="What is traded.")
    user = strawberry.field(sample.user, description="Somebody.")


def composition() -> Composition:
    """The sample's plugin, and no other."""
    module: Any = ModuleType("sample")
    module.plugin = Plugin("sample", sdk=">=0")
    module.graphql = hookimpl(graphql)
    registry = Registry()
    registry.add("sample", lambda: module, "benchmarks")
    return compose(registry, Query)


def graphql() -> list[type]:
    return [SampleQueries]


def main() -> None:
    """Serves until standard input ends."""
    # A bucket that one client never empties; it is spent and renewed as a deployment's is, from memory.
    plenty = {"COLONNADE_BUCKET": "1000000000", "COLONNADE_RESTORE_RATE": "1000000000"}
    clock = SystemClock()
    queues = Queues(MemoryQueue(), MemoryQueue())
    ids = SequentialIds(FrozenClock())
    adapters = runtime.Adapters(MemoryStore(clock), ScriptedChains(), clock, ids, queues)
    application = runtime.build({**os.environ, **plenty}, composition(), adapters)
    handler = HttpHandler(application)
    gc.freeze()  # as a function does once it has started

    def answering(asked: Mapping[str, Any]) -> Callable[[], str]:
        event = asked["event"]

        return lambda: handler(event)["body"]

    def sizing(asked: Mapping[str, Any]) -> Callable[[], str]:
        event = asked["event"]

        def once() -> str:
            result = handler(event)
            size = len(result["body"])
            return str(size * 3 // 4 if result["isBase64Encoded"] else size)

        return once

    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        observability.configure("INFO", stream=nowhere)
        serve({"answer": answering, "size": sizing, "deliver": colonnade_delivery.delivering()})


if __name__ == "__main__":
    main()
