"""What can go wrong, as one tree.

    ColonnadeError
    ├── ConfigurationError              a setting is missing or malformed; nothing starts
    ├── PluginError                     a plugin cannot be loaded
    │   └── ConflictError               plugins contradict one another; lists every problem
    ├── ServiceUnavailable              a service that a plugin `uses` has no provider here
    ├── StoreError
    │   ├── ConditionFailed             a condition of a transaction did not hold; nothing was written
    │   ├── InvalidWrite                the writes can never succeed as they stand
    │   ├── PageTooLarge                the items of one page outgrow what a page may hold
    │   ├── StoreConflict               contention outlasted the retries; nothing was written
    │   └── StoreUnavailable            the database did not answer, or throttled past the retries
    ├── ChainError
    │   ├── UnknownChain                no endpoint is configured for this chain id
    │   ├── CallReverted                the contract refused; carries its revert data
    │   │   └── OutOfGas                … or the call cost more gas than an endpoint spends on one
    │   └── ChainUnavailable            no endpoint gave a usable answer
    │       ├── ChainTimeout            … in time
    │       ├── ChainIdMismatch         … an endpoint serves another chain than configured
    │       ├── ChainProtocolError      … an endpoint answered something that is not JSON-RPC
    │       ├── BlockVanished           … for the block that this operation reads at
    │       ├── LensUnsupported         … to a call that brings its own code
    │       ├── SimulationUnsupported   … to a simulation of transactions
    │       └── LogRangeTooWide         … to a question for the logs of so many blocks
    ├── QueueUnavailable                a queue did not take a message
    ├── UnknownJob                      no plugin declares the job that is asked for
    ├── HandlerFailed                   an event handler did not take an event
    ├── ConnectionFault                 a message did not reach a client
    │   ├── ConnectionGone              … who will never be back on this connection
    │   ├── ConnectionThrottled         … because too many were sent at once
    │   ├── MessageTooLarge             … because the gateway carries none of this length
    │   └── ConnectionUnavailable       … or perhaps did: the gateway did not say
    ├── OperatorRefused                 the operator may not, or can no longer, send this
    ├── DeadlineExceeded                a field spent its time budget
    └── ClientError                     the caller's fault, shown to the caller with its code
        ├── InvalidRequest · InvalidCursor · Unauthenticated · Forbidden
        └── CursorExpired               what follows a cursor is no longer kept

Errors a client is meant to handle as data are not exceptions of this tree but members of a mutation's
result union: see `colonnade.results`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar


class ColonnadeError(Exception):
    """Root of every error that Colonnade raises on purpose.

    `code`, `retryable` and `retry_after_ms` are what a client sees in `extensions` when the error reaches it
    at the top level; `public` says whether it may also see the message.
    """

    code: str = "INTERNAL"
    retryable: bool = False
    public: ClassVar[bool] = False

    retry_after_ms: int | None = None


class ConfigurationError(ColonnadeError):
    """A setting is missing or malformed; the message names the variable and what it should hold."""


class PluginError(ColonnadeError):
    """A plugin cannot be loaded; the message names the plugin and says what to do."""


class ConflictError(PluginError):
    """Plugins contradict one another, or a rule of the schema. `problems` holds one sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("The plugins cannot be composed:\n" + "\n".join(f"  - {p}" for p in self.problems))


class ServiceUnavailable(ColonnadeError):
    """A service that a plugin asked for is not provided in this deployment."""

    code = "UNAVAILABLE"
    public = True


class StoreError(ColonnadeError):
    """The store could not do what was asked."""


class ConditionFailed(StoreError):
    """A condition did not hold; nothing was written.

    `failed` maps the position of each refused write in its transaction to the item that stood in its way
    (its attributes, or None where there is none).
    """

    code = "CONFLICT"

    def __init__(self, failed: Mapping[int, Mapping[str, object] | None]) -> None:
        self.failed = dict(failed)
        super().__init__(f"condition failed for write {', '.join(map(str, sorted(self.failed)))}")


class InvalidWrite(StoreError):
    """The writes can never succeed: too many, two on one item, an item too large, a value that does not fit."""


class PageTooLarge(StoreError):
    """The items of one page outgrow what a page may hold, or lie too far apart; ask for fewer of them."""


