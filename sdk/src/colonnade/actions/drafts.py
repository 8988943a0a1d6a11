"""What a plugin asks a user to sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from colonnade.chains import ChainId
from colonnade.evm import Address
from colonnade.store import Value


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """A call that the account is to make. `value`: wei."""

    to: Address
    data: bytes
    value: int = 0


@dataclass(frozen=True, slots=True)
class SendCalls:
    """Calls to send, in order: as one batch (EIP-5792), or each as a transaction of its own.

    `atomic_required`: whether all must happen or none, which not every wallet can do. The last call is the one that
    does what the action is for; those before it only make it possible.
    """

    title: str
    calls: tuple[PreparedCall, ...]
    atomic_required: bool = False


@dataclass(frozen=True, slots=True)
class SignTypedData:
    """EIP-712 data to sign, as JSON: `types`, `primaryType`, `domain`, `message`."""

    title: str
    typed_data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignMessage:
    """Text to sign as EIP-191 does (`personal_sign`)."""

    title: str
    message: str


@dataclass(frozen=True, slots=True)
class SignBytes:
    """Bytes to sign as they are, at most 16,384, for protocols that have a hash or a curve of their own.

    Whether a signature of them is good, the kind's `verify_bytes` says; without it they are a hash of 32 bytes, which
    the account signs.
    """

    title: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step whose payload follows from an earlier one: its kind's `advance` gives it."""

    title: str
    becomes: Literal["SendCalls", "SignTypedData", "SignMessage", "SignBytes"] = "SendCalls"


StepDraft: TypeAlias = SendCalls | SignTypedData | SignMessage | SignBytes | Waiting


@dataclass(frozen=True, slots=True)
class Effect:
    """What `account` is to hold of `token` afterwards, compared with before: atomic units, negative where it spends.

    `token`: 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE (ERC-7528) is the chain's own coin. `maximum`: None is any.
    `simulated`: what the balance changed by when the action was tried out before it was prepared; None where it was not.
    """

    account: Address
    token: Address
    minimum: int
    maximum: int | None = None
    simulated: int | None = None


@dataclass(frozen=True, slots=True)
class ActionWarning:
    """What the user should know before signing. `code`: SCREAMING_SNAKE, stable; `message`: for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ActionDraft:
    """An action to prepare. `details`: what the kind's verifier must know later; no client sees it.

    `expires_at`: when it can no longer be confirmed as sent before that; UTC.
    """

    kind: str
    account: Address
    chain_id: ChainId
    steps: tuple[StepDraft, ...]
    expires_at: datetime
    effects: tuple[Effect, ...] = ()
    warnings: tuple[ActionWarning, ...] = ()
    details: Mapping[str, Value] = field(default_factory=dict[str, Value])
