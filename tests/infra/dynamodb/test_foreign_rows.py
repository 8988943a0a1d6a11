"""Rows that something else wrote into the table: read where they can be understood, refused by name where not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from colonnade.errors import StoreError
from colonnade.store import Key
from colonnade.testing.clock import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore


@pytest.fixture
def store(dynamodb: DynamoDBSettings) -> Iterator[DynamoDBStore]:
    store = DynamoDBStore(dynamodb, FrozenClock())
    yield store
    store.close()


def written(store: DynamoDBStore, table: str, **attributes: Any) -> Key:
    key = Key(f"foreign-{uuid4().hex}", "1")
    row = {"_pk": {"S": key.partition}, "_sk": {"S": key.sort}, **attributes}
    store.client.put_item(TableName=table, Item=row)
    return key


async def test_a_whole_number_is_one_however_it_was_written(
    store: DynamoDBStore, dynamodb: DynamoDBSettings
) -> None:
    key = written(store, dynamodb.table, n={"N": "1.2E+3"}, m={"N": "7.0"})
    item = await store.get(key)
    assert item is not None
    assert item.attributes == {"n": 1_200, "m": 7}


@pytest.mark.parametrize("value", [{"N": "1.5"}, {"SS": ["a"]}, {"L": [{"NS": ["1"]}]}])
async def test_a_type_that_this_store_never_writes_is_named(
    store: DynamoDBStore, dynamodb: DynamoDBSettings, value: Any
) -> None:
    key = written(store, dynamodb.table, foreign=value)
    with pytest.raises(StoreError, match="which this store never writes"):
        await store.get(key)


async def test_attributes_marked_as_the_stores_own_are_not_shown(
    store: DynamoDBStore, dynamodb: DynamoDBSettings
) -> None:
    item = await store.get(written(store, dynamodb.table, _later={"S": "from a newer version"}, a={"S": "b"}))
    assert item is not None
    assert item.attributes == {"a": "b"}
