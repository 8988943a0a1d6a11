"""Permit2: allowances that a signature gives, for one amount and a short time. Pure.

Source: `AllowanceTransfer.sol` and `PermitHash.sol` of Uniswap's permit2. Its domain has no version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from colonnade.actions import PreparedCall
from colonnade.chains import Call, ChainId
from colonnade.evm import AbiError, Address, Function
from plugins.trading.answers import Answer, answered

ALLOWANCE: Final = Function.parse(
    "function allowance(address owner, address token, address spender) view returns "
    "(uint160 amount, uint48 expiration, uint48 nonce)"
)
APPROVE: Final = Function.parse(
    "function approve(address token, address spender, uint160 amount, uint48 expiration)"
)
MAX_AMOUNT: Final = 2**160 - 2
"""The most that is ever allowed: what takes all 160 bits counts as without end, and no swap uses it up."""

TYPES: Final = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "PermitSingle": [
        {"name": "details", "type": "PermitDetails"},
        {"name": "spender", "type": "address"},
        {"name": "sigDeadline", "type": "uint256"},
    ],
    "PermitDetails": [
        {"name": "token", "type": "address"},
        {"name": "amount", "type": "uint160"},
        {"name": "expiration", "type": "uint48"},
        {"name": "nonce", "type": "uint48"},
    ],
}


@dataclass(frozen=True, slots=True)
class Permit2Allowance:
    """What Permit2 lets a spender take. `expiration`: Unix seconds, the last at which it may; `nonce`: of the next
    permit.
    """

    amount: int
    expiration: int
    nonce: int

    def covers(self, amount: int, until: int) -> bool:
        """Whether it lets `amount` be taken up to the moment `until`."""
        return self.amount >= amount and self.expiration >= until


def allowance_call(permit2: Address, owner: Address, token: Address, spender: Address) -> Call:
    """The call whose answer `allowance_from` reads."""
    return Call(permit2, ALLOWANCE.encode(owner, token, spender))


def allowance_from(answer: Answer) -> Permit2Allowance | None:
    """The allowance, or None where there is no Permit2."""
    try:
        return Permit2Allowance(*ALLOWANCE.decode(answered(answer)))
    except AbiError:
        return None


def approve_call(
    permit2: Address, token: Address, spender: Address, amount: int, expiration: int
) -> PreparedCall:
    """What gives the same allowance without a signature, from its owner."""
    return PreparedCall(permit2, APPROVE.encode(token, spender, amount, expiration))


def typed_data(
    chain_id: ChainId,
    permit2: Address,
    *,
    token: Address,
    amount: int,
    expiration: int,
    nonce: int,
    spender: Address,
    deadline: int,
) -> Mapping[str, Any]:
    """The `PermitSingle` that the owner signs, as JSON of `eth_signTypedData_v4`; integers as decimal strings."""
    return {
        "types": TYPES,
        "primaryType": "PermitSingle",
        "domain": {"name": "Permit2", "chainId": int(chain_id), "verifyingContract": permit2},
        "message": {
            "details": {
                "token": token,
                "amount": str(amount),
                "expiration": str(expiration),
                "nonce": str(nonce),
            },
            "spender": spender,
            "sigDeadline": str(deadline),
        },
    }
