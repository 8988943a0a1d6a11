"""Events that belong to no plugin."""

from __future__ import annotations

from colonnade.events import Event, EventType, event


@event("chain.head-moved", key=("chain_id",))
class ChainHeadMoved(Event):
    """A chain has a new head. `number`: its height; `hash`: 0x-hex; `safe`, `finalized`: heights with those tags.

    `reorganised_from`: the lowest height whose block is another than before, or None where the chain only grew.
    """

    chain_id: int
    number: int
    hash: str
    timestamp: int
    safe: int
    finalized: int
    reorganised_from: int | None = None


@event("principal.active", key=("principal",))
class PrincipalActive(Event):
    """A principal used the API on that UTC day (YYYY-MM-DD); recorded at most once a principal and day."""

    principal: str
    day: str


@event("credential.revoked", key=("credential",))
class CredentialRevoked(Event):
    """A session or an API key is no longer good; what it still follows must end."""

    credential: str


@event("operation.value", key=("action_id",))
class OperationValue(Event):
    """A confirmed action moved value. `amount`: atomic units of `token`, as a decimal string; `revision`: the
    action's.
    """

    action_id: str
    action_kind: str
    principal: str
    chain_id: int
    token: str
    amount: str
    revision: int


@event("operation.updated", key=("operation_id",))
class OperationUpdated(Event):
    """An operation that takes long got further, or ended. `status`: as `colonnade.work.operations` has it."""

    operation_id: str
    status: str


CORE_EVENTS: tuple[EventType, ...] = (
    EventType(ChainHeadMoved, "A chain has a new head."),
    EventType(PrincipalActive, "A principal used the API that day.", about="account"),
    EventType(CredentialRevoked, "A session or an API key was revoked.", about="credential"),
    EventType(OperationValue, "A confirmed action moved value.", about="action"),
    EventType(OperationUpdated, "An operation that takes long got further, or ended.", about="operation"),
)
