"""The `Operator` port: the platform's own transactions. Users' keys never come near it.

Off unless configured: without a key `context.services.get(Operator)` raises `ServiceUnavailable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from colonnade.chains import ChainId
from colonnade.evm import Address


class OperatorStatus(Enum):
    """What became of an operation. `MINED`: a block that may be taken back holds it, and there it may have failed.

    `FINALIZED` and `REVERTED` are for ever: only what is `REVERTED` is safe to send anew, under another key.
    """

    PENDING = "PENDING"
    MINED = "MINED"
    REVERTED = "REVERTED"
    FINALIZED = "FINALIZED"


@dataclass(frozen=True, slots=True)
class Operation:
    """A transaction to send. `key`: the same key is sent once, whatever happens; `value`: wei."""

    key: str
    chain_id: ChainId
    to: Address
    data: bytes = b""
    value: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """An operation on its way. `hashes`: of every transaction that carried it (one nonce), newest last."""

    operation: Operation
    sender: Address
    nonce: int
    hashes: tuple[bytes, ...]
    status: OperatorStatus


class Operator(Protocol):
    """Sends what the platform itself has to send, from an account that nothing else uses.

    A nonce is leased for each operation and never given twice; a transaction that is not mined is replaced at the
    same nonce with higher fees. Spending is capped for each UTC day, values and fees for gas at their highest
    together, without what an L2 takes for its L1's data, which no transaction can bound; and only listed recipients
    are called. Operations are mined in the order of their nonces: whoever follows one also sends again what it waits
    for. So follow each until it is final.
    """

    async def send(self, operation: Operation) -> Sent:
        """Send `operation`, or find that its key was sent before.

        Raises `OperatorRefused` (the cap, the allow-list, another operation under this key) before anything is
        kept or sent, `CallReverted` for what a simulation shows to fail, `ServiceUnavailable` where the key cannot be
        used, and `ChainUnavailable` or an error of the store: then send it again under the same key.
        """
        ...

    async def follow(self, chain_id: ChainId, key: str) -> Sent:
        """What became of an operation; replaces its transaction where it waits too long. Raises `OperatorRefused`
        for a key that was never sent, and for an operation whose nonce somebody else used for good, which is then safe
        to send anew under another key; and `ChainUnavailable`."""
        ...
