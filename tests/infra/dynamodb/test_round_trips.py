"""How many requests each call of the port makes, counted where botocore sends them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from colonnade.conditions import absent
from colonnade.errors import ConditionFailed
from colonnade.store import Check, Delete, Item, Key, Put, Query, SortRange, Update, Writes
from colonnade.testing.clock import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore

NOW = datetime(2040, 1, 1, tzinfo=UTC)


@dataclass
class Counted:
    """A store, and the operations it has sent since they were last asked for."""

    store: DynamoDBStore
    sent: list[str] = field(default_factory=list)

    def taken(self) -> list[str]:
        sent, self.sent = self.sent, []
        return sent


@pytest.fixture
def counted(dynamodb: DynamoDBSettings) -> Iterator[Counted]:
    counted = Counted(DynamoDBStore(dynamodb, FrozenClock(NOW)))

    def count(event_name: str, **_: Any) -> None:
        counted.sent.append(event_name.rpartition(".")[2])

    counted.store.client.meta.events.register("before-send.dynamodb", count)
    yield counted
    counted.store.close()


@pytest.fixture
def partition() -> str:
    return f"trips-{uuid4().hex}"


async def fill(counted: Counted, items: list[Item]) -> None:
    for start in range(0, len(items), 100):
        await counted.store.transact(Writes([Put(item) for item in items[start : start + 100]]))
    counted.taken()


async def test_a_get_is_one_round_trip(counted: Counted, partition: str) -> None:
    await counted.store.get(Key(partition, "1"))
    assert counted.taken() == ["GetItem"]


async def test_a_batch_of_a_hundred_is_one_round_trip(counted: Counted, partition: str) -> None:
    items = [Item(Key(partition, f"{n}"), {"n": n}) for n in range(100)]
    await fill(counted, items)
    assert len(await counted.store.batch_get([item.key for item in items])) == 100
    assert counted.taken() == ["BatchGetItem"]


async def test_a_page_is_one_round_trip_the_last_one_too(counted: Counted, partition: str) -> None:
    place = Key(partition, "i")
    await fill(counted, [Item(Key(partition, f"{n:03d}"), {"n": n}, {"gsi1": place}) for n in range(100)])
    for query in (
        Query(partition, limit=20),
        Query(partition, limit=100),
        Query(partition, limit=1_000),
        Query(partition, "gsi1", limit=20),
        Query(partition, sort=SortRange(prefix="05"), descending=True),
        Query(f"{partition}-empty"),
    ):
        await counted.store.query(query)
        assert counted.taken() == ["Query"], query


async def test_each_megabyte_of_a_page_is_one_round_trip(counted: Counted, partition: str) -> None:
    await fill(counted, [Item(Key(partition, f"{n:03d}"), {"data": "x" * 10_000}) for n in range(500)])
    page = await counted.store.query(Query(partition, limit=499))
    assert len(page.items) == 499
    assert 5 <= len(counted.taken()) <= 6  # engines differ in what they count towards a megabyte


async def test_expired_items_are_read_in_ever_larger_steps(counted: Counted, partition: str) -> None:
    gone = int(NOW.timestamp())
    await fill(counted, [Item(Key(partition, f"{n:04d}"), {}, expires_at=gone) for n in range(600)])
    await fill(counted, [Item(Key(partition, "9"), {})])
    page = await counted.store.query(Query(partition, limit=1))
    assert [item.key.sort for item in page.items] == ["9"]
    assert len(counted.taken()) <= 9


async def test_a_single_write_is_one_plain_request(counted: Counted, partition: str) -> None:
    key = Key(partition, "1")
    await counted.store.transact(Writes([Put(Item(key, {"n": 1}), absent())]))
    await counted.store.transact(Writes([Update(key, add={"n": 1})]))
    await counted.store.transact(Writes([Delete(key)]))
    assert counted.taken() == ["PutItem", "UpdateItem", "DeleteItem"]


async def test_a_transaction_is_one_request_whatever_it_holds(counted: Counted, partition: str) -> None:
    await counted.store.transact(Writes([Check(Key(partition, "1"), absent())]))
    await counted.store.transact(Writes([Update(Key(partition, f"{n}"), add={"n": 1}) for n in range(100)]))
    with pytest.raises(ConditionFailed):
        await counted.store.transact(
            Writes([Put(Item(Key(partition, f"{n}"), {}), absent()) for n in range(50)])
        )
    assert counted.taken() == ["TransactWriteItems"] * 3


async def test_an_update_of_an_expired_item_is_two_requests(counted: Counted, partition: str) -> None:
    key = Key(partition, "1")
    await fill(counted, [Item(key, {"n": 5}, expires_at=int(NOW.timestamp()))])
    await counted.store.transact(Writes([Update(key, add={"n": 1})]))
    assert counted.taken() == ["UpdateItem", "PutItem"]


async def test_an_increment_is_one_plain_request_and_two_of_an_expired_item(
    counted: Counted, partition: str
) -> None:
    fresh, expired = Key(partition, "1"), Key(partition, "2")
    await fill(counted, [Item(expired, {"n": 5}, expires_at=int(NOW.timestamp()))])
    for expected in (["UpdateItem"], ["UpdateItem"]):
        await counted.store.increment(fresh, "n")
        assert counted.taken() == expected
    assert await counted.store.increment(expired, "n") == 1
    assert counted.taken() == ["UpdateItem", "PutItem"]


async def test_what_cannot_be_there_is_not_asked_for(counted: Counted) -> None:
    await counted.store.get(Key("", "1"))
    await counted.store.batch_get([])
    await counted.store.batch_get([Key("p", "")])
    await counted.store.query(Query("\ud800"))
    await counted.store.query(Query("p", sort=SortRange(low="b", high="a")))
    await counted.store.transact(Writes())
    assert counted.taken() == []
