"""Who applauded what, kept so that nothing is counted twice and nobody exceeds the day's limit.

Applause, its tally, the giver's day, the event and the record of the request are one transaction: together or not at
all. The caller commits it, with `colonnade.idempotency`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from colonnade import Context
from colonnade.chains import ChainId
from colonnade.conditions import absent, attribute
from colonnade.entities import Entity, Index
from colonnade.evm import Address
from colonnade.store import Put, Query, Update, Value, Writes
from colonnade_applause.emoji import Emoji
from colonnade_applause.events import ApplauseGiven
from colonnade_applause.refusals import midnight_after
from colonnade_applause.settings import ApplauseSettings

PREFIX: Final = "apl"
"""What ids of applause begin with."""

APPLAUSE: Final = Entity(
    "applause",
    "Applause",
    partition="{id}",
    indexes=(
        Index("of_token", "gsi1", partition="{chain}/{token}", sort="{id}"),
        Index("of_giver", "gsi2", partition="{giver}", sort="{id}"),
    ),
    serves=("applause by its id", "a token's applause, newest first", "what someone gave, newest first"),
)
TALLY: Final = Entity(
    "applause", "Tally", partition="{chain}/{token}", serves=("how often a token was applauded",)
)
DAY: Final = Entity(
    "applause",
    "Day",
    partition="{giver}",
    sort="{day}",
    serves=("how often someone applauded that day",),
    expires=True,
)


@dataclass(frozen=True, slots=True)
class Gift:
    """What someone asks to be recorded."""

    giver: str
    chain: ChainId
    token: Address
    emoji: Emoji


def give(context: Context, gift: Gift) -> tuple[str, Writes]:
    """The id of new applause, and what makes it so. The first write fails where the giver's day is full."""
    now = context.clock.now()
    new_id = context.ids.new(PREFIX)
    limit = context.setting(ApplauseSettings).per_day
    event = ApplauseGiven(chain_id=gift.chain, token=gift.token, applause_id=new_id, giver=gift.giver)
    return new_id, Writes([_day(gift, now, limit), *_applause(new_id, gift, now), context.record(event)])


def of_token(chain: ChainId, token: Address) -> Query:
    """A token's applause, newest first."""
    return APPLAUSE.query("of_token", chain=chain, token=token, descending=True)


def of_giver(giver: str) -> Query:
    """What someone gave, newest first."""
    return APPLAUSE.query("of_giver", giver=giver, descending=True)


async def tally(context: Context, chain: ChainId, token: Address) -> int:
    """How often a token was applauded."""
    item = await context.store.get(TALLY.key(chain=chain, token=token))
    count = item.attributes["count"] if item else 0
    return count if isinstance(count, int) else 0


def _day(gift: Gift, now: datetime, limit: int) -> Update:
    return Update(
        DAY.key(giver=gift.giver, day=now.date().isoformat()),
        add={"given": 1},
        condition=~attribute("given").at_least(limit),
        expires_at=int(midnight_after(now).timestamp()),
    )


def _applause(new_id: str, gift: Gift, now: datetime) -> tuple[Put, Update]:
    record: Mapping[str, Value] = {
        "id": new_id,
        "chain": gift.chain,
        "token": gift.token,
        "emoji": gift.emoji,
        "giver": gift.giver,
        "at": now.isoformat(),
    }
    tally_key = TALLY.key(chain=gift.chain, token=gift.token)
    return APPLAUSE.put(record, condition=absent()), Update(tally_key, add={"count": 1})
