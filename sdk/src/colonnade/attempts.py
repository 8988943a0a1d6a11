"""How often a handler was given an event, and what became of it: one row for each pair, written as rarely as may be.

The first attempt is not written down: what it does commits the row, or its failure counts it. An event that the stream
brings again may have ended the process of the attempt before, which then counted nothing. So from there on an attempt is
counted before it is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from colonnade.conditions import Condition, absent, attribute
from colonnade.entities import Entity
from colonnade.errors import ConditionFailed, HandlerFailed, StoreError
from colonnade.outbox import MARKED
from colonnade.plugin import PROJECT
from colonnade.store import Put, Store, Update, Value, Writes

if TYPE_CHECKING:
    from colonnade.context import Clock

HANDLED: Final = Entity(
    PROJECT,
    "Handled",
    partition="{event}",
    sort="{handler}",
    serves=("what became of an event with a handler",),
    expires=True,
)

ATTEMPTS: Final = 3
"""How often a handler is given an event before that is set aside; the first that ends its process is not counted."""

ENDED: Final = "its process ended before the handler did: out of memory, out of time, or killed"
"""The reason that stands where nobody was left to give another."""

DONE, FAILING, ASIDE = "done", "failing", "aside"

OPEN: Final[Condition] = absent() | attribute("state").equals(FAILING)
"""It has neither taken effect nor been set aside."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """The rows of events with their handlers."""

    store: Store
    clock: Clock

    async def count(self, event: str, handler: str) -> int | None:
        """Count an attempt before it is made: its number, or None where the event is not open to it any more.

        One more than `ATTEMPTS` is not counted: so often the process ended. Raises `HandlerFailed` where another
        process counts at the same moment, and `StoreError`.
        """
        state, before, condition = await self.found(event, handler)
        if state != FAILING:
            return None
        if before < ATTEMPTS:
            try:
                await self.store.transact(
                    Writes([self.failing(event, handler, before + 1, ENDED, condition)])
                )
            except ConditionFailed as error:
                raise HandlerFailed(f"handler {handler}: another process is given this event, too") from error
        return before + 1

    async def found(self, event: str, handler: str) -> tuple[str, int, Condition]:
        """The state, how many attempts are counted, and the condition that both are still so."""
        item = await self.store.get(HANDLED.key(event=event, handler=handler))
        if item is None:
            return FAILING, 0, absent()
        kept: Mapping[str, Value] = item.attributes
        attempts = cast(int, kept.get("attempts", 0))
        same = OPEN & attribute("attempts").equals(attempts)
        return cast(str, kept.get("state", FAILING)), attempts, same

    async def forget(self, event: str, handler: str, number: int) -> None:
        """Count no attempt `number` after all: what it failed at was not the handler's fault."""
        same = attribute("state").equals(FAILING) & attribute("attempts").equals(number)
        key = HANDLED.key(event=event, handler=handler)
        try:
            await self.store.transact(Writes([Update(key, set={"attempts": number - 1}, condition=same)]))
        except StoreError:
            return  # It stays counted: at the edge of an outage, one attempt at most.

    def failing(
        self, event: str, handler: str, number: int, reason: str, condition: Condition, state: str = FAILING
    ) -> Put:
        """The write that counts attempt `number`."""
        row: dict[str, Value] = {
            "event": event,
            "handler": handler,
            "state": state,
            "attempts": number,
            "reason": reason,
        }
        return HANDLED.put(row, condition=condition, expires_at=self._expiry())

    def done(self, event: str, handler: str, condition: Condition) -> Put:
        """The write that says it has taken effect."""
        row: dict[str, Value] = {"event": event, "handler": handler, "state": DONE}
        return HANDLED.put(row, condition=condition, expires_at=self._expiry())

    def _expiry(self) -> int:
        return int((self.clock.now() + MARKED).timestamp())
