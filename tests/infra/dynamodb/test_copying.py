"""Rows of a restored table are copied into the one that serves."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from colonnade.clock import SystemClock
from colonnade.store import Item, Key, Put, Writes
from infra.dynamodb import DynamoDBSettings, DynamoDBStore, ensure_table
from infra.dynamodb.client import connect
from infra.dynamodb.copying import main

SOON = int(time.time()) + 3_600


def local(endpoint: str, table: str) -> DynamoDBSettings:
    """Patient, as a machine that is busy with other tests answers late."""
    return replace(DynamoDBSettings.local(endpoint, table), read_timeout=20.0, deadline=40.0)


@pytest.fixture
def tables(
    dynamodb_endpoint: str, one_boto_session: None
) -> Iterator[tuple[DynamoDBSettings, DynamoDBSettings]]:
    """A table that was restored, and one that serves."""
    pair = [local(dynamodb_endpoint, f"copied-{uuid4().hex}") for _ in range(2)]
    client = connect(pair[0])
    for one in pair:
        ensure_table(client, one.table)
    yield pair[0], pair[1]
    for one in pair:
        client.delete_table(TableName=one.table)
    client.close()


async def fill(
    settings: DynamoDBSettings, partition: str, count: int, says: str, expires: int | None = None
) -> None:
    store = DynamoDBStore(settings, SystemClock())
    for start in range(0, count, 25):
        await store.transact(
            Writes(
                [
                    Put(
                        Item(
                            Key(partition, f"{number:04d}"),
                            {"says": says, "bytes": b"\x00\xff", "many": [1, None, {"deep": True}]},
                            index_keys={"gsi1": Key(f"{partition}-index", f"{number:04d}")},
                            expires_at=expires,
                        )
                    )
                    for number in range(start, min(start + 25, count))
                ]
            )
        )
    store.close()


def rows(settings: DynamoDBSettings) -> list[str]:
    """Everything in a table, as DynamoDB has it, in the order of its text."""
    client = connect(settings)
    found: list[Any] = []
    more: dict[str, Any] = {}
    while True:
        page = client.scan(TableName=settings.table, ConsistentRead=True, **more)
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            client.close()
            return sorted(json.dumps(row, sort_keys=True, default=bytes.hex) for row in found)
        more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def run(tables: tuple[DynamoDBSettings, DynamoDBSettings], *options: str) -> int:
    source, target = tables
    return main([source.table, target.table, "--endpoint", str(source.endpoint_url), *options])


async def test_a_copy_has_every_row_to_the_byte_but_those_that_have_expired(
    tables: tuple[DynamoDBSettings, DynamoDBSettings],
) -> None:
    source, target = tables
    await fill(source, "shop#Order#1", 60, "sold", SOON)
    await fill(source, "shop#Item#1", 5, "made")
    expected = rows(source)
    await fill(source, "shop#Ended#1", 3, "over", 1)

    assert run(tables) == 0

    assert rows(target) == expected


async def test_what_the_target_has_of_the_same_keys_stays_unless_it_is_to_be_replaced(
    tables: tuple[DynamoDBSettings, DynamoDBSettings], capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tables
    await fill(source, "shop#Order#1", 4, "as it was")
    await fill(target, "shop#Order#1", 3, "as it is")

    assert run(tables) == 0
    assert capsys.readouterr().out == "4 rows read, 1 written, 3 were there\n"
    assert sum("as it is" in row for row in rows(target)) == 3

    assert run(tables, "--over") == 0
    assert rows(target) == rows(source)


async def test_only_what_is_below_a_prefix_is_copied_and_a_dry_run_copies_nothing(
    tables: tuple[DynamoDBSettings, DynamoDBSettings], capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tables
    await fill(source, "shop#Order#1", 2, "sold")
    await fill(source, "till#Coin#1", 7, "paid")

    assert run(tables, "--below", "shop#", "--dry-run") == 0
    assert (capsys.readouterr().out, rows(target)) == ("would be: 2 rows read, 2 written, 0 were there\n", [])

    assert run(tables, "--below", "shop#") == 0
    assert len(rows(target)) == 2
    assert all("shop#Order" in row for row in rows(target))


async def test_a_copy_that_was_ended_is_begun_again(
    tables: tuple[DynamoDBSettings, DynamoDBSettings],
) -> None:
    source, target = tables
    await fill(source, "shop#Order#1", 30, "sold")
    await fill(target, "shop#Order#1", 11, "sold")  # as far as the first run came

    assert run(tables) == 0
    assert run(tables) == 0

    assert rows(target) == rows(source)


def test_a_table_is_not_copied_into_itself_nor_into_one_of_another_layout(
    tables: tuple[DynamoDBSettings, DynamoDBSettings], capsys: pytest.CaptureFixture[str]
) -> None:
    source, _ = tables
    client = connect(source)
    other = f"other-{uuid4().hex}"
    client.create_table(
        TableName=other,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    endpoint = str(source.endpoint_url)

    assert main([source.table, source.table, "--endpoint", endpoint]) == 1
    assert "one and the same table" in capsys.readouterr().err
    assert main([source.table, other, "--endpoint", endpoint]) == 1
    assert "other keys or indexes" in capsys.readouterr().err
    assert main([source.table, f"gone-{uuid4().hex}", "--endpoint", endpoint]) == 1

    client.delete_table(TableName=other)
    client.close()
