"""What every `Chains` does, whether its chain is scripted or a real node behind JSON-RPC."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol

import pytest

from colonnade.chains import BASE, BlockRef, Call, ChainId, ChainReader, Chains, Finality
from colonnade.errors import CallReverted, UnknownChain
from colonnade.evm import Address, Error, checksum
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from infra.rpc import ChainSettings, JsonRpcChains, RequestStats
from tests.fixtures.local_chain import OnChain
from tests.infra.rpc.bytecode import ECHO, NUMBER, REFUSE, put

ECHOING = checksum(b"\xec" * 20)
REFUSING = checksum(b"\xef" * 20)
COUNTING = checksum(b"\xc0" * 20)
EMPTY = checksum(b"\xee" * 20)
LENS = checksum(b"\x1e" * 20)
RICH = checksum(b"\x81" * 20)


class World(Protocol):
    """A chain with contracts that echo, refuse and tell the block number, and a rich account."""

    chains: Chains

    def mine(self) -> None: ...

    def enrich(self, account: Address, wei: int) -> None: ...

    def round_trips(self) -> int: ...


class ScriptedWorld:
    def __init__(self) -> None:
        self._chain = ScriptedChain()
        self.chains: Chains = ScriptedChains(self._chain)
        self._chain.answer(ECHOING, b"", lambda call: call.data)
        self._chain.answer(LENS, b"", lambda call: call.data)
        self._chain.answer(REFUSING, b"", lambda call: CallReverted(call.data, "no" if call.data else None))
        self._count()

    def _count(self) -> None:
        self._chain.answer(COUNTING, b"", self._chain.block.number.to_bytes(32, "big"))

    def mine(self) -> None:
        self._chain.mine()
        self._count()

    def enrich(self, account: Address, wei: int) -> None:
        self._chain.set_balance(account, wei)

    def round_trips(self) -> int:
        return self._chain.round_trips


class LiveWorld:
    def __init__(self, chain: OnChain) -> None:
        self._chain = chain
        self._requests: list[RequestStats] = []
        self.connected = JsonRpcChains([ChainSettings(BASE, (chain.url,))], on_request=self._requests.append)
        self.chains: Chains = self.connected
        put(chain, ECHOING, ECHO)
        put(chain, REFUSING, REFUSE)
        put(chain, COUNTING, NUMBER)
        chain.mine()

    def mine(self) -> None:
        self._chain.mine()

    def enrich(self, account: Address, wei: int) -> None:
        self._chain.rpc("anvil_setBalance", account, hex(wei))

    def round_trips(self) -> int:
        return len(self._requests)


@pytest.fixture(params=["scripted", pytest.param("live", marks=pytest.mark.onchain)])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "scripted":
        yield ScriptedWorld()
    else:
        request.getfixturevalue("chain_snapshot")
        live = LiveWorld(request.getfixturevalue("local_chain"))
        yield live
        live.connected.close()


@pytest.fixture
def reader(world: World) -> ChainReader:
    return world.chains.reader(BASE)


def echo(text: bytes) -> Call:
    return Call(ECHOING, text)


async def test_answers_come_in_the_order_of_the_calls(reader: ChainReader) -> None:
    texts = [b"one", b"two", b"three", b"two"]
    assert list(await reader.calls([echo(text) for text in texts])) == texts


async def test_a_reverted_call_is_returned_and_spoils_no_other(reader: ChainReader) -> None:
    reason = Error.parse("error Error(string)").encode("no")
    before, refused, after = await reader.calls([echo(b"before"), Call(REFUSING, reason), echo(b"after")])
    assert (before, after) == (b"before", b"after")
    assert isinstance(refused, CallReverted)
    assert (refused.data, refused.reason) == (reason, "no")


async def test_a_revert_without_data_is_a_revert(reader: ChainReader) -> None:
    (refused,) = await reader.calls([Call(REFUSING, b"")])
    assert isinstance(refused, CallReverted)
    assert (refused.data, refused.reason) == (b"", None)


async def test_a_single_call_raises_its_revert_to_everybody_who_asks(reader: ChainReader) -> None:
    for _ in range(2):
        with pytest.raises(CallReverted) as refused:
            await reader.call(Call(REFUSING, b"\x01\x02\x03\x04"))
        assert refused.value.data == b"\x01\x02\x03\x04"


async def test_an_address_without_code_answers_empty_bytes(reader: ChainReader) -> None:
    assert await reader.call(Call(EMPTY, b"\x70\xa0\x82\x31")) == b""


async def test_a_lens_runs_the_code_it_brings(reader: ChainReader) -> None:
    assert await reader.call(Call(LENS, b"seen through", code=ECHO)) == b"seen through"


async def test_balances_are_in_wei(world: World, reader: ChainReader) -> None:
    world.enrich(RICH, 10**24 + 1)
    rich, poor = await asyncio.gather(reader.balance(RICH), reader.balance(EMPTY))
    assert (rich, poor) == (10**24 + 1, 0)


async def test_an_operation_sees_one_block_while_others_are_mined(world: World) -> None:
    world.enrich(RICH, 1)
    world.mine()
    reader = world.chains.reader(BASE)
    first = int.from_bytes(await reader.call(Call(COUNTING, b"")), "big")
    world.mine()
    world.enrich(RICH, 2)
    again, balance, block = await asyncio.gather(
        reader.call(Call(COUNTING, b"again")), reader.balance(RICH), reader.block()
    )
    assert (int.from_bytes(again, "big"), balance, block.number) == (first, 1, first)


async def test_the_next_operation_sees_the_next_block(world: World) -> None:
    before = await world.chains.reader(BASE).block()
    world.mine()
    after = await world.chains.reader(BASE).block()
    assert after.number == before.number + 1
    assert after.parent_hash == before.hash != after.hash


async def test_a_block_says_where_and_when_it_is(world: World, reader: ChainReader) -> None:
    block = await reader.block()
    assert isinstance(block, BlockRef)
    assert (block.chain_id, block.finality) == (BASE, Finality.CONFIRMED) == (reader.chain_id, block.finality)
    assert (len(block.hash), len(block.parent_hash)) == (32, 32)
    assert block.timestamp.utcoffset() == timedelta(0)
    assert block.base_fee > 0


async def test_reads_that_start_together_travel_together(world: World, reader: ChainReader) -> None:
    async def nested() -> int:
        await asyncio.sleep(0)
        balance, _ = await asyncio.gather(reader.balance(RICH), reader.call(echo(b"nested")))
        return balance

    await asyncio.gather(reader.call(echo(b"x")), reader.block(), nested(), reader.calls([echo(b"y")] * 20))
    assert world.round_trips() == 1


async def test_a_read_is_asked_once_an_operation(world: World, reader: ChainReader) -> None:
    await reader.calls([echo(b"x"), Call(REFUSING, b"\x01")])
    await asyncio.gather(reader.call(echo(b"x")), reader.calls([Call(REFUSING, b"\x01")]), reader.block())
    assert world.round_trips() == 1


async def test_no_calls_are_no_round_trip(world: World, reader: ChainReader) -> None:
    assert list(await reader.calls([])) == []
    assert world.round_trips() == 0


async def test_an_unknown_chain_is_named(world: World) -> None:
    with pytest.raises(UnknownChain, match="31337"):
        world.chains.reader(ChainId(31337))
