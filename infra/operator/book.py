"""The operator's book in the store: every decision about a nonce, a key or a cap is a condition of one of its writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from colonnade.chains import ChainId
from colonnade.errors import ConditionFailed, OperatorRefused
from colonnade.evm import Address
from colonnade.operations import NONCE, OPERATION, SPENDING
from colonnade.operator import OperatorStatus
from colonnade.store import SortRange, Store, Writes
from infra.operator.entries import Entry, day_of, spend

if TYPE_CHECKING:
    from colonnade.context import Clock

MOST_EARLIER: Final = 16
"""How many operations that come before one are sent again with it."""


class Book:
    """The entries in one store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    async def find(self, chain_id: int, key: str) -> Entry | None:
        """The operation that was sent under `key`."""
        row = await self._store.get(OPERATION.key(chain_id=chain_id, key=key))
        return None if row is None else Entry.of(row.attributes)

    async def next_nonce(self, chain_id: int, sender: Address) -> int:
        """One more than the last nonce that was given; 0 if none was."""
        last = await self._store.query(
            NONCE.query(chain_id=chain_id, sender=sender, descending=True, limit=1)
        )
        return _number(last.items[0].attributes["nonce"]) + 1 if last.items else 0

    async def spent(self, chain_id: int, sender: Address) -> int:
        """What may have been spent today, in wei."""
        place = SPENDING.key(chain_id=chain_id, sender=sender, day=day_of(self.now()))
        row = await self._store.get(place)
        return 0 if row is None else _number(row.attributes["wei"])

    async def earlier(self, entry: Entry, since: int) -> Sequence[Entry]:
        """The operations with the nonces from `since` up to that of `entry`, in order; the first of them."""
        mine = entry.transaction
        nonces = await self._store.query(
            NONCE.query(
                chain_id=mine.chain_id,
                sender=entry.sender,
                sort=SortRange(low=f"{since:020d}", high=f"{mine.nonce - 1:020d}"),
                limit=MOST_EARLIER,
            )
        )
        places = [
            OPERATION.key(chain_id=mine.chain_id, key=str(item.attributes["key"])) for item in nonces.items
        ]
        rows = await self._store.batch_get(places) if places else {}
        return [Entry.of(rows[place].attributes) for place in places if place in rows]

    async def enter(self, entry: Entry, cap: int) -> Entry | None:
        """Keep a new operation with its nonce and what it may spend: `entry`, or the one of its key that was first,
        or None where its nonce is taken. Raises `OperatorRefused` where it would be more than `cap`."""
        mine = entry.transaction
        spending = spend(ChainId(mine.chain_id), entry.sender, mine.most, cap, self.now())
        try:
            await self._store.transact(Writes([entry.put(), entry.lease(), spending]))
        except ConditionFailed as failure:
            if 0 in failure.failed:
                return await self.find(mine.chain_id, entry.key)
            if 2 in failure.failed:
                raise over_cap(entry.key, mine.chain_id) from None
            return None
        return entry

    async def replace(self, entry: Entry, extra: int, cap: int) -> Entry:
        """Keep a newer transaction of an operation, which may spend `extra` wei more: `entry`, or the one that was
        first. Raises `OperatorRefused` where it would be more than `cap`."""
        mine = entry.transaction
        spending = spend(ChainId(mine.chain_id), entry.sender, extra, cap, self.now())
        try:
            await self._store.transact(Writes([entry.replace(), spending]))
        except ConditionFailed as failure:
            if 0 not in failure.failed:
                raise over_cap(entry.key, mine.chain_id) from None
            return await self.find(mine.chain_id, entry.key) or entry
        return entry

    async def settle(self, entry: Entry, outcome: OperatorStatus) -> None:
        """Keep what became of an operation for good."""
        await self._store.transact(Writes([entry.settle(outcome)]))


def over_cap(key: str, chain_id: int) -> OperatorRefused:
    """The refusal of what would be too much for one day."""
    return OperatorRefused(
        f"operation {key!r} would take more than what may be spent on chain {chain_id} today: raise "
        "COLONNADE_OPERATOR_DAILY_CAPS, or wait for the next UTC day"
    )


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value
