"""The best route through known pools: every direct and two-hop one, in exact integers. Pure.

"Best" is by amount: the most output for an input, the least input for an output. Gas is not weighed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from colonnade.evm import Address
from plugins.trading.pools.addresses import sort_tokens
from plugins.trading.pools.pool import Pool
from plugins.trading.pools.refusals import SwapRefused
from plugins.trading.routes import Leg, Route, TradeType

Hop: TypeAlias = tuple[Address, Address]
"""The token that goes in, and the one that comes out."""


class NoRouteFound(Exception):
    """No route can make the swap. `refusals`: what the pools that were asked said; empty where there are none."""

    def __init__(self, refusals: Sequence[SwapRefused]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(f"no route: {len(self.refusals)} swaps were refused")


def paths(token_in: Address, token_out: Address, hubs: Iterable[Address]) -> Iterator[tuple[Hop, ...]]:
    """The hops of every path that routes may take: straight, then by way of each hub."""
    yield ((token_in, token_out),)
    for hub in hubs:
        if hub not in (token_in, token_out):
            yield (token_in, hub), (hub, token_out)


def best_route(
    pools: Iterable[Pool],
    *,
    hubs: Sequence[Address],
    token_in: Address,
    token_out: Address,
    amount: int,
    trade_type: TradeType,
) -> Route:
    """The route with the best amount; of equal ones the shortest. Raises `NoRouteFound`."""
    by_pair: dict[Hop, list[Pool]] = {}
    for pool in pools:
        by_pair.setdefault((pool.token0, pool.token1), []).append(pool)
    search = _Search(by_pair, trade_type is TradeType.EXACT_INPUT)
    found = [route for path in paths(token_in, token_out, hubs) for route in search.routes(path, amount)]
    if not found:
        raise NoRouteFound(search.refusals)
    # Paths come shortest first, and both max and min keep the first of equals.
    if search.selling:
        return max(found, key=lambda route: route.amount_out)
    return min(found, key=lambda route: route.amount_in)


@dataclass(slots=True)
class _Search:
    """Quotes hops from the side whose amount is given: the first hop when selling, the last when buying."""

    by_pair: Mapping[Hop, Sequence[Pool]]
    selling: bool
    refusals: list[SwapRefused] = field(default_factory=list)

    def routes(self, path: Sequence[Hop], amount: int) -> Iterator[Route]:
        """Routes along `path` that no other one along it beats, if any can be made."""
        hops = [(hop, self.by_pair.get(sort_tokens(*hop), ())) for hop in path]
        if not all(pools for _, pools in hops):
            return
        near, *rest = hops if self.selling else hops[::-1]
        legs, _ = self._quote(*near, amount)
        if not rest:
            yield from (Route((leg,)) for leg in legs[:1])
            return
        # A better amount on the near side never makes a far pool's amount worse, so each far pool is asked once,
        # with the best; only one that refuses it may still take the next best.
        far, waiting = rest[0]
        for leg in legs:
            others, waiting = self._quote(far, waiting, self._result(leg))
            yield from (Route((leg, other) if self.selling else (other, leg)) for other in others[:1])
            if not waiting:
                return

    def _quote(self, hop: Hop, pools: Sequence[Pool], amount: int) -> tuple[list[Leg], list[Pool]]:
        """The legs that `pools` offer, the best first, and the pools that refuse."""
        legs: list[Leg] = []
        refusing: list[Pool] = []
        for pool in pools:
            try:
                fill = pool.sell(hop[0], amount) if self.selling else pool.buy(hop[0], amount)
            except SwapRefused as refusal:
                self.refusals.append(refusal)
                refusing.append(pool)
            else:
                legs.append(Leg(pool, *hop, fill))
        legs.sort(key=self._result, reverse=self.selling)
        return legs, refusing

    def _result(self, leg: Leg) -> int:
        return leg.fill.amount_out if self.selling else leg.fill.amount_in
