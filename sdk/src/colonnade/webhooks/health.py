"""How an endpoint fares, and how many messages it is sent at once.

What a slow or a dead receiver takes from others is bounded here: at most `ACCOUNT_PLACES` workers are with one account,
`PLACES` of them with one endpoint, only one where it answers slowly, and none while it rests.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from colonnade.conditions import absent, attribute
from colonnade.store import Delete, Item, Key, Put, Update, Value
from colonnade.webhooks.plan import DISABLED_AFTER, rest_after
from colonnade.webhooks.rows import HEALTH, IN_FLIGHT, KEPT

PLACES: Final = 4
"""Messages that are on their way to one endpoint at once."""

ACCOUNT_PLACES: Final = 8
"""Messages that are on their way to all endpoints of one account at once."""

SLOW: Final = timedelta(seconds=2)
"""An endpoint whose last answer took longer is sent one message at a time."""


@dataclass(frozen=True, slots=True)
class Health:
    """`failures`: in a row; `failing_since`: the first of them; `rests_until`: nothing is sent before. Times UTC."""

    failures: int = 0
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    slow: bool = False

    @classmethod
    def of(cls, item: Item | None) -> Health:
        """What a row says; without one, the endpoint is well."""
        if item is None:
            return cls()
        kept: Mapping[str, Any] = item.attributes
        return cls(
            kept.get("failures", 0),
            _moment(kept.get("failing_since")),
            _moment(kept.get("rests_until")),
            kept.get("slow", False),
        )

    def rests(self, now: datetime) -> bool:
        """Whether the endpoint is left alone at `now`."""
        return self.rests_until is not None and now < self.rests_until

    def after(self, now: datetime, *, succeeded: bool, slow: bool) -> Health:
        """As it is from an attempt on that ended at `now`."""
        if succeeded:
            return Health(slow=slow)
        failures = self.failures + 1
        return Health(failures, self.failing_since or now, rest_after(failures, now), slow)

    def is_dead(self, now: datetime) -> bool:
        """Whether it has done nothing but fail for so long that it is to be disabled."""
        return self.failing_since is not None and now - self.failing_since >= DISABLED_AFTER

    def written(self, endpoint: str, now: datetime, before: Health) -> Update:
        """The write of this. A failure is not written over a success that came after `before` was read."""
        since = None if before.failing_since is None else before.failing_since.isoformat()
        still = attribute("failing_since").equals(since) if self.failures and since else None
        told: dict[str, Value] = {
            "endpoint": endpoint,
            "failures": self.failures,
            "failing_since": None if self.failing_since is None else self.failing_since.isoformat(),
            "rests_until": None if self.rests_until is None else self.rests_until.isoformat(),
            "slow": self.slow,
        }
        return Update(
            HEALTH.key(endpoint=endpoint), set=told, condition=still, expires_at=int((now + KEPT).timestamp())
        )


def places(owner: str, endpoint: str) -> Mapping[int, Key]:
    """Where it stands which places are taken, of those that an endpoint may have of its account's."""
    first = zlib.crc32(endpoint.encode())
    numbers = ((first + offset) % ACCOUNT_PLACES for offset in range(PLACES))
    return {place: IN_FLIGHT.key(owner=owner, place=place) for place in numbers}


def take_place(owner: str, endpoint: str, place: int, holder: str, until: int) -> Put:
    """The write that takes a place up to `until`, epoch seconds, if nobody has it."""
    taken: dict[str, Value] = {"owner": owner, "place": place, "endpoint": endpoint, "holder": holder}
    return IN_FLIGHT.put(taken, condition=absent(), expires_at=until)


def leave_place(owner: str, place: int, holder: str) -> Delete:
    """The write that frees a place."""
    return IN_FLIGHT.delete(owner=owner, place=place, condition=attribute("holder").equals(holder))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
