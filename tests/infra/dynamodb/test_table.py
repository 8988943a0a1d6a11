from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from colonnade.errors import ConfigurationError
from infra.dynamodb import DynamoDBSettings, ensure_table
from infra.dynamodb.client import connect
from infra.dynamodb.table import properties

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def client(dynamodb: DynamoDBSettings) -> Iterator[DynamoDBClient]:
    client = connect(dynamodb)
    yield client
    client.close()


@pytest.fixture
def name(client: DynamoDBClient) -> Iterator[str]:
    name = f"table-{uuid4().hex}"
    yield name
    client.delete_table(TableName=name)


def test_the_table_has_three_whole_indexes_a_stream_of_both_images_and_an_expiry(
    client: DynamoDBClient, name: str
) -> None:
    arn = ensure_table(client, name)
    table = client.describe_table(TableName=name)["Table"]
    assert table["LatestStreamArn"] == arn
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    indexes = {index["IndexName"]: index["Projection"] for index in table["GlobalSecondaryIndexes"]}
    assert indexes == {name: {"ProjectionType": "ALL"} for name in ("gsi1", "gsi2", "gsi3")}
    expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "_expires_at"
    assert expiry["TimeToLiveStatus"] in {"ENABLED", "ENABLING"}


def test_a_table_that_is_there_is_left_as_it_is(client: DynamoDBClient, name: str) -> None:
    arn = ensure_table(client, name)
    client.put_item(TableName=name, Item={"_pk": {"S": "p"}, "_sk": {"S": "s"}})
    assert ensure_table(client, name) == arn
    assert "Item" in client.get_item(TableName=name, Key={"_pk": {"S": "p"}, "_sk": {"S": "s"}})


def test_processes_that_start_at_once_end_with_one_table(client: DynamoDBClient, name: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        arns = set(threads.map(lambda _: ensure_table(client, name), range(4)))
    assert len(arns) == 1


def test_a_table_of_another_shape_is_refused(client: DynamoDBClient, name: str) -> None:
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    with pytest.raises(ConfigurationError, match="other keys or indexes"):
        ensure_table(client, name)


def test_the_definition_is_what_cloudformation_takes() -> None:
    assert set(properties()) == {
        "AttributeDefinitions",
        "BillingMode",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "StreamSpecification",
        "TimeToLiveSpecification",
    }
    assert properties()["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
