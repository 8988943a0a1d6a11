"""Following an action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

from colonnade.actions.action_events import ActionUpdated
from colonnade.actions.loading import as_of_now, load_actions, owned_action
from colonnade.actions.types import PreparedAction
from colonnade.context import Context, Info
from colonnade.results import Refused
from colonnade.subscriptions import lossless, subscription

ActionId = Annotated[strawberry.ID, strawberry.argument(description="The action.")]


async def topics(context: Context, id: str) -> Sequence[str]:  # noqa: A002 - the API's name
    """The topic of one of the viewer's actions. Raises `Refused` for any other."""
    await owned_action(context, id)
    return [ActionUpdated.topic(id)]


async def snapshot(info: Info, id: str) -> PreparedAction | None:  # noqa: A002 - the API's name
    """The action as it is now."""
    (found,) = await load_actions(info.context, [id])
    return found


@subscription(
    topics=topics,
    delivery=lossless,
    snapshot=snapshot,
    description="An action of the caller's: as it is now, then after each change.",
)
async def action_updated(event: ActionUpdated, info: Info, id: ActionId) -> PreparedAction | None:  # noqa: A002
    try:
        action = await owned_action(info.context, id)
    except Refused:
        return None
    return PreparedAction.of(as_of_now(info.context, event.applied_to(action)))
