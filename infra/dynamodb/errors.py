"""What an error of botocore means for the one who made the call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from colonnade.errors import (
    ColonnadeError,
    ConfigurationError,
    InvalidWrite,
    StoreConflict,
    StoreError,
    StoreUnavailable,
)


class Fault(Enum):
    """Why a request failed. A transaction that failed for several reasons failed for the first of them here."""

    REFUSED = auto()
    """A condition did not hold."""
    INVALID = auto()
    """It can never succeed."""
    MISCONFIGURED = auto()
    """It reached a wrong place, or with wrong credentials."""
    CONFLICT = auto()
    """Somebody else's transaction held an item; nothing was done."""
    THROTTLED = auto()
    """Too much was asked at once; nothing was done."""
    UNDONE = auto()
    """It did not reach the table, or was turned away; nothing was done."""
    LOST = auto()
    """No usable answer: whether anything was done is unknown."""


FAILURES: Final = (BotoCoreError, ClientError, ResponseParserError, TimeoutError)
"""Everything a request can end with that is no answer."""

READS: Final = frozenset({"get_item", "batch_get_item", "query", "scan"})
TRANSIENT: Final = frozenset({Fault.CONFLICT, Fault.THROTTLED, Fault.UNDONE, Fault.LOST})

_CODES: Final = {
    "ConditionalCheckFailed": Fault.REFUSED,
    "ConditionalCheckFailedException": Fault.REFUSED,
    "ItemCollectionSizeLimitExceeded": Fault.INVALID,
    "ItemCollectionSizeLimitExceededException": Fault.INVALID,
    "ValidationError": Fault.INVALID,
    "ValidationException": Fault.INVALID,
    "SerializationException": Fault.INVALID,
    "RequestEntityTooLargeException": Fault.INVALID,
    "413": Fault.INVALID,
    "AccessDeniedException": Fault.MISCONFIGURED,
    "IncompleteSignatureException": Fault.MISCONFIGURED,
    "InvalidSignatureException": Fault.MISCONFIGURED,
    "MissingAuthenticationTokenException": Fault.MISCONFIGURED,
    "ResourceNotFoundException": Fault.MISCONFIGURED,
    "UnrecognizedClientException": Fault.MISCONFIGURED,
    "TransactionConflict": Fault.CONFLICT,
    "TransactionConflictException": Fault.CONFLICT,
    "LimitExceededException": Fault.THROTTLED,
    "ProvisionedThroughputExceeded": Fault.THROTTLED,
    "ProvisionedThroughputExceededException": Fault.THROTTLED,
    "RequestLimitExceeded": Fault.THROTTLED,
    "ThrottlingError": Fault.THROTTLED,
    "ThrottlingException": Fault.THROTTLED,
    # The first attempt at this transaction, whose answer was lost, is still under way.
    "TransactionInProgressException": Fault.LOST,
}
_UNSENT: Final = (ConnectTimeoutError, EndpointConnectionError)
_TELLING_FIRST: Final = tuple(Fault)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one write was refused; `item`: what stood in its way, as DynamoDB sent it."""

    fault: Fault
    message: str
    item: dict[str, Any] | None


class Refused(Exception):
    """A write's condition did not hold; `reasons` are in the order of the writes, None for those without fault."""

    def __init__(self, reasons: tuple[Reason | None, ...]) -> None:
        super().__init__("a condition did not hold")
        self.reasons = reasons


def reasons_of(error: ClientError) -> tuple[Reason | None, ...]:
    """Why each write of the request was refused: one reason for a request about one item."""
    response: dict[str, Any] = {**error.response}
    described: dict[str, Any] = response.get("Error", {})
    if described.get("Code") != "TransactionCanceledException":
        failed_within = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) >= 500
        fault = _CODES.get(described.get("Code", ""), Fault.LOST if failed_within else Fault.UNDONE)
        return (Reason(fault, described.get("Message", ""), response.get("Item")),)
    return tuple(
        # A reason unknown here still cancelled the transaction, so it may be tried again.
        Reason(_CODES.get(reason["Code"], Fault.THROTTLED), reason.get("Message", ""), reason.get("Item"))
        if reason.get("Code", "None") != "None"
        else None
        for reason in response.get("CancellationReasons", ())
    )


def fault_of(error: Exception) -> Fault:
    """What happened to the request that ended with this error."""
    if isinstance(error, ClientError):
        found = {reason.fault for reason in reasons_of(error) if reason is not None}
        return next((fault for fault in _TELLING_FIRST if fault in found), Fault.LOST)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return Fault.MISCONFIGURED
    return Fault.UNDONE if isinstance(error, _UNSENT) else Fault.LOST


def translated(error: Exception, fault: Fault, operation: str, *, outcome_unknown: bool) -> ColonnadeError:
    """The error a caller of the port sees when `operation` has failed for good."""
    reading = operation in READS
    what = f"DynamoDB's {operation}: {error}"
    if fault is Fault.MISCONFIGURED:
        return ConfigurationError(f"{what}. Check the table's name, its region and the credentials.")
    if fault is Fault.INVALID:
        return StoreError(what) if reading else InvalidWrite(what)
    if reading:
        return StoreUnavailable(f"nothing was read. {what}")
    if outcome_unknown:
        return StoreUnavailable(f"whether anything was written is unknown. {what}")
    kind = StoreConflict if fault is Fault.CONFLICT else StoreUnavailable
    return kind(f"nothing was written. {what}")
