"""Who gained and lost what, by logs. Pure.

A token's `Transfer` says what moved, the wrapped coin's `Deposit` and `Withdrawal` what was made and unmade of it; a
simulation reports the coin itself as a `Transfer` of 0xEeee… (ERC-7528).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from colonnade.chains import Log
from colonnade.evm import ZERO_ADDRESS, AbiError, Address, Event

TRANSFER: Final = Event.parse("event Transfer(address indexed from, address indexed to, uint256 value)")
DEPOSIT: Final = Event.parse("event Deposit(address indexed dst, uint256 wad)")
WITHDRAWAL: Final = Event.parse("event Withdrawal(address indexed src, uint256 wad)")

Changes: TypeAlias = Mapping[tuple[Address, Address], int]
"""By account and token: atomic units gained, negative where lost."""


def asset_changes(logs: Iterable[Log], wrapped_native: Address) -> Changes:
    """The net change of every account in every token that `logs` speak of."""
    changes: dict[tuple[Address, Address], int] = defaultdict(int)
    for log in logs:
        moved = transfer_of(log, wrapped_native)
        if moved is not None:
            source, target, amount = moved
            changes[source, log.address] -= amount
            changes[target, log.address] += amount
    return {where: change for where, change in changes.items() if change}


def transfer_of(log: Log, wrapped_native: Address) -> tuple[Address, Address, int] | None:
    """Whose, to whom and how much, or None where a log moves nothing. The wrapped coin comes from and goes to nobody."""
    topic = log.topics[0] if log.topics else None
    try:
        if topic == TRANSFER.topic:
            moved = TRANSFER.decode(log.topics, log.data)
            return moved["from"], moved["to"], moved["value"]
        if topic == DEPOSIT.topic and log.address == wrapped_native:
            made = DEPOSIT.decode(log.topics, log.data)
            return ZERO_ADDRESS, made["dst"], made["wad"]
        if topic == WITHDRAWAL.topic and log.address == wrapped_native:
            unmade = WITHDRAWAL.decode(log.topics, log.data)
            return unmade["src"], ZERO_ADDRESS, unmade["wad"]
    except AbiError:
        return None
    return None
