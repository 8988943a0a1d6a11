"""Events for tests, recorded in a store as operations record them."""

from __future__ import annotations

from collections.abc import Sequence

from colonnade.context import Clock
from colonnade.events import Event, event
from colonnade.outbox import OutboxRow, recorded
from colonnade.store import Store, Writes


@event("bell.rung", key=("bell",))
class BellRung(Event):
    bell: str
    stroke: int


async def ring(store: Store, clock: Clock, bell: str, strokes: int, first: int = 1) -> Sequence[OutboxRow]:
    """Record strokes of a bell, one transaction each; the rows of the outbox in the order of their commits."""
    rows: list[OutboxRow] = []
    for stroke in range(first, first + strokes):
        put = recorded(BellRung(bell=bell, stroke=stroke), f"evt_{bell}_{stroke:06d}", clock.now())
        await store.transact(Writes([put]))
        rows.append(OutboxRow.of(put.item.attributes))
    return rows
