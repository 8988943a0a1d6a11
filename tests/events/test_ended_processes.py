"""An event that ends each process that is given it stops nobody for ever: it is set aside, and in the end a dead letter."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from colonnade.attempts import ATTEMPTS, ENDED
from colonnade.context import Context
from colonnade.errors import StoreUnavailable
from colonnade.events import EventHandler, Published
from colonnade.handling import ATTEMPTS_ASIDE
from colonnade.outbox import OutboxRow
from colonnade.store import Update, Writes
from tests.events.relaying import Relaying
from tests.events.rows import BellRung, ring
from tests.events.test_handling import bring
from tests.events.test_relay import COUNT, COUNTING, counted


class Killed(BaseException):
    """The process has ended: nothing catches it, nothing is written any more."""


class Deadly:
    """A handler that ends its process at some strokes; `seen`: what it was given."""

    def __init__(self, *strokes: int) -> None:
        self.strokes = set(strokes)
        self.seen: list[int] = []

    async def handle(self, context: Context, rung: BellRung, published: Published) -> Writes:
        self.seen.append(rung.stroke)
        if rung.stroke in self.strokes:
            raise Killed
        return Writes([Update(COUNT.key(bell="deadly"), set={f"s{rung.stroke}": True})])


async def bring_until_through(relaying: Relaying, rows: Sequence[OutboxRow], most: int = 20) -> int:
    """Bring all rows again after each end of the process, as Lambda does; how many processes ended."""
    for ended in range(most):
        try:
            await bring(relaying, rows)
        except Killed:
            continue
        return ended
    raise AssertionError(f"the shard still stands after {most} processes")


async def test_an_event_that_ends_its_process_each_time_is_set_aside_and_the_rest_goes_on() -> None:
    deadly = Deadly(2)
    relaying = Relaying([EventHandler("bells.deadly", BellRung, deadly.handle), COUNTING])
    big = await ring(relaying.memory, relaying.clock, "big", 3)
    small = await ring(relaying.memory, relaying.clock, "small", 1, first=5)

    assert await bring_until_through(relaying, [*big, *small]) == ATTEMPTS + 1

    assert deadly.seen.count(2) == ATTEMPTS + 1
    item = await relaying.memory.get(COUNT.key(bell="deadly"))
    assert item is not None
    assert item.attributes == {"s1": True, "s3": True, "s5": True}
    assert await counted(relaying, "big") == (3, "1,2,3,")
    letters, _ = await relaying.handling.dead.listed("handler")
    assert [(letter.event, letter.state, letter.reason) for letter in letters] == [
        (big[1].id, "waiting", ENDED)
    ]


async def test_the_job_that_brings_it_back_gives_up_too_though_it_never_returns() -> None:
    deadly = Deadly(1)
    relaying = Relaying([EventHandler("bells.deadly", BellRung, deadly.handle)])
    await bring_until_through(relaying, await ring(relaying.memory, relaying.clock, "big", 1))
    arguments = relaying.jobs.messages[-1].body["arguments"]

    for _ in range(ATTEMPTS_ASIDE):
        with pytest.raises(Killed):
            await relaying.handling.again(arguments)
    seen = len(deadly.seen)
    await relaying.handling.again(arguments)

    assert len(deadly.seen) == seen
    (letter,), _ = await relaying.handling.dead.listed("handler")
    assert (letter.state, letter.reason) == ("dead", ENDED)


async def test_an_event_beside_one_that_ends_the_process_is_not_blamed_nor_handled_again() -> None:
    deadly, runs = Deadly(9), list[int]()

    async def quiet(context: Context, rung: BellRung, published: Published) -> Writes:
        runs.append(rung.stroke)
        return Writes()

    relaying = Relaying(
        [EventHandler("bells.quiet", BellRung, quiet), EventHandler("bells.deadly", BellRung, deadly.handle)]
    )
    rows = [
        *await ring(relaying.memory, relaying.clock, "big", 2),
        *await ring(relaying.memory, relaying.clock, "small", 1, first=9),
    ]

    await bring_until_through(relaying, rows)

    letters, _ = await relaying.handling.dead.listed("handler")
    assert [letter.event for letter in letters] == [rows[2].id]
    assert max(runs.count(stroke) for stroke in (1, 2, 9)) <= 2


async def test_an_outage_amid_attempts_that_are_counted_before_counts_none() -> None:
    failing: list[Exception] = [StoreUnavailable("throttled")] * (3 * ATTEMPTS)

    async def handle(context: Context, rung: BellRung, published: Published) -> Writes:
        if failing:
            raise failing.pop()
        return Writes([Update(COUNT.key(bell="late"), set={"done": True})])

    relaying = Relaying([EventHandler("bells.late", BellRung, handle)])
    rows = await ring(relaying.memory, relaying.clock, "big", 1)

    assert await bring(relaying, rows) == 3 * ATTEMPTS + 1
    assert relaying.jobs.messages == []
    assert await relaying.memory.get(COUNT.key(bell="late")) is not None


async def test_an_event_that_comes_for_the_first_time_is_counted_by_nothing_but_its_effect() -> None:
    relaying = Relaying([COUNTING])
    rows = await ring(relaying.memory, relaying.clock, "big", 1)
    (event,) = [Published(row.id, row.name, row.topic, 1, row.payload, row.at) for row in rows]

    await relaying.handling.handle("bells.count", event)
    await relaying.handling.handle("bells.count", event, again=True)

    assert await counted(relaying) == (1, "1,")
