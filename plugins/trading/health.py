"""Whether swaps can be priced: a swap of the native coin for dollars is, on each network."""

from __future__ import annotations

from datetime import timedelta

from colonnade import Context
from colonnade.errors import UnknownChain
from colonnade.health import Health, Status


async def quotes_can_be_read(context: Context) -> Health:
    """OK where each network gives a price; what reading raises is for the caller. One round trip for each network."""
    from plugins.trading.networks import NETWORKS  # noqa: PLC0415 - only a look at the health needs these
    from plugins.trading.pricing import SwapPricing  # noqa: PLC0415
    from plugins.trading.router import NoRouteFound  # noqa: PLC0415
    from plugins.trading.routes import TradeType  # noqa: PLC0415
    from plugins.trading.settings import TradingSettings  # noqa: PLC0415

    max_age = timedelta(seconds=context.setting(TradingSettings).pool_state_max_age_seconds)
    for chain_id, network in NETWORKS.items():
        try:
            await context.services.get(SwapPricing).price(
                context.chain(chain_id),
                network,
                token_in=network.native.address,
                token_out=network.dollar,
                amount=10**network.native.decimals,
                trade_type=TradeType.EXACT_INPUT,
                now=context.clock.now(),
                max_age=max_age,
            )
        except UnknownChain:
            return Health(
                Status.DEGRADED, f"no endpoint of chain {chain_id} is set, so nothing is priced there"
            )
        except NoRouteFound:
            return Health(Status.DEGRADED, f"chain {chain_id} has no pool that gives a price in dollars")
    return Health(Status.OK)
