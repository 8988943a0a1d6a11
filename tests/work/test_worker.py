"""A worker tries again what fails, as its job declares, and keeps what fails too often where it can be replayed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import GiveUp, TaskGivenUp
from colonnade.jobs import Job, Jobs
from colonnade.store import Writes
from colonnade.work.tasks import Task
from colonnade.work.worker import UNKNOWN_TRIES, Worker
from tests.work.workshop import NOON, Workshop


async def nothing(context: object, arguments: object) -> None:
    return


async def broken(context: object, arguments: object) -> None:
    raise RuntimeError("the key s3cret was refused")


async def test_a_failure_is_tried_again_after_a_pause_that_doubles() -> None:
    job = Job(
        "shop.break", broken, retries=3, backoff=timedelta(seconds=20), longest_backoff=timedelta(seconds=60)
    )
    shop = Workshop(job)
    task = await shop.ask("shop.break")
    shop.queue.take()

    pauses: list[int] = []
    for _ in range(3):
        await shop.worker.work(task.id)
        [message] = shop.queue.take()
        pauses.append(message.delay_seconds)
        shop.pass_(message.delay_seconds)
    assert pauses == [20, 40, 60]


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True), st.integers(1, 10_000), st.integers(0, 10_000))
def test_a_pause_lies_between_half_and_all_of_what_is_declared(
    attempt: int, chance: float, first: int, more: int
) -> None:
    job = Job(
        "a.b", nothing, backoff=timedelta(seconds=first), longest_backoff=timedelta(seconds=first + more)
    )
    full = timedelta(seconds=min(first + more, first * 2 ** (attempt - 1)))
    assert full / 2 <= job.pause(attempt, lambda: chance) <= full


async def test_a_poison_job_ends_as_a_dead_letter_that_says_who_why_and_when() -> None:
    shop = Workshop(Job("shop.break", broken, retries=1))
    task = await shop.ask("shop.break", {"order": 7})
    await shop.work()
    shop.pass_(30)

    [said] = await shop.work()
    assert said.startswith(f"task {task.id} of shop.break was given up: the key … was refused")
    [dead] = await shop.letters.newest()
    assert (dead.job, dead.arguments, dead.asked_by, dead.request_id) == (
        "shop.break",
        {"order": 7},
        "ada",
        "request-1",
    )
    assert (dead.reason, dead.attempts) == ("the key … was refused", 2)
    assert dead.dead_at == int(NOON.timestamp()) + 30
    assert await shop.letters.waiting() == []
    assert await shop.carrier.sweep() == 0


async def test_a_dead_letter_is_replayed_with_all_its_attempts() -> None:
    shop = Workshop()
    shop.trouble = [GiveUp("never")]
    task = await shop.ask(arguments={"order": 7}, key="one")
    assert len(await shop.work()) == 1
    [dead] = await shop.letters.newest()

    assert await shop.letters.replay(dead)
    assert not await shop.letters.replay(dead)  # somebody else was faster
    shop.trouble = [RuntimeError("once more")]
    await shop.work()
    shop.pass_(60)
    await shop.work()
    assert shop.done == [{"order": 7}]
    assert await shop.find(task) is None


async def test_a_dead_letter_that_is_dropped_is_gone() -> None:
    shop = Workshop()
    shop.trouble = [GiveUp("never")]
    await shop.ask()
    await shop.work()
    [dead] = await shop.letters.newest()

    assert await shop.letters.drop(dead)
    assert await shop.letters.find(dead.id) is None
    assert not await shop.letters.replay(dead)


async def test_a_message_of_a_dead_letter_is_left_to_the_queue_which_keeps_it_too() -> None:
    shop = Workshop()
    shop.trouble = [GiveUp("never")]
    task = await shop.ask()
    messages = shop.queue.take()

    for _ in range(5):
        [said] = await shop.work(messages)
        assert f"task {task.id} of shop.do was given up: never" in said
    assert shop.done == []


async def test_a_worker_of_an_older_version_leaves_a_job_that_it_does_not_know_to_a_newer_one() -> None:
    newer = Workshop()
    older = Worker(Jobs([], newer.context), newer.store, newer.clock, newer.queue)
    task = await newer.ask(arguments={"order": 1})
    newer.queue.take()
    for minutes in (1, 2, 4, 8, 16):
        await older.work(task.id)
        kept = await newer.find(task)
        assert kept is not None
        assert (kept.at - newer.clock.now().timestamp(), kept.dead_at) == (60 * minutes, None)
        assert kept.reason == "no plugin here declares the job 'shop.do'"
        newer.pass_(60 * minutes)
    await newer.worker.work(task.id)
    assert newer.done == [{"order": 1}]
    assert await newer.find(task) is None


async def test_a_job_that_nobody_knows_for_two_hours_is_a_dead_letter_and_can_be_replayed() -> None:
    shop = Workshop()
    ignorant = Worker(Jobs([], shop.context), shop.store, shop.clock, shop.queue)
    task = await shop.ask()
    begun = shop.clock.now()
    shop.queue.take()
    for _ in range(UNKNOWN_TRIES):
        await ignorant.work(task.id)
        kept = await shop.find(task)
        assert kept is not None
        shop.pass_(kept.at - shop.clock.now().timestamp())
    with pytest.raises(TaskGivenUp, match=r"declares the job 'shop\.do'"):
        await ignorant.work(task.id)
    assert shop.clock.now() - begun == timedelta(minutes=127)
    [dead] = await shop.letters.newest()
    assert await shop.letters.replay(dead)
    assert await shop.work() == []
    assert shop.done == [{}]


async def test_a_job_that_takes_longer_than_its_budget_has_failed() -> None:
    async def endless(context: object, arguments: object) -> None:
        await asyncio.Event().wait()

    shop = Workshop(Job("shop.endless", endless, retries=0), budget=0.01)
    await shop.ask("shop.endless")
    [said] = await shop.work()
    assert "given up" in said


async def test_what_a_killed_worker_had_in_hand_is_done_by_another_after_its_time() -> None:
    shop = Workshop()
    task = await shop.ask()
    _, taken = task.changed(held_until=task.at + 90, look=task.at + 90, attempts=1)
    await shop.store.transact(Writes([taken]))

    await shop.work()
    assert shop.done == []  # it may still be at work
    shop.pass_(90)
    assert await shop.carrier.sweep() == 1
    await shop.work()
    assert shop.done == [{}]


async def test_a_task_that_kills_each_of_its_workers_is_given_up() -> None:
    shop = Workshop()
    task = await shop.ask()
    _, taken = task.changed(held_until=task.at + 90, look=task.at + 90, attempts=5)
    await shop.store.transact(Writes([taken]))
    shop.pass_(90)

    [said] = await shop.work()
    assert "its worker ended each time without a word" in said
    assert shop.done == []


async def test_a_worker_that_was_asleep_does_not_forget_what_another_has_in_hand() -> None:
    shop = Workshop()
    kept: list[Task | None] = []

    async def sleepy(context: object, arguments: Mapping[str, Any]) -> None:
        found = await shop.find(task)
        assert found is not None
        _, taken = found.changed(held_until=found.held_until + 500, look=found.held_until + 500, attempts=2)
        await shop.store.transact(Writes([taken]))
        kept.append(found)

    shop.jobs = shop.jobs.__class__([("shop", Job("shop.sleepy", sleepy))], shop.context)
    shop.worker = shop.worker.__class__(shop.jobs, shop.store, shop.clock, shop.queue)
    task = await shop.ask("shop.sleepy")
    await shop.work()

    found = await shop.find(task)
    assert found is not None
    assert found.attempts == 2


@pytest.mark.parametrize(("overlap", "done"), [("allow", 2), ("skip", 1), ("wait", 2)])
async def test_a_turn_that_finds_another_at_work_does_as_its_job_declares(overlap: Any, done: int) -> None:
    shop: Workshop
    began: list[str] = []

    async def long(context: Any, arguments: Mapping[str, Any]) -> None:
        began.append(str(arguments["name"]))
        if arguments["name"] == "first":
            before = list(began)
            await shop.worker.work(second.id)
            assert (began == before) is (overlap != "allow")

    shop = Workshop(Job("shop.long", long, overlap=overlap))
    first, second = [await shop.ask("shop.long", {"name": name}) for name in ("first", "second")]
    shop.queue.take()
    await shop.worker.work(first.id)
    shop.pass_(15)
    await shop.work()

    assert len(began) == done
    assert await shop.letters.waiting() == []


async def test_the_lease_of_a_killed_turn_is_taken_over_after_its_time() -> None:
    shop = Workshop()
    shop.jobs = shop.jobs.__class__([("shop", Job("shop.alone", shop.do, overlap="wait"))], shop.context)
    shop.worker = shop.worker.__class__(shop.jobs, shop.store, shop.clock, shop.queue)
    from colonnade.leases import Leases

    assert await Leases(shop.store, shop.clock, 90).take("job:shop.alone", "a task whose worker was killed")
    await shop.ask("shop.alone")

    await shop.work()
    assert shop.done == []
    shop.pass_(90)
    await shop.work()
    assert shop.done == [{}]
