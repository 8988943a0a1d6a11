"""How many requests to the database each mutation makes, counted where they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from colonnade.ids import UlidIds
from colonnade.store import Update, Writes
from colonnade.testing import FrozenClock, Harness
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from plugins.identity.api_keys import ApiKeys
from plugins.identity.entities import WAITLIST
from plugins.identity.rows import number
from tests.plugins.identity import test_access as access
from tests.plugins.identity import test_api_keys as keys
from tests.plugins.identity import test_linked_wallets as wallets
from tests.plugins.identity import test_sessions as sessions
from tests.plugins.identity.signing import (
    ALICE,
    BOB,
    acting,
    challenge,
    harness,
    refreshed,
    send,
    sign,
    signed_in,
    somebody,
    wallet,
)

NOW: Final = datetime(2040, 1, 1, tzinfo=UTC)
ONCE: Final = ["PutItem", "TransactWriteItems"]
"""What an idempotency key costs: it is taken, and its record goes with the effect."""

PLACE: Final = ["BatchGetItem", "UpdateItem", "TransactWriteItems"]
"""What a place on the waitlist costs: whether there is one, its number, and the entry."""


@dataclass
class Sent:
    """The requests that were sent since they were last asked for."""

    requests: list[str] = field(default_factory=list)

    def taken(self) -> list[str]:
        sent, self.requests = self.requests, []
        return sent


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def make(dynamodb: DynamoDBSettings, sent: Sent) -> Iterator[Callable[..., Harness]]:
    stores: list[DynamoDBStore] = []

    def count(event_name: str, **_: Any) -> None:
        sent.requests.append(event_name.rpartition(".")[2])

    def made(**settings: Any) -> Harness:
        store = DynamoDBStore(dynamodb, FrozenClock(NOW))
        stores.append(store)
        store.client.meta.events.register("before-send.dynamodb", count)
        api = harness(store=store, clock=FrozenClock(NOW), **settings)
        api.ids = UlidIds(api.clock)  # type: ignore[misc] # the tests share a table
        return api

    yield made
    for store in stores:
        store.close()


async def test_signing_in_and_staying_so(make: Callable[..., Harness], sent: Sent) -> None:
    api, account = make(), wallet(0x20_001)
    message = (await challenge(api, account.address))["message"]
    assert sent.taken() == ["TransactWriteItems"]
    tokens = await send(api, message, sign(account, message))
    assert sent.taken() == ["BatchGetItem", "TransactWriteItems", "GetItem"]  # the last for `user { id }`
    message = (await challenge(api, account.address))["message"]
    sent.taken()
    await send(api, message, sign(account, message))
    assert sent.taken() == ["BatchGetItem", "GetItem", "TransactWriteItems", "GetItem"]
    await acting(api, tokens["accessToken"])
    assert sent.taken() == ["TransactWriteItems"]  # once a day: that the principal is active
    viewer = await acting(api, tokens["accessToken"])
    assert sent.taken() == []
    await refreshed(api, tokens["refreshToken"])
    assert sent.taken() == ["GetItem", "GetItem", "UpdateItem", "GetItem"]
    await refreshed(api, tokens["refreshToken"])
    assert sent.taken() == ["GetItem", "TransactWriteItems"]
    await viewer.data("{ viewer { id permissions } }")
    assert sent.taken() == []


async def test_administrators_cost_one_query_more(make: Callable[..., Harness], sent: Sent) -> None:
    api = make(admin_addresses=(ALICE.address,))
    tokens = await signed_in(api, wallet(0x20_002))
    sent.taken()
    await refreshed(api, tokens["refreshToken"])
    assert sent.taken() == ["GetItem", "GetItem", "Query", "UpdateItem", "GetItem"]


async def test_refused_messages_cost_nothing_or_one_read(make: Callable[..., Harness], sent: Sent) -> None:
    api = make()
    message = (await challenge(api, BOB.address))["message"]
    sent.taken()
    await send(api, message.replace("app.example", "evil.example"), sign(BOB, message))
    assert sent.taken() == []
    await send(api, message, sign(ALICE, message))
    assert sent.taken() == ["BatchGetItem"]


async def test_linking_and_unlinking(make: Callable[..., Harness], sent: Sent) -> None:
    who, second = await somebody(make(), wallet(0x20_003)), wallet(0x20_004)
    sent.taken()
    await wallets.link(who, second)
    assert sent.taken() == ["TransactWriteItems", "GetItem", "TransactWriteItems"]
    await wallets.unlink(who, second)
    assert sent.taken() == ["TransactWriteItems", "GetItem", "TransactWriteItems"]


async def test_api_keys(make: Callable[..., Harness], sent: Sent) -> None:
    who = await somebody(make(access="open"), wallet(0x20_005))
    sent.taken()
    made = await keys.create(who)
    assert sent.taken() == [*ONCE, "BatchGetItem"]  # the last for `apiKey { … }`
    known = ApiKeys()
    await known.authenticate(who.api.context(), made["secret"])
    assert sent.taken() == ["GetItem", "GetItem", "UpdateItem"]  # the last once a day: when it was last used
    await known.authenticate(who.api.context(), made["secret"])
    assert sent.taken() == []
    await ApiKeys().authenticate(who.api.context(), made["secret"])
    assert sent.taken() == ["GetItem", "GetItem", "UpdateItem"]
    await who.api.data(keys.REVOKE, {"id": made["apiKey"]["id"]})
    assert sent.taken() == ["GetItem", "TransactWriteItems"]


async def test_access(make: Callable[..., Harness], sent: Sent) -> None:
    api = make(admin_addresses=(ALICE.address,))
    admin, one, two = [
        await somebody(api, account) for account in (ALICE, wallet(0x20_006), wallet(0x20_007))
    ]
    sent.taken()
    entry = await access.join(one)
    assert sent.taken() == [*PLACE, "BatchGetItem"]  # the last for `user { id }`
    await access.join(one)
    assert sent.taken() == ["BatchGetItem", "BatchGetItem"]
    await admin.api.data(access.APPROVE, {"id": entry["id"]})
    assert sent.taken() == ["TransactWriteItems", "GetItem"]
    code = (await access.invite(admin.api))["invitationCode"]
    assert sent.taken() == ONCE
    await access.redeem(two.api, code)
    assert sent.taken() == ["PutItem", "GetItem", "TransactWriteItems", "GetItem"]


async def test_a_place_costs_the_same_behind_a_hundred_thousand(
    make: Callable[..., Harness], sent: Sent
) -> None:
    api = make()
    who = await somebody(api, wallet(0x20_009))
    key = WAITLIST.key(list="access")
    before = await api.store.get(key)
    last = number(before.attributes, "last") if before else 0
    await api.store.transact(Writes([Update(key, set={"last": last + 100_000})]))
    sent.taken()
    assert (await access.join(who))["position"] == last + 100_001
    assert sent.taken() == [*PLACE, "BatchGetItem"]  # the last for `user { id }`


async def test_ending_sessions(make: Callable[..., Harness], sent: Sent) -> None:
    api, account = make(), wallet(0x20_008)
    who = await somebody(api, account)
    others = [await signed_in(api, account) for _ in range(2)]
    sent.taken()
    await who.api.data(sessions.REVOKE, {"id": others[0]["sessionId"]})
    assert sent.taken() == ["TransactWriteItems"]
    await who.api.data(sessions.SIGN_OUT, {"everywhere": True})
    assert sent.taken() == ["Query", "TransactWriteItems"]
