"""What becomes of an action, given what its chain shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from colonnade.actions.changes import Change
from colonnade.actions.executions import reported_proof
from colonnade.actions.kinds import Unproved
from colonnade.actions.proving import Mined, prove
from colonnade.actions.records import Action, Failure, Sent
from colonnade.actions.sightings import Sightings
from colonnade.actions.storage import current_step
from colonnade.actions.transitions import carried_out, expired, failed, noticed, settled, submitted
from colonnade.chains import Finality
from colonnade.context import Context

PATIENCE: Final = timedelta(minutes=2)
"""How long what no node shows is waited for, once the action's time is over or its block was taken back."""


async def traced(context: Context, action: Action, sightings: Sightings) -> Change | None:
    """The change that is due, or None. Raises what the kind's verifier raises, apart from `Unproved`."""
    index = current_step(action)
    sent = action.progress[index].sent
    if sent is None:
        return None
    block = None if sent.block_hash is None else sightings.blocks.get(sent.block_hash)
    if block is not None:
        # It is still there, whatever a node may have forgotten of it.
        return Change(settled(action, index), index) if block.finality is Finality.FINALIZED else None
    if sightings.is_between_blocks(sent):
        return None
    mined, taken_back = sightings.mined(sent), sent.block_hash is not None
    if mined is not None:
        return await _proved(context, action, index, sent, mined, revised=taken_back)
    if taken_back:
        lost = replace(sent, lost_at=context.clock.now())
        return Change(submitted(action, index, lost, revised=True), index)
    return _unmined(context, action, index, sent, sightings)


async def _proved(
    context: Context, action: Action, index: int, sent: Sent, mined: Mined, *, revised: bool
) -> Change:
    try:
        proved = await prove(context, action, index, sent, mined)
    except Unproved as error:
        seen = replace(
            sent,
            transaction=mined.transaction.hash,
            block_number=mined.block.number,
            block_hash=mined.block.hash,
        )
        failure = Failure(error.code, str(error), retryable=True)
        # It may prove what it was really for. What was proved once may be so again, and is kept.
        after = failed(action, index, seen, failure, revised=revised)
        return Change(after, index, released=() if revised else (_reported(action, sent),))
    if proved.failure is not None:
        after = failed(action, index, proved.sent, proved.failure, revised=revised)
        return Change(after, index, proved.proofs)
    final = mined.block.finality is Finality.FINALIZED
    after = carried_out(action, index, proved.sent, final=final, revised=revised)
    return Change(after, index, proved.proofs, proved.moved)


def _unmined(context: Context, action: Action, index: int, sent: Sent, sightings: Sightings) -> Change | None:
    """Of an action that no block holds: it waits, was dropped, or lost its place to another transaction."""
    shown = None if sent.transaction is None else sightings.transactions.get(sent.transaction)
    if shown is not None:
        if sent.nonce is not None:
            return None
        return Change(noticed(action, index, replace(sent, sender=shown.sender, nonce=shown.nonce)), index)
    if _is_replaced(sent, sightings):
        failure = Failure(
            "REPLACED",
            f"{sent.sender} used nonce {sent.nonce} for another transaction; "
            "if that one does the same, confirm the step with its hash",
            retryable=True,
        )
        return Change(failed(action, index, sent, failure), index)
    if max(action.expires_at, sent.lost_at or action.expires_at) + PATIENCE < context.clock.now():
        return Change(expired(action), index, released=(_reported(action, sent),))
    return None


def _reported(action: Action, sent: Sent) -> str:
    return reported_proof(sent.transaction, sent.user_operation, action.account)


def _is_replaced(sent: Sent, sightings: Sightings) -> bool:
    """Whether its nonce was used by another transaction, in a block that is safe. Who carries out a user operation
    may try again with another.
    """
    if sent.sender is None or sent.nonce is None or sent.user_operation is not None:
        return False
    return sightings.counts.get(sent.sender, 0) > sent.nonce
