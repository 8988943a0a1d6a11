"""Whose trade it was, and whether the coin itself was paid. Pure; every log but a genuine pool's is anybody's word.

| who did it                         | is known by                                                     |
|------------------------------------|-----------------------------------------------------------------|
| an account of ERC-4337             | its user operation, whose own logs these are                    |
| whoever sent the transaction       | the router was called directly, or its own balance changed      |
| a Safe                             | it reported an execution, and lost the input or gained the output |

A token can write that it moved anybody's balance, and whoever sends a contract a wei can have it write a log. So an
account that did nothing in a transaction is never taken for its trader: it must have sent it, signed the operation, or
reported that it carried something out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from colonnade.chains import Log, Receipt
from colonnade.evm import ZERO_ADDRESS, Address, Event, keccak
from colonnade.evm.bundles import executed_operations
from plugins.trading.asset_changes import DEPOSIT, WITHDRAWAL, Changes, asset_changes, transfer_of
from plugins.trading.indexing.trades import Trade
from plugins.trading.networks import Network

_SAFE_REPORTS: Final = (
    (keccak(b"ExecutionSuccess(bytes32,uint256)"),),
    (keccak(b"ExecutionFromModuleSuccess(address)"),),
)
"""First topics of what a Safe writes once it has carried something out (`ISafe.sol`, 1.3 to 1.4.1)."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What one account did. `certain`: that it was this account, whatever balances say."""

    account: Address
    logs: tuple[Log, ...]
    certain: bool


def scopes_of(receipt: Receipt, network: Network) -> Iterator[Scope]:
    """The doings of a transaction: each user operation of a bundle, and what is left for its sender."""
    operations = executed_operations(receipt.logs)
    theirs = {log.index for operation in operations for log in operation.logs}
    for operation in operations:
        yield Scope(operation.sender, operation.logs, True)
    rest = tuple(log for log in receipt.logs if log.index not in theirs)
    routers = (network.swap_router, network.universal_router)
    yield Scope(receipt.sender, rest, receipt.to in routers)


def trader_of(scope: Scope, trade: Trade, pools: frozenset[Address], network: Network) -> Address:
    """The account whose trade it was."""
    if scope.certain:
        return scope.account
    changes = asset_changes(scope.logs, network.wrapped_native)
    if _took_part(changes, scope.account, trade):
        return scope.account
    strangers = {*pools, *(token for leg in trade.legs for token in (leg.token_in, leg.token_out))}
    safes = dict.fromkeys(log.address for log in scope.logs if log.topics[:1] in _SAFE_REPORTS)
    took_part = [safe for safe in safes if safe not in strangers and _took_part(changes, safe, trade)]
    # Who both lost the input and gained the output comes before who did one of them.
    return max(took_part, key=lambda who: _sides(changes, who, trade), default=scope.account)


def paid_in_coin(scope: Scope, trade: Trade, trader: Address, network: Network) -> bool:
    """Whether the input was the coin itself: who paid the first pool had it wrapped, and is not the trader."""
    wrapped, leg = network.wrapped_native, trade.first
    if leg.token_in != wrapped:
        return False
    payers = {
        source
        for source, target, amount in _transfers(scope.logs, wrapped)
        if target == leg.pool.address and amount == leg.amount_in
    }
    makers = _accounts(scope.logs, wrapped, DEPOSIT)
    return bool(payers & makers) and trader not in payers


def paid_out_in_coin(scope: Scope, trade: Trade, trader: Address, network: Network) -> bool:
    """Whether the output was the coin itself: who was paid by the last pool had it unwrapped, and is not the trader."""
    wrapped, leg = network.wrapped_native, trade.last
    if leg.token_out != wrapped:
        return False
    paid = {
        target
        for source, target, amount in _transfers(scope.logs, wrapped)
        if source == leg.pool.address and amount == leg.amount_out
    }
    unmakers = _accounts(scope.logs, wrapped, WITHDRAWAL)
    return bool(paid & unmakers) and trader not in paid


def _took_part(changes: Changes, account: Address, trade: Trade) -> bool:
    return _sides(changes, account, trade) > 0


def _sides(changes: Changes, account: Address, trade: Trade) -> int:
    lost = changes.get((account, trade.first.token_in), 0) < 0
    gained = changes.get((account, trade.last.token_out), 0) > 0
    return lost + gained


def _transfers(logs: Sequence[Log], token: Address) -> Iterator[tuple[Address, Address, int]]:
    for log in logs:
        moved = transfer_of(log, token) if log.address == token else None
        if moved is not None:
            yield moved


def _accounts(logs: Sequence[Log], wrapped: Address, event: Event) -> set[Address]:
    """Whose coin was wrapped or unwrapped, as `event` says."""
    moves = (
        transfer_of(log, wrapped)
        for log in logs
        if log.address == wrapped and log.topics[:1] == (event.topic,)
    )
    # The wrapped coin comes from nobody and goes to nobody: the other side is whose it was.
    return {who for moved in moves if moved is not None for who in moved[:2]} - {ZERO_ADDRESS}
