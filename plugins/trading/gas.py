"""How much gas a swap takes. Pure.

Measured on Uniswap's SwapRouter02 with its allowance given and the recipient holding the output already.
"""

from __future__ import annotations

from typing import Final

from plugins.trading.pools.pool import Protocol
from plugins.trading.routes import Leg, Route

ROUTER: Final = 30_000
PAIR: Final = 60_000
POOL: Final = 60_000
TICK: Final = 25_000


def gas_units(route: Route) -> int:
    """An estimate of the gas that `route` takes as a transaction of its own."""
    return ROUTER + sum(_leg(leg) for leg in route.legs)


def _leg(leg: Leg) -> int:
    if leg.pool.protocol is Protocol.UNISWAP_V2:
        return PAIR
    return POOL + leg.fill.ticks_crossed * TICK
