"""Which swaps are one trade, and whose it was among several who reported something."""

from __future__ import annotations

from dataclasses import replace

from colonnade.evm import Address, Event, checksum, encode
from colonnade.testing.scripted_chain import ScriptedChain
from plugins.trading.indexing.pool_identities import PoolIdentity
from plugins.trading.indexing.swap_rows import swap_id, swap_row
from plugins.trading.indexing.traders import Scope, trader_of
from plugins.trading.indexing.trades import Trade, TradeLeg, trades_of
from plugins.trading.pools.pool import Protocol
from tests.plugins.trading.scripted_market import CBBTC, NETWORK, USDC, WETH
from tests.plugins.trading.test_indexed_swaps import AGGREGATOR, POOL, SAFE, TRADER, Writing, address

DONE = Event.parse("event ExecutionSuccess(bytes32 indexed txHash, uint256 payment)")
OTHER_SAFE = address(0xB1)
LEG = TradeLeg(PoolIdentity(Protocol.UNISWAP_V3, POOL, WETH, USDC), WETH, USDC, 7, 50, 0)
ONWARD = replace(LEG, token_in=USDC, token_out=CBBTC, amount_in=50, amount_out=3, log_index=1)


def reported(written: Writing, *safes: Address) -> Writing:
    for safe in safes:
        written.add(safe, DONE, (1,), encode(("uint256",), (0,)))
    return written


def trader(written: Writing) -> Address:
    scope = Scope(TRADER, tuple(written.logs), False)
    return trader_of(scope, Trade((LEG,)), frozenset({POOL}), NETWORK)


def test_a_swap_that_takes_all_that_the_one_before_paid_goes_on_with_its_trade() -> None:
    assert [trade.legs for trade in trades_of([LEG, ONWARD])] == [(LEG, ONWARD)]


def test_a_trade_has_the_place_of_its_last_swap() -> None:
    """As its id says, for ever."""
    row = swap_row(ScriptedChain().block, b"\x02" * 32, TRADER, Trade((LEG, ONWARD)), WETH, CBBTC)
    assert swap_id(row.attributes) == f"swap_8453_{TRADER}_1_1"


def test_a_swap_that_takes_another_amount_is_another_trade() -> None:
    for amount in (49, 51):
        apart = replace(ONWARD, amount_in=amount)
        assert [trade.legs for trade in trades_of([LEG, apart])] == [(LEG,), (apart,)]


def test_of_two_safes_the_one_that_paid_and_got_is_the_trader() -> None:
    both = Writing().transfer(WETH, SAFE, POOL, 7).transfer(USDC, POOL, SAFE, 50)
    both.transfer(WETH, OTHER_SAFE, AGGREGATOR, 1)
    assert trader(reported(both, OTHER_SAFE, SAFE)) == SAFE
    assert trader(reported(both, SAFE, OTHER_SAFE)) == SAFE


def test_a_pool_or_a_token_that_reports_like_a_safe_is_not_the_trader() -> None:
    through = Writing().transfer(WETH, AGGREGATOR, POOL, 7).transfer(WETH, POOL, AGGREGATOR, 8)
    assert trader(reported(through, POOL)) == TRADER
    of_itself = Writing().transfer(WETH, USDC, POOL, 7).transfer(USDC, POOL, USDC, 50)
    assert trader(reported(of_itself, USDC)) == TRADER
    assert trader(reported(of_itself, checksum(b"\xb2" * 20))) == TRADER
