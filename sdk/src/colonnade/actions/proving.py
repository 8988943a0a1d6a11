"""Whether the chain shows that a step was carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from colonnade.actions.drafts import PreparedCall, SendCalls
from colonnade.actions.executions import Execution, executions, is_exactly
from colonnade.actions.kinds import ActionKinds, Evidence, Moved, Unproved
from colonnade.actions.records import Action, Failure, Sent
from colonnade.actions.transfers import NATIVE, net_change
from colonnade.chains import BlockRef, ChainId, Receipt, SimulatedCall, Transaction
from colonnade.context import Context
from colonnade.errors import ChainError


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction in a block of the canonical chain."""

    transaction: Transaction
    receipt: Receipt
    block: BlockRef


@dataclass(frozen=True, slots=True)
class Proved:
    """What a mined transaction shows of a step: `failure` is why it did not do what it was for, None where it did.

    `proofs`: what it is known by, to be claimed. `moved`: what it moved.
    """

    sent: Sent
    proofs: tuple[str, ...]
    moved: tuple[Moved, ...] = ()
    failure: Failure | None = None


def last_call(action: Action, index: int) -> PreparedCall:
    """The call that a step is for."""
    step = action.steps[index]
    assert isinstance(step, SendCalls), "only steps of calls are sent"
    return step.calls[-1]


def is_last(action: Action, index: int) -> bool:
    """Whether a step is the one that does what the action is for."""
    return index == len(action.steps) - 1


async def prove(context: Context, action: Action, index: int, sent: Sent, mined: Mined) -> Proved:
    """What `mined` shows of a step of `action`, reported as `sent`.

    Raises `Unproved` where it does not show that the account carried out the step, and whatever the kind's verifier
    raises otherwise.
    """
    transaction, receipt = mined.transaction, mined.receipt
    require_eligible(action, index, transaction)
    # A nonce is known of what was seen waiting, or proved before, neither of which can be older than the action.
    if sent.nonce is None and mined.block.number <= (action.prepared_at_block or 0):
        raise Unproved("BEFORE_THE_ACTION", "this happened before the action was prepared")
    found = executions(transaction, receipt, action.account, last_call(action, index), sent.user_operation)
    execution = _the_one(action, index, found)
    seen = replace(
        sent,
        transaction=transaction.hash,
        user_operation=None if execution.user_operation is None else execution.user_operation.hash,
        sender=transaction.sender,
        nonce=transaction.nonce,
        block_number=receipt.block_number,
        block_hash=receipt.block_hash,
    )
    if not execution.succeeded:
        _require_its_own_failure(action, execution, transaction)
        return Proved(
            seen, execution.proofs, failure=await _reverted(context, action.chain_id, transaction, execution)
        )
    if not is_last(action, index):
        return Proved(seen, execution.proofs)
    _require_effects(action, execution)
    evidence = Evidence(
        transaction, receipt, mined.block, execution.logs, execution.user_operation, execution.exact_call
    )
    moved = await context.services.get(ActionKinds).get(action.kind).verify(context, action, evidence)
    return Proved(seen, execution.proofs, tuple(moved))


def require_eligible(action: Action, index: int, transaction: Transaction) -> None:
    """Raises `Unproved` for a transaction that cannot prove a step, whatever it does.

    Such is one of another chain, and one that the account's key sent and that is neither the step's call, nor a batch
    (the account calling itself, EIP-7702), nor to be told by its effects.
    """
    if transaction.chain_id != action.chain_id:
        raise Unproved(
            "WRONG_CHAIN", f"the transaction is of chain {transaction.chain_id}, not {action.chain_id}"
        )
    if transaction.sender != action.account or transaction.to == action.account:
        return
    by_effects = is_last(action, index) and any(effect.token != NATIVE for effect in action.effects)
    if not (by_effects or is_exactly(transaction, action.account, last_call(action, index))):
        raise Unproved(
            "NOT_THE_PREPARED_CALL", "the account sent this transaction, and it is not the call of this step"
        )


def _require_its_own_failure(action: Action, execution: Execution, transaction: Transaction) -> None:
    """What a key sent and is not the prepared call could only have been told by effects, and has none."""
    if execution.direct and not execution.exact_call and transaction.to != action.account:
        raise Unproved(
            "NOT_THE_PREPARED_CALL", "this transaction reverted, and it is not the call of this step"
        )


def _the_one(action: Action, index: int, found: Sequence[Execution]) -> Execution:
    if not found:
        raise Unproved("NOT_BY_THIS_ACCOUNT", f"{action.account} did nothing of its own in this transaction")
    if len(found) == 1:
        return found[0]
    fitting = [e for e in found if e.succeeded and not (is_last(action, index) and _missed(action, e))]
    if len(fitting) != 1:
        raise Unproved(
            "AMBIGUOUS",
            f"{action.account} did {len(found)} things in this transaction, of which {len(fitting)} fit: "
            "give the hash of the user operation",
        )
    return fitting[0]


def _require_effects(action: Action, execution: Execution) -> None:
    missed = _missed(action, execution)
    if missed:
        raise Unproved("EFFECTS_NOT_SEEN", "; ".join(missed))


def _missed(action: Action, execution: Execution) -> Sequence[str]:
    """The effects that the logs do not show. The chain's own coin leaves none: its kind's verifier looks after it."""
    missed: list[str] = []
    for effect in action.effects:
        if effect.token == NATIVE:
            continue
        change = net_change(execution.logs, effect.account, effect.token)
        if change < effect.minimum or (effect.maximum is not None and change > effect.maximum):
            wanted = f"at least {effect.minimum}"
            if effect.maximum is not None:
                wanted += f" and at most {effect.maximum}"
            missed.append(f"{effect.account} was to gain {wanted} of {effect.token}, and gained {change}")
    return missed


async def _reverted(
    context: Context, chain_id: ChainId, transaction: Transaction, execution: Execution
) -> Failure:
    reason = execution.reason
    if reason is None and execution.direct and transaction.to is not None:
        again = SimulatedCall(transaction.sender, transaction.to, transaction.data, transaction.value)
        reason = await _reason_now(context, chain_id, again)
    return Failure("REVERTED", f"it reverted: {reason}" if reason else "it reverted")


async def _reason_now(context: Context, chain_id: ChainId, again: SimulatedCall) -> str | None:
    """Receipts do not say why. Trying again usually does, as long as what was wrong still is."""
    try:
        (result,) = await context.chain(chain_id).simulate([again])
    except ChainError:
        return None
    return None if result.error is None else str(result.error)
