"""Routes that routers can carry out, and the terms they are carried out on. Pure.

Routers make an input through two protocols as it is quoted. An output they make exactly through one protocol only;
through two the first pool buys a little more than the second is to take, and all of that is sold, for at least the
output. So a route of one protocol comes first, and one of two only where there is no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from colonnade.evm import Address
from plugins.trading.execution.bounds import BPS, maximum_in, minimum_out
from plugins.trading.execution.terms import Hop, SwapTerms
from plugins.trading.pools.pool import Pool, Protocol
from plugins.trading.pools.refusals import SwapRefused
from plugins.trading.pricing import PricedSwap
from plugins.trading.router import NoRouteFound, best_route
from plugins.trading.routes import Route, TradeType


def executable_route(
    pools: Iterable[Pool],
    *,
    hubs: Sequence[Address],
    token_in: Address,
    token_out: Address,
    amount: int,
    trade_type: TradeType,
) -> Route:
    """The best route by amount that a router can make; for an output, of one protocol if any is. Raises
    `NoRouteFound`.
    """
    known = list(pools)

    def best(among: Sequence[Pool]) -> Route:
        return best_route(
            among, hubs=hubs, token_in=token_in, token_out=token_out, amount=amount, trade_type=trade_type
        )

    if trade_type is TradeType.EXACT_INPUT:
        return best(known)
    found: list[Route] = []
    for protocol in Protocol:
        try:
            found.append(best([pool for pool in known if pool.protocol is protocol]))
        except NoRouteFound:
            continue
    return min(found, key=lambda route: route.amount_in) if found else best(known)


@dataclass(frozen=True, slots=True)
class SwapRequest:
    """Whose swap it is, and what it may cost. `deadline`: Unix seconds."""

    account: Address
    recipient: Address
    slippage_bps: int
    deadline: int


def terms_of(priced: PricedSwap, request: SwapRequest) -> SwapTerms:
    """The terms on which a priced swap is signed. Raises `NoRouteFound` where its first pool cannot sell the margin."""
    route, selling = priced.route, priced.trade_type is TradeType.EXACT_INPUT
    hops = tuple(
        Hop(leg.pool.protocol, leg.pool.address, leg.token_in, leg.token_out, leg.pool.fee_pips)
        for leg in route.legs
    )
    intermediate, amount_in = None, route.amount_in
    if not selling and len({hop.protocol for hop in hops}) > 1:
        intermediate, amount_in = _with_margin(route, request.slippage_bps)
    most = maximum_in(amount_in, request.slippage_bps)
    return SwapTerms(
        chain_id=priced.network.chain_id,
        account=request.account,
        recipient=request.recipient,
        token_in=priced.token_in,
        token_out=priced.token_out,
        trade_type=priced.trade_type,
        hops=hops,
        amount_in=amount_in,
        amount_out=route.amount_out,
        maximum_in=amount_in if selling else most,
        minimum_out=minimum_out(route.amount_out, request.slippage_bps) if selling else route.amount_out,
        intermediate=intermediate,
        deadline=request.deadline,
    )


def _with_margin(route: Route, slippage_bps: int) -> tuple[int, int]:
    """What the first pool buys, so that the second takes it for the output although its price has moved by half the
    tolerance; and what that costs."""
    first, second = route.legs
    wanted = -(-second.fill.amount_in * (2 * BPS + slippage_bps) // (2 * BPS))
    try:
        return wanted, first.pool.buy(first.token_in, wanted).amount_in
    except SwapRefused as refusal:
        raise NoRouteFound([refusal]) from refusal
