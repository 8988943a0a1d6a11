"""An operation as it is kept, and the writes that keep it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from colonnade.chains import ChainId
from colonnade.conditions import absent, attribute
from colonnade.evm import Address, keccak
from colonnade.evm.transactions import FeeTransaction
from colonnade.operations import NONCE, OPERATION, SPENDING
from colonnade.operator import Operation, OperatorStatus, Sent
from colonnade.store import Put, Update, Value

_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Entry:
    """An operation with the newest transaction that carries it. `hashes`: of all of them, newest last; `signed_at`:
    when the newest was signed; `outcome`: what became of it for good."""

    key: str
    sender: Address
    transaction: FeeTransaction
    raw: bytes
    hashes: tuple[bytes, ...]
    signed_at: datetime
    outcome: OperatorStatus | None = None

    @classmethod
    def first(
        cls, key: str, sender: Address, transaction: FeeTransaction, raw: bytes, now: datetime
    ) -> Entry:
        """The entry of a transaction that has just been signed."""
        return cls(key, sender, transaction, raw, (keccak(raw),), now)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Entry:
        """The entry in a row."""
        transaction = FeeTransaction(
            chain_id=stored["chain_id"],
            nonce=stored["nonce"],
            to=Address(stored["to"]),
            data=stored["data"],
            value=int(stored["value"]),
            gas=stored["gas"],
            max_fee=int(stored["max_fee"]),
            max_tip=int(stored["max_tip"]),
        )
        outcome = stored.get("outcome")
        return cls(
            stored["key"],
            Address(stored["sender"]),
            transaction,
            stored["raw"],
            tuple(stored["hashes"]),
            datetime.fromisoformat(stored["signed_at"]),
            None if outcome is None else OperatorStatus(outcome),
        )

    def replaced(self, transaction: FeeTransaction, raw: bytes, now: datetime) -> Entry:
        """The entry with a newer transaction."""
        hashes = (*self.hashes, keccak(raw))
        return replace(self, transaction=transaction, raw=raw, hashes=hashes, signed_at=now)

    def carries(self, operation: Operation) -> bool:
        """Whether this is `operation` and not another one under its key."""
        mine = self.transaction
        return (mine.to, mine.data, mine.value) == (operation.to, operation.data, operation.value)

    def sent(self, status: OperatorStatus) -> Sent:
        """What the port tells of it."""
        mine = self.transaction
        operation = Operation(self.key, ChainId(mine.chain_id), mine.to, mine.data, mine.value)
        return Sent(operation, self.sender, mine.nonce, self.hashes, status)

    def put(self) -> Put:
        """The write of a new operation; it fails where its key was used."""
        mine = self.transaction
        fixed: dict[str, Value] = {
            "chain_id": mine.chain_id,
            "key": self.key,
            "sender": self.sender,
            "nonce": mine.nonce,
            "to": mine.to,
            "data": mine.data,
            "value": str(mine.value),
            "gas": mine.gas,
        }
        return OPERATION.put({**fixed, **self._carried()}, condition=absent())

    def lease(self) -> Put:
        """The write of its nonce; it fails where the nonce was given."""
        attributes: dict[str, Value] = {
            "chain_id": self.transaction.chain_id,
            "sender": self.sender,
            "nonce": self.transaction.nonce,
            "key": self.key,
        }
        return NONCE.put(attributes, condition=absent())

    def replace(self) -> Update:
        """The write of a newer transaction; it fails where another was first."""
        place = OPERATION.key(chain_id=self.transaction.chain_id, key=self.key)
        one_less = attribute("transactions").equals(len(self.hashes) - 1)
        return Update(place, set=self._carried(), condition=one_less & attribute("outcome").absent())

    def settle(self, outcome: OperatorStatus) -> Update:
        """The write of what became of it for good."""
        place = OPERATION.key(chain_id=self.transaction.chain_id, key=self.key)
        return Update(place, set={"outcome": outcome.value}, condition=attribute("raw").exists())

    def _carried(self) -> Mapping[str, Value]:
        return {
            "max_fee": str(self.transaction.max_fee),
            "max_tip": str(self.transaction.max_tip),
            "raw": self.raw,
            "hashes": list(self.hashes),
            "transactions": len(self.hashes),
            "signed_at": self.signed_at.isoformat(),
        }


def spend(chain_id: ChainId, sender: Address, wei: int, cap: int, now: datetime) -> Update:
    """The write of `wei` more spent on this UTC day; it fails where that would be more than `cap`."""
    place = SPENDING.key(chain_id=chain_id, sender=sender, day=day_of(now))
    within = absent() | attribute("wei").at_most(cap - wei)
    return Update(place, add={"wei": wei}, condition=within, expires_at=int((now + _KEPT).timestamp()))


def day_of(now: datetime) -> str:
    """A UTC day, as in 2026-11-22."""
    return now.date().isoformat()
