"""What a swap would bring: the market read, the best route found, everything about it put together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from colonnade.chains import ChainReader
from colonnade.evm import Address
from colonnade.tokens import TokenMetadata, Tokens
from plugins.trading.gas import gas_units
from plugins.trading.markets import Market, Markets
from plugins.trading.networks import Network
from plugins.trading.router import best_route
from plugins.trading.routes import Route, TradeType


@dataclass(frozen=True, slots=True)
class PricedSwap:
    """A swap and its best route. `tokens`: metadata of all that the route touches; `l1_fee`: wei, or None."""

    network: Network
    token_in: Address
    token_out: Address
    trade_type: TradeType
    tokens: Mapping[Address, TokenMetadata]
    market: Market
    route: Route

    @property
    def gas_units(self) -> int:
        return gas_units(self.route)

    @property
    def l1_fee(self) -> int | None:
        fees = self.market.l1_fees
        return None if fees is None else fees[len(self.route.legs) - 1]


class UnknownTokens(Exception):
    """There is no ERC-20 at these addresses."""

    def __init__(self, addresses: tuple[Address, ...]) -> None:
        self.addresses = addresses
        super().__init__(", ".join(addresses))


class SwapPricing:
    """Prices swaps from markets that it reads and keeps for moments."""

    def __init__(self, directory: Tokens) -> None:
        self._directory = directory
        self._markets = Markets()

    async def price(
        self,
        chain: ChainReader,
        network: Network,
        *,
        token_in: Address,
        token_out: Address,
        amount: int,
        trade_type: TradeType,
        now: datetime,
        max_age: timedelta,
        choose: Callable[..., Route] = best_route,
    ) -> PricedSwap:
        """The best route for `amount`, in atomic units of the side that `trade_type` says, as `choose` finds it.

        One round trip where the market is older than `max_age` or a token is unknown, none otherwise. Raises
        `UnknownTokens`, `NoRouteFound` and `ChainUnavailable`.
        """
        sold, bought = network.tradable(token_in), network.tradable(token_out)
        touched = (token_in, token_out, sold, bought, *network.hubs)
        # Started together, so that they travel together.
        tokens, market = await asyncio.gather(
            self._directory.metadata(chain, touched),
            self._markets.market(chain, network, (sold, bought), now, max_age),
        )
        missing = tuple(token for token in (token_in, token_out) if token not in tokens)
        if missing:
            raise UnknownTokens(missing)
        route = choose(
            market.pools,
            hubs=network.hubs,
            token_in=sold,
            token_out=bought,
            amount=amount,
            trade_type=trade_type,
        )
        return PricedSwap(network, token_in, token_out, trade_type, tokens, market, route)
