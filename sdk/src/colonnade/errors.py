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
    │       ├── ChainShorter            … that goes on from what is indexed: it ends far below
    │       ├── LensUnsupported         … to a call that brings its own code
    │       ├── SimulationUnsupported   … to a simulation of transactions
    │       ├── LogRangeTooWide         … to a question for the logs of so many blocks
    │       └── EndpointsDisagree       … that another endpoint confirms
    ├── OutboundForbidden               a request to a stranger's server is never to be sent
    ├── OutboundUnreachable             a stranger's server gave no whole answer: DNS, connection, TLS, time, size
    ├── QueueUnavailable                a queue did not take a message
    ├── UnknownJob                      no plugin declares the job that is asked for
    ├── GiveUp                          a job says that trying again is of no use
    ├── TaskGivenUp                     a task is a dead letter, and waits to be replayed
    ├── OperationLost                   whoever worked on an operation has it no longer
    ├── NotCancellable                  an operation that nobody can end half-done
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

from collections.abc import Sequence

from colonnade.chain_errors import (
    BlockVanished,
    CallReverted,
    ChainError,
    ChainIdMismatch,
    ChainProtocolError,
    ChainShorter,
    ChainTimeout,
    ChainUnavailable,
    EndpointsDisagree,
    LensUnsupported,
    LogRangeTooWide,
    OutOfGas,
    SimulationUnsupported,
    UnknownChain,
)
from colonnade.error_root import ColonnadeError
from colonnade.store_errors import (
    ConditionFailed,
    InvalidWrite,
    PageTooLarge,
    StoreConflict,
    StoreError,
    StoreUnavailable,
)

__all__ = [
    "BlockVanished",
    "CallReverted",
    "ChainError",
    "ChainIdMismatch",
    "ChainProtocolError",
    "ChainShorter",
    "ChainTimeout",
    "ChainUnavailable",
    "ClientError",
    "ColonnadeError",
    "ConditionFailed",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFault",
    "ConnectionGone",
    "ConnectionThrottled",
    "ConnectionUnavailable",
    "CursorExpired",
    "DeadlineExceeded",
    "EndpointsDisagree",
    "Forbidden",
    "GiveUp",
    "HandlerFailed",
    "InvalidCursor",
    "InvalidRequest",
    "InvalidWrite",
    "LensUnsupported",
    "LogRangeTooWide",
    "MessageTooLarge",
    "NotCancellable",
    "OperationLost",
    "OperatorRefused",
    "OutOfGas",
    "OutboundForbidden",
    "OutboundUnreachable",
    "PageTooLarge",
    "PluginError",
    "QueueUnavailable",
    "ServiceUnavailable",
    "SimulationUnsupported",
    "StoreConflict",
    "StoreError",
    "StoreUnavailable",
    "TaskGivenUp",
    "Unauthenticated",
    "UnknownChain",
    "UnknownJob",
    "message_of",
]


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


class OutboundForbidden(ColonnadeError):
    """The policy of outbound requests refuses this one, or where it leads; trying again changes nothing.

    `rule`: which of its rules, as in `host`, `port` or `address`.
    """

    def __init__(self, message: str, *, rule: str = "policy") -> None:
        self.rule = rule
        super().__init__(message)


class OutboundUnreachable(ColonnadeError):
    """A stranger's server gave no whole answer in time; it may have acted all the same.

    `cause`: `name`, `connection`, `certificate`, `timeout`, `size`, `protocol`, `redirects`, or `busy` where too many
    requests were under way here.
    """

    code = "UNAVAILABLE"
    retryable = True

    def __init__(self, message: str, *, cause: str = "connection") -> None:
        self.cause = cause
        super().__init__(message)


class QueueUnavailable(ColonnadeError):
    """A queue did not take a message; sending it again is harmless."""

    code = "UNAVAILABLE"
    retryable = True


class UnknownJob(ColonnadeError):
    """No plugin here declares the job that the schedule or the queue asks for."""


class GiveUp(ColonnadeError):
    """Raised by a job: trying again is of no use. What it was to do is a dead letter at once."""


class TaskGivenUp(ColonnadeError):
    """A task is a dead letter, and its message is left to the queue, which keeps it apart too."""


class OperationLost(ColonnadeError):
    """Whoever worked on an operation has it no longer: it was cancelled or has ended, or another took it over."""

    code = "CONFLICT"


class NotCancellable(ColonnadeError):
    """An operation cannot be ended half-done, as one that erases an account."""

    code = "CONFLICT"


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
