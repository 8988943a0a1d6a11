"""What is kept of actions: one row each, and a claim for each proof that was used."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from colonnade.actions.drafts import ActionWarning, Effect, SendCalls
from colonnade.actions.progress_codec import decode_failure, decode_progress, encode_failure, encode_progress
from colonnade.actions.records import Action, ActionState, StepState
from colonnade.actions.step_codec import decode_step, encode_step
from colonnade.conditions import absent, attribute
from colonnade.entities import Entity, Index
from colonnade.store import Put, Value

PLUGIN: Final = "actions"

SHARDS: Final = 4
"""Partitions that the indexes are spread over."""

UNSENT_KEPT: Final = timedelta(days=30)
"""How long an action of which nothing was sent is kept after it has expired; any other is kept for good."""


def _with_simulated(row: Mapping[str, Any]) -> Mapping[str, Value]:
    """The second version: effects say what a rehearsal showed."""
    effects = [{"simulated": None, **effect} for effect in row["effects"]]
    return {**row, "effects": effects}


ACTION: Final = Entity(
    PLUGIN,
    "Action",
    partition="{id}",
    indexes=(
        Index("followed", "gsi1", partition="{followed_on}#{shard}", sort="{spread}#{id}"),
        Index("due", "gsi2", partition="{due_shard}", sort="{due_at:012d}#{id}"),
        Index("owned", "gsi3", partition="{owner}", sort="{id}"),
    ),
    serves=(
        "an action by its id",
        "the actions of a chain that a block may change, in an order without meaning",
        "the actions that wait for their users, by when they expire",
        "an account's actions, oldest first",
    ),
    expires=True,
    upgrades=(_with_simulated,),
)

CLAIM: Final = Entity(
    PLUGIN,
    "Claim",
    partition="{proof}",
    indexes=(Index("of_action", "gsi1", partition="{action_id}", sort="{proof}"),),
    serves=("which step a transaction or user operation proves", "what an action claims"),
)

PAST_ACTION: Final = Entity(
    PLUGIN,
    "PastAction",
    partition="{month}",
    sort="{id}",
    serves=("what actions of erased accounts moved, month by month",),
)


def put_action(action: Action) -> Put:
    """The write of `action`, on condition that the version before is there, or none where this is the first."""
    waits = action.status is ActionState.AWAITING_USER
    sent = any(step.sent is not None or step.signature is not None for step in action.progress)
    digest = hashlib.sha256(action.id.encode()).hexdigest()
    shard = int(digest[:8], 16) % SHARDS
    attributes: dict[str, Value] = {
        "id": action.id,
        "owner": action.owner,
        "kind": action.kind,
        "account": action.account,
        "chain_id": action.chain_id,
        "status": action.status.name,
        "revision": action.revision,
        "version": action.version,
        "steps": [encode_step(step) for step in action.steps],
        "progress": [encode_progress(step) for step in action.progress],
        "effects": [_encode_effect(effect) for effect in action.effects],
        "warnings": [{"code": warning.code, "message": warning.message} for warning in action.warnings],
        "failure": encode_failure(action.failure),
        "expires_at": action.expires_at.isoformat(),
        "details": dict(action.details),
        "prepared_at_block": action.prepared_at_block,
        "followed_on": action.chain_id if is_followed(action) else None,
        "shard": shard,
        "spread": digest[8:12],
        "due_shard": shard if waits else None,
        "due_at": int(action.expires_at.timestamp()),
    }
    lasts_until = int((action.expires_at + UNSENT_KEPT).timestamp())
    item = ACTION.item(attributes, expires_at=lasts_until)
    condition = absent() if action.version == 1 else attribute("version").equals(action.version - 1)
    return Put(replace(item, expires_at=None) if sent else item, condition)


def is_followed(action: Action) -> bool:
    """Whether a block of its chain may still change `action`."""
    if action.status in {ActionState.FINALIZED, ActionState.EXPIRED, ActionState.CANCELLED}:
        return False
    if action.status is ActionState.FAILED:
        index = current_step(action)
        sent = action.progress[index].sent
        return sent is not None and sent.block_hash is not None
    return any(_is_pending(action, index) for index in range(len(action.steps)))


def current_step(action: Action) -> int:
    """The first step that is not done, or the last one."""
    for index, step in enumerate(action.progress):
        if step.status is not StepState.DONE:
            return index
    return len(action.progress) - 1


def _is_pending(action: Action, index: int) -> bool:
    step = action.progress[index]
    last = index == len(action.steps) - 1
    sends = isinstance(action.steps[index], SendCalls)
    return step.status is StepState.SUBMITTED or (last and sends and step.status is StepState.DONE)


def action_of(row: Mapping[str, Any]) -> Action:
    """The action that a row of any version holds."""
    kept: Mapping[str, Any] = ACTION.read(row)
    return Action(
        id=kept["id"],
        owner=kept["owner"],
        kind=kept["kind"],
        account=kept["account"],
        chain_id=kept["chain_id"],
        status=ActionState[kept["status"]],
        revision=kept["revision"],
        steps=tuple(decode_step(step) for step in kept["steps"]),
        effects=tuple(_decode_effect(effect) for effect in kept["effects"]),
        warnings=tuple(ActionWarning(warning["code"], warning["message"]) for warning in kept["warnings"]),
        expires_at=datetime.fromisoformat(kept["expires_at"]).astimezone(UTC),
        details=kept["details"],
        progress=tuple(decode_progress(step) for step in kept["progress"]),
        failure=decode_failure(kept["failure"]),
        prepared_at_block=kept["prepared_at_block"],
        version=kept["version"],
    )


def _encode_effect(effect: Effect) -> Mapping[str, Value]:
    return {
        "account": effect.account,
        "token": effect.token,
        "minimum": str(effect.minimum),
        "maximum": None if effect.maximum is None else str(effect.maximum),
        "simulated": None if effect.simulated is None else str(effect.simulated),
    }


def _decode_effect(kept: Mapping[str, Any]) -> Effect:
    maximum, simulated = kept["maximum"], kept["simulated"]
    return Effect(
        kept["account"],
        kept["token"],
        int(kept["minimum"]),
        None if maximum is None else int(maximum),
        None if simulated is None else int(simulated),
    )
