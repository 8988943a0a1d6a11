"""Who applauded what, kept so that nothing is counted twice and nobody exceeds the day's limit.

Applause, its tally, the giver's day, the event and the idempotency record are one transaction: together or not at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from colonnade import Context, Refused
from colonnade.chains import ChainId
from colonnade.conditions import absent, attribute
from colonnade.entities import Entity, Index
from colonnade.errors import ConditionFailed
from colonnade.evm import Address
from colonnade.results import IdempotencyConflict
from colonnade.store import Put, Query, Update, Value, Writes
from colonnade_applause.emoji import Emoji
from colonnade_applause.events import ApplauseGiven
from colonnade_applause.refusals import DailyLimitReached, midnight_after
from colonnade_applause.settings import ApplauseSettings

PREFIX: Final = "apl"
"""What ids of applause begin with."""

KEPT: Final = timedelta(hours=24)
"""For how long a repeated request gets the first one's answer."""

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
REQUEST: Final = Entity(
    "applause",
    "Request",
    partition="{giver}",
    sort="{key}",
    serves=("what a request with this idempotency key did",),
    expires=True,
)


@dataclass(frozen=True, slots=True)
class Gift:
    """What someone asks to be recorded. `key`: their idempotency key."""

    giver: str
    chain: ChainId
    token: Address
    emoji: Emoji
    key: str

    @property
    def fingerprint(self) -> str:
        """Equal for requests that ask for the same."""
        return hashlib.sha256(json.dumps([self.chain, self.token, self.emoji]).encode()).hexdigest()


async def already_given(context: Context, gift: Gift) -> str | None:
    """The id of what an earlier request with this key recorded. Raises `Refused` if that one asked for other."""
    item = await context.store.get(REQUEST.key(giver=gift.giver, key=gift.key))
    return None if item is None else _same_request(item.attributes, gift)


async def give(context: Context, gift: Gift) -> str:
    """Record applause; its id, or that of an equal request that came first.

    Raises `Refused` with `IdempotencyConflict` or `DailyLimitReached`.
    """
    now = context.clock.now()
    new_id = context.ids.new(PREFIX)
    limit = context.setting(ApplauseSettings).per_day
    try:
        await context.store.transact(
            Writes(
                [
                    _request(new_id, gift, now),
                    _day(gift, now, limit),
                    *_applause(new_id, gift, now),
                    context.record(_given(new_id, gift)),
                ]
            )
        )
    except ConditionFailed as error:
        first = error.failed.get(0)
        if first is not None:
            return _same_request(first, gift)
        if 1 in error.failed:
            raise Refused(DailyLimitReached.at(now)) from error
        raise
    return new_id


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


def _request(new_id: str, gift: Gift, now: datetime) -> Put:
    record: Mapping[str, Value] = {
        "giver": gift.giver,
        "key": gift.key,
        "fingerprint": gift.fingerprint,
        "applause": new_id,
    }
    return REQUEST.put(record, condition=absent(), expires_at=int((now + KEPT).timestamp()))


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


def _given(new_id: str, gift: Gift) -> ApplauseGiven:
    return ApplauseGiven(chain_id=gift.chain, token=gift.token, applause_id=new_id, giver=gift.giver)


def _same_request(recorded: Mapping[str, object], gift: Gift) -> str:
    if recorded["fingerprint"] != gift.fingerprint:
        raise Refused(
            IdempotencyConflict(
                message="this idempotency key was used for other applause; take a new key",
                path=["input", "idempotencyKey"],
            )
        )
    return str(recorded["applause"])
