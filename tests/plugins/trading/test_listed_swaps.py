"""`swaps` of an account, page by page, while the chain goes on and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from colonnade.evm import Address, checksum
from colonnade.store import Delete, Put, Writes
from colonnade.testing.harness import Harness
from colonnade.testing.results import OperationFailed
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from plugins.trading.indexing.pool_identities import PoolIdentity
from plugins.trading.indexing.swap_rows import SWAP, swap_row
from plugins.trading.indexing.trades import Trade, TradeLeg
from plugins.trading.networks import NATIVE
from plugins.trading.pools.pool import Protocol
from tests.plugins.trading.scripted_market import TOKEN, USDC, WETH

ACCOUNT, OTHER = checksum(b"\xaa" * 20), checksum(b"\xbb" * 20)
POOL = PoolIdentity(Protocol.UNISWAP_V3, checksum(b"\x01" * 20), WETH, USDC)
SWAPS = """query($account: Address!, $after: String, $first: Int! = 2, $chain: ChainId! = 8453) {
  swaps(account: $account, first: $first, after: $after, chainId: $chain) {
    edges { node { id amountIn { raw token { symbol } } amountOut { raw } block { number finality } } }
    pageInfo { hasNextPage endCursor }
  }
}"""


@pytest.fixture
def chain() -> ScriptedChain:
    chain = ScriptedChain()
    chain.safe_after, chain.final_after = 2, 4
    chain.mine(19)
    return chain


@pytest.fixture
async def harness(chain: ScriptedChain) -> Harness:
    return Harness("plugins.trading", chains=ScriptedChains(chain))


async def keep(
    harness: Harness, chain: ScriptedChain, number: int, *indexes: int, sold: Address = NATIVE
) -> None:
    """A swap of the account for each log of a block."""
    block = replace(chain.block, number=number)
    for index in indexes:
        trade = Trade((TradeLeg(POOL, WETH, USDC, 7, 50, index),))
        row = swap_row(block, b"\x02" * 32, ACCOUNT, trade, sold, USDC)
        await harness.store.transact(Writes([Put(row)]))


async def page(harness: Harness, after: str | None = None, **more: Any) -> dict[str, Any]:
    variables = {"account": ACCOUNT, "after": after, **more}
    found: dict[str, Any] = (await harness.data(SWAPS, variables))["swaps"]
    return found


def places(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"].removeprefix(f"swap_8453_{ACCOUNT}_") for edge in found["edges"]]


async def test_pages_go_on_where_they_stopped_whatever_is_indexed_and_taken_back_meanwhile(
    harness: Harness, chain: ScriptedChain
) -> None:
    await keep(harness, chain, 9, 99, 100)
    await keep(harness, chain, 10, 3, 20)
    first = await page(harness)
    assert places(first) == ["10_20", "10_3"]
    await keep(harness, chain, 11, 1)
    taken_back = SWAP.key(chain_id=8453, account=ACCOUNT, block_number=10, log_index=3)
    await harness.store.transact(Writes([Delete(taken_back)]))
    await keep(harness, chain, 12, 1)
    await keep(harness, chain, 8, 5)
    second = await page(harness, first["pageInfo"]["endCursor"])
    assert places(second) == ["9_100", "9_99"]
    third = await page(harness, second["pageInfo"]["endCursor"])
    assert (places(third), third["pageInfo"]["hasNextPage"]) == (["8_5"], False)


async def test_a_cursor_of_another_accounts_swaps_is_refused(harness: Harness, chain: ScriptedChain) -> None:
    await keep(harness, chain, 9, 1, 2, 3)
    cursor = (await page(harness))["pageInfo"]["endCursor"]
    with pytest.raises(OperationFailed, match="cursor"):
        await page(harness, cursor, account=OTHER)


async def test_a_chain_on_which_nothing_is_traded_is_said_to_be_none(harness: Harness) -> None:
    with pytest.raises(OperationFailed, match="nothing is traded on chain 1; use 8453"):
        await page(harness, chain=1)


async def test_each_swap_is_as_certain_as_its_block(harness: Harness, chain: ScriptedChain) -> None:
    head = chain.block.number
    for behind in (1, 2, 3, 4):
        await keep(harness, chain, head - behind, 1)
    found = await page(harness, first=4)
    assert [edge["node"]["block"]["finality"] for edge in found["edges"]] == [
        "CONFIRMED",
        "SAFE",
        "SAFE",
        "FINALIZED",
    ]


async def test_a_token_that_does_not_describe_itself_hides_its_amount_and_no_others(
    harness: Harness, chain: ScriptedChain
) -> None:
    await keep(harness, chain, 9, 1, sold=TOKEN)
    await keep(harness, chain, 9, 2)
    plain, hidden = [edge["node"] for edge in (await page(harness))["edges"]]
    assert plain["amountIn"] == {"raw": "7", "token": {"symbol": "ETH"}}
    assert (hidden["amountIn"], hidden["amountOut"]) == (None, {"raw": "50"})


async def test_a_page_of_known_tokens_asks_the_chain_once(harness: Harness, chain: ScriptedChain) -> None:
    await keep(harness, chain, 9, *range(20))
    before = chain.round_trips
    await page(harness, first=20)
    assert chain.round_trips - before == 1
