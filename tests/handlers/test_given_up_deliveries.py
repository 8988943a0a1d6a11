"""A delivery that fails to its last attempt is a dead letter until one of its topic succeeds."""

from __future__ import annotations

import asyncio

from colonnade.dead_events import DeadEvent, DeadEvents
from colonnade.publishing import Delivery
from colonnade.testing import FrozenClock, MemoryStore
from colonnade.testing.memory_queue import MemoryQueue
from handlers.deliver import DeliverHandler
from infra.queues.rules import MAX_ATTEMPTS
from tests.handlers.test_queue_handlers import Deliverer, last_attempt, queue_event

DEAD = DeadEvents(MemoryStore(FrozenClock()), FrozenClock())


def kept() -> list[DeadEvent]:
    return list(asyncio.run(DEAD.listed("delivery"))[0])


def test_a_delivery_is_a_letter_after_its_last_attempt_and_none_after_it_succeeded() -> None:
    queue = MemoryQueue()
    failing = DeliverHandler(Deliverer("a"), queue, DEAD)
    failing(queue_event(dict(Delivery("a", 3, part=2).message.body)))
    assert kept() == []

    failing(last_attempt(dict(Delivery("a", 3, part=2).message.body)))
    (letter,) = kept()
    assert (letter.topic, letter.sequence, letter.content, letter.attempts) == (
        "a",
        3,
        {"part": 2},
        MAX_ATTEMPTS,
    )

    (again,) = queue.take()
    failing(last_attempt(dict(again.body)))
    assert [found.attempts for found in kept()] == [MAX_ATTEMPTS + 1]
    DeliverHandler(Deliverer(), queue, DEAD)(queue_event(dict(again.body)))
    assert kept() == []


def test_parts_of_one_topic_fail_and_succeed_for_themselves() -> None:
    class PartDown(Deliverer):
        async def __call__(self, task: Delivery) -> None:
            if task.part == 1:
                raise RuntimeError("down")

    event = queue_event(*(dict(Delivery("a", 3, part=part).message.body) for part in range(3)))
    answer = DeliverHandler(PartDown(), MemoryQueue(), DEAD)(event)
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["1"]
