"""This repository's own schema, served from memory by Colonnade's handler and executed by Strawberry itself.

What the root fields resolve to is kept from the first time, for both: what is measured is how an answer is made of it, by the
types' own methods and batched fields.
"""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from benchmarks.peers.serving import Doing, serve
from colonnade.clock import SystemClock
from colonnade.evm import checksum
from colonnade.queues import Queues
from colonnade.store import Put, Store, Writes
from colonnade.testing import FrozenClock, MemoryStore, ScriptedChains, SequentialIds
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.testing.scripted_chain import ScriptedChain
from handlers import runtime
from handlers.http import HttpHandler
from infra import observability
from plugins.trading.indexing.pool_identities import PoolIdentity
from plugins.trading.indexing.swap_rows import swap_row
from plugins.trading.indexing.trades import Trade, TradeLeg
from plugins.trading.pools.pool import Protocol
from schema.compose import application
from tests.plugins.trading.scripted_market import CBBTC, USDC, WETH, pair, script_pools

ACCOUNT: Final = checksum(b"\xaa" * 20)
DOMAIN: Final = "app.example.com"
SWAPS: Final = 40


def chain() -> ScriptedChain:
    """Three tokens with a deep pool between each two."""
    scripted = ScriptedChain()
    scripted.mine(SWAPS + 10)
    script_pools(
        scripted,
        [
            pair(WETH, USDC, 1_000 * 10**18, 2_500_000 * 10**6),
            pair(CBBTC, WETH, 50 * 10**8, 2_000 * 10**18),
        ],
    )
    return scripted


async def seed(store: Store, scripted: ScriptedChain) -> None:
    """So many swaps of the account, each of two legs."""
    pools = [
        PoolIdentity(Protocol.UNISWAP_V3, checksum(bytes([number]) * 20), one, other)
        for number, (one, other) in enumerate(((CBBTC, WETH), (WETH, USDC)), 1)
    ]
    for number in range(1, SWAPS + 1):
        block = replace(scripted.block, number=number)
        legs = (
            TradeLeg(pools[0], CBBTC, WETH, 10**8, 25 * 10**17, 2 * number),
            TradeLeg(pools[1], WETH, USDC, 25 * 10**17, 6_000 * 10**6, 2 * number + 1),
        )
        row = swap_row(block, bytes([number]) * 32, ACCOUNT, Trade(legs), CBBTC, USDC)
        await store.transact(Writes([Put(row)]))


def keep_roots(schema: Any) -> None:
    """Has each root field answer what it answered first."""
    for root in (schema.query_type, schema.mutation_type):
        for field in root.fields.values():
            field.resolve = _kept(field.resolve)


def _kept(resolve: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[str, object] = {}

    async def resolved(source: object, info: Any, **arguments: Any) -> object:
        key = repr(arguments)
        if key not in known:
            found = resolve(source, info, **arguments)
            known[key] = await found if asyncio.iscoroutine(found) else found
        return known[key]

    return resolved


def main() -> None:
    """Serves until standard input ends."""
    plenty = {"COLONNADE_BUCKET": "1000000000", "COLONNADE_RESTORE_RATE": "1000000000"}
    clock, scripted = SystemClock(), chain()
    store = MemoryStore(clock)
    adapters = runtime.Adapters(
        store,
        ScriptedChains(scripted),
        clock,
        SequentialIds(FrozenClock()),
        Queues(MemoryQueue(), MemoryQueue()),
    )
    composition = application()
    keep_roots(composition.schema._schema)
    serving = runtime.build({**os.environ, **plenty}, composition, adapters)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(seed(store, scripted))
    gc.freeze()
    handler = HttpHandler(serving)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        observability.configure("INFO", stream=nowhere)
        serve({"answer": lambda asked: lambda: handler(asked["event"])["body"], "bare": _bare(serving, loop)})


def _bare(serving: runtime.Application, loop: asyncio.AbstractEventLoop) -> Doing:
    schema: Any = copy.copy(serving.composition.schema)
    schema.execution_context_class = StrawberryGraphQLCoreExecutionContext
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        schema.extensions = [ParserCache(maxsize=100), ValidationCache(maxsize=100)]

    def answering(asked: Mapping[str, Any]) -> Callable[[], str]:
        body = json.loads(asked["event"]["body"])

        def once() -> str:
            context = serving.make_context("benchmark", None)
            result = loop.run_until_complete(schema.execute(body["query"], body.get("variables"), context))
            return json.dumps({"data": result.data, "errors": [e.formatted for e in result.errors or ()]})

        return once

    return answering


if __name__ == "__main__":
    main()
