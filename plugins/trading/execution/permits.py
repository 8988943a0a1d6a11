"""Permits as an action keeps them between their preparation and their signature. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from colonnade.actions import PreparedCall
from plugins.trading.execution import erc2612, permit2, swap_router, universal_router
from plugins.trading.execution.authorization import Authorization
from plugins.trading.execution.terms import SwapTerms
from plugins.trading.execution.wallet_state import WalletState

_HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_LOW_255_BITS: Final = (1 << 255) - 1


class MalformedSignature(ValueError):
    """The bytes are not the 65 or 64 of a key's signature."""


def permit_to_sign(terms: SwapTerms, authorization: Authorization, state: WalletState) -> Mapping[str, Any]:
    """The typed data whose signature lets the router take exactly what the swap may cost, until its deadline."""
    network = terms.network
    if authorization is Authorization.PERMIT:
        assert state.permit is not None, "a token without permits was to be permitted"
        return erc2612.typed_data(
            terms.chain_id,
            terms.token_in,
            state.permit,
            owner=terms.account,
            spender=network.swap_router,
            value=terms.maximum_in,
            deadline=terms.deadline,
        )
    assert state.permit2_grant is not None, "Permit2 was to be used where there is none"
    return permit2.typed_data(
        terms.chain_id,
        network.permit2,
        token=terms.token_in,
        amount=terms.maximum_in,
        expiration=terms.deadline,
        nonce=state.permit2_grant.nonce,
        spender=network.universal_router,
        deadline=terms.deadline,
    )


def signed_swap(terms: SwapTerms, typed_data: Mapping[str, Any], signature: bytes) -> PreparedCall:
    """The swap that brings the permit along. Raises `MalformedSignature`."""
    message = typed_data["message"]
    v, r, s = split_signature(signature)
    if typed_data["primaryType"] == "Permit":
        value, deadline = int(message["value"]), int(message["deadline"])
        return swap_router.swap_call(
            terms, [swap_router.self_permit(terms.token_in, value, deadline, (v, r, s))]
        )
    details = message["details"]
    command = universal_router.permit_command(
        (details["token"], int(details["amount"]), int(details["expiration"]), int(details["nonce"])),
        message["spender"],
        int(message["sigDeadline"]),
        r + s + bytes([v]),
    )
    return universal_router.swap_call(terms, [command])


def split_signature(signature: bytes) -> tuple[int, bytes, bytes]:
    """v (27 or 28), r and s of a key's signature, plain or compact (EIP-2098). Raises `MalformedSignature`."""
    r, rest = signature[:32], int.from_bytes(signature[32:64], "big")
    match len(signature):
        case 65:
            v, s = signature[64], rest
        case 64:
            v, s = rest >> 255, rest & _LOW_255_BITS
        case size:
            raise MalformedSignature(f"a key's signature has 65 bytes, or 64 in its compact form, not {size}")
    v = v + 27 if v < 2 else v
    if v not in (27, 28) or not 0 < s <= _HALF_ORDER:
        raise MalformedSignature("the signature's v is 27 or 28, and its s is in the lower half of the order")
    return v, r, s.to_bytes(32, "big")
