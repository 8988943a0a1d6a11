"""Who gives up waiting for a batch takes it from nobody else, and what nobody waits for any more is not loaded on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from colonnade.levels import Batches

PATIENCE = 5.0


class Loading:
    """A field's function that waits until it is let go, and says how it ended."""

    def __init__(self) -> None:
        self.asked: list[list[object]] = []
        self.begun = asyncio.Event()
        self.go = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.load = self._load  # one function, as a field has

    async def _load(self, parents: Sequence[object]) -> Sequence[object]:
        self.asked.append(list(parents))
        self.begun.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return [f"of {parent}" for parent in parents]


def waiting(batches: Batches, field: Loading, parent: str) -> asyncio.Task[object]:
    return asyncio.create_task(batches.value(field.load, parent, {}, {}))


async def given_up(task: asyncio.Task[object]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_gives_up_takes_it_from_nobody_else() -> None:
    batches, field = Batches(), Loading()
    one, other = waiting(batches, field, "one"), waiting(batches, field, "other")
    await asyncio.wait_for(field.begun.wait(), PATIENCE)
    await given_up(one)
    field.go.set()
    assert await asyncio.wait_for(other, PATIENCE) == "of other"
    assert field.asked == [["one", "other"]]
    assert not field.cancelled.is_set()


async def test_what_nobody_waits_for_any_more_is_not_loaded_on() -> None:
    batches, field = Batches(), Loading()
    one, other = waiting(batches, field, "one"), waiting(batches, field, "other")
    await asyncio.wait_for(field.begun.wait(), PATIENCE)
    await given_up(one)
    await asyncio.sleep(0)
    assert not field.cancelled.is_set()
    await given_up(other)
    await asyncio.wait_for(field.cancelled.wait(), PATIENCE)


async def test_a_batch_that_was_given_up_is_no_part_of_the_next() -> None:
    batches, field = Batches(), Loading()
    one = waiting(batches, field, "one")
    await asyncio.wait_for(field.begun.wait(), PATIENCE)
    await given_up(one)
    field.go.set()
    assert await asyncio.wait_for(waiting(batches, field, "other"), PATIENCE) == "of other"
    assert field.asked == [["one"], ["other"]]
