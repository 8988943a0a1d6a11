"""How routers are told of a route's pools. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from colonnade.evm import Address, encode_packed
from plugins.trading.execution.terms import Hop


def v3_path(hops: Sequence[Hop], *, backwards: bool) -> bytes:
    """Tokens and fees in turns, packed; from the last token to the first where an output is asked for."""
    values: list[object] = [hops[0].token_in]
    for hop in hops:
        values += [hop.fee_pips, hop.token_out]
    kinds = ["address", *(["uint24", "address"] * len(hops))]
    return encode_packed(kinds, values[::-1] if backwards else values)


def v2_path(hops: Sequence[Hop]) -> list[Address]:
    """The tokens in order."""
    return [hops[0].token_in, *(hop.token_out for hop in hops)]
