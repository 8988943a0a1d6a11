"""A pool where it stands: what it trades, for what fee, and in which state it was read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from colonnade.evm import Address
from plugins.trading.pools.concentrated.pool import ConcentratedPool
from plugins.trading.pools.constant_product import ConstantProductPool
from plugins.trading.pools.fill import Fill

PoolState: TypeAlias = ConstantProductPool | ConcentratedPool


class Protocol(Enum):
    """Whose contracts a pool is made of; the value is its name in public."""

    UNISWAP_V2 = "uniswap-v2"
    UNISWAP_V3 = "uniswap-v3"


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool in one state. `token0` sorts before `token1`; `fee_pips`: hundredths of a basis point of the input."""

    protocol: Protocol
    address: Address
    token0: Address
    token1: Address
    fee_pips: int
    state: PoolState

    def sell(self, token_in: Address, amount: int) -> Fill:
        """Swap exactly `amount` of `token_in`. Raises `SwapRefused`."""
        return self.state.swap_exact_input(amount, zero_for_one=token_in == self.token0)

    def buy(self, token_in: Address, amount: int) -> Fill:
        """Swap `token_in` for exactly `amount` of the other token. Raises `SwapRefused`."""
        return self.state.swap_exact_output(amount, zero_for_one=token_in == self.token0)

    def mid_price(self, token_in: Address) -> Fraction:
        """Atomic units of the other token for one of `token_in`, without fee. Raises `SwapRefused`."""
        return self.state.mid_price(zero_for_one=token_in == self.token0)
