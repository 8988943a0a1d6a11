"""ERC-20 allowances: exact amounts, and never more than a swap needs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from colonnade.actions import PreparedCall
from colonnade.evm import Address, Function

ALLOWANCE: Final = Function.parse("function allowance(address owner, address spender) view returns (uint256)")
APPROVE: Final = Function.parse("function approve(address spender, uint256 amount) returns (bool)")


def approval_calls(token: Address, spender: Address, current: int, needed: int) -> Sequence[PreparedCall]:
    """What it takes that `spender` may take `needed` of `token`: nothing where it may already.

    An allowance that is there but too small is taken back first: some tokens, USDT among them, refuse to change one
    that is not zero.
    """
    if current >= needed:
        return ()
    grant = PreparedCall(token, APPROVE.encode(spender, needed))
    return (grant,) if current == 0 else (PreparedCall(token, APPROVE.encode(spender, 0)), grant)
