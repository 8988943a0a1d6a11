"""Leases: of many workers that could do a thing, one does it at a time.

A lease only spares double work. What must not happen twice is decided by the conditions of its writes, since a holder
that was asleep may wake after its lease has ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from colonnade.conditions import absent, attribute
from colonnade.entities import Entity
from colonnade.errors import ConditionFailed
from colonnade.plugin import PROJECT
from colonnade.store import Put, Store, Writes

if TYPE_CHECKING:
    from colonnade.context import Clock

LEASE: Final = Entity(
    PROJECT, "Lease", partition="{name}", serves=("who does this at present",), expires=True
)


@dataclass(frozen=True, slots=True)
class Leases:
    """Leases on names. `seconds`: how long one lasts unless it is renewed."""

    store: Store
    clock: Clock
    seconds: int = 30

    async def take(self, name: str, holder: str) -> bool:
        """Whether `holder` has the lease on `name` from now on: taken, or renewed."""
        try:
            await self.store.transact(Writes([self.taking(name, holder)]))
        except ConditionFailed:
            return False
        return True

    def taking(self, name: str, holder: str) -> Put:
        """The write by which `holder` has the lease on `name`, to commit with what is done under it; it fails while
        another has it.
        """
        expires_at = int((self.clock.now() + timedelta(seconds=self.seconds)).timestamp())
        condition = absent() | attribute("holder").equals(holder)
        return LEASE.put({"name": name, "holder": holder}, condition=condition, expires_at=expires_at)

    async def give_back(self, name: str, holder: str) -> None:
        """End the lease, so that another can take it at once; one that has ended already is left alone."""
        mine = attribute("holder").equals(holder)
        try:
            await self.store.transact(Writes([LEASE.delete(name=name, condition=mine)]))
        except ConditionFailed:
            return
