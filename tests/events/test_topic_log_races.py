"""Two appenders of one topic, as when a pump has started before its predecessor has ended, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from colonnade.clock import SystemClock
from colonnade.errors import StoreConflict
from colonnade.outbox import OutboxRow
from colonnade.topic_log import TopicLog
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.events.rows import BellRung, ring

pytestmark = pytest.mark.dynamodb_local


@pytest.fixture
def stores(dynamodb: DynamoDBSettings) -> Iterator[Sequence[DynamoDBStore]]:
    """A store for each thread."""
    made = [DynamoDBStore(dynamodb, SystemClock()) for _ in range(2)]
    yield made
    for store in made:
        store.close()


def test_two_threads_that_append_the_same_batches_leave_one_log_in_order(
    stores: Sequence[DynamoDBStore],
) -> None:
    bell, clock = uuid4().hex, SystemClock()
    rows = asyncio.run(ring(stores[0], clock, bell, 60))

    def bring(store: DynamoDBStore, size: int) -> dict[str, int]:
        async def append() -> dict[str, int]:
            numbered: dict[str, int] = {}
            for start in range(0, len(rows), size):
                numbered |= await patient(TopicLog(store, clock), rows[start : start + size])
            return numbered

        return asyncio.run(append())

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(bring, stores, (7, 11))

    async def kept() -> list[tuple[int, int]]:
        events = await TopicLog(stores[0], clock).read(BellRung.topic(bell), 0, 1_000)
        return [(e.sequence, BellRung.of(e.payload).stroke) for e in events]

    assert one == other == {row.id: number for number, row in enumerate(rows, 1)}
    assert asyncio.run(kept()) == [(number, number) for number in range(1, 61)]


async def patient(log: TopicLog, rows: Sequence[OutboxRow]) -> dict[str, int]:
    """Append, again where the other thread was in the way all the time, as a stream would bring the batch again."""
    while True:
        try:
            return dict(await log.append(rows))
        except StoreConflict:
            continue
