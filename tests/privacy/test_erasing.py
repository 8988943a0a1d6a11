"""An erased account leaves nothing but ledger rows that name nobody, and facts of the public chain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from colonnade.accounts import Accounts
from colonnade.actions.storage import ACTION, PAST_ACTION
from colonnade.errors import StoreUnavailable
from colonnade.kept_data import KeptData
from colonnade.migrating.rows import MIGRATION
from colonnade.privacy import erasing
from colonnade.privacy.erasing import SETTLED
from colonnade.store import Item, Writes
from colonnade.testing import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from colonnade.work.operations import OperationStatus
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.dynamodb.items import is_expired, unmarshal_item
from plugins.identity.entities import ADDRESS, USER
from plugins.identity.tokens import access_tokens
from tests.plugins.identity.signing import BOB, refreshed, signed_in
from tests.privacy.lived_in import LivedIn, application, live_in, prepared


@pytest.fixture
def clock() -> FrozenClock:
    """Years ahead, so that no engine deletes what only this clock calls expired."""
    return FrozenClock(datetime(2040, 1, 1, tzinfo=UTC))


@pytest.fixture
def store(dynamodb: DynamoDBSettings, clock: FrozenClock) -> Iterator[DynamoDBStore]:
    adapter = DynamoDBStore(dynamodb, clock)
    yield adapter
    adapter.close()


async def migrated(account: LivedIn) -> None:
    """A new deployment has nothing to migrate."""
    context = account.api.context()
    for _, migration in context.services.get(KeptData).migrations:
        await context.store.transact(Writes([MIGRATION.put({"name": migration.name, "done_at": "now"})]))


async def started(account: LivedIn) -> str:
    context = account.api.context()
    operation, writes = context.services.get(Accounts).erasing(context, account.user)
    await context.store.transact(writes)
    return operation.id


async def erased(account: LivedIn, clock: FrozenClock) -> str:
    """The operation that erased the account."""
    operation = await started(account)
    await account.api.run_job("privacy.erase", {"operation": operation})
    await account.api.settle()
    clock.advance(SETTLED)
    await account.api.run_job("privacy.erase", {"operation": operation})
    return operation


def everything(settings: DynamoDBSettings, store: DynamoDBStore, now: datetime) -> Iterator[tuple[Item, str]]:
    """Every row of the table that any reader still meets, with all that is in it as text."""
    for page in store.client.get_paginator("scan").paginate(TableName=settings.table):
        for row in page["Items"]:
            item = unmarshal_item(cast(Any, row))
            if not is_expired(item, int(now.timestamp())):
                yield item, str(row)


async def test_nothing_of_an_erased_account_is_left_but_ledger_rows_without_names(
    dynamodb: DynamoDBSettings, store: DynamoDBStore, clock: FrozenClock
) -> None:
    app = application(store, clock)
    account, other = await live_in(app), await live_in(app, BOB)
    await migrated(account)
    before = {item.key for item, text in everything(dynamodb, store, clock.now()) if _names(account, text)}
    plugins = {key.partition.split("#")[0] for key in before}
    assert plugins == {"colonnade", "actions", "webhooks", "identity", "trading"}

    operation = await erased(account, clock)

    left = [item for item, text in everything(dynamodb, store, clock.now()) if _names(account, text)]
    assert [item.key.partition for item in left] == [f"trading#Swap#8453#{account.address}"]
    assert set(left[0].attributes) == {"chain_id", "account", "block_number", "log_index"}
    ledger = [
        item for item, _ in everything(dynamodb, store, clock.now()) if _is(item, "actions#PastAction#")
    ]
    assert [set(item.attributes) for item in ledger] == [{"id", "month", "kind", "chain_id", "amounts"}]
    ended = await account.api.context().operations.find(operation)
    assert ended is not None
    assert (ended.status, ended.owner, ended.arguments, ended.cursor) == (
        OperationStatus.DONE,
        None,
        None,
        None,
    )
    assert await store.get(USER.key(id=other.user)) is not None
    assert await store.get(ACTION.key(id=other.actions[1])) is not None


def _names(account: LivedIn, text: str) -> bool:
    return any(word in text for word in account.words)


def _is(item: Item, prefix: str) -> bool:
    return item.key.partition.startswith(prefix)


@pytest.fixture
def memory(clock: FrozenClock) -> MemoryStore:
    return MemoryStore(clock)


async def test_what_a_session_still_writes_is_erased_too(memory: MemoryStore, clock: FrozenClock) -> None:
    app = application(memory, clock)
    account = await live_in(app)
    await migrated(account)
    operation = await started(account)
    await app.run_job("privacy.erase", {"operation": operation})

    late = await prepared(account.api, account.address)
    assert await memory.get(ACTION.key(id=late.id)) is not None
    clock.advance(SETTLED)
    await app.run_job("privacy.erase", {"operation": operation})

    assert await memory.get(ACTION.key(id=late.id)) is None


async def test_nobody_enters_an_account_that_is_being_erased(memory: MemoryStore, clock: FrozenClock) -> None:
    app = application(memory, clock)
    account = await live_in(app)
    await migrated(account)
    await app.run_job("privacy.erase", {"operation": await started(account)})

    assert (await refreshed(app, account.tokens["refreshToken"]))["code"] == "REFRESH_TOKEN_INVALID"
    assert (await signed_in(app))["user"]["id"] != account.user


async def test_who_signs_in_anew_with_the_same_wallet_keeps_the_new_account(
    memory: MemoryStore, clock: FrozenClock
) -> None:
    app = application(memory, clock)
    account = await live_in(app)
    await migrated(account)
    operation = await started(account)
    await app.run_job("privacy.erase", {"operation": operation})
    anew = await signed_in(app)

    clock.advance(SETTLED)
    await app.run_job("privacy.erase", {"operation": operation})

    owner = await memory.get(ADDRESS.key(address=account.address))
    assert owner is not None
    assert owner.attributes["user"] == anew["user"]["id"]
    assert await memory.get(USER.key(id=anew["user"]["id"])) is not None


class Dying(MemoryStore):
    """Is gone after so many more transactions, as for a process that is killed."""

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__(clock)
        self.left = -1

    async def transact(self, writes: Any) -> None:
        if self.left == 0:
            raise StoreUnavailable("killed")
        self.left -= 1
        await super().transact(writes)


async def test_an_erasure_that_is_killed_at_any_write_goes_on_and_ends(clock: FrozenClock) -> None:
    store = Dying(clock)
    app = application(store, clock)
    account = await live_in(app)
    await migrated(account)
    operation = await started(account)
    for attempt in range(60):
        store.left = 3 + attempt
        with suppress(StoreUnavailable):
            await app.run_job("privacy.erase", {"operation": operation})
        store.left = -1
        clock.advance(timedelta(minutes=20))
        found = await app.context().operations.find(operation)
        assert found is not None
        if found.status.ended:
            break
    assert found is not None
    assert found.status is OperationStatus.DONE
    assert len((await store.query(PAST_ACTION.query(month="2040-01"))).items) == 1
    left = await kept(store, account)
    assert [item.key.partition for item in left] == [f"trading#Swap#8453#{account.address}"]


async def kept(store: MemoryStore, account: LivedIn) -> list[Item]:
    """The rows that name the account, of every entity."""
    found: list[Item] = []
    for _, entity in account.api.composition.entities:
        page = await store.scan(entity, after=None, limit=1_000)
        found += [item for item in page.items if _names(account, str(item))]
    return [item for item in found if not _is(item, "colonnade#Task#")]


async def test_erasing_waits_while_rows_could_be_overlooked(memory: MemoryStore, clock: FrozenClock) -> None:
    app = application(memory, clock)
    account = await live_in(app)
    operation = await started(account)

    await app.run_job("privacy.erase", {"operation": operation})

    found = await app.context().operations.find(operation)
    assert found is not None
    assert "colonnade migrate" in found.note
    assert await memory.get(USER.key(id=account.user)) is not None


async def test_nothing_is_erased_where_nobody_speaks_for_an_entity(
    memory: MemoryStore, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = application(memory, clock)
    account = await live_in(app)
    await migrated(account)
    operation = await started(account)

    def forgotten(kept: KeptData) -> list[str]:
        return ["'shop' does not say whose data shop.Cart holds"]

    monkeypatch.setattr(erasing, "undeclared", forgotten)

    await app.run_job("privacy.erase", {"operation": operation})

    found = await app.context().operations.find(operation)
    assert found is not None
    assert (found.status, found.failure) == (
        OperationStatus.FAILED,
        "nothing was erased: 'shop' does not say whose data shop.Cart holds",
    )
    assert await memory.get(USER.key(id=account.user)) is not None


def test_the_wait_is_longer_than_any_access_token_lasts() -> None:
    assert access_tokens.LIFETIME + timedelta(minutes=4) < SETTLED
