"""What a swap moves."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class Fill(NamedTuple):
    """A swap that a pool makes in full, in atomic units.

    `fee` is the part of `amount_in` that stays with the liquidity providers. `ticks_crossed`: initialised ticks
    at which the liquidity changed; `words_crossed`: ends of words of the tick bitmap. Each one costs gas.
    """

    amount_in: int
    amount_out: int
    fee: Fraction
    ticks_crossed: int = 0
    words_crossed: int = 0
