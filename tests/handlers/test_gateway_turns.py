"""The local gateway works on fewer events at once while they keep its loop from refusing others."""

from __future__ import annotations

import asyncio
import time

from handlers.gateway.turns import LATE, LEAST, LOOK, Turns

TOO_LATE = 2 * LATE


async def waiting(turns: Turns, order: list[int], number: int) -> asyncio.Task[None]:
    async def wait() -> None:
        await turns.take()
        order.append(number)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    return task


async def passed() -> None:
    """All that is ready has run."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_turns_are_taken_up_to_the_most_and_then_in_the_order_in_which_they_were_asked_for() -> None:
    turns, order = Turns(2), list[int]()
    for number in range(5):
        await waiting(turns, order, number)
    assert order == [0, 1]
    turns.give()
    await passed()
    assert order == [0, 1, 2]
    turns.give()
    turns.give()
    await passed()
    assert order == [0, 1, 2, 3, 4]
    assert turns.taken == 2


async def test_a_loop_that_is_late_halves_what_is_worked_on_and_one_in_time_adds_one() -> None:
    turns = Turns(16)
    seen = []
    for _ in range(5):
        turns.late(TOO_LATE)
        seen.append(turns.at_once)
    assert seen == [8, LEAST, LEAST, LEAST, LEAST]
    for _ in range(20):
        turns.late(0.0)
    assert turns.at_once == 16


async def test_what_is_worked_on_goes_on_and_others_wait_until_fewer_are() -> None:
    turns, order = Turns(2 * LEAST), list[int]()
    for number in range(2 * LEAST + 1):
        await waiting(turns, order, number)
    turns.late(TOO_LATE)
    for _ in range(LEAST):
        turns.give()
    await passed()
    assert (turns.taken, order) == (LEAST, [*range(2 * LEAST)])
    turns.give()
    await passed()
    assert (turns.taken, order) == (LEAST, [*range(2 * LEAST + 1)])


async def test_who_waits_gets_a_turn_once_the_loop_is_in_time_again() -> None:
    turns, order = Turns(2 * LEAST), list[int]()
    turns.late(TOO_LATE)
    for number in range(2 * LEAST):
        await waiting(turns, order, number)
    assert order == [*range(LEAST)]
    turns.late(0.0)
    await passed()
    assert order == [*range(LEAST + 1)]


async def test_one_thread_stays_one() -> None:
    turns = Turns(1)
    turns.late(TOO_LATE)
    assert turns.at_once == 1
    turns.late(0.0)
    assert turns.at_once == 1


async def test_who_waits_no_longer_takes_nobodys_turn() -> None:
    turns, order = Turns(1), list[int]()
    await waiting(turns, order, 0)
    gone = await waiting(turns, order, 1)
    too_late = await waiting(turns, order, 2)
    await waiting(turns, order, 3)
    gone.cancel()
    await passed()
    turns.give()
    too_late.cancel()
    await passed()
    assert (order, turns.taken) == ([0, 3], 1)


async def test_a_loop_that_is_held_up_is_seen_to_be_late() -> None:
    turns = Turns(16)
    await turns.take()
    time.sleep(LOOK + TOO_LATE)  # noqa: ASYNC251 - the loop is to be late
    await asyncio.sleep(0)
    await passed()
    assert turns.at_once < 16
