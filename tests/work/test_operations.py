"""A long operation is worked on by one holder at a time, and goes on where that stopped."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.context import Context
from colonnade.errors import OperationLost
from colonnade.events import Event
from colonnade.jobs import Job
from colonnade.store import Put
from colonnade.work.operations import Operations, OperationStatus, Running
from colonnade.work.turns import operation_job
from tests.work.workshop import Workshop


def operations(shop: Workshop) -> Operations:
    return shop.context("r").operations


async def started(shop: Workshop, **more: Any) -> str:
    return (await operations(shop).start("shop.count", key="one", **more)).id


async def test_an_operation_is_started_once_for_a_key() -> None:
    shop = Workshop()
    first = await operations(shop).start("shop.count", key="one", job="shop.do", total=3)
    again = await operations(shop).start("shop.count", key="one", job="shop.do", total=4)
    other = await operations(shop).start("shop.count", key="two")

    assert (again.id, again.total) == (first.id, 3)
    assert other.id != first.id
    assert len(await shop.letters.waiting()) == 1


async def test_one_holder_at_a_time_works_on_it() -> None:
    shop = Workshop()
    found = await started(shop)

    assert await operations(shop).take(found, "first") is not None
    assert await operations(shop).take(found, "second") is None


async def test_the_successor_of_a_killed_holder_goes_on_at_its_cursor() -> None:
    shop = Workshop()
    found = await started(shop, total=10)
    killed = await operations(shop).take(found, "killed")
    assert killed is not None
    await killed.advance(4, cursor={"after": "d"}, note="half of it")

    shop.pass_(91)
    successor = await operations(shop).take(found, "successor")
    assert successor is not None
    assert (successor.operation.done, successor.operation.cursor) == (4, {"after": "d"})
    with pytest.raises(OperationLost):
        await killed.advance(5, cursor={"after": "e"})  # it was only asleep
    await successor.advance(10)
    await successor.succeed()
    ended = await operations(shop).find(found)
    assert ended is not None
    assert (ended.status, ended.done, ended.finished_at) == (OperationStatus.DONE, 10, shop.clock.now())


async def test_a_holder_that_gets_on_keeps_it() -> None:
    shop = Workshop()
    found = await started(shop)
    running = await operations(shop).take(found, "first")
    assert running is not None
    for number in range(5):
        shop.pass_(80)
        await running.advance(number)
        assert await operations(shop).take(found, "second") is None


async def test_a_cancelled_operation_stops_whoever_works_on_it_and_can_go_on() -> None:
    shop = Workshop()
    found = await started(shop)
    running = await operations(shop).take(found, "first")
    assert running is not None
    await running.advance(2, cursor={"at": 2})

    cancelled = await operations(shop).cancel(found)
    assert cancelled is not None
    assert cancelled.status is OperationStatus.CANCELLED
    with pytest.raises(OperationLost):
        await running.advance(3)
    assert await operations(shop).take(found, "second") is None
    assert (await operations(shop).cancel(found)) == cancelled
    reopened = await operations(shop).reopen(found)
    assert reopened is not None
    assert (reopened.status, reopened.cursor, reopened.finished_at) == (
        OperationStatus.WAITING,
        {"at": 2},
        None,
    )


async def test_what_is_no_progress_is_refused() -> None:
    shop = Workshop()
    running = await operations(shop).take(await started(shop, total=3), "first")
    assert running is not None
    for done, total in ((-1, None), (4, None), (5, 4)):
        with pytest.raises(ValueError, match="no progress"):
            await running.advance(done, total)


async def test_nothing_is_found_changed_or_taken_where_there_is_no_operation() -> None:
    found = operations(Workshop())
    assert await found.find("op_none") is None
    assert await found.take("op_none", "me") is None
    assert await found.cancel("op_none") is None
    assert await found.reopen("op_none") is None


def counting(shop_clock: list[float], *, to: int, fails_at: int = -1) -> Job:
    async def step(context: Context, running: Running) -> bool:
        done = running.operation.done + 1
        shop_clock[0] += 10
        if done == fails_at:
            raise RuntimeError("the count is lost")
        await running.advance(done, to, cursor={"counted": done})
        return done == to

    return operation_job("shop.count", step, now=lambda: shop_clock[0], seconds=30)


async def test_an_operation_is_done_in_as_many_turns_as_it_takes() -> None:
    shop = Workshop(counting([0.0], to=8))
    found = await started(shop, job="shop.count")

    for turns, done in ((1, 3), (2, 6), (3, 8)):
        assert await shop.carrier.sweep() == 0
        shop.pass_(60)
        assert await shop.carrier.sweep() == 1, turns
        assert await shop.work() == []
        now = await operations(shop).find(found)
        assert now is not None
        assert (now.done, now.status is OperationStatus.DONE) == (done, done == 8)
    assert await shop.letters.waiting() == []


async def test_an_operation_whose_job_is_given_up_has_failed_and_goes_on_when_that_is_replayed() -> None:
    clock = [0.0]
    shop = Workshop(counting(clock, to=3, fails_at=2))
    found = await started(shop, job="shop.count")
    while not await shop.letters.newest():
        shop.pass_(3_600)
        await shop.carrier.sweep()
        await shop.work()

    failed = await operations(shop).find(found)
    assert failed is not None
    assert (failed.status, failed.failure, failed.done) == (OperationStatus.FAILED, "the count is lost", 1)

    mended = shop.jobs.__class__([("shop", counting(clock, to=3))], shop.context)
    shop.worker = shop.worker.__class__(mended, shop.store, shop.clock, shop.queue)
    [dead] = await shop.letters.newest()
    await shop.letters.replay(dead)
    assert await shop.work() == []
    done = await operations(shop).find(found)
    assert done is not None
    assert (done.status, done.failure, done.done) == (OperationStatus.DONE, None, 3)


async def test_the_newest_are_listed_first_and_an_accounts_alone() -> None:
    shop = Workshop()
    for number in range(4):
        shop.pass_(1)
        await operations(shop).start("shop.count", key=str(number), owner="ada" if number % 2 else None)

    everything, after = await operations(shop).newest(3)
    rest, end = await operations(shop).newest(3, after=after)
    times = [one.created_at for one in (*everything, *rest)]
    assert times == sorted(times, reverse=True)
    assert (len(times), end) == (4, None)
    assert [one.owner for one in (await operations(shop).newest(owner="ada"))[0]] == ["ada", "ada"]


MOVES = st.lists(
    st.tuples(st.sampled_from(["take", "advance", "end", "wait", "cancel"]), st.integers(0, 2)), max_size=30
)


@settings(max_examples=40, deadline=None)
@given(MOVES)
async def test_whatever_holders_do_no_progress_is_written_by_two_at_once(
    moves: list[tuple[str, int]],
) -> None:
    shop = Workshop()
    found = await started(shop)
    hands: dict[int, Running] = {}
    valid: int | None = None
    count = 0
    for move, who in moves:
        if move == "take":
            taken = await operations(shop).take(found, str(who))
            if taken is not None:
                hands[who], valid = taken, who
        elif move == "wait":
            shop.pass_(60)
        elif move == "cancel":
            await operations(shop).cancel(found)
            valid = None
        elif who in hands:
            try:
                await (hands[who].advance(count + 1) if move == "advance" else hands[who].release())
            except OperationLost:
                assert who != valid
            else:
                assert who == valid
                count += move == "advance"
                valid = valid if move == "advance" else None
    assert (await _now(shop, found)).done == count


async def _now(shop: Workshop, found: str) -> Any:
    return await operations(shop).find(found)


async def test_progress_is_told_when_it_begins_and_ends_and_otherwise_every_two_seconds() -> None:
    shop = Workshop()
    puts: list[str] = []

    base = operations(shop)

    def record(event: Event) -> Put:
        puts.append(event.event_name)
        return base.record(event)

    recording = Operations(shop.store, shop.clock, base.later, record)
    running = await recording.take(await started(shop), "me")
    assert running is not None
    for number in range(20):
        await running.advance(number)
    assert len(puts) == 1
    shop.pass_(2)
    await running.advance(20)
    await running.succeed()
    assert len(puts) == 3
