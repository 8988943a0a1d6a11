"""Strawberry by itself: its schema, its caches, and whatever calls it.

`bare`: the schema is called with what an event's body says, and its result written as JSON; nobody negotiates, limits,
masks or logs anything. `mangum`: Strawberry's own ASGI application, behind Mangum, given the event.
"""

import asyncio
import json
import sys
import warnings
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, TypeAlias

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from benchmarks.asked import FOLLOW
from benchmarks.peers import sample
from benchmarks.peers.serving import Doing, serve

Loader: TypeAlias = DataLoader[int, sample.Company | None]

FOLLOWERS: list[asyncio.Queue[dict[str, Any]]] = []


@strawberry.type
class Trade(sample.Row):
    @strawberry.field
    async def maker(self, info: strawberry.Info) -> sample.Company | None:
        loader: Loader = info.context["companies"]
        return await loader.load(sample.maker_of(self.id))

    @strawberry.field
    async def venue(self, info: strawberry.Info) -> sample.Company | None:
        loader: Loader = info.context["companies"]
        return await loader.load(sample.venue_of(self.id))


TRADES = [Trade(**vars(row)) for row in sample.ROWS]


def trades(first: int) -> list[Trade] | None:
    return TRADES[:first]


@strawberry.type
class Query:
    trades = strawberry.field(trades)
    rows = strawberry.field(sample.rows)
    listings = strawberry.field(sample.listings)
    user = strawberry.field(sample.user)


@strawberry.type
class Tick:
    name: str
    price: str
    volume: int


@strawberry.type
class Occurrence:
    node: Tick | None


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticked(self) -> AsyncGenerator[Occurrence]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        FOLLOWERS.append(queue)
        while True:
            yield Occurrence(node=Tick(**await queue.get()))


def cached_schema() -> strawberry.Schema:
    """The sample's schema; each document is parsed and validated once."""
    with warnings.catch_warnings():
        # A fresh extension for each request, as it asks for, would have a fresh cache.
        warnings.simplefilter("ignore", DeprecationWarning)
        caches: Any = [ParserCache(maxsize=100), ValidationCache(maxsize=100)]
        return strawberry.Schema(Query, subscription=Subscription, extensions=caches)


def _bare(loop: asyncio.AbstractEventLoop) -> Doing:
    schema = cached_schema()

    def answering(asked: Mapping[str, Any]) -> Callable[[], str]:
        body = json.loads(asked["event"]["body"])

        def once() -> str:
            return json.dumps({"data": loop.run_until_complete(executed()).data})

        async def executed() -> Any:
            context = {"companies": DataLoader(load_fn=sample.companies)}  # for each request, as it is meant
            return await schema.execute(body["query"], body.get("variables"), context)

        return once

    return answering


def _mangum(loop: asyncio.AbstractEventLoop) -> Doing:
    from mangum import Mangum  # noqa: PLC0415 - of this variant only
    from strawberry.asgi import GraphQL  # noqa: PLC0415

    asyncio.set_event_loop(loop)
    application: Any = GraphQL(cached_schema())
    handler: Any = Mangum(application, lifespan="off")
    return lambda asked: lambda: handler(asked["event"], None)["body"]


def _delivering(loop: asyncio.AbstractEventLoop) -> Doing:
    schema = cached_schema()
    audiences: dict[int, tuple[list[Any], list[asyncio.Queue[dict[str, Any]]]]] = {}

    async def audience(size: int) -> tuple[list[Any], list[asyncio.Queue[dict[str, Any]]]]:
        before = len(FOLLOWERS)
        streams: list[Any] = [await schema.subscribe(FOLLOW) for _ in range(size)]
        first = [asyncio.ensure_future(anext(stream)) for stream in streams]
        while len(FOLLOWERS) < before + size:  # noqa: ASYNC110 - until every generator waits
            await asyncio.sleep(0)
        for queue in FOLLOWERS[before:]:
            queue.put_nowait({"name": "first", "price": "0.5", "volume": 1})
        await asyncio.gather(*first)
        return streams, FOLLOWERS[before:]

    async def heard(stream: Any) -> str:
        return json.dumps({"data": (await anext(stream)).data})

    async def tell(streams: list[Any], queues: list[asyncio.Queue[dict[str, Any]]]) -> str:
        for queue in queues:
            queue.put_nowait({"name": "ACME", "price": "1.5", "volume": 100})
        texts = [await heard(stream) for stream in streams]
        assert len(texts) == len(queues)
        return texts[-1]

    def deliver(asked: Mapping[str, Any]) -> Callable[[], str]:
        size = asked["followers"]
        if size not in audiences:
            audiences[size] = loop.run_until_complete(audience(size))
        streams, queues = audiences[size]
        return lambda: loop.run_until_complete(tell(streams, queues))

    return deliver


def main() -> None:
    """Serves until standard input ends."""
    loop = asyncio.new_event_loop()
    make = {"bare": _bare, "mangum": _mangum}[sys.argv[1]]
    serve({"answer": make(loop), "deliver": _delivering(loop)})


if __name__ == "__main__":
    main()
