"""Actions as they are kept, and the service that prepares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Protocol

import strawberry

from colonnade.actions.drafts import ActionDraft, ActionWarning, Effect, StepDraft
from colonnade.chains import ChainId
from colonnade.evm import Address
from colonnade.store import Value, Writes

if TYPE_CHECKING:
    from colonnade.context import Context


@strawberry.enum(name="ActionStatus", description="How far an action is.")
class ActionState(Enum):
    """How far an action is.

    `EXPIRED`, `CANCELLED` and `FINALIZED` end it, and so does `FAILED` once no reorganisation can take it back.
    """

    AWAITING_USER = strawberry.enum_value(
        "AWAITING_USER", description="Its next step is for the user to sign or send."
    )
    SUBMITTED = strawberry.enum_value("SUBMITTED", description="Sent; no block that counts holds it yet.")
    CONFIRMED = strawberry.enum_value(
        "CONFIRMED", description="A block holds it, and it did what it was for; the block may be taken back."
    )
    FINALIZED = strawberry.enum_value("FINALIZED", description="Done for ever.")
    FAILED = strawberry.enum_value("FAILED", description="It did not do what it was for; `failure` says why.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="The user did not sign or send it in time.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Called off before anything was sent.")


@strawberry.enum(name="StepStatus", description="How far one step of an action is.")
class StepState(Enum):
    """How far one step of an action is."""

    WAITING = strawberry.enum_value("WAITING", description="An earlier step comes first; no payload yet.")
    READY = strawberry.enum_value("READY", description="For the user to sign or send.")
    SUBMITTED = strawberry.enum_value("SUBMITTED", description="Sent; no block that counts holds it yet.")
    DONE = strawberry.enum_value(
        "DONE",
        description="Signed, or carried out in a block. Only the last step is followed further: where a reorganisation "
        "takes back an earlier one, such as an approval, what comes after it may fail, and is then prepared anew.",
    )
    FAILED = strawberry.enum_value("FAILED", description="It was sent, and did not do what it was for.")
    SKIPPED = strawberry.enum_value("SKIPPED", description="The action ended before it was this step's turn.")


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent for a step: its transaction, its user operation, or both once a block holds it.

    `at`: when it was reported. `sender` and `nonce`: the transaction's, once a node has shown it. `block_number` and
    `block_hash`: where it was last seen in a block; `lost_at`: when such a block was last taken back. `calls_id`:
    what the wallet is said to call it (EIP-5792), for people who look into it.
    """

    at: datetime
    transaction: bytes | None = None
    user_operation: bytes | None = None
    sender: Address | None = None
    nonce: int | None = None
    block_number: int | None = None
    block_hash: bytes | None = None
    lost_at: datetime | None = None
    calls_id: str | None = None


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How far a step is. `sent`: what proves a step of calls; `signature`: what proves one of signing."""

    status: StepState
    sent: Sent | None = None
    signature: bytes | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an action failed. `code`: SCREAMING_SNAKE; `retryable`: whether another proof may still confirm it."""

    code: str
    message: str
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A prepared action. `owner`: the principal it was prepared for; `revision`: rises when its past changes.

    `progress`: of each step; `prepared_at_block`: no transaction of its is in an earlier block, None where nothing
    is sent; `version`: rises with each change.
    """

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
    progress: tuple[StepProgress, ...] = ()
    failure: Failure | None = None
    prepared_at_block: int | None = None
    version: int = 1

    @property
    def signatures(self) -> Mapping[int, bytes]:
        """The verified signatures, by the index of their step."""
        return {i: step.signature for i, step in enumerate(self.progress) if step.signature is not None}


class Actions(Protocol):
    """Prepares actions; provided by `colonnade.actions.plugin`."""

    async def prepare(self, context: Context, draft: ActionDraft) -> tuple[Action, Writes]:
        """The action that `draft` describes, for the signed-in principal, and what makes it so: commit it.

        `PreparedAction.of(action)` is its form in GraphQL. Raises `Unauthenticated`, `Refused` with `AccountNotLinked`
        for an account that the principal has not linked where wallets can be linked, `ChainError` where the chain
        does not answer, and ValueError for a draft that no client could carry out.
        """
        ...
