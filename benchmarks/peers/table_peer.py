"""Rows from the table, decoded: by the store, or by boto3's resource. Arguments: which of them, and the table's URL."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from benchmarks.peers.serving import Doing, serve
from benchmarks.peers.table_stub import PAGE, ROWS, TABLE
from colonnade.clock import SystemClock
from colonnade.store import Item, Key, Query


def _shown(rows: int, first: Mapping[str, Any], last: Mapping[str, Any]) -> str:
    return json.dumps(
        [rows, *({n: r[n] for n in sorted(r) if n[:1] != "_"} for r in (first, last))], default=int
    )


def _store(url: str) -> Mapping[str, Doing]:
    from infra.dynamodb import DynamoDBSettings, DynamoDBStore  # noqa: PLC0415

    settings = DynamoDBSettings.local(url, TABLE)
    store = DynamoDBStore(settings, SystemClock())
    loop = asyncio.new_event_loop()
    keys = [Key("ROW#wallet", f"{n:06}") for n in range(ROWS)]

    async def row() -> list[Item]:
        found = await store.get(keys[0])
        return [] if found is None else [found]

    async def page() -> list[Item]:
        return list((await store.query(Query("ROW#wallet", limit=PAGE))).items)

    async def batch() -> list[Item]:
        return list((await store.batch_get(keys)).values())

    def doing(read: Callable[[], Awaitable[list[Item]]]) -> Doing:
        def once() -> str:
            rows = loop.run_until_complete(read())
            return _shown(len(rows), rows[0].attributes, rows[-1].attributes)

        return lambda _: once

    return {"get": doing(row), "query": doing(page), "batch": doing(batch)}


def _resource(url: str) -> Mapping[str, Doing]:
    import boto3  # noqa: PLC0415
    from boto3.dynamodb.conditions import Key as Condition  # noqa: PLC0415

    resource = boto3.resource(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - the stub asks for none
    )
    table = resource.Table(TABLE)
    keys = [{"_pk": "ROW#wallet", "_sk": f"{n:06}"} for n in range(ROWS)]

    def row() -> list[dict[str, Any]]:
        return [table.get_item(Key=keys[0], ConsistentRead=True)["Item"]]

    def page() -> list[dict[str, Any]]:
        return table.query(
            KeyConditionExpression=Condition("_pk").eq("ROW#wallet"), Limit=PAGE + 1, ConsistentRead=True
        )["Items"]

    def batch() -> list[dict[str, Any]]:
        asked: Any = {TABLE: {"Keys": keys, "ConsistentRead": True}}
        return resource.batch_get_item(RequestItems=asked)["Responses"][TABLE]

    def doing(read: Callable[[], list[dict[str, Any]]]) -> Doing:
        def once() -> str:
            rows = read()
            return _shown(len(rows), rows[0], rows[-1])

        return lambda _: once

    return {"get": doing(row), "query": doing(page), "batch": doing(batch)}


if __name__ == "__main__":
    serve({"store": _store, "resource": _resource}[sys.argv[1]](sys.argv[2]))
