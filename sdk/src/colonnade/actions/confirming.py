"""Confirming a step of an action with a proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from colonnade.actions.changes import AlreadyClaimed, Change, Outdated, commit
from colonnade.actions.drafts import SendCalls
from colonnade.actions.executions import reported_proof
from colonnade.actions.finding import find_operation, find_sent
from colonnade.actions.kinds import Unproved
from colonnade.actions.loading import owned_action
from colonnade.actions.proving import Mined, prove, require_eligible
from colonnade.actions.records import Action, ActionState, Sent, StepState
from colonnade.actions.refusals import (
    ActionClosed,
    ActionExpired,
    ConcurrentChange,
    ProofAlreadyUsed,
    ProofRejected,
    StepNotReady,
)
from colonnade.actions.signing import verified
from colonnade.actions.storage import current_step
from colonnade.actions.transitions import carried_out, failed, submitted
from colonnade.chains import Finality, Transaction
from colonnade.context import Context
from colonnade.results import Refused

_ATTEMPTS: Final = 4


@dataclass(frozen=True, slots=True)
class Proof:
    """What a client says proves a step: exactly one of these, and perhaps what its wallet calls it."""

    transaction: bytes | None = None
    user_operation: bytes | None = None
    signature: bytes | None = None
    calls_id: str | None = None


async def confirm(context: Context, action_id: str, index: int, proof: Proof) -> Action:
    """The caller's action, with `proof` of a step taken into account. The same proof again changes nothing.

    Raises `Refused` with a typed error, and `ChainUnavailable` where the chain cannot be asked.
    """
    for _ in range(_ATTEMPTS):
        action = await owned_action(context, action_id)
        if _is_known(action, index, proof):
            return action
        _require_open(action, index)
        change = await _confirmed(context, action, index, proof)
        if change is None:
            return action
        try:
            return await commit(context, change)
        except AlreadyClaimed:
            raise Refused(
                ProofAlreadyUsed(message="this already proves another step or action; each needs its own")
            ) from None
        except Outdated:
            continue
    raise Refused(
        ConcurrentChange(
            message=f"{action_id} keeps changing; try again", retryable=True, retry_after_ms=1_000
        )
    )


def _is_known(action: Action, index: int, proof: Proof) -> bool:
    """Whether this very proof has been accepted for this step before, and nothing is left to do."""
    if not 0 <= index < len(action.steps) or action.progress[index].status is not StepState.DONE:
        return False
    sent, signature = action.progress[index].sent, action.progress[index].signature
    if proof.signature is not None:
        return proof.signature == signature
    if sent is None:
        return False
    if proof.user_operation is not None:
        return proof.user_operation == sent.user_operation
    return proof.transaction == sent.transaction


def _require_open(action: Action, index: int) -> None:
    """Raises `Refused` where a step takes no proof."""
    retryable = action.failure is not None and action.failure.retryable
    closed = {ActionState.CANCELLED, ActionState.CONFIRMED, ActionState.FINALIZED}
    if action.status in closed or (action.status is ActionState.FAILED and not retryable):
        raise Refused(
            ActionClosed(
                message=f"{action.id} is {action.status.name} and takes no other proof", status=action.status
            )
        )
    if index != current_step(action):
        raise Refused(
            StepNotReady(
                message=f"it is the turn of step {current_step(action)}, not of step {index}",
                path=["input", "step"],
            )
        )


async def _confirmed(context: Context, action: Action, index: int, proof: Proof) -> Change | None:
    step, late = action.steps[index], context.clock.now() > action.expires_at
    if isinstance(step, SendCalls) == (proof.signature is not None):
        wanted = "txHash or userOpHash" if isinstance(step, SendCalls) else "signature"
        raise rejected("WRONG_KIND_OF_PROOF", f"step {index} is proved by {wanted}")
    if proof.signature is not None:
        if late:
            raise _expired(action)
        return Change(await verified(context, action, index, proof.signature), index)
    sent = _sent(context, action, index, proof)
    found = await _find(context, action, sent)
    try:
        if isinstance(found, Mined):
            return await _proved(context, action, index, sent, found)
        if found is not None:
            require_eligible(action, index, found)
            if found.block_hash is None:
                sent = replace(sent, sender=found.sender, nonce=found.nonce)
    except Unproved as error:
        raise rejected(error.code, str(error)) from error
    return _followed(action, index, sent, late)


def _sent(context: Context, action: Action, index: int, proof: Proof) -> Sent:
    """What was sent, with the time at which it was first reported."""
    before = action.progress[index].sent
    if before is not None:
        if proof.user_operation is not None and proof.user_operation == before.user_operation:
            return before
        if proof.transaction is not None and proof.transaction == before.transaction:
            return before
    return Sent(context.clock.now(), proof.transaction, proof.user_operation, calls_id=proof.calls_id)


async def _find(context: Context, action: Action, sent: Sent) -> Mined | Transaction | None:
    history = context.chains.history(action.chain_id)
    transaction = sent.transaction
    if sent.user_operation is not None:
        transaction = await find_operation(history, sent.user_operation, action.prepared_at_block or 0)
    return None if transaction is None else await find_sent(history, transaction)


async def _proved(context: Context, action: Action, index: int, sent: Sent, mined: Mined) -> Change:
    in_time = min(mined.block.timestamp, sent.at) <= action.expires_at
    if not in_time and sent != action.progress[index].sent:
        raise _expired(action)
    proved = await prove(context, action, index, sent, mined)
    if proved.failure is not None:
        return Change(failed(action, index, proved.sent, proved.failure), index, proved.proofs)
    final = mined.block.finality is Finality.FINALIZED
    after = carried_out(action, index, proved.sent, final=final)
    return Change(after, index, proved.proofs, proved.moved, _displaced(action, index, sent))


def _followed(action: Action, index: int, sent: Sent, late: bool) -> Change | None:
    """No block that counts holds it: from now on, new blocks are looked at."""
    before = action.progress[index].sent
    known = before is not None and sent == replace(before, sender=sent.sender, nonce=sent.nonce)
    if known and action.status is ActionState.SUBMITTED and (late or sent == before):
        return None
    if late:
        raise _expired(action)
    proof = reported_proof(sent.transaction, sent.user_operation, action.account)
    return Change(submitted(action, index, sent), index, [proof], released=_displaced(action, index, sent))


def _displaced(action: Action, index: int, sent: Sent) -> Sequence[str]:
    """What was claimed for a hash that `sent` takes the place of: it may prove what it was really for."""
    before = action.progress[index].sent
    if before is None or sent == before:
        return ()
    return (reported_proof(before.transaction, before.user_operation, action.account),)


def rejected(reason: str, message: str) -> Refused:
    """A proof that does not show what the step is for."""
    return Refused(ProofRejected(message=message, reason=reason, path=["input", "proof"]))


def _expired(action: Action) -> Refused:
    return Refused(
        ActionExpired(message=f"{action.id} expired at {action.expires_at.isoformat()}; prepare it anew")
    )
