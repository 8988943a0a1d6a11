"""A token bucket as one process sees it: pure arithmetic, in microseconds and tokens.

A bucket is one number, the moment at which it is full again if nobody spends (GCRA, ITU-T I.371): to spend is to move
that moment, to restore is to wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SECOND: Final = 1_000_000
"""Microseconds."""

SKEW: Final = 2 * SECOND
"""How far apart the clocks of two processes may be; a moment that is further ahead was written by none that is right."""

PROVISIONAL: Final = 100
"""Tokens that a process lets anybody spend before it asks the store, or tells it."""


@dataclass(frozen=True, slots=True)
class Quota:
    """`capacity`: tokens of a full bucket; `per_second`: how many come back. Both 1 or more."""

    capacity: int
    per_second: int

    @property
    def untold(self) -> int:
        """The tokens that one process may have spent without the store knowing: a tenth of a bucket, at least one."""
        return max(self.capacity // 10, 1)

    @property
    def provisional(self) -> int:
        """… and of these, how many although what it knows is more than a second old, or nothing."""
        return min(PROVISIONAL, self.untold)

    @property
    def span(self) -> int:
        """Microseconds in which an empty bucket is full again."""
        return self.time_of(self.capacity)

    def time_of(self, tokens: int) -> int:
        """Microseconds in which that many tokens come back, rounded up."""
        return -(-tokens * SECOND // self.per_second)

    def available(self, full_at: int, now: int) -> int:
        """Tokens there are at `now`; less than none of a bucket whose moment lies further ahead than its span."""
        return (self.span - max(full_at - now, 0)) * self.per_second // SECOND

    def wait(self, full_at: int, now: int, tokens: int) -> int:
        """Microseconds until that many are there; `tokens`: at most `capacity`."""
        return max(full_at - now - self.span + self.time_of(tokens), 0)


@dataclass(slots=True)
class Account:
    """What one process knows of a bucket, and what it spent of it. Times: epoch microseconds.

    `full_at`: as far as is known, with everything counted that was spent here; `stored`: the moment that the store
    last said, or None; `untold`: tokens spent that the store has not been told of, `telling`: that it is being told of;
    `asked_at`: when it was last asked.
    """

    full_at: int = 0
    stored: int | None = None
    untold: int = 0
    telling: int = 0
    asked_at: int | None = None

    def spend(self, quota: Quota, tokens: int, now: int) -> bool:
        """Spend; False, and nothing is spent, where as far as is known there are not as many."""
        if self.full_at > now + quota.span + SKEW:  # a clock was set back: what is known is of another time
            self.full_at, self.stored, self.asked_at = now, None, None
        if quota.available(self.full_at, now) < tokens:
            return False
        self.full_at = max(self.full_at, now) + quota.time_of(tokens)
        self.untold += tokens
        return True

    def is_to_tell(self, quota: Quota, now: int) -> bool:
        """Whether the store has to be told before anything runs."""
        held = self.untold + self.telling
        known = self.asked_at is not None and 0 <= now - self.asked_at < SECOND
        return held > (quota.untold if known else quota.provisional)

    def begin(self, now: int) -> int:
        """The tokens that the store is to be told of now."""
        told, self.untold = self.untold, 0
        self.telling += told
        self.asked_at = now
        return told

    def told(self, quota: Quota, told: int, stored: int) -> None:
        """The store has counted `told` tokens."""
        self.telling -= told
        self._learn(quota, stored)

    def refused(self, quota: Quota, told: int, refused: int, stored: int) -> None:
        """The store has not, as there were not as many: the `refused` were not spent after all, the rest waits."""
        self.telling -= told
        self.untold += told - refused
        self._learn(quota, stored)

    def forget(self, told: int) -> None:
        """Nobody knows whether the store has counted `told` tokens: they are not told again."""
        self.telling -= told

    def _learn(self, quota: Quota, stored: int) -> None:
        # Of two answers that cross, the later moment is the newer.
        self.stored = max(stored, self.stored or 0)
        self.full_at = self.stored + quota.time_of(self.untold + self.telling)
