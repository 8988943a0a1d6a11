"""Actions as they are kept, and the service that prepares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from colonnade.actions.drafts import ActionDraft, ActionWarning, Effect, StepDraft
from colonnade.chains import ChainId
from colonnade.evm import Address
from colonnade.store import Value, Writes

if TYPE_CHECKING:
    from colonnade.context import Context


class ActionState(Enum):
    """How far an action is; the last three are for ever."""

    AWAITING_USER = "AWAITING_USER"
    SUBMITTED = "SUBMITTED"
    CONFIRMED = "CONFIRMED"
    FINALIZED = "FINALIZED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Action:
    """A prepared action. `owner`: the principal it was prepared for; `revision`: rises when its past changes."""

    id: str
    owner: str
    kind: str
    account: Address
    chain_id: ChainId
    status: ActionState
    revision: int
    steps: tuple[StepDraft, ...]
    effects: tuple[Effect, ...]
    warnings: tuple[ActionWarning, ...]
    expires_at: datetime
    details: Mapping[str, Value]


class Actions(Protocol):
    """Prepares actions; provided by `colonnade.actions.plugin`."""

    async def prepare(self, context: Context, draft: ActionDraft) -> tuple[Action, Writes]:
        """The action that `draft` describes, for the signed-in principal, and what makes it so: commit it.

        Raises `Unauthenticated`.
        """
        ...
