"""What the user operations of a transaction did (ERC-4337): which of a bundle's logs are one operation's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from colonnade.evm.abi import AbiError
from colonnade.evm.address import ZERO_ADDRESS, Address
from colonnade.evm.events import Event
from colonnade.evm.user_operations import ENTRY_POINTS

USER_OPERATION_EVENT: Final = Event.parse(
    "event UserOperationEvent(bytes32 indexed userOpHash, address indexed sender, address indexed paymaster, "
    "uint256 nonce, bool success, uint256 actualGasCost, uint256 actualGasUsed)"
)
BEFORE_EXECUTION: Final = Event.parse("event BeforeExecution()")


class EmittedLog(Protocol):
    """What is asked of a log here; `colonnade.chains.Log` is one."""

    @property
    def address(self) -> Address: ...

    @property
    def topics(self) -> tuple[bytes, ...]: ...

    @property
    def data(self) -> bytes: ...

    @property
    def index(self) -> int: ...


_Log = TypeVar("_Log", bound=EmittedLog)


@dataclass(frozen=True, slots=True)
class ExecutedOperation(Generic[_Log]):
    """A user operation as its EntryPoint reported it, with the logs that are its own.

    `paymaster`: None where the account paid. `succeeded`: False where its calls reverted, though the account paid
    for gas. `gas_cost`: wei. `logs`: of its execution, in order, paying the paymaster included; not those of its
    validation, which a bundle has in front of all executions, nor those of an operation that it nests.
    """

    hash: bytes
    entry_point: Address
    sender: Address
    paymaster: Address | None
    nonce: int
    succeeded: bool
    gas_cost: int
    gas_used: int
    logs: tuple[_Log, ...]


def executed_operations(
    logs: Sequence[_Log], entry_points: Sequence[Address] = tuple(ENTRY_POINTS)
) -> tuple[ExecutedOperation[_Log], ...]:
    """The user operations of a transaction, in order. `logs`: all of its receipt's.

    Only `entry_points` are believed: a look-alike event of any other address is a log like any other. What an
    operation did stands between the event before its own, of the same EntryPoint, and its own. An operation can call
    another EntryPoint: what was executed there belongs to the operations there.
    """
    ordered = sorted(logs, key=lambda log: log.index)
    owner: dict[int, int] = {}
    found: list[tuple[Address, _Log, range]] = []
    since: dict[Address, int] = {}
    for at, log in enumerate(ordered):
        if log.address not in entry_points or not log.topics:
            continue
        if log.topics[0] == BEFORE_EXECUTION.topic:
            since[log.address] = at + 1
        elif log.topics[0] == USER_OPERATION_EVENT.topic and log.address in since:
            between = range(since[log.address], at)
            for place in between:
                owner.setdefault(place, at)  # a nested operation is reported first
            # Its report is its own too, to whoever it is nested in.
            owner.setdefault(at, at)
            found.append((log.address, log, between))
            since[log.address] = at + 1
    return tuple(
        _executed(address, log, tuple(ordered[place] for place in between if owner[place] == between.stop))
        for address, log, between in found
    )


def executed_operation(
    logs: Sequence[_Log], operation_hash: bytes, entry_points: Sequence[Address] = tuple(ENTRY_POINTS)
) -> ExecutedOperation[_Log] | None:
    """The operation of this hash, among those of a transaction; None where it is not there."""
    every = executed_operations(logs, entry_points)
    return next((operation for operation in every if operation.hash == operation_hash), None)


def _executed(address: Address, log: _Log, logs: tuple[_Log, ...]) -> ExecutedOperation[_Log]:
    try:
        told = USER_OPERATION_EVENT.decode(log.topics, log.data)
    except AbiError as error:
        raise AbiError(f"{address} is not the EntryPoint it was taken for: {error}") from error
    paymaster = told["paymaster"]
    return ExecutedOperation(
        hash=told["userOpHash"],
        entry_point=address,
        sender=told["sender"],
        paymaster=None if paymaster == ZERO_ADDRESS else paymaster,
        nonce=told["nonce"],
        succeeded=told["success"],
        gas_cost=told["actualGasCost"],
        gas_used=told["actualGasUsed"],
        logs=logs,
    )
