"""The most applauded token of each day: counted by an event handler, chosen by a job once the day is over.

Both may run more than once. What the handler writes counts once for each event; a day's choice is made once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any, Final, cast

from colonnade import Context
from colonnade.chains import ChainId
from colonnade.conditions import absent
from colonnade.entities import Entity
from colonnade.errors import ConditionFailed
from colonnade.events import EventHandler, Published
from colonnade.evm import Address
from colonnade.jobs import Job
from colonnade.store import Item, Update, Writes
from colonnade_applause.events import ApplauseGiven

SHARDS: Final = 16
"""Partitions that a day's counts are spread over: one takes a thousand writes a second."""

KEPT: Final = timedelta(days=3)
"""How long a day's counts are kept, in which its choice is made."""

COUNT: Final = Entity(
    "applause",
    "Count",
    partition="{day}/{shard}",
    sort="{chain}/{token}",
    serves=("how often each token was applauded that day",),
    expires=True,
)
CHOICE: Final = Entity(
    "applause", "Choice", partition="{day}", serves=("the most applauded token of that day",)
)


async def count_of_day(context: Context, given: ApplauseGiven, published: Published) -> Writes:
    """Counts applause for its token on the day it was given, UTC."""
    day = published.at.astimezone(UTC).date()
    place: dict[str, str | int] = {"day": day.isoformat(), "chain": given.chain_id, "token": given.token}
    return Writes(
        [
            Update(
                COUNT.key(**place, shard=int(given.token[-1], 16) % SHARDS),
                add={"count": 1},
                set=place,
                expires_at=int((published.at + KEPT).timestamp()),
            )
        ]
    )


async def choose_token(context: Context, arguments: Mapping[str, Any]) -> None:
    """Chooses yesterday's most applauded token, unless that was done; the first by its address among equals."""
    day = context.clock.now().astimezone(UTC).date() - timedelta(days=1)
    best: Item | None = None
    async for item in _counts(context, day):
        if best is None or _rank(item) < _rank(best):
            best = item
    if best is not None:
        choice = {name: best.attributes[name] for name in ("day", "chain", "token", "count")}
        try:
            await context.store.transact(Writes([CHOICE.put(choice, condition=absent())]))
        except ConditionFailed:
            return  # this turn came twice


async def chosen(context: Context, day: date) -> tuple[ChainId, Address] | None:
    """The chain and address of a day's most applauded token; None where there is none, or none yet."""
    item = await context.store.get(CHOICE.key(day=day.isoformat()))
    if item is None:
        return None
    return ChainId(cast(int, item.attributes["chain"])), Address(cast(str, item.attributes["token"]))


async def _counts(context: Context, day: date) -> AsyncIterator[Item]:
    for shard in range(SHARDS):
        query = COUNT.query(day=day.isoformat(), shard=shard)
        while True:
            page = await context.store.query(query)
            for item in page.items:
                yield item
            if page.next is None:
                break
            query = replace(query, after=page.next)


def _rank(item: Item) -> tuple[int, str]:
    return -cast(int, item.attributes["count"]), item.key.sort


HANDLERS: Final = (EventHandler("applause.count-of-day", ApplauseGiven, count_of_day),)
JOBS: Final = (Job("applause.choose-token", choose_token, every=timedelta(days=1)),)
