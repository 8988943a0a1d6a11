"""Copy rows of one table into another: from a restored table, or from a lost region's backup, into the stack's own.

    python -m infra.dynamodb.copying colonnade-restored colonnade-prod-Table-1ABC --below identity# --dry-run

It runs in an operator's shell, with the operator's credentials: `dynamodb:Scan` on the one, `dynamodb:PutItem` on the
other. No deployed function may do either.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra import aws
from infra.dynamodb.items import EXPIRES_AT, PARTITION
from infra.dynamodb.settings import DynamoDBSettings
from infra.dynamodb.table import has_the_shape

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AT_ONCE: Final = 16
ATTEMPTS: Final = 10


@dataclass(slots=True)
class Copied:
    """How many rows were `read`, `written` (or would be), and `kept`, as the target has rows of their keys."""

    read: int = 0
    written: int = 0
    kept: int = 0

    def __str__(self) -> str:
        return f"{self.read} rows read, {self.written} written, {self.kept} were there"


def copy(
    source: DynamoDBClient,
    target: DynamoDBClient,
    tables: tuple[str, str],
    *,
    below: str = "",
    over: bool = False,
    dry: bool = False,
    now: Callable[[], float] = time.time,
    tell: Callable[[Copied], object] = lambda copied: None,
) -> Copied:
    """Put the rows of the first table into the second; those that have expired stay behind.

    A row whose key the target has is kept there, unless `over`. `below`: only partitions that begin so. `dry`: write
    nothing and count what would be. May be ended and begun again at any time. Raises `ValueError` for tables that are one,
    or that are not of this layout, and botocore's errors.
    """
    _fit(source, target, tables)
    copied = Copied()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for page in _pages(source, tables[0], below):
            rows = [row for row in page if not _expired(row, now())]

            def put(row: Mapping[str, Any]) -> bool:
                return _put(target, tables[1], row, over=over, dry=dry)

            done = list(threads.map(put, rows))
            copied.read += len(rows)
            copied.written += sum(done)
            copied.kept += len(done) - sum(done)
            tell(copied)
    return copied


def _fit(source: DynamoDBClient, target: DynamoDBClient, tables: tuple[str, str]) -> None:
    described = [
        client.describe_table(TableName=name)["Table"]
        for client, name in zip((source, target), tables, strict=True)
    ]
    if (
        described[0]["TableArn"] == described[1]["TableArn"]
        and source.meta.endpoint_url == target.meta.endpoint_url
    ):
        raise ValueError("these are one and the same table")
    for name, table in zip(tables, described, strict=True):
        if not has_the_shape(table):
            raise ValueError(f"the table {name} has other keys or indexes than this version's")


def _pages(client: DynamoDBClient, table: str, below: str) -> Iterator[Sequence[Mapping[str, Any]]]:
    request: dict[str, Any] = {"TableName": table, "ConsistentRead": True}
    if below:
        request |= {
            "FilterExpression": "begins_with(#0, :0)",
            "ExpressionAttributeNames": {"#0": PARTITION},
            "ExpressionAttributeValues": {":0": {"S": below}},
        }
    while True:
        answer = client.scan(**request)
        yield answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _expired(row: Mapping[str, Any], now: float) -> bool:
    return EXPIRES_AT in row and float(row[EXPIRES_AT]["N"]) <= now


def _put(client: DynamoDBClient, table: str, row: Mapping[str, Any], *, over: bool, dry: bool) -> bool:
    """Whether the row was written, or would be."""
    if dry:
        key = {name: row[name] for name in ("_pk", "_sk")}
        return over or "Item" not in client.get_item(TableName=table, Key=key, ConsistentRead=True)
    request: dict[str, Any] = {"TableName": table, "Item": row}
    if not over:
        request |= {
            "ConditionExpression": "attribute_not_exists(#0)",
            "ExpressionAttributeNames": {"#0": PARTITION},
        }
    try:
        client.put_item(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """0 once every row is there."""
    parser = argparse.ArgumentParser(prog="python -m infra.dynamodb.copying", description=__doc__)
    parser.add_argument(
        "source", metavar="FROM", help="the table whose rows are copied, which is not changed"
    )
    parser.add_argument("target", metavar="TO", help="the table that gets them")
    parser.add_argument("--region", default="us-east-1", help="of both tables (default: us-east-1)")
    parser.add_argument("--below", default="", metavar="PREFIX", help="only partitions that begin with it")
    parser.add_argument("--over", action="store_true", help="also in the place of rows that are there")
    parser.add_argument(
        "--dry-run", action="store_true", help="write nothing, and count what would be written"
    )
    parser.add_argument("--endpoint", help="of an engine on this machine, in the place of AWS")
    chosen = parser.parse_args(arguments)
    source, target = (
        aws.client("dynamodb", _settings(table, chosen), attempts=ATTEMPTS, max_pool_connections=AT_ONCE)
        for table in (chosen.source, chosen.target)
    )
    try:
        copied = copy(
            source,
            target,
            (chosen.source, chosen.target),
            below=chosen.below,
            over=chosen.over,
            dry=chosen.dry_run,
            tell=lambda so_far: sys.stderr.write(f"{so_far}\n"),
        )
    except (ValueError, ClientError, BotoCoreError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{'would be: ' if chosen.dry_run else ''}{copied}\n")
    return 0


def _settings(table: str, chosen: argparse.Namespace) -> DynamoDBSettings:
    if chosen.endpoint:
        return replace(DynamoDBSettings.local(chosen.endpoint, table), read_timeout=20.0)
    return DynamoDBSettings(table, region=chosen.region, read_timeout=20.0)


if __name__ == "__main__":
    sys.exit(main())
