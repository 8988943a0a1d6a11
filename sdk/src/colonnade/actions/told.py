"""What servers of an action's owner can be told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from colonnade.actions.action_events import ActionUpdated
from colonnade.actions.records import ActionState
from colonnade.webhooks.declaration import Notice, WebhookType

_DESCRIPTIONS: Final = {
    ActionState.SUBMITTED: "What an action needs was sent to the chain, or taken back into waiting by a reorganisation: then "
    "`revision` is higher than before. May be told more than once.",
    ActionState.CONFIRMED: "A block holds what an action needs; a reorganisation can still take that back.",
    ActionState.FINALIZED: "An action is done, and nothing can take that back.",
    ActionState.FAILED: "What was sent for an action did not do what it was for; `failure` says why.",
    ActionState.EXPIRED: "Nothing was sent for an action in time.",
    ActionState.CANCELLED: "Its owner called an action off.",
}


def _told_when(state: ActionState) -> Callable[[ActionUpdated], Notice | None]:
    def told(event: ActionUpdated) -> Notice | None:
        if event.status != state.name:
            return None
        return Notice(
            (event.owner,),
            {
                "actionId": event.action_id,
                "kind": event.kind,
                "status": event.status,
                "revision": event.revision,
                "failure": None if event.failure is None else dict(event.failure),
            },
        )

    return told


ACTION_WEBHOOKS: Final = tuple(
    WebhookType(f"action.{state.name.lower()}", description, ActionUpdated, _told_when(state))
    for state, description in _DESCRIPTIONS.items()
)
