"""From the swaps of single pools to what was traded for what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from colonnade.evm import Address
from plugins.trading.indexing.pool_identities import PoolIdentity
from plugins.trading.swap_logs import PoolSwap


@dataclass(frozen=True, slots=True)
class TradeLeg:
    """What one pool took and paid: atomic units. `log_index`: of its log, in the block."""

    pool: PoolIdentity
    token_in: Address
    token_out: Address
    amount_in: int
    amount_out: int
    log_index: int


@dataclass(frozen=True, slots=True)
class Trade:
    """Swaps of which each paid the next in full."""

    legs: tuple[TradeLeg, ...]

    @property
    def first(self) -> TradeLeg:
        return self.legs[0]

    @property
    def last(self) -> TradeLeg:
        return self.legs[-1]


def leg_of(swap: PoolSwap, pool: PoolIdentity) -> TradeLeg:
    """A swap with the tokens of its pool."""
    tokens = (pool.token0, pool.token1) if swap.zero_for_one else (pool.token1, pool.token0)
    return TradeLeg(pool, *tokens, swap.amount_in, swap.amount_out, swap.log_index)


def trades_of(legs: Iterable[TradeLeg]) -> Sequence[Trade]:
    """Legs in the order of their logs, joined where one pays the next, in the same token and to the unit.

    Pools write when they are paid, so also a route that was computed backwards has its logs in order. A way back to
    the first token is another trade.
    """
    trades: list[list[TradeLeg]] = []
    for leg in legs:
        joined = trades[-1] if trades else []
        if (
            joined
            and (joined[-1].token_out, joined[-1].amount_out) == (leg.token_in, leg.amount_in)
            and leg.token_out != joined[0].token_in
        ):
            joined.append(leg)
        else:
            trades.append([leg])
    return [Trade(tuple(each)) for each in trades]
