"""The `Queue` port on SQS."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from colonnade.errors import QueueUnavailable
from colonnade.queues import Message
from colonnade.telemetry.record import asked
from infra import aws
from infra.queues.rules import MAX_BATCH, MAX_BODY_BYTES, body_of
from infra.queues.settings import QueueSettings


class SqsQueue:
    """Passes the contract test of `Queue`; safe to use from several threads and event loops.

    Sends batches, at most ten messages each. In a first-in-first-out queue a batch holds one message of a group at
    most, so that one which SQS takes late is not overtaken.
    """

    def __init__(self, settings: QueueSettings) -> None:
        self.settings: Final = settings
        self._lock: Final = threading.Lock()
        self._client: Any = None
        self._threads: Final = ThreadPoolExecutor(settings.connections, thread_name_prefix="sqs")

    async def send(self, messages: Sequence[Message]) -> None:
        """See `Queue.send`. Raises ValueError, before anything is sent, for a message that no SQS queue takes."""
        entries = [self._entry(number, message) for number, message in enumerate(messages)]
        for batch in _batches(entries):
            await self._send(batch)

    def close(self) -> None:
        """Drops what waits and closes the connections; the queue is of no use afterwards."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._client is not None:
                self._client.close()

    async def _send(self, batch: Sequence[dict[str, Any]]) -> None:
        left = list(batch)
        reason = ""
        for attempt in range(self.settings.attempts):
            if attempt:
                pause = self.settings.first_pause * 2**attempt
                await asyncio.sleep(self.settings.random() * pause)
            began = time.perf_counter()
            try:
                answer = await asyncio.get_running_loop().run_in_executor(self._threads, self._call, left)
            except ClientError as error:
                reason = error.response["Error"].get("Code", "unknown")
                status = error.response["ResponseMetadata"].get("HTTPStatusCode", 500)
                if status < 500 and "Throttl" not in reason and "Throttl" not in str(error):
                    break
            except BotoCoreError as error:
                reason = type(error).__name__
            else:
                refused = {failure["Id"]: failure for failure in answer.get("Failed", ())}
                left = [entry for entry in left if entry["Id"] in refused]
                if not left:
                    return
                reason = ", ".join(sorted({str(failure.get("Code")) for failure in refused.values()}))
                if any(failure.get("SenderFault") for failure in refused.values()):
                    break
            finally:
                asked("queues", "send_message_batch", began)
        raise QueueUnavailable(f"SQS did not take {len(left)} of {len(batch)} messages: {reason}")

    def _call(self, entries: Sequence[dict[str, Any]]) -> Any:
        return self._connected().send_message_batch(QueueUrl=self.settings.url, Entries=entries)

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = connect(self.settings)
            return self._client

    def _entry(self, number: int, message: Message) -> dict[str, Any]:
        fifo = self.settings.fifo
        entry: dict[str, Any] = {"Id": str(number), "MessageBody": body_of(message, fifo=fifo)}
        if fifo:
            entry["MessageGroupId"] = message.group
            entry["MessageDeduplicationId"] = message.deduplication_id or uuid.uuid4().hex
        elif message.delay_seconds:
            entry["DelaySeconds"] = message.delay_seconds
        return entry


def connect(settings: QueueSettings) -> Any:
    """A new client that sends each request once: the queue repeats what may be repeated."""
    return aws.client("sqs", settings, max_pool_connections=settings.connections)


def _batches(entries: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """`entries` in batches that SQS takes; those of one group in batches that follow one another."""
    rounds: list[list[dict[str, Any]]] = []
    sent: dict[str, int] = {}
    for entry in entries:
        group = entry.get("MessageGroupId")
        turn = 0 if group is None else sent.get(group, 0)
        if group is not None:
            sent[group] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(entry)
    for together in rounds:
        batch: list[dict[str, Any]] = []
        size = 0
        for entry in together:
            length = len(entry["MessageBody"])
            if batch and (len(batch) == MAX_BATCH or size + length > MAX_BODY_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(entry)
            size += length
        yield batch
