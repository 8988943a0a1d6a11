"""The event of actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from colonnade.actions.progress_codec import decode_failure, encode_failure
from colonnade.actions.records import Action, ActionState, StepState
from colonnade.events import Event, event
from colonnade.store import Value


@event("action.updated", key=("action_id",))
class ActionUpdated(Event):
    """An action changed. `version`: of the action, rises by one with each change; the rest is what holds from then on.

    `steps`: the status of each. Signatures and hashes are in the action alone: events are small, and go far.
    """

    action_id: str
    owner: str
    kind: str
    status: str
    revision: int
    version: int
    steps: Sequence[str]
    failure: Mapping[str, Value] | None = None

    @classmethod
    def of_action(cls, action: Action) -> ActionUpdated:
        """What is to be told of `action` as it is now."""
        return cls(
            action_id=action.id,
            owner=action.owner,
            kind=action.kind,
            status=action.status.name,
            revision=action.revision,
            version=action.version,
            steps=[step.status.name for step in action.progress],
            failure=encode_failure(action.failure),
        )

    def applied_to(self, action: Action) -> Action:
        """`action`, whatever its version, as it was when this was recorded."""
        return replace(
            action,
            status=ActionState[self.status],
            revision=self.revision,
            version=self.version,
            progress=tuple(
                replace(step, status=StepState[status])
                for step, status in zip(action.progress, self.steps, strict=True)
            ),
            failure=decode_failure(self.failure),
        )
