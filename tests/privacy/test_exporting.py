"""An account is handed everything that is kept of it, and nothing of anybody else."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from colonnade.accounts import Accounts
from colonnade.errors import StoreUnavailable, Unauthenticated
from colonnade.privacy import turns
from colonnade.privacy.exporting import records
from colonnade.store import Writes
from colonnade.testing import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from colonnade.work.rows import TASK
from plugins.identity.beginning_exports import APART, begin_export
from plugins.identity.entities import ACTIVE_DAY, USER
from tests.plugins.identity.signing import BOB
from tests.privacy.lived_in import LivedIn, application, live_in
from tests.privacy.test_erasing import Dying, migrated

START = """mutation($key: ID!) { requestAccountExport(input: { idempotencyKey: $key }) {
  __typename ... on AccountExportStarted { operation { id status name } } ... on UserError { code } } }"""
READ = """query($id: ID!, $after: String) { viewer { accountExport(operationId: $id, first: 5, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node { plugin kind data } } } } }"""


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime(2040, 1, 1, tzinfo=UTC))


async def started(account: LivedIn, key: str = "mine") -> str:
    answer = await account.api.data(START, {"key": key})
    operation: str = answer["requestAccountExport"]["operation"]["id"]
    return operation


async def read(account: LivedIn, operation: str) -> list[dict[str, Any]] | None:
    """All pages of an export; None where there is none for this account."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        answer = await account.api.data(READ, {"id": operation, "after": after})
        page = answer["viewer"]["accountExport"]
        if page is None:
            return None
        found += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def test_an_account_reads_what_every_plugin_keeps_of_it(clock: FrozenClock) -> None:
    app = application(MemoryStore(clock), clock)
    account, other = await live_in(app), await live_in(app, BOB)
    await migrated(account)
    operation = await started(account)
    assert await read(account, operation) is None

    await app.run_job("privacy.export", {"operation": operation})

    found = await read(account, operation)
    assert found is not None
    assert {f"{record['plugin']}.{record['kind']}" for record in found} == {
        "colonnade.Log",
        "colonnade.Idempotency",
        "colonnade.LongOperation",
        "colonnade.Connection",
        "colonnade.Subscription",
        "actions.Action",
        "actions.Claim",
        "webhooks.Endpoint",
        "webhooks.Former",
        "webhooks.Owner",
        "webhooks.Delivery",
        "identity.User",
        "identity.Session",
        "identity.ApiKey",
        "identity.Wallet",
        "identity.Address",
        "identity.ActiveDay",
        "identity.WaitlistEntry",
        "identity.Invitation",
        "trading.Swap",
    }
    text = json.dumps(found)
    assert not [word for word in other.words if word in text]
    [session] = [record["data"] for record in found if record["kind"] == "Session"]
    assert session["id"] == account.tokens["sessionId"]
    assert not {"secret", "family"} & session.keys()
    assert await read(other, operation) is None


async def test_an_export_that_was_asked_for_twice_is_one(clock: FrozenClock) -> None:
    account = await live_in(application(MemoryStore(clock), clock))

    first = await started(account, "once")
    clock.advance(APART)

    assert await started(account, "once") == first
    assert await started(account, "again") != first


async def exports_asked_for(store: MemoryStore) -> int:
    page = await store.scan(TASK, after=None, limit=1_000)
    return sum(item.attributes.get("job") == "privacy.export" for item in page.items)


async def test_one_export_is_begun_in_an_hour_however_many_are_asked_for(clock: FrozenClock) -> None:
    store = MemoryStore(clock)
    account = await live_in(application(store, clock))
    before = await exports_asked_for(store)
    first = await started(account, "1")

    assert {await started(account, f"{number}") for number in range(30)} == {first}

    clock.advance(APART - timedelta(seconds=1))
    assert await started(account, "late") == first
    clock.advance(timedelta(seconds=1))
    second = await started(account, "later")
    assert second != first
    assert await started(account, "1") == first
    assert await exports_asked_for(store) == before + 2


async def test_of_many_who_ask_at_once_one_begins_and_all_are_told_of_it(clock: FrozenClock) -> None:
    account = await live_in(application(MemoryStore(clock), clock))

    asked = await asyncio.gather(*(started(account, f"{number}") for number in range(8)))

    assert len(set(asked)) == 1


async def test_an_account_that_is_gone_begins_no_export_and_gets_no_row(clock: FrozenClock) -> None:
    store = MemoryStore(clock)
    account = await live_in(application(store, clock))
    await store.transact(Writes([USER.delete(id=account.user)]))

    with pytest.raises(Unauthenticated, match="being erased"):
        await begin_export(account.context(), account.user, "late")

    assert await store.get(USER.key(id=account.user)) is None


async def test_an_export_that_is_killed_at_any_write_goes_on_without_loss_or_doubles(
    clock: FrozenClock,
) -> None:
    store = Dying(clock)
    app = application(store, clock)
    account = await live_in(app)
    await migrated(account)
    await active_days(account, 90)
    context = account.api.context()
    operation, writes = context.services.get(Accounts).exporting(context, account.user, "k")
    await store.transact(writes)
    whole = [record async for record in records(context, account.user)]
    for left in (2, 3, 4, 5, 6, 1_000):
        store.left = left
        try:
            await app.run_job("privacy.export", {"operation": operation.id})
        except StoreUnavailable:
            clock.advance(timedelta(minutes=2))
        store.left = -1

    found = await read(account, operation.id)
    assert found is not None
    assert _days_of(found) == _days_of(whole) == sorted(set(_days_of(whole)))
    assert len(_days_of(found)) == 91


async def test_a_turn_ends_in_time_and_the_next_goes_on_where_it_stopped(
    clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "SECONDS", 0.0)
    app = application(MemoryStore(clock), clock)
    account = await live_in(app)
    await migrated(account)
    await active_days(account, 90)
    operation = await started(account)
    took = 0
    while await read(account, operation) is None:
        await app.run_job("privacy.export", {"operation": operation})
        took += 1

    found = await read(account, operation)
    assert found is not None
    assert took > 5
    assert _days_of(found) == sorted(set(_days_of(found)))
    assert len(_days_of(found)) == 91


async def active_days(account: LivedIn, days: int) -> None:
    context = account.api.context()
    soon = int((context.clock.now() + timedelta(days=2)).timestamp())
    rows = [{"principal": account.user, "day": f"1970-01-{day:03d}"} for day in range(days)]
    await context.store.transact(Writes([ACTIVE_DAY.put(dict(row), expires_at=soon) for row in rows]))


def _days_of(found: list[Any]) -> list[str]:
    return [record["data"]["day"] for record in found if record["kind"] == "ActiveDay"]
