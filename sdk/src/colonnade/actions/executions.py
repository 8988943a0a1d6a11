"""What an account itself did in a transaction, told apart from what strangers did in it.

| the account | and what shows that it acted | its logs |
|---|---|---|
| sent the transaction | its signature on it | all |
| had a user operation carried out | a `UserOperationEvent` of a known EntryPoint | those of the operation |
| is a Safe, called by whoever sent the transaction | its `ExecutionSuccess` or `ExecutionFailure` | those of the execution |

Logs of other accounts' user operations are never its own, even where it is the one who bundled them.

Sources: ERC-4337; Safe 1.4.1 `ISafe.sol`, `SafeL2.sol`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from colonnade.actions.drafts import PreparedCall
from colonnade.actions.kinds import UserOperation
from colonnade.actions.transfers import TRANSFER
from colonnade.chains import Log, Receipt, Transaction
from colonnade.evm import Address, address_bytes, keccak, revert_reason
from colonnade.evm.attribution import is_attribution
from colonnade.evm.bundles import ExecutedOperation, executed_operations

SAFE_SUCCESS: Final = keccak(b"ExecutionSuccess(bytes32,uint256)")
SAFE_FAILURE: Final = keccak(b"ExecutionFailure(bytes32,uint256)")
SAFE_BEGIN: Final = keccak(
    b"SafeMultiSigTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes,bytes)"
)
SELECTOR: Final = 4
"""Bytes of calldata that name a function."""

_OPERATION_REVERTED: Final = keccak(b"UserOperationRevertReason(bytes32,address,uint256,bytes)")


@dataclass(frozen=True, slots=True)
class Execution:
    """One thing that the account did.

    `logs`: its own, in order. `proofs`: what it is known by; nothing may prove two things. `exact_call`: it is the
    prepared call, sent as a transaction by the account, perhaps with credits (ERC-8021) after it. `direct`: the
    account sent the transaction itself. `reason`: why it failed, where the transaction says so.
    """

    succeeded: bool
    logs: tuple[Log, ...]
    proofs: tuple[str, ...]
    user_operation: UserOperation | None = None
    exact_call: bool = False
    direct: bool = False
    reason: str | None = None


def transaction_proof(transaction: bytes, account: Address) -> str:
    """What a transaction is claimed as, for the one account whose doing it proves."""
    return f"tx:0x{transaction.hex()}:{account}"


def operation_proof(user_operation: bytes, account: Address) -> str:
    """What a user operation is claimed as, in whichever transaction it is, for the account whose doing it proves: a
    claim of anybody else's, who may have heard of it before a block holds it, is in nobody's way."""
    return f"op:0x{user_operation.hex()}:{account}"


def reported_proof(transaction: bytes | None, user_operation: bytes | None, account: Address) -> str:
    """What is claimed for what was reported, before anything shows that it proves anything."""
    if user_operation is not None:
        return operation_proof(user_operation, account)
    assert transaction is not None, "what was reported is a transaction or a user operation"
    return transaction_proof(transaction, account)


def is_exactly(transaction: Transaction, account: Address, call: PreparedCall) -> bool:
    """Whether `transaction` is `call`, sent by `account`; apps and wallets may credit themselves after its calldata
    (ERC-8021).

    Where the calldata does not even name a function, nothing may follow it: a contract would read what follows as
    the function's name.
    """
    if (transaction.sender, transaction.to, transaction.value) != (account, call.to, call.value):
        return False
    if transaction.data == call.data:
        return True
    credited = len(call.data) >= SELECTOR and transaction.data.startswith(call.data)
    return credited and is_attribution(transaction.data[len(call.data) :])


def executions(
    transaction: Transaction,
    receipt: Receipt,
    account: Address,
    call: PreparedCall,
    user_operation: bytes | None = None,
) -> Sequence[Execution]:
    """What `account` did in a transaction; nothing where it took no part of its own.

    `call`: the prepared one that a key would send. `user_operation`: the only one to look at, by its hash.
    """
    every = executed_operations(receipt.logs)
    operations = [o for o in every if o.sender == account]
    strangers = [o for o in every if o.sender != account]
    whole = transaction_proof(transaction.hash, account)
    direct = transaction.sender == account
    if user_operation is not None:
        return [_of_operation(o, receipt) for o in operations if o.hash == user_operation]
    if direct:
        return [
            Execution(
                receipt.succeeded,
                _without(strangers, receipt.logs),
                # What it did must not prove two things, as a transaction and as an operation.
                (whole, *(operation_proof(o.hash, account) for o in operations)),
                exact_call=is_exactly(transaction, account, call),
                direct=True,
            )
        ]
    if operations:
        return [_of_operation(o, receipt) for o in operations]
    return list(_of_safe(transaction, receipt, account, strangers, whole))


def _of_operation(operation: ExecutedOperation[Log], receipt: Receipt) -> Execution:
    return Execution(
        operation.succeeded,
        tuple(log for log in operation.logs if not _pays_for_gas(log, operation)),
        (operation_proof(operation.hash, operation.sender),),
        user_operation=UserOperation(
            operation.hash, operation.entry_point, operation.sender, operation.nonce, operation.succeeded
        ),
        reason=None if operation.succeeded else _revert_reason(operation, receipt),
    )


def _pays_for_gas(log: Log, operation: ExecutedOperation[Log]) -> bool:
    """Whether the account paid its paymaster in tokens, or was given back what it had paid too much before its calls;
    no action foresees either."""
    if operation.paymaster is None or len(log.topics) != 3 or log.topics[0] != TRANSFER:
        return False
    both = {bytes(12) + address_bytes(who) for who in (operation.sender, operation.paymaster)}
    return {log.topics[1], log.topics[2]} == both


def _revert_reason(operation: ExecutedOperation[Log], receipt: Receipt) -> str | None:
    for log in receipt.logs:
        if log.address == operation.entry_point and log.topics[:2] == (_OPERATION_REVERTED, operation.hash):
            length = int.from_bytes(log.data[64:96], "big")
            return revert_reason(log.data[96 : 96 + length])
    return None


def _without(operations: Sequence[ExecutedOperation[Log]], logs: Sequence[Log]) -> tuple[Log, ...]:
    theirs = {log.index for operation in operations for log in operation.logs}
    return tuple(log for log in logs if log.index not in theirs)


def _of_safe(
    transaction: Transaction,
    receipt: Receipt,
    account: Address,
    strangers: Sequence[ExecutedOperation[Log]],
    proof: str,
) -> Iterator[Execution]:
    """The executions of a Safe. What another contract did around them in the same transaction is not theirs.

    A Safe reports the end of an execution. Where the transaction calls the Safe itself, all that comes before is its
    doing; where another contract does, only the beginning that a SafeL2 reports tells what is.
    """
    begun: int | None = 0 if transaction.to == account else None
    for at, log in enumerate(receipt.logs):
        if log.address != account or not log.topics:
            continue
        if log.topics[0] == SAFE_BEGIN:
            begun = at + 1
        elif log.topics[0] in (SAFE_SUCCESS, SAFE_FAILURE):
            if begun is not None:
                # An operation that the report is part of is one that has the Safe do this: an owner's, a module's.
                inside = [operation for operation in strangers if log not in operation.logs]
                own = _without(inside, receipt.logs[begun:at])
                yield Execution(log.topics[0] == SAFE_SUCCESS, own, (proof,))
            begun = None
