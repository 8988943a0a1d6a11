"""What tokens are worth at the state of their pools: a price for showing, which one swap can move. Pure.

A token's price is the mid price of its deepest pool with the quote token, or with one common token and from there.
Depth is what a constant product would have to hold to give the same price curve there, counted in the quote token: for
v3, L·√P and L/√P. Fees are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from colonnade.evm import Address
from plugins.trading.networks import Network
from plugins.trading.pools.concentrated.pool import ConcentratedPool
from plugins.trading.pools.pool import Pool
from plugins.trading.pools.refusals import SwapRefused

_Q96 = 1 << 96
_Priced: TypeAlias = tuple[Fraction, Fraction]
"""Depth and price, both in atomic units of the quote token."""


def common_token(network: Network, quote: Address) -> Address:
    """What prices in `quote` may go through: the wrapped coin, or the dollar where that is the quote itself."""
    return network.dollar if quote == network.wrapped_native else network.wrapped_native


def spot_pairs(
    network: Network, tokens: Iterable[Address], quote: Address
) -> Iterator[tuple[Address, Address]]:
    """The tokens whose pools `spot_prices` looks at."""
    common = common_token(network, quote)
    yield common, quote
    for token in tokens:
        yield token, quote
        yield token, common


def spot_prices(
    network: Network, pools: Iterable[Pool], tokens: Sequence[Address], quote: Address
) -> Mapping[Address, Fraction]:
    """Atomic units of `quote` for one of each of `tokens`, as pools hold them; those without a pool are left out."""
    common, known = common_token(network, quote), list(pools)
    through = _deepest(_offers(known, common, quote, Fraction(1)))
    found: dict[Address, Fraction] = {}
    for token in tokens:
        if token == quote:
            found[token] = Fraction(1)
            continue
        offers = list(_offers(known, token, quote, Fraction(1)))
        if through is not None and token != common:
            offers += _offers(known, token, common, through[1])
        best = _deepest(offers)
        if best is not None:
            found[token] = best[1]
    return found


def _offers(pools: Iterable[Pool], token: Address, other: Address, worth: Fraction) -> Iterator[_Priced]:
    """What each pool of the two says, where one unit of `other` is `worth` so many of the quote token."""
    for pool in pools:
        if {pool.token0, pool.token1} == {token, other}:
            try:
                price = pool.mid_price(token)
            except SwapRefused:
                continue
            depth = _depth(pool, other)
            if depth:
                yield depth * worth, price * worth


def _deepest(offers: Iterable[_Priced]) -> _Priced | None:
    return max(offers, default=None)


def _depth(pool: Pool, token: Address) -> Fraction:
    state = pool.state
    if isinstance(state, ConcentratedPool):
        root = Fraction(state.sqrt_price_x96, _Q96)
        return state.liquidity / root if token == pool.token0 else state.liquidity * root
    return Fraction(state.reserve0 if token == pool.token0 else state.reserve1)
