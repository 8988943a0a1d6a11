"""A crowd that joins the waitlist at once: everybody gets a place, for what it costs alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import pytest

from colonnade.clock import SystemClock
from colonnade.ids import UlidIds
from colonnade.permissions import Principal
from colonnade.store import Writes
from colonnade.testing import Harness
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from plugins.identity.users import new_user
from plugins.identity.waitlist import WaitlistRecord, waiting
from tests.plugins.identity.signing import settings

JOIN = """mutation { joinWaitlist(input: {}) {
  __typename ... on WaitlistEntry { id position } ... on UserError { code } } }"""


@dataclass
class Crowd:
    """A deployment on a database, and the requests that it has sent there."""

    api: Harness
    sent: list[str] = field(default_factory=list)

    async def newcomers(self, size: int) -> Sequence[Harness]:
        """The API as each of so many users meets it who have just signed in."""
        principals = [
            Principal(self.api.ids.new("usr"), credential=f"ses_{uuid4().hex}") for _ in range(size)
        ]
        users = [new_user(principal.id, self.api.clock.now()) for principal in principals]
        for start in range(0, size, 100):
            await self.api.store.transact(Writes(users[start : start + 100]))
        return [self.api.acting_as(principal) for principal in principals]

    async def places(self) -> list[WaitlistRecord]:
        """Everybody who waits, as administrators see them."""
        page = await self.api.store.query(replace(waiting(), limit=1_000))
        return [WaitlistRecord.of(item.attributes) for item in page.items]


@pytest.fixture
def crowd(dynamodb: DynamoDBSettings) -> Iterator[Crowd]:
    clock = SystemClock()
    store = DynamoDBStore(dynamodb, clock)
    # However busy this machine is: what is tested is what happens, not how soon.
    api = Harness("plugins.identity", settings=[settings()], store=store, ids=UlidIds(clock), budget=120.0)
    api.clock = clock  # type: ignore[misc, assignment] # the database forgets by the real one
    made = Crowd(api)

    def note(event_name: str, **_: Any) -> None:
        made.sent.append(event_name.rpartition(".")[2])

    store.client.meta.events.register("before-send.dynamodb", note)
    yield made
    store.close()


async def join(who: Harness) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = (await who.data(JOIN))["joinWaitlist"]
    return answer


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("size", [60, 200])
async def test_everybody_of_a_crowd_gets_a_place_in_one_attempt(crowd: Crowd, size: int) -> None:
    before = {place.user for place in await crowd.places()}
    people = await crowd.newcomers(size)
    crowd.sent.clear()
    answers = await asyncio.gather(*map(join, people))
    assert Counter(crowd.sent) == {"BatchGetItem": size, "UpdateItem": size, "TransactWriteItems": size}
    assert [answer["__typename"] for answer in answers] == ["WaitlistEntry"] * size
    positions = sorted(answer["position"] for answer in answers)
    assert positions == list(range(positions[0], positions[0] + size))
    listed = [place for place in await crowd.places() if place.user not in before]
    assert [place.position for place in listed] == positions
    assert await asyncio.gather(*map(join, people)) == answers


@pytest.mark.dynamodb_local
async def test_one_user_who_joins_sixty_times_at_once_has_one_place(crowd: Crowd) -> None:
    [who], [other] = await crowd.newcomers(1), await crowd.newcomers(1)
    answers = await asyncio.gather(*[join(who) for _ in range(60)])
    assert len({answer["position"] for answer in answers}) == 1
    assert (await join(other))["position"] > answers[0]["position"]
    assert len([place for place in await crowd.places() if place.position >= answers[0]["position"]]) == 2
