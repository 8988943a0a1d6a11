"""Sandboxes of one deployment, in one process."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from colonnade.rates import RateLimited, Rates
from colonnade.rates.bucket import Quota
from colonnade.testing import FrozenClock, MemoryStore
from tests.rates.counting import CountingStore

QUOTA: Final = Quota(10_000, 500)
ANN: Final = "account:ann"


class Deployment:
    """Sandboxes on one store and one clock."""

    def __init__(self, quota: Quota = QUOTA, sandboxes: int = 1) -> None:
        self.clock = FrozenClock()
        self.store = CountingStore(MemoryStore(self.clock))
        self.quota = quota
        self.sandboxes = [self.another() for _ in range(sandboxes)]

    def another(self) -> Rates:
        return Rates(self.store, self.clock, self.quota)

    def wait(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    async def available(self) -> int:
        """What there is left in the store, as somebody new finds it."""
        asking = self.quota.provisional + 1
        return (await self.another().spend(ANN, asking)).available + asking


async def spends(rates: Rates, tokens: int, holder: str = ANN) -> bool:
    try:
        await rates.spend(holder, tokens)
    except RateLimited:
        return False
    return True
