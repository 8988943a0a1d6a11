"""`tokenPrices` over a socket: what there is to see first, then what each block brings; and which pool is believed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.context import Context
from colonnade.core_events import ChainHeadMoved
from colonnade.outbox import OutboxRow, recorded
from colonnade.permissions import Principal
from colonnade.publishing import Delivery
from colonnade.queues import Queues
from colonnade.server import Server
from colonnade.store import Writes
from colonnade.subscriptions.deliverer import Deliverer
from colonnade.subscriptions.ports import SubscriptionPorts
from colonnade.subscriptions.protocol import GraphQLTransport
from colonnade.testing.harness import Harness
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from colonnade.testing.scripted_connections import ScriptedConnections
from colonnade.topic_log import TopicLog
from plugins.trading.networks import NATIVE
from plugins.trading.spot import spot_prices
from tests.plugins.trading.scripted_market import (
    CBBTC,
    NETWORK,
    TOKEN,
    USDC,
    WETH,
    pair,
    pool,
    script_pools,
    script_token,
)

QUERY = """subscription($tokens: [Address!]!) {
  tokenPrices(tokens: $tokens) {
    sequence kind node { quote { symbol } prices { address price } block { number } }
  }
}"""


async def at_once(_: float) -> None:
    """A pause that takes no time."""


class Socket:
    """A client of a deployment whose only plugin is trading."""

    def __init__(self, chain: ScriptedChain) -> None:
        self.harness = Harness("plugins.trading", chains=ScriptedChains(chain))
        self.sockets, self.queue = ScriptedConnections(), MemoryQueue()
        self.log = TopicLog(self.harness.store, self.harness.clock)
        ports = SubscriptionPorts(
            server=Server(
                self.harness.composition.schema, lambda request: self.context(request.request_id, None)
            ),
            store=self.harness.store,
            log=self.log,
            connections=self.sockets,
            queues=Queues(self.queue, MemoryQueue()),
            clock=self.harness.clock,
            ids=self.harness.ids,
            make_context=self.context,
            pause=at_once,
        )
        self.transport, self.deliverer = GraphQLTransport(ports), Deliverer(ports)
        self.connection = self.sockets.open(None)

    def context(self, request_id: str, principal: Principal | None) -> Context:
        return self.harness.acting_as(principal).context()

    async def say(self, **message: Any) -> None:
        await self.transport.received(self.connection, json.dumps(message))

    async def follow(self, tokens: list[str]) -> None:
        await self.say(type="connection_init")
        payload = {"query": QUERY, "variables": {"tokens": tokens}}
        await self.say(id="1", type="subscribe", payload=payload)

    async def block(self, chain: ScriptedChain) -> None:
        """Mine a block, and tell of it."""
        block = chain.mine()
        self.harness.clock.advance(2)
        moved = ChainHeadMoved(
            chain_id=8453,
            number=block.number,
            hash="0x" + block.hash.hex(),
            timestamp=int(block.timestamp.timestamp()),
            safe=0,
            finalized=0,
        )
        put = recorded(moved, self.harness.ids.new("evt"), self.harness.clock.now())
        await self.harness.store.transact(Writes([put]))
        row = OutboxRow.of(put.item.attributes)
        number = (await self.log.append([row]))[row.id]
        await self.deliverer.deliver(Delivery.of(Delivery(moved.own_topic, number).message.body))

    def seen(self) -> list[Mapping[str, Any]]:
        messages = [json.loads(text) for text in self.sockets.sent[self.connection]]
        assert not [message for message in messages if message["type"] == "error"], messages
        return [m["payload"]["data"]["tokenPrices"] for m in messages if m["type"] == "next"]


async def test_prices_are_shown_at_once_and_with_each_block() -> None:
    chain = ScriptedChain()
    script_pools(chain, [pair(WETH, USDC, 10**21, 25 * 10**11)])
    socket = Socket(chain)
    await socket.follow([NATIVE, CBBTC])
    script_pools(chain, [pair(WETH, USDC, 10**21, 26 * 10**11)])
    before = chain.round_trips
    await socket.block(chain)
    assert chain.round_trips - before == 1
    first, second = socket.seen()
    assert (first["kind"], second["kind"]) == ("SNAPSHOT", "UPDATE")
    assert [price["price"] for price in first["node"]["prices"]] == ["2500", None]
    assert [price["price"] for price in second["node"]["prices"]] == ["2600", None]
    assert second["node"]["quote"] == {"symbol": "USDC"}
    assert int(second["node"]["block"]["number"]) == int(first["node"]["block"]["number"]) + 1


async def test_a_token_is_priced_through_the_deeper_of_its_pools() -> None:
    chain = ScriptedChain()
    script_token(chain, TOKEN)
    script_pools(
        chain,
        [
            pair(WETH, USDC, 10**21, 25 * 10**11),
            pair(TOKEN, WETH, 10**21, 10**20),
            pair(TOKEN, USDC, 10**18, 10**6),
        ],
    )
    socket = Socket(chain)
    await socket.follow([TOKEN])
    ((told,),) = [shown["node"]["prices"] for shown in socket.seen()]
    assert Decimal(told["price"]) == 250


@given(st.integers(1, 10**30), st.integers(1, 10**30))
def test_the_price_of_one_pool_is_what_it_holds(one: int, other: int) -> None:
    found = spot_prices(NETWORK, [pair(TOKEN, USDC, one, other)], [TOKEN, USDC], USDC)
    assert found == {TOKEN: Fraction(other, one), USDC: Fraction(1)}


@pytest.mark.parametrize("empty", [pair(TOKEN, USDC, 0, 0), pool(TOKEN, USDC, 0)])
def test_a_pool_that_holds_nothing_prices_nothing(empty: Any) -> None:
    assert spot_prices(NETWORK, [empty], [TOKEN], USDC) == {}
