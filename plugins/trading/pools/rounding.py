"""Division the way Solidity's fixed-point libraries do it."""

from __future__ import annotations

from typing import Final

MAX_UINT112: Final = 2**112 - 1
MAX_UINT128: Final = 2**128 - 1
MAX_UINT160: Final = 2**160 - 1
MAX_UINT256: Final = 2**256 - 1


def divide_up(numerator: int, denominator: int) -> int:
    """The quotient of non-negative integers, rounded up."""
    return -(-numerator // denominator)
