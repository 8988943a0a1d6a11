"""Parts of a topic's subscribers: a topic with very many of them is delivered by several workers at once.

Who follows is in a part from beginning to end, which its connection decides, and each part has a mark of its own; so the
order of a subscriber is that of its part, and each part is resumed for itself. A topic has one part, which has its name,
until about `MEMBERS` began to follow it within an hour or two; then newcomers are spread over 2, 4, … up to `MOST` of them.
Nobody is moved: nobody follows for longer than a connection lives. The mark of the first part says how many there are, and
until when; its deliverer has the others begin.

How many began is counted from one in `SAMPLE`, so that the count is no bottleneck.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.conditions import attribute, exists
from colonnade.errors import ConditionFailed, StoreConflict
from colonnade.store import Item, Key, Update, Writes
from colonnade.subscriptions.rows import DELIVERED, GROUPED, JOINED

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

MEMBERS: Final = 20_000
"""Who began to follow a topic within an hour or two, for each of its parts."""

MOST: Final = 64
SAMPLE: Final = 64

_HOUR: Final = 3_600
_COUNTED: Final = timedelta(hours=3)
_ATTEMPTS: Final = 16


def part_name(topic: str, part: int) -> str:
    """The name of a part of a topic; the first has that of the topic."""
    return topic if part == 0 else f"{topic}/{part}"


def topic_of(name: str) -> str:
    """The topic of a part; no topic's own name has a slash."""
    return name.partition("/")[0]


def part_of(name: str) -> int:
    """The number of a part, from its name."""
    return int(name.partition("/")[2] or 0)


def part_for(connection: str, parts: int) -> int:
    """Which of `parts` parts a connection is in."""
    return zlib.crc32(connection.encode()) % parts


def wanted(joined: int) -> int:
    """How many parts newcomers are spread over, after so many."""
    parts = 1
    while parts < MOST and joined > parts * MEMBERS:
        parts *= 2
    return parts


def parts_of(mark: Mapping[str, Any], now: int) -> int:
    """How many parts a topic has, by the mark of its first."""
    return int(mark["parts"]) if mark.get("parts_until", 0) > now else 1


def counters(ports: SubscriptionPorts, topic: str) -> tuple[Key, Key]:
    """Where it is counted who began to follow: this hour, and the one before."""
    hour = ports.now() // _HOUR
    return JOINED.key(topic=topic, hour=hour), JOINED.key(topic=topic, hour=hour - 1)


def joined(found: Mapping[Key, Item], keys: tuple[Key, Key]) -> int:
    """About how many began to follow, by the rows that were found."""
    return sum(cast(int, found[key].attributes["count"]) for key in keys if key in found)


async def count(ports: SubscriptionPorts, topic: str) -> None:
    """Count one who begins to follow, now and then; a count that gets lost is no harm."""
    if ports.chance() * SAMPLE >= 1:
        return
    expires_at = ports.now() + int(_COUNTED.total_seconds())
    key = counters(ports, topic)[0]
    try:
        await ports.store.transact(Writes([Update(key, add={"count": SAMPLE}, expires_at=expires_at)]))
    except StoreConflict:
        return


async def spread(
    ports: SubscriptionPorts, topic: str, mark: Mapping[str, Any], parts: int, needed_until: int
) -> None:
    """Let a topic have so many parts at least, until that time; `mark`: that of its first part, as it was read."""
    key, seen = DELIVERED.key(topic=topic), mark
    for _ in range(_ATTEMPTS):
        there_are = parts_of(seen, ports.now())
        if there_are >= parts and seen.get("parts_until", 0) >= needed_until:
            return
        until = ports.now() + int(GROUPED.total_seconds())
        same = attribute("parts").equals(seen["parts"]) if "parts" in seen else attribute("parts").absent()
        update = Update(
            key,
            set={"parts": max(there_are, parts), "parts_until": until},
            condition=exists() & same,
            expires_at=until + _HOUR,
        )
        try:
            await ports.store.transact(Writes([update]))
        except ConditionFailed as error:
            seen = cast("Mapping[str, Any]", error.failed[0] or {})
            if not seen:
                break
        else:
            return
    raise StoreConflict(f"the parts of {topic} were not settled: others settle them at the same time")
