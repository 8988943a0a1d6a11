"""Finding actions for those who may see them."""

from __future__ import annotations

from collections.abc import Sequence

from colonnade.actions.records import Action, ActionState
from colonnade.actions.refusals import ActionNotFound
from colonnade.actions.storage import ACTION, action_of
from colonnade.actions.transitions import expired
from colonnade.actions.types import PreparedAction
from colonnade.context import Context
from colonnade.results import Refused


async def owned_action(context: Context, action_id: str) -> Action:
    """The caller's action, as it is kept. Raises `Refused` with `ActionNotFound`, also for one of somebody else's."""
    item = await context.store.get(ACTION.key(id=action_id))
    action = None if item is None else action_of(item.attributes)
    if action is None or context.principal is None or action.owner != context.principal.id:
        raise Refused(
            ActionNotFound(message=f"you have no action {action_id[:64]!r}", path=["input", "actionId"])
        )
    return action


def as_of_now(context: Context, action: Action) -> Action:
    """`action` as it is to be seen now: one whose time is over has expired, whether or not the job has come by."""
    if action.status is ActionState.AWAITING_USER and action.expires_at <= context.clock.now():
        return expired(action)
    return action


async def load_actions(context: Context, ids: Sequence[str]) -> Sequence[PreparedAction | None]:
    """The caller's actions among `ids`; for `Query.node`."""
    keys = {action_id: ACTION.key(id=action_id) for action_id in ids}
    items = await context.store.batch_get(list(dict.fromkeys(keys.values())))
    found: list[PreparedAction | None] = []
    for action_id in ids:
        item = items.get(keys[action_id])
        action = None if item is None else action_of(item.attributes)
        mine = action is not None and context.principal is not None and action.owner == context.principal.id
        found.append(PreparedAction.of(as_of_now(context, action)) if action is not None and mine else None)
    return found
