"""What the queue of a laptop keeps through kills, pauses and time."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from colonnade.queues import Message
from infra.local.queues import DEDUPLICATED, LocalQueue
from infra.local.workers import QueueWorker
from infra.queues.rules import MAX_ATTEMPTS


@pytest.fixture
def now() -> list[float]:
    return [1_000.0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "queue"


@pytest.fixture
def queue(file: Path, now: list[float]) -> Iterator[LocalQueue]:
    made = LocalQueue("one", fifo=True, file=file, hidden=30.0, retry=1.0, now=lambda: now[0])
    yield made
    made.close()


def send(queue: LocalQueue, *numbers: int, group: str = "g") -> None:
    messages = [Message({"n": n}, group=group, deduplication_id=f"{group}-{n}") for n in numbers]
    asyncio.run(queue.send(messages))


def numbers(queue: LocalQueue) -> list[int]:
    return [json.loads(message.body)["n"] for message in queue.take()]


def test_messages_outlive_the_process_that_sent_them(queue: LocalQueue, file: Path, now: list[float]) -> None:
    send(queue, 1, 2)
    later = LocalQueue("one", fifo=True, file=file, now=lambda: now[0])

    assert numbers(later) == [1, 2]
    later.close()


def test_who_works_alone_need_not_wait_for_what_a_killed_worker_had_in_hand(
    queue: LocalQueue, file: Path, now: list[float]
) -> None:
    send(queue, 1, 2)
    assert numbers(queue) == [1, 2]
    later = LocalQueue("one", fifo=True, file=file, now=lambda: now[0])
    assert numbers(later) == []
    later.release()
    assert numbers(later) == [1, 2]
    later.close()


def test_release_hastens_no_message_that_was_to_come_later(now: list[float]) -> None:
    queue = LocalQueue("one", fifo=False, now=lambda: now[0])
    asyncio.run(queue.send([Message({"n": 1}, delay_seconds=5)]))
    queue.release()
    assert numbers(queue) == []
    queue.close()


def test_what_a_killed_worker_had_in_hand_is_seen_again(queue: LocalQueue, now: list[float]) -> None:
    send(queue, 1, 2)
    assert numbers(queue) == [1, 2]
    now[0] += 29.9
    assert numbers(queue) == []
    now[0] += 0.2
    assert numbers(queue) == [1, 2]


def test_a_worker_that_comes_too_late_settles_nothing(queue: LocalQueue, now: list[float]) -> None:
    send(queue, 1)
    late = queue.take()
    now[0] += 31.0
    (again,) = queue.take()

    queue.settle(late)

    assert queue.waiting == 1
    queue.settle([again])
    assert queue.waiting == 0


def test_what_its_workers_never_settle_is_given_up_too(queue: LocalQueue, now: list[float]) -> None:
    send(queue, 1)
    for _ in range(MAX_ATTEMPTS):
        assert numbers(queue) == [1]
        now[0] += 31.0

    assert numbers(queue) == []
    assert queue.dead == ['{"n":1}']
    assert queue.waiting == 0


def test_the_pause_before_each_attempt_is_twice_as_long(queue: LocalQueue, now: list[float]) -> None:
    send(queue, 1)
    for pause in (1.0, 2.0, 4.0):
        taken = queue.take()
        queue.settle(taken, [taken[0].id])
        now[0] += pause - 0.1
        assert numbers(queue) == []
        now[0] += 0.1


def test_a_deduplication_id_counts_again_after_five_minutes(queue: LocalQueue, now: list[float]) -> None:
    send(queue, 1)
    queue.settle(queue.take())
    now[0] += DEDUPLICATED - 0.1
    send(queue, 1)
    assert numbers(queue) == []
    now[0] += 0.2
    send(queue, 1)
    assert numbers(queue) == [1]


def test_whoever_waits_is_woken_by_a_message(queue: LocalQueue) -> None:
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(queue.take, 20.0)
        send(queue, 1)

        assert [message.body for message in waiting.result(20.0)] == ['{"n":1}']


def test_workers_in_two_threads_share_the_groups_and_keep_their_order() -> None:
    queue = LocalQueue("one", fifo=True)
    done: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    at_work: set[str] = set()
    lock = threading.Lock()

    def handle(event: object, context: object) -> dict[str, list[dict[str, str]]]:
        groups = {r["attributes"]["MessageGroupId"] for r in event["Records"]}  # type: ignore[index]
        with lock:
            assert not groups & at_work
            at_work.update(groups)
        for record in event["Records"]:  # type: ignore[index]
            done[record["attributes"]["MessageGroupId"]].append(json.loads(record["body"])["n"])
        with lock:
            at_work.difference_update(groups)
        return {"batchItemFailures": []}

    for number in range(40):
        for group in done:
            send(queue, number, group=group)

    def work(_: int) -> None:
        worker = QueueWorker(queue, handle, 3)
        while queue.waiting:
            worker.step()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, range(2)))
    queue.close()

    assert done == {group: list(range(40)) for group in done}


def test_a_handler_that_raises_fails_its_whole_batch(
    queue: LocalQueue, caplog: pytest.LogCaptureFixture
) -> None:
    def handle(event: object, context: object) -> dict[str, object]:
        raise RuntimeError("ouch")

    send(queue, 1, 2)
    QueueWorker(queue, handle, 10).step()

    assert queue.waiting == 2
    assert "The handler of a queue raised" in caplog.text
