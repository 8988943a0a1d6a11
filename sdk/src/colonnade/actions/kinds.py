"""Kinds of action, and how each is proved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from colonnade.actions.drafts import StepDraft
from colonnade.actions.transfers import net_change
from colonnade.chains import BlockRef, Log, Receipt, Transaction
from colonnade.derived import require_enum_value
from colonnade.errors import ServiceUnavailable
from colonnade.evm import Address

if TYPE_CHECKING:
    from colonnade.actions.records import Action
    from colonnade.context import Context


class Unproved(Exception):
    """The chain does not show what the action is for. `code`: SCREAMING_SNAKE; the message is for the user."""

    def __init__(self, code: str, message: str) -> None:
        require_enum_value(code)
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class UserOperation:
    """An ERC-4337 user operation as its EntryPoint reported it."""

    hash: bytes
    entry_point: Address
    sender: Address
    nonce: int
    succeeded: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the chain shows of a step that sent calls.

    `logs`: those of this account's own operation, in order: of the whole transaction, or of the one user operation in
    a bundle. `exact_call`: whether the account itself sent exactly the last prepared call as a transaction, with
    nothing after its calldata but credits (ERC-8021).
    """

    transaction: Transaction
    receipt: Receipt
    block: BlockRef
    logs: tuple[Log, ...]
    user_operation: UserOperation | None
    exact_call: bool

    def net(self, account: Address, token: Address) -> int:
        """What `logs` say `account` gained of an ERC-20, atomic units, negative where it lost.

        Only logs count that `token` itself wrote, in the form of ERC-20's `Transfer`.
        """
        return net_change(self.logs, account, token)


@dataclass(frozen=True, slots=True)
class Moved:
    """An amount that a confirmed action moved: atomic units of `token`."""

    token: Address
    amount: int


@dataclass(frozen=True, slots=True)
class ActionKind:
    """A kind of action. `name` becomes a value of the enum `ActionKind`.

    The platform checks that the transaction is this account's own, has not been used before, succeeded, and has the
    expected effects. `verify(context, action, evidence)` checks the rest, returns what was moved, or raises
    `Unproved`. It may be asked again, after a reorganisation. Where the account is a contract and the draft names no
    effects in ERC-20 tokens, it is all there is between any transaction of the account and a confirmed action.

    `advance(context, action, step, signature)` gives the payloads of the steps that waited for the signature of
    `step`, in order, or none yet; the signatures before it are in `action.signatures`. A kind without waiting steps
    has none, and is not asked. `signature` is verified.

    `verify_bytes(context, action, step, signature)` says whether `signature` is a good one of a step that signs bytes
    as they are (`SignBytes`), by whatever key and curve their protocol has: whose key it may be is the kind's to know,
    and to check. Without it such bytes are a hash of 32, which the account signs.
    """

    name: str
    description: str
    verify: Callable[[Context, Action, Evidence], Awaitable[Sequence[Moved]]]
    advance: Callable[[Context, Action, int, bytes], Awaitable[Sequence[StepDraft]]] | None = None
    verify_bytes: Callable[[Context, Action, int, bytes], Awaitable[bool]] | None = None

    def __post_init__(self) -> None:
        require_enum_value(self.name)


class ActionKinds:
    """The kinds that the composed plugins declare: a service of the platform, `context.services.get(ActionKinds)`."""

    def __init__(self, kinds: Iterable[ActionKind]) -> None:
        self._kinds: Mapping[str, ActionKind] = {kind.name: kind for kind in kinds}

    def get(self, name: str) -> ActionKind:
        """The kind called `name`. Raises `ServiceUnavailable` where no plugin here declares it (any more)."""
        kind = self._kinds.get(name)
        if kind is None:
            raise ServiceUnavailable(
                f"no plugin here declares the action kind {name}; return it from the hook action_kinds"
            )
        return kind
