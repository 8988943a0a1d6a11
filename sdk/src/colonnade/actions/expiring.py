"""The end of what was not sent in time, and of what its owner called off."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from colonnade.actions.changes import Change, Outdated, commit
from colonnade.actions.loading import as_of_now, owned_action
from colonnade.actions.records import Action, ActionState
from colonnade.actions.refusals import ActionClosed, ConcurrentChange
from colonnade.actions.storage import ACTION, SHARDS, action_of
from colonnade.actions.transitions import cancelled, expired
from colonnade.context import Context
from colonnade.results import Refused
from colonnade.store import SortRange

PAGE: Final = 100
MOST_PAGES: Final = 10
"""Of each shard in one turn; the next turn does the rest."""

_ATTEMPTS: Final = 4


async def expire(context: Context, arguments: Mapping[str, Any]) -> None:
    """The job `actions.expire`: every action that its owner left waiting for too long has expired."""
    await asyncio.gather(*(_expire_shard(context, shard) for shard in range(SHARDS)))


async def _expire_shard(context: Context, shard: int) -> None:
    now = context.clock.now()
    overdue = SortRange(high=f"{int(now.timestamp()):012d}")
    for _ in range(MOST_PAGES):
        page = await context.store.query(ACTION.query("due", sort=overdue, limit=PAGE, due_shard=shard))
        for item in page.items:
            action = action_of(item.attributes)
            if action.status is ActionState.AWAITING_USER and action.expires_at <= now:
                await _expire_one(context, action)
        if page.next is None:
            return


async def _expire_one(context: Context, action: Action) -> None:
    try:
        await commit(context, Change(expired(action)))
    except Outdated:
        return  # the index was behind, or a proof came in at the last moment


async def cancel(context: Context, action_id: str) -> Action:
    """The caller's action, called off. Again changes nothing. Raises `Refused` with a typed error."""
    for _ in range(_ATTEMPTS):
        action = as_of_now(context, await owned_action(context, action_id))
        if action.status is ActionState.CANCELLED:
            return action
        if action.status is not ActionState.AWAITING_USER:
            raise Refused(
                ActionClosed(
                    message=f"{action.id} is {action.status.name} and can no longer be called off",
                    status=action.status,
                )
            )
        try:
            return await commit(context, Change(cancelled(action)))
        except Outdated:
            continue
    raise Refused(
        ConcurrentChange(
            message=f"{action_id} keeps changing; try again", retryable=True, retry_after_ms=1_000
        )
    )
