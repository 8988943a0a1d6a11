"""Work that is asked for in a transaction is brought and done: at once, at its time, and once for a key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from colonnade.errors import ConditionFailed, InvalidWrite, UnknownJob
from colonnade.jobs import Job
from colonnade.schedule import Schedule
from colonnade.store import Item, Key, Page, Query, Writes
from colonnade.testing import FrozenClock, Harness, MemoryStore
from colonnade.work.tasks import SHARDS
from tests.work.workshop import NOON, Workshop


async def test_work_is_done_and_leaves_nothing_behind() -> None:
    shop = Workshop()
    task = await shop.ask(arguments={"a": 1})

    assert [dict(message.body) for message in shop.queue.messages] == [{"task": task.id, "job": "shop.do"}]
    assert await shop.work() == []
    assert shop.done == [{"a": 1}]
    assert await shop.find(task) is None


async def test_work_is_asked_for_with_what_it_follows_from_or_not_at_all() -> None:
    shop = Workshop()
    put = shop.context("r").later("shop.do", {})
    await shop.store.transact(Writes([put]))

    with pytest.raises(ConditionFailed):
        await shop.store.transact(Writes([put, shop.context("r").later("shop.do", {"b": 2})]))
    assert len(await shop.letters.waiting()) == 1


async def test_a_message_that_comes_again_does_nothing_again() -> None:
    shop = Workshop()
    await shop.ask()
    messages = shop.queue.take() * 3

    await shop.work(messages)
    assert len(shop.done) == 1


async def test_what_is_due_within_a_quarter_of_an_hour_waits_in_the_queue() -> None:
    shop = Workshop()
    await shop.ask(at=NOON + timedelta(seconds=899.5))
    assert [message.delay_seconds for message in shop.queue.messages] == [900]


async def test_what_is_due_in_days_waits_in_the_table_and_is_brought_for_its_second() -> None:
    shop = Workshop()
    await shop.ask(at=NOON + timedelta(days=3, seconds=30))
    assert shop.queue.messages == []

    shop.pass_(3 * 86_400 - 60)
    assert await shop.carrier.sweep() == 0
    shop.pass_(60)
    assert await shop.carrier.sweep() == 1
    assert [message.delay_seconds for message in shop.queue.messages] == [30]
    await shop.work()
    assert shop.done == []  # its message came early
    shop.pass_(30)
    await shop.work()
    assert shop.done == [{}]


async def test_what_the_stream_did_not_bring_is_found_by_the_tick_once() -> None:
    shop = Workshop()
    await shop.ask()
    shop.queue.take()

    shop.pass_(59)
    assert await shop.carrier.sweep() == 0  # the stream may only be slow
    shop.pass_(1)
    assert [await shop.carrier.sweep() for _ in range(3)] == [1, 0, 0]
    shop.pass_(900)  # it is not done after all
    assert await shop.carrier.sweep() == 1


async def test_of_tasks_with_one_key_the_first_that_is_begun_is_done() -> None:
    shop = Workshop()
    for number in range(3):
        await shop.ask(arguments={"number": number}, key="one")
    await shop.ask(arguments={"number": 3}, key="another")

    assert await shop.work() == []
    assert shop.done == [{"number": 0}, {"number": 3}]
    assert await shop.letters.waiting() == []


async def test_a_key_outlives_failures_and_is_free_after_two_days() -> None:
    shop = Workshop()
    shop.trouble = [RuntimeError("not now")]
    await shop.ask(key="one")
    await shop.work()
    await shop.ask(arguments={"late": True}, key="one")
    shop.pass_(60)
    await shop.work()
    assert shop.done == [{}]

    shop.pass_(48 * 3_600 - 1)
    await shop.ask(arguments={"early": True}, key="one")
    await shop.work()
    assert shop.done == [{}]

    shop.pass_(1)
    await shop.ask(arguments={"again": True}, key="one")
    await shop.work()
    assert shop.done == [{}, {"again": True}]


@pytest.mark.parametrize(
    ("arguments", "more", "error"),
    [
        ({"text": "x" * 65_536}, {}, InvalidWrite),
        ({"number": 1.5}, {}, InvalidWrite),
        ({}, {"at": datetime(2027, 1, 1)}, ValueError),
        ({}, {"key": ""}, ValueError),
        ({}, {"key": "k" * 256}, ValueError),
    ],
)
async def test_what_no_task_can_be_is_refused_when_it_is_asked_for(
    arguments: dict[str, object], more: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        Workshop().context("r").later("shop.do", arguments, **more)  # type: ignore[arg-type]


class Counting(MemoryStore):
    """Counts what it is asked."""

    asked: Counter[str]

    async def get(self, key: Key) -> Item | None:
        self.asked["get"] += 1
        return await super().get(key)

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        self.asked["batch_get"] += 1
        return await super().batch_get(keys)

    async def query(self, query: Query) -> Page:
        self.asked["query"] += 1
        return await super().query(query)

    async def transact(self, writes: Writes) -> None:
        self.asked["transact"] += 1
        await super().transact(writes)


async def test_work_costs_a_read_and_two_writes_beside_its_own_and_a_quiet_minute_nine_reads() -> None:
    clock = FrozenClock(NOON)
    store = Counting(clock)
    shop = Workshop(store=store, clock=clock)
    store.asked = Counter()
    await shop.ask()
    await shop.work()
    assert store.asked == {"get": 1, "transact": 3}  # asked for, taken, forgotten

    store.asked = Counter()
    job = Job("shop.yearly", shop.do, cron="0 0 1 1 *")
    schedule = Schedule([job], store, clock, shop.queue)
    await schedule.tick()
    store.asked = Counter()
    await schedule.tick()
    assert store.asked == {"batch_get": 1, "query": SHARDS}


async def test_what_was_due_in_the_past_is_done_at_once() -> None:
    shop = Workshop()
    await shop.ask(at=datetime(1999, 1, 1, tzinfo=UTC))
    await shop.work()
    assert shop.done == [{}]


async def test_a_job_that_nobody_declares_is_refused_when_it_is_asked_for() -> None:
    harness = Harness("colonnade.webhooks.plugin")
    with pytest.raises(UnknownJob, match=r"'webhooks\.delivr' \(did you mean webhooks\.deliver\?\)"):
        harness.context().later("webhooks.delivr", {})
    assert harness.context().later("webhooks.deliver", {}).item is not None
