"""A plugin whose actions pay a shop in a token, sign an invoice, or do both; as a plugin author would write it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from colonnade import Context, Plugin, hookimpl
from colonnade.actions import (
    Action,
    ActionDraft,
    ActionKind,
    Actions,
    Effect,
    Evidence,
    Moved,
    PreparedCall,
    SendCalls,
    SignBytes,
    StepDraft,
    Unproved,
)
from colonnade.chains import BASE
from colonnade.evm import Address, Function
from colonnade.store import Writes

plugin = Plugin("paying", sdk=">=1.0,<2", requires=("actions",))

TRANSFER = Function.parse("function transfer(address to, uint256 amount) returns (bool)")


async def prepare_payment(
    context: Context, payer: Address, shop: Address, token: Address, amount: int
) -> tuple[Action, Writes]:
    """A payment for the signed-in caller to send; `amount`: atomic units. Commit the writes."""
    draft = ActionDraft(
        kind="PAYMENT",
        account=payer,
        chain_id=BASE,
        steps=(SendCalls("Pay the shop", (transfer_call(token, shop, amount),)),),
        expires_at=context.clock.now() + timedelta(minutes=10),
        effects=(Effect(payer, token, -amount, -amount), Effect(shop, token, amount)),
        details={"shop": shop, "token": token},
    )
    return await context.services.get(Actions).prepare(context, draft)


def transfer_call(token: str, to: str, amount: int) -> PreparedCall:
    return PreparedCall(Address(token), TRANSFER.encode(to, amount))


async def verify_payment(context: Context, action: Action, evidence: Evidence) -> Sequence[Moved]:
    """The platform has seen the payer's own success and the effects; whether the shop takes it, only we know."""
    shop, token = Address(str(action.details["shop"])), Address(str(action.details["token"]))
    if action.details.get("refused"):
        raise Unproved("NOT_FOR_THIS_SHOP", "the shop does not know this payment")
    return [Moved(token, evidence.net(shop, token))]


async def break_down(context: Context, action: Action, evidence: Evidence) -> Sequence[Moved]:
    raise RuntimeError("the plugin's own error")


async def verify_call(context: Context, action: Action, evidence: Evidence) -> Sequence[Moved]:
    return []


async def after_signature(
    context: Context, action: Action, step: int, signature: bytes
) -> Sequence[StepDraft]:
    amount = int(str(action.details["amount"]))
    return [
        SendCalls("Pay", (transfer_call(str(action.details["token"]), str(action.details["shop"]), amount),))
    ]


async def verify_note(context: Context, action: Action, step: int, signature: bytes) -> bool:
    """A protocol of our own: a note is signed by the key that the action names, backwards."""
    note = action.steps[step]
    assert isinstance(note, SignBytes)
    return signature == str(action.details["key"]).encode() + note.data[::-1]


async def after_note(context: Context, action: Action, step: int, signature: bytes) -> Sequence[StepDraft]:
    return [SignBytes("Another note", signature[::-1])]


@hookimpl
def action_kinds() -> Sequence[ActionKind]:
    return [
        ActionKind("PAYMENT", "Paying a shop.", verify=verify_payment, advance=after_signature),
        ActionKind("CALL", "Calling a contract.", verify=verify_call),
        ActionKind("NOTE", "Signing bytes by its own protocol.", verify_call, after_note, verify_note),
        ActionKind("BROKEN", "What a plugin with a fault offers.", verify=break_down),
    ]
