"""A plugin whose actions pay a shop in a token, sign an invoice, or do both; as a plugin author would write it."""

from __future__ import annotations

from collections.abc import Sequence

from colonnade import Context, Plugin, hookimpl
from colonnade.actions import (
    Action,
    ActionKind,
    Evidence,
    Moved,
    PreparedCall,
    SendCalls,
    StepDraft,
    Unproved,
)
from colonnade.evm import Address, Function

plugin = Plugin("paying", sdk=">=1.0,<2", requires=("actions",))

TRANSFER = Function.parse("function transfer(address to, uint256 amount) returns (bool)")


def transfer_call(token: str, to: str, amount: int) -> PreparedCall:
    return PreparedCall(Address(token), TRANSFER.encode(to, amount))


async def verify_payment(context: Context, action: Action, evidence: Evidence) -> Sequence[Moved]:
    if action.details.get("refused"):
        raise Unproved("NOT_FOR_THIS_SHOP", "the shop does not know this payment")
    if action.details.get("broken"):
        raise RuntimeError("the shop's own error")
    paid = evidence.net(Address(str(action.details["shop"])), Address(str(action.details["token"])))
    return [Moved(Address(str(action.details["token"])), paid)]


async def verify_call(context: Context, action: Action, evidence: Evidence) -> Sequence[Moved]:
    return []


async def after_signature(
    context: Context, action: Action, step: int, signature: bytes
) -> Sequence[StepDraft]:
    amount = int(str(action.details["amount"]))
    return [
        SendCalls("Pay", (transfer_call(str(action.details["token"]), str(action.details["shop"]), amount),))
    ]


@hookimpl
def action_kinds() -> Sequence[ActionKind]:
    return [
        ActionKind("PAYMENT", "Paying a shop.", verify=verify_payment, advance=after_signature),
        ActionKind("CALL", "Calling a contract.", verify=verify_call),
    ]
