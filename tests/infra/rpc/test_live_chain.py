"""The adapter on a real node: round trips counted, contracts that burn gas, answers equal to web3's."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from colonnade.chains import BASE, Call, Finality
from colonnade.errors import BlockVanished, CallReverted, ChainUnavailable, OutOfGas
from infra.local.chain import Node
from infra.rpc import MULTICALL3, JsonRpcChains, RequestStats
from tests.fixtures.local_chain import OnChain
from tests.infra.rpc.bytecode import BEYOND, BURN, ECHO, ENDLESS, HUNGRY, LOOP, NUMBER, REFUSE, put
from tests.infra.rpc.conftest import Connect
from tests.infra.rpc.erc20 import BALANCE_OF, DECIMALS, LENS, SYMBOL, TOKENS, TOTAL_SUPPLY, at

pytestmark = pytest.mark.onchain


@pytest.fixture
def live_chain(local_chain: OnChain, chain_snapshot: None) -> OnChain:
    """The local chain; what a test does to it is taken back."""
    return local_chain


@pytest.fixture
def live(live_chain: OnChain, connect: Connect) -> JsonRpcChains:
    """The local chain through the adapter."""
    return connect(live_chain.url)


async def test_fifty_balances_are_one_request(
    live_chain: OnChain, live: JsonRpcChains, stats: list[RequestStats]
) -> None:
    reader = live.reader(BASE)
    owner = live_chain.accounts[1]
    tokens = [live_chain[TOKENS[n % len(TOKENS)]] for n in range(50)]
    owners = [owner if n < len(TOKENS) else at(n) for n in range(50)]
    answers = await reader.calls(
        [Call(token, BALANCE_OF.encode(holder)) for token, holder in zip(tokens, owners, strict=True)]
    )
    expected = [
        live_chain.call(t, "function balanceOf(address) view returns (uint256)", o)[0]
        for t, o in zip(tokens, owners, strict=True)
    ]
    assert [int.from_bytes(answer, "big") for answer in answers if isinstance(answer, bytes)] == expected
    assert sum(balance > 0 for balance in expected) == len(TOKENS)
    assert len(stats) == 1


async def test_reads_of_every_kind_are_one_request_and_the_next_round_another(
    live_chain: OnChain, live: JsonRpcChains, stats: list[RequestStats]
) -> None:
    put(live_chain, at(1), ECHO)
    put(live_chain, at(2), REFUSE)
    owner = live_chain.accounts[0]
    weth = live_chain["WETH"]
    reader = live.reader(BASE)

    async def resolver() -> Any:
        return await asyncio.gather(reader.call(Call(weth, DECIMALS.encode())), reader.balance(owner))

    results = await asyncio.gather(
        reader.block(),
        reader.balance(owner),
        reader.call(Call(weth, SYMBOL.encode())),
        reader.calls([Call(weth, TOTAL_SUPPLY.encode()), Call(at(2), b"\x01\x02\x03\x04")]),
        reader.call(Call(LENS, b"lens", code=ECHO)),
        reader.call(Call(LENS, b"", code=NUMBER)),
        reader.call(Call(at(1), b"echo")),
        reader.call(Call(at(3), b"nobody")),
        resolver(),
        resolver(),
    )
    assert len(stats) == 1
    block = results[0]
    assert int.from_bytes(results[5], "big") == block.number
    assert (results[4], results[6], results[7]) == (b"lens", b"echo", b"")

    live_chain.mine(3)
    later, number, balance = await asyncio.gather(
        reader.block(), reader.call(Call(LENS, b"later", code=NUMBER)), reader.balance(at(4))
    )
    assert len(stats) == 2
    assert later == block
    assert int.from_bytes(number, "big") == block.number
    assert balance == 0


async def test_an_operation_whose_block_is_reorganised_away_says_so(
    live_chain: OnChain, live: JsonRpcChains
) -> None:
    live_chain.mine(3)
    reader = live.reader(BASE)
    await reader.block()
    # With a transaction, since empty blocks of the same second would come out as they were.
    sender, receiver, *_ = live_chain.accounts
    payment = {"from": sender, "to": receiver, "value": "0x1", "gas": hex(21_000)}
    live_chain.rpc("anvil_reorg", 2, [[payment, 0]])
    with pytest.raises(BlockVanished):
        await reader.call(Call(live_chain["WETH"], DECIMALS.encode()))
    assert await live.reader(BASE).call(Call(live_chain["WETH"], DECIMALS.encode()))


async def test_operations_stay_whole_while_blocks_fly_by(
    live_chain: OnChain, connect: Connect, stats: list[RequestStats]
) -> None:
    chains = connect(live_chain.url, reads_per_call=2)
    done = threading.Event()

    def mine() -> None:
        with Node(live_chain.chain.anvil.port) as node:
            while not done.is_set():
                node.rpc("evm_mine")

    async def operation() -> None:
        reader = chains.reader(BASE)
        seen = await reader.calls([Call(LENS, b"%d" % n, code=NUMBER) for n in range(6)])
        seen = [*seen, await reader.call(Call(LENS, b"later", code=NUMBER))]
        block = await reader.block()
        assert set(seen) == {block.number.to_bytes(32, "big")}
        assert (
            live_chain.rpc("eth_getBlockByNumber", hex(block.number), False)["hash"]
            == "0x" + block.hash.hex()
        )

    miner = asyncio.get_running_loop().run_in_executor(None, mine)
    try:
        for _ in range(30):
            await operation()
    finally:
        done.set()
        await miner
    assert len(stats) > 2 * 30, "no block arrived in the middle of a request: the test tested nothing"


@pytest.mark.parametrize("finality", Finality)
async def test_every_finality_can_be_read_at(
    live_chain: OnChain, connect: Connect, finality: Finality
) -> None:
    live_chain.mine(5)
    reader = connect(live_chain.url, finality=finality).reader(BASE)
    first = await reader.call(Call(LENS, b"", code=NUMBER))
    again = await reader.call(Call(LENS, b"again", code=NUMBER))
    block = await reader.block()
    assert first == again == block.number.to_bytes(32, "big")
    assert block.finality is finality


async def test_contracts_that_burn_their_gas_spoil_no_other(
    live_chain: OnChain, live: JsonRpcChains, stats: list[RequestStats]
) -> None:
    burning = [put(live_chain, at(n), BURN) for n in range(1, 4)]
    hungry = put(live_chain, at(4), HUNGRY)
    reader = live.reader(BASE)
    answers = await reader.calls(
        [
            *(Call(address, b"") for address in burning),
            Call(hungry, b"needs five million gas"),
            Call(live_chain["WETH"], DECIMALS.encode()),
        ]
    )
    assert all(isinstance(answer, CallReverted) and answer.data == b"" for answer in answers[:3])
    assert answers[3:] == [b"needs five million gas", (18).to_bytes(32, "big")]
    assert len(stats) == 2


@pytest.mark.parametrize("code", [ENDLESS, BEYOND], ids=["memory without end", "what was never returned"])
async def test_contracts_that_fail_in_rarer_ways_spoil_no_other(
    live_chain: OnChain, live: JsonRpcChains, code: bytes
) -> None:
    failing = [put(live_chain, at(n), code) for n in range(1, 4)]
    reads = [*(Call(address, b"") for address in failing), Call(live_chain["WETH"], DECIMALS.encode())]
    *failed, decimals = await live.reader(BASE).calls(reads)
    assert all(isinstance(answer, CallReverted) and answer.data == b"" for answer in failed)
    assert decimals == (18).to_bytes(32, "big")
    with pytest.raises(CallReverted):
        await live.reader(BASE).call(Call(failing[0], b""))


async def test_one_that_burns_is_asked_once(
    live_chain: OnChain, live: JsonRpcChains, stats: list[RequestStats]
) -> None:
    burning = put(live_chain, at(1), BURN)
    reader = live.reader(BASE)
    burnt, decimals = await reader.calls([Call(burning, b""), Call(live_chain["WETH"], DECIMALS.encode())])
    assert isinstance(burnt, CallReverted)
    assert decimals == (18).to_bytes(32, "big")
    assert len(stats) == 1


async def test_a_lens_that_needs_more_gas_than_there_is_says_so(live: JsonRpcChains) -> None:
    with pytest.raises(OutOfGas):
        await live.reader(BASE).call(Call(LENS, b"", code=LOOP))


async def test_a_lens_may_stand_where_multicall3_does(live_chain: OnChain, live: JsonRpcChains) -> None:
    reader = live.reader(BASE)
    answers = await reader.calls(
        [Call(MULTICALL3, b"me", code=ECHO), Call(live_chain["WETH"], DECIMALS.encode())]
    )
    assert answers == [b"me", (18).to_bytes(32, "big")]


async def test_a_request_as_large_as_settings_allow_is_taken(
    live_chain: OnChain, live: JsonRpcChains, stats: list[RequestStats]
) -> None:
    put(live_chain, at(1), ECHO)
    texts = [n.to_bytes(4, "big") * 3_000 for n in range(120)]
    assert await live.reader(BASE).calls([Call(at(1), text) for text in texts]) == texts
    assert max(request.bytes_sent for request in stats) > 1_000_000
    assert len(stats) == 2


async def test_a_chain_without_multicall3_gives_the_same_answers(
    live_chain: OnChain, connect: Connect
) -> None:
    owner = live_chain.accounts[1]
    put(live_chain, at(1), REFUSE)
    calls = [
        Call(live_chain["USDC"], BALANCE_OF.encode(owner)),
        Call(at(1), b"\x01\x02\x03\x04"),
        Call(at(2), b""),
        Call(LENS, b"seen", code=ECHO),
    ]
    seen = []
    for multicall3 in (MULTICALL3, None):
        reader = connect(live_chain.url, multicall3=multicall3).reader(BASE)
        answers, balance, block = await asyncio.gather(
            reader.calls(calls), reader.balance(owner), reader.block()
        )
        seen.append(([str(a) for a in answers], balance, block))
    assert seen[0] == seen[1]


async def test_a_chain_without_multicall3_where_one_is_expected_says_what_to_do(
    live_chain: OnChain, live: JsonRpcChains
) -> None:
    put(live_chain, MULTICALL3, b"")
    with pytest.raises(ChainUnavailable, match="no Multicall3 stands at"):
        await live.reader(BASE).balance(at(1))
