"""What a route is, and what its price means. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from math import prod

from colonnade.evm import Address
from plugins.trading.pools.fill import Fill
from plugins.trading.pools.pool import Pool


class TradeType(Enum):
    """Which side of a swap is given."""

    EXACT_INPUT = "EXACT_INPUT"
    EXACT_OUTPUT = "EXACT_OUTPUT"


@dataclass(frozen=True, slots=True)
class Leg:
    """One swap of a route. Amounts in `fill` are atomic units."""

    pool: Pool
    token_in: Address
    token_out: Address
    fill: Fill


@dataclass(frozen=True, slots=True)
class Route:
    """Swaps in their order, each paying the next in full."""

    legs: tuple[Leg, ...]

    @property
    def amount_in(self) -> int:
        return self.legs[0].fill.amount_in

    @property
    def amount_out(self) -> int:
        return self.legs[-1].fill.amount_out

    @property
    def mid_price(self) -> Fraction:
        """Atomic units out for one in, for an infinitely small swap without fees: the product of the pools' mid
        prices.
        """
        return prod((leg.pool.mid_price(leg.token_in) for leg in self.legs), start=Fraction(1))

    @property
    def price_impact(self) -> Fraction:
        """The share of the output lost to the size of the swap: 1 − ∏ out / (mid price · (in − fee)) over the legs.

        Fees are left out of each leg's input, so an infinitely small swap has no impact.
        """
        kept = (
            leg.fill.amount_out / (leg.pool.mid_price(leg.token_in) * (leg.fill.amount_in - leg.fill.fee))
            for leg in self.legs
        )
        return 1 - prod(kept, start=Fraction(1))
