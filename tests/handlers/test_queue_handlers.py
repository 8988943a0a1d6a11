"""Messages and turns of the schedule become deliveries and jobs; what cannot be done ends among the dead letters."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from colonnade.dead_events import DeadEvents
from colonnade.errors import QueueUnavailable
from colonnade.jobs import Job
from colonnade.publishing import MOST_AGAIN, Delivery
from colonnade.queues import Message, Queues
from colonnade.testing import FrozenClock, MemoryStore
from colonnade.testing.memory_queue import MemoryQueue
from handlers.deliver import DeliverHandler
from handlers.jobs import TICK, JobsHandler
from handlers.runtime import build
from infra.local.queues import LocalQueue
from infra.local.scheduler import LocalScheduler
from infra.local.workers import QueueWorker
from infra.queues.rules import MAX_ATTEMPTS
from tests.composition.building import compose_modules, giving, plugin_module
from tests.handlers.belfry import application, toll
from tests.handlers.sample import ENVIRON, adapters


def queue_event(*bodies: object) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": str(number),
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
            }
            for number, body in enumerate(bodies)
        ]
    }


def failed(answer: Mapping[str, Any]) -> list[str]:
    return sorted(failure["itemIdentifier"] for failure in answer["batchItemFailures"])


class Deliverer:
    """Delivers everything but what is in `down`; `asked`: what it was asked for."""

    def __init__(self, *down: str) -> None:
        self.down = down
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, delivery: Delivery) -> None:
        self.asked.append((delivery.topic, delivery.through))
        if delivery.topic in self.down:
            raise RuntimeError("nobody there")


def task(topic: str, through: int) -> dict[str, object]:
    return dict(Delivery(topic, through).message.body)


def test_each_topic_of_a_batch_is_delivered_once_as_far_as_asked() -> None:
    deliverer = Deliverer()
    event = queue_event(task("a", 1), task("b", 7), task("a", 3), task("a", 2))

    assert DeliverHandler(deliverer, MemoryQueue(), letters())(event) == {"batchItemFailures": []}
    assert sorted(deliverer.asked) == [("a", 3), ("b", 7)]


def test_a_topic_that_was_not_delivered_comes_again_whole_and_the_others_are_done() -> None:
    event = queue_event(task("a", 1), task("b", 7), task("a", 3))

    assert failed(DeliverHandler(Deliverer("a"), MemoryQueue(), letters())(event)) == ["0", "2"]


@pytest.mark.parametrize(
    "body", ["", "nonsense", "[]", "{}", '{"topic": "a"}', '{"topic": "a", "through": "1"}', "null"]
)
def test_what_is_no_delivery_is_left_to_the_dead_letters(body: str) -> None:
    deliverer = Deliverer()

    assert failed(DeliverHandler(deliverer, MemoryQueue(), letters())(queue_event(body, task("a", 1)))) == [
        "0"
    ]
    assert deliverer.asked == [("a", 1)]


def letters() -> DeadEvents:
    return DeadEvents(MemoryStore(FrozenClock()), FrozenClock())


def last_attempt(*bodies: object) -> dict[str, Any]:
    event = queue_event(*bodies)
    for record in event["Records"]:
        record["attributes"] = {"ApproximateReceiveCount": str(MAX_ATTEMPTS)}
    return event


def test_what_the_queue_will_not_bring_again_is_in_it_anew_before_it_is_tried() -> None:
    queue = MemoryQueue()
    before: list[int] = []

    async def down(_: Delivery) -> None:
        before.append(len(queue.messages))
        raise RuntimeError("nobody there")

    event = last_attempt(task("a", 3), task("a", 5), task("b", 1))

    assert failed(DeliverHandler(down, queue, letters())(event)) == ["0", "1", "2"]
    assert before == [2, 2]
    assert {Delivery.of(message.body) for message in queue.take()} == {
        Delivery("a", 5, again=1),
        Delivery("b", 1, again=1),
    }
    assert Delivery("a", 5, 1).message.deduplication_id != Delivery("a", 5).message.deduplication_id


def test_what_the_queue_will_bring_again_is_not_added_to_it() -> None:
    queue = MemoryQueue()
    event = last_attempt(task("a", 3))
    event["Records"][0]["attributes"] = {"ApproximateReceiveCount": str(MAX_ATTEMPTS - 1)}

    assert failed(DeliverHandler(Deliverer("a"), queue, letters())(event)) == ["0"]
    assert queue.messages == []


def test_a_delivery_that_never_succeeds_is_given_up_in_the_end() -> None:
    queue = MemoryQueue()

    DeliverHandler(Deliverer("a"), queue, letters())(
        last_attempt(dict(Delivery("a", 3, MOST_AGAIN).message.body))
    )

    assert queue.messages == []


def test_the_last_attempt_is_made_although_the_queue_takes_nothing() -> None:
    class Broken:
        async def send(self, messages: Sequence[Message]) -> None:
            raise QueueUnavailable("not now")

    deliverer = Deliverer()

    assert failed(DeliverHandler(deliverer, Broken(), letters())(last_attempt(task("a", 3)))) == []
    assert deliverer.asked == [("a", 3)]


def test_a_delivery_that_the_queue_gave_up_is_made_once_what_was_down_is_up() -> None:
    now = [1_000_000.0]
    queue = LocalQueue("deliveries", fifo=True, now=lambda: now[0])
    deliverer = Deliverer("a")
    worker = QueueWorker(queue, DeliverHandler(deliverer, queue, letters()), 10)
    asyncio.run(queue.send([Delivery("a", 3).message]))

    for _ in range(MAX_ATTEMPTS):
        worker.step()
        now[0] += 60
    assert len(queue.dead) == 1
    deliverer.down = ()
    worker.step()

    assert deliverer.asked == [("a", 3)] * (MAX_ATTEMPTS + 1)
    assert queue.waiting == 0
    queue.close()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(FrozenClock())


@pytest.fixture
def queues() -> Iterator[Queues]:
    deliveries, jobs = LocalQueue("deliveries", fifo=True), LocalQueue("jobs", fifo=False, retry=0.0)
    yield Queues(deliveries, jobs)
    deliveries.close()
    jobs.close()


@pytest.fixture
def jobs(store: MemoryStore, queues: Queues) -> JobsHandler:
    return JobsHandler(application(store, queues))


def tolled(store: MemoryStore) -> int:
    return sum("tolled" in key.partition for key in store._items)


def test_the_schedule_and_the_queue_ask_for_the_same_job(jobs: JobsHandler, store: MemoryStore) -> None:
    assert jobs({"job": "belfry.toll", "arguments": {}}) == {}
    assert failed(jobs(queue_event({"job": "belfry.toll", "arguments": {}}))) == []
    assert tolled(store) == 2


@pytest.mark.parametrize(
    "body",
    [
        "nonsense",
        "[]",
        {},
        {"job": 1},
        {"job": "belfry.toll", "arguments": []},
        {"job": "belfry.none", "arguments": {}},
    ],
)
def test_what_nobody_can_do_fails_alone(jobs: JobsHandler, store: MemoryStore, body: object) -> None:
    assert failed(jobs(queue_event(body, {"job": "belfry.toll"}))) == ["0"]
    assert tolled(store) == 1


def test_a_job_that_nobody_knows_ends_among_the_dead_letters(jobs: JobsHandler, queues: Queues) -> None:
    assert isinstance(queues.jobs, LocalQueue)
    asyncio.run(queues.jobs.send([Message({"job": "belfry.none", "arguments": {}})]))

    for _ in range(MAX_ATTEMPTS):
        QueueWorker(queues.jobs, jobs, 1).step()

    assert queues.jobs.waiting == 0
    assert [json.loads(body)["job"] for body in queues.jobs.dead] == ["belfry.none"]


@pytest.mark.parametrize("event", [{"job": "belfry.none"}, {"job": None}, {"version": "0"}])
def test_a_schedule_of_what_nobody_can_do_is_logged_and_not_tried_again(
    jobs: JobsHandler, event: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert jobs(event) == {}
    assert "what nobody can do" in caplog.text


def test_a_job_that_comes_with_a_plugin_is_done_once_a_turn_without_a_rule_of_its_own(
    store: MemoryStore, queues: Queues
) -> None:
    assert isinstance(queues.jobs, LocalQueue)
    hourly = Job("steeple.chime", toll, every=timedelta(hours=1))
    steeple = compose_modules(plugin_module("steeple", giving(jobs=[hourly])))
    ports = replace(adapters(), store=store, queues=queues)
    jobs = JobsHandler(build(ENVIRON, steeple, ports))
    worker = QueueWorker(queues.jobs, jobs, 1)

    due = jobs(TICK)["due"]
    assert "steeple.chime" in due
    assert jobs(TICK) == {"due": []}
    for _ in due:
        worker.step()

    assert tolled(store) == 1


def test_the_laptops_schedule_ticks_at_the_start_and_with_each_minute() -> None:
    asked: list[Mapping[str, Any]] = []

    def handle(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        asked.append(event)
        return {}

    assert LocalScheduler(handle, TICK, now=lambda: 1_000_000_035.0).step() == 45.0
    assert asked == [TICK]