class StoreConflict(StoreError):
    """Other transactions held the same items for longer than the retries; nothing was written."""

    code = "CONFLICT"
    retryable = True


class StoreUnavailable(StoreError):
    """The database did not answer in time, or throttled past the retries."""

    code = "UNAVAILABLE"
    retryable = True


class ChainError(ColonnadeError):
    """A chain could not be read."""

    code = "CHAIN_UNAVAILABLE"


class UnknownChain(ChainError):
    """No endpoint is configured for this chain id."""

    code = "UNKNOWN_CHAIN"
    public = True


class CallReverted(ChainError):
    """The contract reverted. `data`: the raw revert bytes; `reason`: its text where it is `Error(string)`."""

    code = "CALL_REVERTED"

    def __init__(self, data: bytes, reason: str | None = None) -> None:
        self.data = data
        self.reason = reason
        super().__init__(reason or (f"reverted with 0x{data.hex()}" if data else "reverted without data"))


class OutOfGas(CallReverted):
    """The call, made on its own, needs more gas than an endpoint spends on a read."""

    def __init__(self) -> None:
        super().__init__(b"", "out of gas")


class ChainUnavailable(ChainError):
    """No endpoint gave a usable answer. Never means that something does not exist."""

    retryable = True


class ChainTimeout(ChainUnavailable):
    """No endpoint answered in time."""


class ChainIdMismatch(ChainUnavailable):
    """An endpoint serves another chain than it is configured for."""

    retryable = False


class ChainProtocolError(ChainUnavailable):
    """An endpoint answered something that is not a JSON-RPC response to what was asked."""


class BlockVanished(ChainUnavailable):
    """The block an operation reads at was reorganised away, or its endpoints are not level.

    A new operation reads at a newer block and is likely to succeed.
    """


class LensUnsupported(ChainUnavailable):
    """No endpoint runs a call with code that is given along (a state override of `eth_call`)."""

    retryable = False


class ClientError(ColonnadeError):
    """The caller's fault; the message is shown to the caller."""

    code = "BAD_REQUEST"
    public = True


class InvalidRequest(ClientError):
    """An argument or the request itself is malformed."""


class InvalidCursor(ClientError):
    """A cursor was not made by this deployment for this list."""

    code = "CURSOR_INVALID"


class CursorExpired(ClientError):
    """What follows this cursor is no longer kept, or never was: read the present state and go on from there."""

    code = "CURSOR_EXPIRED"


class Unauthenticated(ClientError):
    """The field needs a signed-in caller."""

    code = "UNAUTHENTICATED"


class Forbidden(ClientError):
    """The caller lacks a permission."""

    code = "FORBIDDEN"


class SimulationUnsupported(ChainUnavailable):
    """No endpoint simulates transactions (eth_simulateV1)."""

    retryable = False


class LogRangeTooWide(ChainUnavailable):
    """No endpoint gives the logs of so many blocks at once; ask for fewer."""


class QueueUnavailable(ColonnadeError):
    """A queue did not take a message; sending it again is harmless."""

    code = "UNAVAILABLE"
    retryable = True


class UnknownJob(ColonnadeError):
    """No plugin here declares the job that the schedule or the queue asks for."""


class HandlerFailed(ColonnadeError):
    """An event handler did not take an event; giving it the event again is safe."""

    retryable = True


class ConnectionFault(ColonnadeError):
    """A message did not reach a client."""


class ConnectionGone(ConnectionFault):
    """The client has left, and will never be back on this connection."""


class ConnectionThrottled(ConnectionFault):
    """The gateway took no message because too many were sent at once."""

    retryable = True


class MessageTooLarge(ConnectionFault):
    """The message is longer than the gateway carries; nothing was sent, and nothing ever will be."""


class ConnectionUnavailable(ConnectionFault):
    """The gateway did not say whether it took the message."""

    retryable = True


class OperatorRefused(ColonnadeError):
    """The operator may not send this: the cap, the allow-list, or a key that stands for another operation."""


class DeadlineExceeded(ColonnadeError):
    """A field spent its time budget; the same request may succeed when whatever it waited for is well again."""

    code = "TIMEOUT"
    public = True
    retryable = True


def message_of(error: BaseException) -> str:
    """What `error` says, or its type where even asking it fails."""
    try:
        return str(error)
    except Exception:
        return f"{type(error).__name__}, which cannot say what went wrong"
