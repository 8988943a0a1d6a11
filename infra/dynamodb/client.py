"""The client of DynamoDB: made at first use, called from a bounded pool of threads, never trusted with a dead socket."""

from __future__ import annotations

import asyncio
import threading
import time
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, cast

import botocore
from botocore.parsers import ResponseParserError

from colonnade.telemetry.record import asked
from infra import aws
from infra.collection import uncollected
from infra.dynamodb.parsing import ItemParsers
from infra.dynamodb.reading import Reads
from infra.dynamodb.settings import DynamoDBSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_IDLE: Final = 60.0
"""Seconds after which an unused connection is not used again: whoever froze this sandbox may have cut it."""

_NEEDED: Final = {"query": "Items", "scan": "Items", "batch_get_item": "Responses"}


def connect(settings: DynamoDBSettings) -> DynamoDBClient:
    """A new client that sends each request once: whoever calls it repeats what may be repeated."""
    client: DynamoDBClient = aws.client(
        "dynamodb",
        settings,
        max_pool_connections=settings.connections,
        parsers=ItemParsers(),
        user_agent=f"Botocore/{botocore.__version__}",  # else written anew for each request
        endpoint_discovery_enabled=False,  # the endpoint stays the one that the short way learned
        parameter_validation=False,  # half of what a call costs, and the rules of the store have been kept
        account_id_endpoint_mode="disabled" if settings.endpoint_url else "preferred",
    )
    client.meta.events.register("before-parse.dynamodb", refuse_rubbish)
    return client


class Calls:
    """Calls of the client as coroutines, at most `settings.connections` at once."""

    def __init__(self, settings: DynamoDBSettings) -> None:
        self._settings: Final = settings
        self._lock: Final = threading.Lock()
        self._client: DynamoDBClient | None = None
        self._reads: Reads | None = None
        self._threads: Final = ThreadPoolExecutor(settings.connections, thread_name_prefix="dynamodb")
        self._last_used = time.time()

    @property
    def client(self) -> DynamoDBClient:
        """The client, made at first use."""
        with self._lock:
            if self._client is None:
                with uncollected():
                    self._client = connect(self._settings)
                    self._reads = Reads(self._client, refuse_rubbish)
            return self._client

    async def __call__(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one request, sent at most once. Raises botocore's errors.

        Whoever gives up waiting leaves a thread behind that waits on, no longer than the client's time-outs.
        """
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        try:
            return await loop.run_in_executor(self._threads, self._send, operation, request)
        finally:
            asked("store", operation, began)

    def close(self) -> None:
        """Drops what waits, and closes the connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        client = self.client
        now = time.time()
        if now - self._last_used > MAX_IDLE:
            client.close()  # only the idle connections; the client opens new ones
        self._last_used = now
        answer = self._reads(operation, request) if self._reads is not None else None
        if answer is None:
            answer = cast("dict[str, Any]", getattr(client, operation)(**request))
        needed = "Attributes" if "ReturnValues" in request else _NEEDED.get(operation, "ResponseMetadata")
        if needed not in answer:
            raise ResponseParserError(f"DynamoDB's answer to {operation} lacks {needed}")
        return answer


def refuse_rubbish(response_dict: Mapping[str, Any], **_: object) -> None:
    """Raises `ResponseParserError` for what cannot be an answer of DynamoDB, or is not whole.

    botocore reads a 200 whose body is no JSON as an empty answer, which would say "no such item"."""
    if response_dict["status_code"] >= 300:
        return
    body: bytes = response_dict["body"]
    checksum = response_dict["headers"].get("x-amz-crc32")
    if not (body.startswith(b"{") and body.rstrip().endswith(b"}")):
        raise ResponseParserError(f"not an answer of DynamoDB: {body[:80]!r}")
    if checksum is not None and zlib.crc32(body) != int(checksum):
        raise ResponseParserError("the checksum of DynamoDB's answer is wrong")
