"""How much gas a swap takes. Pure.

Measured on Uniswap's SwapRouter02, on pools and tokens in use: allowances given, the recipient holding the output
already. Transactions on the local chain used within a fifth of these figures; tokens alone differ by some 20,000.
"""

from __future__ import annotations

from typing import Final

from plugins.trading.pools.pool import Protocol
from plugins.trading.routes import Leg, Route

_TRANSACTION: Final = 45_000
_PAIR: Final = 72_000
_POOL: Final = 77_000
_TICK: Final = 40_000
_WORD: Final = 7_200


def gas_units(route: Route) -> int:
    """An estimate of the gas that `route` takes as a transaction of its own."""
    return _TRANSACTION + sum(_leg(leg) for leg in route.legs)


def _leg(leg: Leg) -> int:
    if leg.pool.protocol is Protocol.UNISWAP_V2:
        return _PAIR
    return _POOL + leg.fill.ticks_crossed * _TICK + leg.fill.words_crossed * _WORD
