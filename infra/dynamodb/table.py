"""The one table: its definition for CloudFormation, and its creation where there is no CloudFormation."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from colonnade.errors import ConfigurationError, StoreUnavailable
from infra.dynamodb.items import EXPIRES_AT, INDEXES, PARTITION, SORT, index_attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef

_PLACES: Final = {index: index_attributes(index) for index in INDEXES}


def properties() -> dict[str, Any]:
    """The table's properties as CloudFormation's `AWS::DynamoDB::Table` takes them, without its name."""
    strings = [PARTITION, SORT, *(name for names in _PLACES.values() for name in names)]
    return {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in strings],
        "KeySchema": _key_schema(PARTITION, SORT),
        "GlobalSecondaryIndexes": [
            {"IndexName": index, "KeySchema": _key_schema(*names), "Projection": {"ProjectionType": "ALL"}}
            for index, names in _PLACES.items()
        ],
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        "TimeToLiveSpecification": {"AttributeName": EXPIRES_AT, "Enabled": True},
    }


def ensure_table(client: DynamoDBClient, name: str, *, timeout: float = 30.0) -> str:
    """Creates the table unless it is there, and returns the ARN of its stream.

    Waits at most `timeout` seconds until it can be used. Raises `ConfigurationError` for a table of that name with
    other keys or indexes, and `StoreUnavailable` for one that does not become active.
    """
    wanted = properties()
    expiry = wanted.pop("TimeToLiveSpecification")
    wanted["StreamSpecification"]["StreamEnabled"] = True
    try:
        client.create_table(TableName=name, **wanted)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUseException":
            raise
    table = _active(client, name, timeout)
    if not has_the_shape(table):
        raise ConfigurationError(f"the table {name!r} has other keys or indexes than this version needs")
    if not _expires(client, name):
        try:
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
        except ClientError:
            if not _expires(client, name):  # or another process was faster
                raise
    return table["LatestStreamArn"]


def has_the_shape(table: Any) -> bool:
    """Whether a table, as DynamoDB describes it, has the keys and the indexes that this version needs."""
    return _shape(table) == _shape(properties())


def _expires(client: DynamoDBClient, name: str) -> bool:
    described = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    return described.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}


def _active(client: DynamoDBClient, name: str, timeout: float) -> TableDescriptionTypeDef:
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        table = client.describe_table(TableName=name)["Table"]
        if table["TableStatus"] == "ACTIVE":
            return table
        time.sleep(0.05)
    raise StoreUnavailable(f"the table {name!r} was not ready within {timeout} seconds")


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def _shape(table: Any) -> dict[str, list[tuple[str, str]]]:
    schemas = {"": table["KeySchema"]}
    schemas |= {index["IndexName"]: index["KeySchema"] for index in table.get("GlobalSecondaryIndexes", ())}
    return {name: [(k["AttributeName"], k["KeyType"]) for k in schema] for name, schema in schemas.items()}
