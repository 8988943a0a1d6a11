"""Conflated groups: the newest event, and not too often.

A group is claimed for as long as its interval: whoever comes later leaves what it has to a task that runs when the
interval is over, and sends what is the newest by then. What was sent is noted after it was sent, so that a kill in
between has it sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.conditions import attribute, exists
from colonnade.errors import ConditionFailed
from colonnade.store import Key, Put, Update, Writes
from colonnade.subscriptions.rows import CONFLATION, GROUPED

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

FLUSH: Final = "subscriptions.flush"
"""The job that sends the newest event when an interval is over."""

SHARDS: Final = 8
"""Parts of the list of conflated groups, each read by one query of a heartbeat."""

_GRACE_MS: Final = 10_000
"""After which a task that was asked for, and should have run, is asked for again."""


class Claim(Enum):
    """Whether a group may be sent an event now."""

    YES = "YES"
    SENT = "SENT"
    """This event, or a newer one, has been sent."""
    LATER = "LATER"


@dataclass(frozen=True, slots=True)
class Interval:
    """A conflated group in a topic."""

    topic: str
    group: str
    interval_ms: int

    @property
    def key(self) -> Key:
        return CONFLATION.key(topic=self.topic, group=self.group)

    def put(self, sequence: int, expires_at: int) -> Put:
        """The row of a group that has been sent everything up to `sequence`."""
        row = {
            "topic": self.topic,
            "group": self.group,
            "shard": int(self.group[:8], 16) % SHARDS,
            "sequence": sequence,
            "claimed_at": 0,
            "pending_until": 0,
            "turn": 0,
        }
        return CONFLATION.put(cast(Any, row), expires_at=expires_at)

    async def claim(self, ports: SubscriptionPorts, sequence: int) -> Claim:
        """Ask to send the event of that number now."""
        now = ports.now_ms()
        free = attribute("sequence").below(sequence) & attribute("claimed_at").at_most(now - self.interval_ms)
        try:
            claim = Update(self.key, set={"claimed_at": now}, condition=free)
            await ports.store.transact(Writes([claim]))
        except ConditionFailed as error:
            row = cast("Mapping[str, Any] | None", error.failed[0])
            if row is None:
                return await self._again(ports, sequence)
            return Claim.SENT if row["sequence"] >= sequence else await self._leave(ports, row)
        return Claim.YES

    async def done(self, ports: SubscriptionPorts, sequence: int) -> None:
        """Note that the event of that number was sent."""
        update = Update(self.key, set={"sequence": sequence}, condition=attribute("sequence").below(sequence))
        try:
            await ports.store.transact(Writes([update]))
        except ConditionFailed:
            return  # A newer one was.

    async def reopen(self, ports: SubscriptionPorts) -> None:
        """Let whoever comes from now on ask for a task again; what came before is the caller's to send."""
        update = Update(self.key, set={"pending_until": 0}, add={"turn": 1}, condition=exists())
        try:
            await ports.store.transact(Writes([update]))
        except ConditionFailed:
            return  # The group is gone.

    async def _again(self, ports: SubscriptionPorts, sequence: int) -> Claim:
        # Its row expired while it has members; they cannot be older than the row that is made now.
        expires_at = ports.now() + int(GROUPED.total_seconds())
        await ports.store.transact(Writes([self.put(sequence - 1, expires_at)]))
        return Claim.YES

    async def _leave(self, ports: SubscriptionPorts, row: Mapping[str, Any]) -> Claim:
        now = ports.now_ms()
        if row["pending_until"] > now:
            return Claim.LATER
        wait_ms = max(row["claimed_at"] + self.interval_ms - now, 0)
        delay = -(-wait_ms // 1_000)
        # The task is sent before it is noted: a kill in between costs one task too many, never one too few. One that
        # has begun its turn already is not noted: it may have looked before this event came.
        await ports.later(FLUSH, {"topic": self.topic, "group": self.group}, delay)
        pending = Update(
            self.key,
            set={"pending_until": now + delay * 1_000 + _GRACE_MS},
            condition=attribute("turn").equals(row["turn"]),
        )
        try:
            await ports.store.transact(Writes([pending]))
        except ConditionFailed:
            return Claim.LATER
        return Claim.LATER
