"""What an event costs that many follow: one execution for a shared document, one for each account where they differ."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter

import pytest

from colonnade.subscriptions import delivery
from colonnade.topic_log import TopicLog
from tests.soak.plan import FULL
from tests.subscriptions.applause import executions as executed
from tests.subscriptions.audiences import audience
from tests.subscriptions.stage import APPLAUDED, Stage
from tests.subscriptions.test_operations_counted import counted

SHARED = 'subscription { heard(creator: "ada") { node { text } } }'
SIZE = 10_000 if FULL else 600
PAGE = 500
UNCOLLECTED = 64 * 1024
"""Bytes that cycles may hold until the collector comes by."""


class Unheard:
    """Sockets that keep nothing of what is sent; twice a page the collector comes by.

    An execution leaves a cycle behind (the executor of `graphql-core` and its helpers). When the collector finds it differs
    from run to run; what is still held after it has come by is what would grow.
    """

    def __init__(self) -> None:
        self._posts = 0

    async def post(self, connection_id: str, text: str) -> None:
        self._posts += 1
        if self._posts % (delivery.PLACES // 2) == 0:
            gc.collect()

    async def close(self, connection_id: str) -> None:
        return


async def asked(stage: Stage, text: str) -> Counter[str]:
    """What delivering one event asks of the store."""
    await stage.publish(text)
    store = counted(stage)
    executed.clear()
    await stage.deliver()
    return store.counts


def walk(size: int) -> dict[str, int]:
    """The mark; the log and the pages of subscribers; after each page but the last, how far the walk came, and at the end
    the mark."""
    pages = -(-size // PAGE)
    return {"get": 1, "query": pages + 1, "transact": pages}


def hundreds(size: int) -> int:
    """Round trips for the groups of so many subscribers, each in one of its own: 100 keys each, page by page."""
    return sum(-(-min(PAGE, size - first) // 100) for first in range(0, size, PAGE))


@pytest.mark.soak
async def test_a_shared_document_is_executed_once_an_event_however_many_follow() -> None:
    stage = Stage()
    connections = await audience(stage, SHARED, SIZE, principals=SIZE)

    assert await asked(stage, "one") == {**walk(SIZE), "get": 2}
    assert executed == ["one"]
    assert all(stage.texts(connection, "heard") == ["one"] for connection in connections)
    assert all(len(stage.sockets.sent[connection]) == 1 for connection in connections)


@pytest.mark.soak
async def test_distinct_accounts_cost_one_execution_and_one_message_each_and_a_read_for_a_hundred() -> None:
    stage = Stage()
    connections = await audience(stage, APPLAUDED, SIZE, principals=SIZE)

    assert await asked(stage, "one") == {**walk(SIZE), "batch_get": hundreds(SIZE)}
    assert executed == ["one"] * SIZE
    assert all(stage.texts(connection) == ["one"] for connection in connections)
    assert all(len(stage.sockets.sent[connection]) == 1 for connection in connections)


async def most_memory(document: str, size: int) -> int:
    """The most bytes that are allocated while an event is delivered, beyond what was there before."""
    stage = Stage()
    await audience(stage, document, size, principals=size)
    stage.use(stage.ports_over(stage.kept, Unheard(), TopicLog(stage.kept, stage.clock)))
    await stage.give("warm")
    await stage.publish("one")
    tracemalloc.start()
    try:
        await stage.deliver()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.soak
@pytest.mark.parametrize("document", [SHARED, APPLAUDED])
async def test_memory_does_not_grow_with_those_who_follow(
    document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PAGE if FULL else 20
    monkeypatch.setattr(delivery, "PLACES", page)
    few, many = await most_memory(document, 2 * page), await most_memory(document, 12 * page)
    assert many < 1.3 * few + UNCOLLECTED, f"{few:,} bytes for two pages, {many:,} for twelve"
