"""What logs say of amounts of tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from colonnade.chains import Log
from colonnade.evm import Address, address_bytes, keccak, parse_address

NATIVE: Final = parse_address("0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE")
"""The chain's own coin, where a token is named (ERC-7528)."""

TRANSFER: Final = keccak(b"Transfer(address,address,uint256)")


def net_change(logs: Iterable[Log], account: Address, token: Address) -> int:
    """What `account` gained of the ERC-20 `token`, atomic units, negative where it lost.

    Logs of other contracts, and what has the topic of ERC-20's `Transfer` and not its form, say nothing.
    """
    own = bytes(12) + address_bytes(account)
    change = 0
    for log in logs:
        if (
            log.address == token
            and len(log.topics) == 3
            and log.topics[0] == TRANSFER
            and len(log.data) == 32
        ):
            amount = int.from_bytes(log.data, "big")
            change += amount * ((log.topics[2] == own) - (log.topics[1] == own))
    return change
