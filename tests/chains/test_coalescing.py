from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from colonnade.coalescing import Coalescer


class Doubler:
    """Doubles numbers, and keeps what it was asked."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.coalescer: Coalescer[int, int] = Coalescer(self.answer)

    async def answer(self, keys: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(keys))
        await asyncio.sleep(0)
        if -13 in keys:
            raise ValueError("unlucky")
        return [2 * key for key in keys]


@pytest.fixture
def doubler() -> Doubler:
    return Doubler()


async def test_what_is_asked_for_together_is_answered_together(doubler: Doubler) -> None:
    first, second = await asyncio.gather(doubler.coalescer.ask([3, 1]), doubler.coalescer.ask([2]))
    assert [first, second] == [[6, 2], [4]]
    assert doubler.batches == [[3, 1, 2]]


async def test_a_key_is_asked_once_a_batch(doubler: Doubler) -> None:
    first, second = await asyncio.gather(doubler.coalescer.ask([1, 1, 2]), doubler.coalescer.ask([2, 1]))
    assert [first, second] == [[2, 2, 4], [4, 2]]
    assert doubler.batches == [[1, 2]]


@pytest.mark.parametrize("depth", [1, 2, 5, 20])
async def test_what_nested_tasks_ask_for_joins_in(doubler: Doubler, depth: int) -> None:
    async def nest(level: int) -> list[int]:
        if level == 0:
            return await doubler.coalescer.ask([0])
        own, nested = await asyncio.gather(doubler.coalescer.ask([level]), nest(level - 1))
        return own + nested

    await nest(depth)
    assert len(doubler.batches) == 1


async def test_what_is_asked_for_later_is_another_batch(doubler: Doubler) -> None:
    await doubler.coalescer.ask([1])
    await doubler.coalescer.ask([1])
    assert doubler.batches == [[1], [1]]


async def test_batches_do_not_wait_for_one_another() -> None:
    first_may_go = asyncio.Event()

    async def answer(keys: Sequence[str]) -> Sequence[str]:
        if "first" in keys:
            await first_may_go.wait()
        return keys

    coalescer: Coalescer[str, str] = Coalescer(answer)
    first = asyncio.create_task(coalescer.ask(["first"]))
    await asyncio.sleep(0.01)
    assert await asyncio.wait_for(coalescer.ask(["second"]), 5) == ["second"]
    first_may_go.set()
    assert await first == ["first"]


async def test_asking_for_nothing_takes_part(doubler: Doubler) -> None:
    assert await doubler.coalescer.ask([]) == []
    assert doubler.batches == [[]]


async def test_a_failure_reaches_everybody_in_the_batch_and_nobody_else(doubler: Doubler) -> None:
    results = await asyncio.gather(
        doubler.coalescer.ask([1]), doubler.coalescer.ask([-13]), return_exceptions=True
    )
    assert [str(result) for result in results] == ["unlucky", "unlucky"]
    assert await doubler.coalescer.ask([1]) == [2]


async def test_who_gives_up_disturbs_nobody(doubler: Doubler) -> None:
    given_up, wanted = (asyncio.create_task(doubler.coalescer.ask([key])) for key in (1, 2))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await wanted == [4]


async def test_an_answer_of_another_length_is_the_answerers_error(doubler: Doubler) -> None:
    async def answer(_keys: Sequence[int]) -> Sequence[int]:
        return [1]

    with pytest.raises(ValueError, match="1 answers to 2 keys"):
        await Coalescer(answer).ask([1, 2])
