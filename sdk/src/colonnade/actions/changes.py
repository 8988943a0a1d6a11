"""Committing what became of an action: its row, its event, the value it moved and the proofs it used, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from colonnade.actions.action_events import ActionUpdated
from colonnade.actions.kinds import Moved
from colonnade.actions.records import Action
from colonnade.actions.storage import CLAIM, put_action
from colonnade.conditions import Condition, absent, attribute
from colonnade.context import Context
from colonnade.core_events import OperationValue
from colonnade.errors import ConditionFailed
from colonnade.store import Delete, Put, Write, Writes

MOST_MOVED: Final = 20
"""Amounts that one action may say it moved."""


class Outdated(Exception):
    """Somebody else changed the action in between; nothing was written."""


class AlreadyClaimed(Exception):
    """A proof proves something else already; nothing was written."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an action. `proofs`: what step `index` is to claim; `released`: what it claimed and is of no use to
    it; `moved`: what was moved, once confirmed."""

    action: Action
    index: int = 0
    proofs: Sequence[str] = ()
    moved: Sequence[Moved] = ()
    released: Sequence[str] = ()


async def commit(context: Context, change: Change) -> Action:
    """Write `change`; the action as it is from then on. Raises `Outdated` and `AlreadyClaimed`."""
    action = change.action
    if len(change.moved) > MOST_MOVED:
        raise ValueError(
            f"{action.kind}: an action moves at most {MOST_MOVED} amounts, not {len(change.moved)}"
        )
    writes: list[Write] = [_claim(action, change.index, proof) for proof in dict.fromkeys(change.proofs)]
    claims = len(writes)
    writes += [put_action(action), context.record(ActionUpdated.of_action(action))]
    writes += [context.record(_value(action, moved)) for moved in change.moved]
    released = [proof for proof in change.released if proof not in change.proofs]
    writes += [_release(action, change.index, proof) for proof in released]
    try:
        await context.store.transact(Writes(writes))
    except ConditionFailed as error:
        # An action that is outdated may have made the very claims: what it is now tells.
        if claims in error.failed:
            raise Outdated from error
        if any(position < claims for position in error.failed):
            raise AlreadyClaimed from error
        if min(error.failed) >= len(writes) - len(released):
            # What is released was given back before, and proves something else now.
            return await commit(context, replace(change, released=()))
        raise
    return action


def _claim(action: Action, index: int, proof: str) -> Put:
    return CLAIM.put(
        {"proof": f"{action.chain_id}:{proof}", "action_id": action.id, "step": index},
        condition=_free_for(action, index),
    )


def _release(action: Action, index: int, proof: str) -> Delete:
    return CLAIM.delete(condition=_free_for(action, index), proof=f"{action.chain_id}:{proof}")


def _free_for(action: Action, index: int) -> Condition:
    return absent() | (attribute("action_id").equals(action.id) & attribute("step").equals(index))


def _value(action: Action, moved: Moved) -> OperationValue:
    return OperationValue(
        action_id=action.id,
        action_kind=action.kind,
        principal=action.owner,
        chain_id=action.chain_id,
        token=moved.token,
        amount=str(moved.amount),
        revision=action.revision,
    )
