"""Pools of the local chain as data, and the transactions that make them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Final

from colonnade.local_contracts import Account, Ref, Transaction
from plugins.trading.pools.concentrated.tick_math import MAX_TICK, tick_at_sqrt_ratio

DECIMALS: Final = {"WETH": 18, "DAI": 18, "cbETH": 18, "USDC": 6, "EURC": 6, "cbBTC": 8}
"""Of the local chain's tokens, by the names that their contracts have in the set."""

TICK_SPACING: Final = {100: 1, 200: 4, 300: 6, 400: 8, 500: 10, 3000: 60, 10000: 200}
"""Of each fee that Base's v3 factory knows, in hundredths of a basis point."""

ALL_TICKS: Final = 2 * MAX_TICK
"""A distance from any tick that leads past the last."""

_NEVER: Final = 2**40
"""A deadline, in Unix seconds."""


@dataclass(frozen=True, slots=True)
class SeededPair:
    """A Uniswap v2 pair with reserves in whole tokens."""

    token0: str
    token1: str
    reserve0: int
    reserve1: int


@dataclass(frozen=True, slots=True)
class Range:
    """Liquidity between two ticks, given as distances from the pool's current tick.

    `amount0`: whole tokens of token0 it may take, and of token1 what they are worth.
    """

    below: int
    above: int
    amount0: int


@dataclass(frozen=True, slots=True)
class SeededPool:
    """A Uniswap v3 pool. `fee`: hundredths of a basis point; `price`: of one token0 in token1, in whole tokens."""

    token0: str
    token1: str
    fee: int
    price: Fraction
    ranges: Sequence[Range]


def _approvals(spender: str, tokens: Sequence[str]) -> Iterator[Transaction]:
    approve = "function approve(address spender, uint256 amount) returns (bool)"
    return (Transaction(Ref(token), approve, (Ref(spender), 2**256 - 1)) for token in tokens)


def pair_seeds(router: str, pairs: Sequence[SeededPair]) -> Iterator[Transaction]:
    """Fills `pairs` through the `UniswapV2Router02` of this name, from account 0."""
    yield from _approvals(router, sorted({token for pair in pairs for token in (pair.token0, pair.token1)}))
    for pair in pairs:
        yield Transaction(
            Ref(router),
            "function addLiquidity(address tokenA, address tokenB, uint256 amountADesired, uint256 amountBDesired, "
            "uint256 amountAMin, uint256 amountBMin, address to, uint256 deadline)",
            (
                Ref(pair.token0),
                Ref(pair.token1),
                pair.reserve0 * 10 ** DECIMALS[pair.token0],
                pair.reserve1 * 10 ** DECIMALS[pair.token1],
                0,
                0,
                Account(0),
                _NEVER,
            ),
        )


def pool_seeds(positions: str, pools: Sequence[SeededPool]) -> Iterator[Transaction]:
    """Opens `pools` through the `NonfungiblePositionManager` of this name, and lays their liquidity from account 0."""
    yield from _approvals(
        positions, sorted({token for pool in pools for token in (pool.token0, pool.token1)})
    )
    for pool in pools:
        raw_price = pool.price * 10 ** DECIMALS[pool.token1] / 10 ** DECIMALS[pool.token0]
        sqrt_price_x96 = isqrt((raw_price.numerator << 192) // raw_price.denominator)
        yield Transaction(
            Ref(positions),
            "function createAndInitializePoolIfNecessary(address token0, address token1, uint24 fee, "
            "uint160 sqrtPriceX96) payable returns (address pool)",
            (Ref(pool.token0), Ref(pool.token1), pool.fee, sqrt_price_x96),
        )
        for each in pool.ranges:
            amount0 = each.amount0 * 10 ** DECIMALS[pool.token0]
            yield Transaction(
                Ref(positions),
                "function mint((address token0, address token1, uint24 fee, int24 tickLower, int24 tickUpper, "
                "uint256 amount0Desired, uint256 amount1Desired, uint256 amount0Min, uint256 amount1Min, "
                "address recipient, uint256 deadline) params) payable",
                (
                    (
                        Ref(pool.token0),
                        Ref(pool.token1),
                        pool.fee,
                        *_ticks(each, tick_at_sqrt_ratio(sqrt_price_x96), TICK_SPACING[pool.fee]),
                        amount0,
                        int(amount0 * raw_price),
                        0,
                        0,
                        Account(0),
                        _NEVER,
                    ),
                ),
            )


def _ticks(range_: Range, current: int, spacing: int) -> tuple[int, int]:
    """The ticks of a range that a pool accepts: multiples of its spacing, within what can be priced."""
    limit = MAX_TICK // spacing
    lower = max(-limit, (current + range_.below) // spacing)
    upper = min(limit, (current + range_.above) // spacing)
    return lower * spacing, upper * spacing
