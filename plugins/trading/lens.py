"""Asking a node for many pools at once: calldata for `PoolLens` (contracts/src), and what its answer means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from colonnade.chains import Call
from colonnade.errors import ChainProtocolError
from colonnade.evm import AbiError, Address, Function
from plugins.trading.lens_code import RUNTIME
from plugins.trading.pools import constant_product
from plugins.trading.pools.concentrated.pool import ConcentratedPool
from plugins.trading.pools.constant_product import ConstantProductPool
from plugins.trading.pools.pool import Pool, Protocol

LENS_ADDRESS: Final = Address("0x000000000000000000000000000000000000C01D")
"""Where the lens seems to stand for the length of a call; nothing does."""

DEFAULT_WORDS: Final = 695
"""Words of each tick bitmap to read: all of them for a tick spacing of 10 and more, and for a spacing of 1 those of
prices 7,000 times lower to 7,000 times higher."""

READ: Final = Function.parse(
    "function read(address[] pairs, address[] pools, uint256 words) view returns ("
    "(bool exists, address token0, address token1, uint112 reserve0, uint112 reserve1)[] pairStates, "
    "(bool exists, address token0, address token1, uint24 fee, int24 tickSpacing, uint160 sqrtPriceX96, int24 tick, "
    "uint128 liquidity, int16 firstWord, int16 lastWord, int256[] ticks)[] poolStates)"
)


@dataclass(frozen=True, slots=True)
class PoolQuery:
    """Which pairs (v2) and pools (v3) to read, by address; whether they exist is part of the answer."""

    pairs: tuple[Address, ...]
    pools: tuple[Address, ...]


def lens_call(query: PoolQuery, words: int = DEFAULT_WORDS) -> Call:
    """The call that reads all of `query`; `words` of each tick bitmap, as far as the gas goes."""
    return Call(LENS_ADDRESS, READ.encode(query.pairs, query.pools, words), RUNTIME)


def pools_in(query: PoolQuery, answer: bytes) -> tuple[Pool, ...]:
    """The pools of `query` that exist and have a price. Raises `ChainProtocolError` where a node made this up."""
    try:
        pairs, pools = READ.decode(answer)
        found = [_pair(at, pair) for at, pair in zip(query.pairs, pairs, strict=True)]
        found += [_pool(at, pool) for at, pool in zip(query.pools, pools, strict=True)]
    except (AbiError, ValueError) as error:
        raise ChainProtocolError(f"the answer of the pool lens is malformed: {error}") from error
    return tuple(pool for pool in found if pool is not None)


def _pair(address: Address, values: Sequence[Any]) -> Pool | None:
    exists, token0, token1, reserve0, reserve1 = values
    if not exists:
        return None
    state = ConstantProductPool(reserve0, reserve1)
    return Pool(Protocol.UNISWAP_V2, address, token0, token1, constant_product.FEE_PIPS, state)


def _pool(address: Address, values: Sequence[Any]) -> Pool | None:
    exists, token0, token1, fee, spacing, sqrt_price, tick, liquidity, first_word, last_word, packed = values
    if not exists or not sqrt_price:
        return None
    state = ConcentratedPool(
        sqrt_price_x96=sqrt_price,
        tick=tick,
        liquidity=liquidity,
        fee_pips=fee,
        tick_spacing=spacing,
        ticks=tuple(word >> 128 for word in packed),
        liquidity_net=tuple(_signed(word) for word in packed),
        first_word=first_word,
        last_word=last_word,
    )
    return Pool(Protocol.UNISWAP_V3, address, token0, token1, fee, state)


def _signed(word: int) -> int:
    low = word & ((1 << 128) - 1)
    return low - (1 << 128) if low >> 127 else low
