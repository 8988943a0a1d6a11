"""What pools write about swaps: `Swap` logs of v2 pairs and v3 pools, in one form. Pure.

Source: `UniswapV2Pair.sol` (v2-core) and `IUniswapV3PoolEvents.sol` (v3-core). A log is only a pool's word if a pool
wrote it: anybody can emit the same bytes from another address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from colonnade.chains import Log
from colonnade.evm import AbiError, Address, Event
from plugins.trading.pools.pool import Protocol

V2_SWAP: Final = Event.parse(
    "event Swap(address indexed sender, uint256 amount0In, uint256 amount1In, uint256 amount0Out, uint256 amount1Out, "
    "address indexed to)"
)
V3_SWAP: Final = Event.parse(
    "event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, "
    "uint160 sqrtPriceX96, uint128 liquidity, int24 tick)"
)

SWAP_TOPICS: Final = {Protocol.UNISWAP_V2: V2_SWAP.topic, Protocol.UNISWAP_V3: V3_SWAP.topic}


@dataclass(frozen=True, slots=True)
class PoolSwap:
    """A swap by the word of the contract `pool`. `zero_for_one`: token0 went in; amounts are atomic units."""

    protocol: Protocol
    pool: Address
    zero_for_one: bool
    amount_in: int
    amount_out: int
    log_index: int


def pool_swap(log: Log) -> PoolSwap | None:
    """The swap that a log tells of; None for any other log, and for one that no pool writes.

    Of a pair that was paid in both tokens, what came in is what was not paid out again.
    """
    topic = log.topics[0] if log.topics else None
    try:
        if topic == V2_SWAP.topic:
            return _pair_swap(log)
        if topic == V3_SWAP.topic:
            values = V3_SWAP.decode(log.topics, log.data)
            return _of(log, Protocol.UNISWAP_V3, values["amount0"], values["amount1"])
    except AbiError:
        return None
    return None


def _pair_swap(log: Log) -> PoolSwap | None:
    values = V2_SWAP.decode(log.topics, log.data)
    net0 = values["amount0In"] - values["amount0Out"]
    net1 = values["amount1In"] - values["amount1Out"]
    return _of(log, Protocol.UNISWAP_V2, net0, net1)


def _of(log: Log, protocol: Protocol, amount0: int, amount1: int) -> PoolSwap | None:
    """Amounts from the pool's side: what it gained, negative where it paid."""
    if amount0 > 0 >= amount1:
        return PoolSwap(protocol, log.address, True, amount0, -amount1, log.index)
    if amount1 > 0 >= amount0:
        return PoolSwap(protocol, log.address, False, amount1, -amount0, log.index)
    return None
