"""What each client may still spend, settled from one process.

A process spends from what it knows and tells the store in arrears, so that most requests wait for nothing and a refusal
asks nobody. It tells, before the operation runs, once it has spent more than `Quota.provisional` tokens and has not
asked for a second, and whenever it has spent more than `Quota.untold`. The store takes no more than is there. So S
processes let a client spend, in any T seconds, at most `capacity + per_second · T + S · Quota.untold`, and what comes back
in the time by which their clocks differ, `SKEW` at most.

Where the store does not answer, each process goes by its own count: a client then has a bucket in each of them.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from colonnade.errors import ColonnadeError
from colonnade.rates.bucket import SECOND, Account, Quota
from colonnade.rates.rows import take

if TYPE_CHECKING:
    from collections.abc import Mapping

    from colonnade.context import Clock
    from colonnade.store import Store

MOST_ACCOUNTS: Final = 4_096
"""Clients that a process remembers, the last seen; a client it has forgotten is as if it had not been here."""

PATIENCE: Final = 1.0
"""Seconds to wait for the store, and how long it is left alone after it failed."""

_log = logging.getLogger(__name__)


class RateLimited(Exception):
    """There is not as much left. `retry_after_ms`: when there will be, if nothing is spent until then."""

    def __init__(self, balance: Balance, retry_after_ms: int) -> None:
        super().__init__(f"{balance.requested} asked for, {balance.available} left")
        self.balance = balance
        self.retry_after_ms = retry_after_ms


@dataclass(frozen=True, slots=True)
class Balance:
    """`requested`: tokens an operation takes; `available`: that are left; `restore_rate`: that come back a second."""

    requested: int
    available: int
    restore_rate: int

    def shown(self) -> Mapping[str, int]:
        """As `extensions.cost` has it."""
        return {
            "requested": self.requested,
            "available": self.available,
            "restoreRate": self.restore_rate,
        }


class Rates:
    """The buckets of one deployment; any number of threads and event loops may share it."""

    def __init__(self, store: Store, clock: Clock, quota: Quota) -> None:
        self._store = store
        self._clock = clock
        self._quota = quota
        self._lock = threading.Lock()
        self._accounts: OrderedDict[str, Account] = OrderedDict()
        self._blind_until = 0

    def __len__(self) -> int:
        return len(self._accounts)

    def check(self, holder: str) -> None:
        """Raises `RateLimited` for a client that, as far as is known here, has nothing left. Asks nobody."""
        now = self._now()
        with self._lock:
            account = self._accounts.get(holder)
            if account is not None and self._quota.available(account.full_at, now) < 1:
                raise self._limited(account, 1, now)

    def note(self, holder: str, tokens: int) -> None:
        """Spend what a refusal has cost, as far as it is there. Asks nobody; the store hears of it with what follows."""
        now = self._now()
        with self._lock:
            account = self._account(holder)
            left = max(self._quota.available(account.full_at, now), 0)
            spent = min(tokens, left)
            room = max(self._quota.untold - account.untold - account.telling, 0)
            account.spend(self._quota, spent, now)
            account.untold -= max(spent - room, 0)

    async def spend(self, holder: str, tokens: int) -> Balance:
        """What is left once `tokens` are spent. Raises `RateLimited`, and then nothing is spent."""
        now, quota = self._now(), self._quota
        tokens = min(tokens, quota.capacity)
        with self._lock:
            account = self._account(holder)
            if not account.spend(quota, tokens, now):
                raise self._limited(account, tokens, now)
            if not account.is_to_tell(quota, now):
                return self._balance(account, tokens, now)
            known = account.stored
            told = account.begin(now)
            if now < self._blind_until:
                account.forget(told)
                return self._balance(account, tokens, now)
        await self._tell(holder, account, tokens, told, now, known)
        with self._lock:
            return self._balance(account, tokens, now)

    async def _tell(
        self, holder: str, account: Account, tokens: int, told: int, now: int, known: int | None
    ) -> None:
        quota = self._quota
        try:
            async with asyncio.timeout(PATIENCE):
                taken = await take(self._store, holder, quota, told, now, known)
        except (ColonnadeError, TimeoutError) as error:
            _log.warning("Rates are counted by each process alone: %s", str(error) or "no answer in time")
            with self._lock:
                account.forget(told)
                self._blind_until = now + int(PATIENCE * SECOND)
            return
        except BaseException:
            with self._lock:
                account.forget(told)
            raise
        with self._lock:
            if taken.granted:
                account.told(quota, told, taken.full_at)
                return
            account.refused(quota, told, tokens, taken.full_at)
            raise self._limited(account, tokens, now)

    def _account(self, holder: str) -> Account:
        account = self._accounts.get(holder)
        if account is None:
            account = self._accounts[holder] = Account()
            while len(self._accounts) > MOST_ACCOUNTS:
                self._accounts.popitem(last=False)
        self._accounts.move_to_end(holder)
        return account

    def _limited(self, account: Account, tokens: int, now: int) -> RateLimited:
        wait = self._quota.wait(account.full_at, now, tokens)
        return RateLimited(self._balance(account, tokens, now), max(-(-wait // 1_000), 1))

    def _balance(self, account: Account, tokens: int, now: int) -> Balance:
        return Balance(tokens, max(self._quota.available(account.full_at, now), 0), self._quota.per_second)

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * SECOND)
