"""Logs are anybody's word: what hostile contracts write is kept for nobody, least of all for a victim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from colonnade.chain_logs import IndexedTransaction
from colonnade.chains import BlockRef, Log, Receipt
from colonnade.errors import BlockVanished, ChainTimeout
from colonnade.evm import Address, Event, checksum, encode
from colonnade.store import Item
from colonnade.testing.harness import Harness
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from plugins.trading.asset_changes import DEPOSIT, TRANSFER
from plugins.trading.indexing.pool_identities import PoolIdentities
from plugins.trading.indexing.projection import project
from plugins.trading.indexing.swap_rows import swap_key
from plugins.trading.networks import NATIVE
from plugins.trading.pools.addresses import pool_address, sort_tokens
from plugins.trading.swap_logs import V2_SWAP, V3_SWAP
from tests.plugins.trading.scripted_market import NETWORK, TOKEN, USDC, WETH


def address(byte: int) -> Address:
    return checksum(bytes([byte]) * 20)


TRADER, VICTIM, FAKE, SAFE, AGGREGATOR = map(address, (0xA1, 0xA2, 0xA3, 0xA4, 0xA5))
POOL: Final = pool_address(NETWORK.pools, *sort_tokens(WETH, USDC), 500)
HOSTILE: Final = pool_address(NETWORK.pools, *sort_tokens(WETH, TOKEN), 3000)
"""A genuine pool of a token that says what it likes."""


def word(value: str | int) -> bytes:
    return (int(value, 16) if isinstance(value, str) else value).to_bytes(32, "big")


class Writing:
    """Logs of one transaction, in order."""

    def __init__(self) -> None:
        self.logs: list[Log] = []

    def add(self, emitter: Address, event: Event, topics: Sequence[str | int], data: bytes) -> Writing:
        place = len(self.logs)
        self.logs.append(
            Log(emitter, (event.topic, *map(word, topics)), data, place, 1, b"\x01" * 32, b"\x02" * 32)
        )
        return self

    def transfer(self, token: Address, source: Address, target: Address, amount: int) -> Writing:
        return self.add(token, TRANSFER, (source, target), encode(("uint256",), (amount,)))

    def swap(self, pool: Address, amount0: int, amount1: int) -> Writing:
        values = (amount0, amount1, 2**96, 10**18, 0)
        data = encode(("int256", "int256", "uint160", "uint128", "int24"), values)
        return self.add(pool, V3_SWAP, (AGGREGATOR, AGGREGATOR), data)


@pytest.fixture
def chain() -> ScriptedChain:
    """Two genuine pools, and a contract that claims to be the first of them."""
    scripted = ScriptedChain()
    deploy_pools(scripted)
    return scripted


def deploy_pools(scripted: ScriptedChain) -> None:
    for at, (one, other), fee in (
        (POOL, (WETH, USDC), 500),
        (HOSTILE, (WETH, TOKEN), 3000),
        (FAKE, (WETH, USDC), 500),
    ):
        token0, token1 = sort_tokens(one, other)
        scripted.returns(at, "function token0() view returns (address)", token0)
        scripted.returns(at, "function token1() view returns (address)", token1)
        scripted.returns(at, "function fee() view returns (uint24)", fee)


@pytest.fixture
def harness(chain: ScriptedChain) -> Harness:
    return Harness("plugins.trading", chains=ScriptedChains(chain))


async def rows(
    harness: Harness,
    chain: ScriptedChain,
    written: Writing,
    *,
    to: Address = AGGREGATOR,
    succeeded: bool = True,
    identities: PoolIdentities | None = None,
    ahead: int = 0,
) -> Sequence[Item]:
    """`ahead`: how many blocks the transaction is ahead of what the chain is read at."""
    block: BlockRef = replace(chain.block, number=chain.block.number + ahead)
    receipt = Receipt(
        b"\x02" * 32, block.number, block.hash, 0, TRADER, to, succeeded, 1, 1, tuple(written.logs)
    )
    return await project(
        identities or PoolIdentities(),
        NETWORK,
        harness.context(),
        IndexedTransaction(block, receipt, written.logs),
    )


def of(found: Sequence[Item]) -> list[tuple[object, object, object]]:
    return [
        (row.attributes["account"], row.attributes["token_in"], row.attributes["token_out"]) for row in found
    ]


async def test_an_ordinary_swap_is_its_senders(harness: Harness, chain: ScriptedChain) -> None:
    written = Writing().transfer(USDC, POOL, TRADER, 50).transfer(WETH, TRADER, POOL, 7).swap(POOL, 7, -50)
    (row,) = await rows(harness, chain, written)
    assert of([row]) == [(TRADER, WETH, USDC)]
    assert (row.attributes["amount_in"], row.attributes["amount_out"]) == ("7", "50")


@pytest.mark.parametrize("emitter", [FAKE, TRADER, USDC])
async def test_a_log_of_what_is_no_pool_is_nobodys_swap(
    harness: Harness, chain: ScriptedChain, emitter: Address
) -> None:
    chain.returns(USDC, "function token0() view returns (address)", WETH)
    chain.returns(USDC, "function token1() view returns (address)", USDC)
    chain.reverts(USDC, "function fee() view returns (uint24)")
    written = Writing().transfer(WETH, TRADER, emitter, 7).swap(emitter, 7, -50)
    assert await rows(harness, chain, written) == []


async def test_a_pool_is_not_believed_in_the_other_protocols_words(
    harness: Harness, chain: ScriptedChain
) -> None:
    data = encode(("uint256",) * 4, (7, 0, 0, 50))
    assert await rows(harness, chain, Writing().add(POOL, V2_SWAP, (TRADER, TRADER), data)) == []


@pytest.mark.parametrize("data", [b"", b"\x00" * 31, b"\xff" * 160, encode(("int256",) * 5, (0, 0, 0, 0, 0))])
async def test_malformed_logs_are_passed_over(harness: Harness, chain: ScriptedChain, data: bytes) -> None:
    assert await rows(harness, chain, Writing().add(POOL, V3_SWAP, (TRADER, TRADER), data)) == ()


async def test_a_token_that_claims_to_move_a_victims_balance_gives_the_victim_no_swap(
    harness: Harness, chain: ScriptedChain
) -> None:
    claims = Writing().transfer(TOKEN, VICTIM, HOSTILE, 9).transfer(WETH, HOSTILE, VICTIM, 3)
    first_is_weth = sort_tokens(WETH, TOKEN)[0] == WETH
    claims.swap(HOSTILE, *((-3, 9) if first_is_weth else (9, -3)))
    assert of(await rows(harness, chain, claims)) == [(TRADER, TOKEN, WETH)]


async def test_a_contract_that_took_part_and_traded_is_the_trader(
    harness: Harness, chain: ScriptedChain
) -> None:
    written = Writing().transfer(WETH, SAFE, POOL, 7).transfer(USDC, POOL, SAFE, 50).swap(POOL, 7, -50)
    done = Event.parse("event ExecutionSuccess(bytes32 indexed txHash, uint256 payment)")
    written.add(SAFE, done, (1,), encode(("uint256",), (0,)))
    assert of(await rows(harness, chain, written, to=SAFE)) == [(SAFE, WETH, USDC)]


async def test_a_safe_that_is_only_sent_something_is_given_no_strangers_swap(
    harness: Harness, chain: ScriptedChain
) -> None:
    """Whoever sends a Safe a wei, and its share of a swap, has it write a log in the middle of their own swap."""
    gift = Writing().transfer(WETH, AGGREGATOR, POOL, 7).transfer(USDC, POOL, VICTIM, 50).swap(POOL, 7, -50)
    received = Event.parse("event SafeReceived(address indexed sender, uint256 value)")
    gift.add(VICTIM, received, (AGGREGATOR,), encode(("uint256",), (1,)))
    assert of(await rows(harness, chain, gift)) == [(TRADER, WETH, USDC)]


async def test_a_safe_trades_through_its_modules_too(harness: Harness, chain: ScriptedChain) -> None:
    written = Writing().transfer(WETH, SAFE, POOL, 7).transfer(USDC, POOL, SAFE, 50).swap(POOL, 7, -50)
    written.add(SAFE, Event.parse("event ExecutionFromModuleSuccess(address indexed module)"), (1,), b"")
    assert of(await rows(harness, chain, written)) == [(SAFE, WETH, USDC)]


async def test_coin_that_any_router_wraps_is_coin(harness: Harness, chain: ScriptedChain) -> None:
    written = Writing().add(WETH, DEPOSIT, (AGGREGATOR,), encode(("uint256",), (7,)))
    written.transfer(WETH, AGGREGATOR, POOL, 7).transfer(USDC, POOL, TRADER, 50).swap(POOL, 7, -50)
    assert of(await rows(harness, chain, written)) == [(TRADER, NATIVE, USDC)]


async def test_who_wraps_their_own_coin_first_pays_with_the_wrapped_token(
    harness: Harness, chain: ScriptedChain
) -> None:
    written = Writing().add(WETH, DEPOSIT, (TRADER,), encode(("uint256",), (7,)))
    written.transfer(WETH, TRADER, POOL, 7).transfer(USDC, POOL, TRADER, 50).swap(POOL, 7, -50)
    assert of(await rows(harness, chain, written)) == [(TRADER, WETH, USDC)]


async def test_there_and_back_are_two_swaps(harness: Harness, chain: ScriptedChain) -> None:
    written = Writing().swap(POOL, 7, -50).swap(POOL, -6, 50)
    assert of(await rows(harness, chain, written, to=NETWORK.swap_router)) == [
        (TRADER, WETH, USDC),
        (TRADER, USDC, WETH),
    ]


async def test_a_failed_transaction_has_no_swaps(harness: Harness, chain: ScriptedChain) -> None:
    assert await rows(harness, chain, Writing().swap(POOL, 7, -50), succeeded=False) == ()


async def test_a_chain_that_does_not_answer_makes_no_pool_a_fake_one(
    harness: Harness, chain: ScriptedChain
) -> None:
    identities, written = PoolIdentities(), Writing().swap(POOL, 7, -50)
    chain.outage = ChainTimeout("nobody answers")
    with pytest.raises(ChainTimeout):
        await rows(harness, chain, written, identities=identities)
    chain.outage = None
    assert len(await rows(harness, chain, written, identities=identities)) == 1


async def test_a_new_pool_is_not_judged_at_a_block_before_it_was_there() -> None:
    chain, identities, written = ScriptedChain(), PoolIdentities(), Writing().swap(POOL, 7, -50)
    harness = Harness("plugins.trading", chains=ScriptedChains(chain))
    with pytest.raises(BlockVanished):
        await rows(harness, chain, written, identities=identities, ahead=1)
    deploy_pools(chain)
    chain.mine()
    assert len(await rows(harness, chain, written, identities=identities)) == 1


async def test_an_address_that_had_no_code_may_be_a_pool_later() -> None:
    """As where a reorganisation brings a pool's creation back."""
    chain, identities, written = ScriptedChain(), PoolIdentities(), Writing().swap(POOL, 7, -50)
    harness = Harness("plugins.trading", chains=ScriptedChains(chain))
    assert await rows(harness, chain, written, identities=identities) == []
    deploy_pools(chain)
    assert len(await rows(harness, chain, written, identities=identities)) == 1


async def test_what_no_factory_made_is_asked_once_too(harness: Harness, chain: ScriptedChain) -> None:
    identities, written = PoolIdentities(), Writing().swap(FAKE, 7, -50).swap(POOL, 7, -50)
    for _ in range(3):
        assert len(await rows(harness, chain, written, identities=identities)) == 1
    assert chain.round_trips == 1


@pytest.mark.parametrize(
    "node_id",
    [
        "swap_8453",
        f"swap_8453_{TRADER}_1_x",
        f"swap_8453_{TRADER.lower()}_1_2",
        f"swap_8453_{TRADER}_01_2",
        f"swap_8453_{TRADER}_-1_2",
        f"swap_8453_{TRADER}_1_{'9' * 40}",
        f"pool_8453_{TRADER}_1_2",
        "swap_8453_0x12_1_2",
    ],
)
def test_texts_that_are_no_swaps_ids_are_found_out(node_id: str) -> None:
    assert swap_key(node_id) is None


def test_a_swaps_id_leads_to_its_row() -> None:
    key = swap_key(f"swap_8453_{TRADER}_12_3")
    assert key is not None
    assert key.sort == "000000000012#00000003"
