"""Verifying what was signed for a step: always what is kept, never what a client says it was."""

from __future__ import annotations

from typing import Any

from colonnade.actions.drafts import SendCalls, SignBytes, SignMessage, SignTypedData, StepDraft, Waiting
from colonnade.actions.kinds import ActionKinds
from colonnade.actions.records import Action
from colonnade.actions.refusals import SignatureInvalid
from colonnade.actions.transitions import signed
from colonnade.context import Context
from colonnade.evm import hash_message, typed_data_hash
from colonnade.results import Refused
from colonnade.signatures import LONGEST_SIGNATURE, SignatureTooLong, verify_signature


def digest_of(step: StepDraft) -> bytes:
    """What a wallet signs for `step`: 32 bytes."""
    match step:
        case SignTypedData(typed_data=data):
            parts: dict[str, Any] = dict(data)
            return typed_data_hash(parts["domain"], parts["types"], parts["primaryType"], parts["message"])
        case SignMessage(message=message):
            return hash_message(message)
        case SignBytes(data=data):
            return data
        case SendCalls() | Waiting():
            raise ValueError(f"the step {step.title!r} is not one that is signed")


async def verified(context: Context, action: Action, index: int, signature: bytes) -> Action:
    """`action` with a step that the account signed, and with what waited for it.

    Raises `Refused` with `SignatureInvalid`, and what the kind's `verify_bytes` and `advance` raise.
    """
    kind = context.services.get(ActionKinds).get(action.kind)
    if isinstance(action.steps[index], SignBytes) and kind.verify_bytes is not None:
        if len(signature) > LONGEST_SIGNATURE or not await kind.verify_bytes(
            context, action, index, signature
        ):
            raise _invalid(f"this is no good signature of the bytes of step {index}")
    else:
        await _require_signed(context, action, index, signature)
    advance = kind.advance
    waits = any(isinstance(step, Waiting) for step in action.steps[index + 1 :])
    payloads = await advance(context, action, index, signature) if advance is not None and waits else ()
    return signed(action, index, signature, payloads, any_bytes=kind.verify_bytes is not None)


async def _require_signed(context: Context, action: Action, index: int, signature: bytes) -> None:
    digest = digest_of(action.steps[index])
    try:
        good = await verify_signature(context.chain(action.chain_id), action.account, digest, signature)
    except SignatureTooLong as error:
        raise _invalid(str(error)) from error
    if not good:
        raise _invalid(f"{action.account} did not sign 0x{digest.hex()}, the hash of this step's payload, so")


def _invalid(message: str) -> Refused:
    return Refused(SignatureInvalid(message=message, path=["input", "proof", "signature"]))
