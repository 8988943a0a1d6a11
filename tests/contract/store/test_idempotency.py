"""An effect with a key happens once, whoever repeats it, and whenever it is cut off."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest

from colonnade.clock import SystemClock
from colonnade.conditions import absent
from colonnade.context import Context
from colonnade.cursors import CursorSigner
from colonnade.errors import ConditionFailed, StoreUnavailable, Unauthenticated
from colonnade.idempotency import KEPT, LEASE, IdempotentRequest, once
from colonnade.ids import UlidIds
from colonnade.permissions import Principal
from colonnade.results import IdempotencyConflict, IdempotencyInProgress, Refused, UserError, ValidationFailed
from colonnade.services import Services
from colonnade.store import Item, Key, Put, Store, Update, Writes
from colonnade.testing.clock import FrozenClock
from colonnade.testing.scripted_chain import ScriptedChains

Effect = Callable[[], Awaitable[tuple[str, Writes]]]


@pytest.fixture
def context(store: Store, clock: FrozenClock) -> Context:
    return Context(
        request_id="req_1",
        store=store,
        chains=ScriptedChains(),
        services=Services({}),
        clock=clock,
        ids=UlidIds(SystemClock()),
        cursors=CursorSigner(b"k" * 32),
        principal=Principal(f"usr_{uuid4().hex}"),
    )


@pytest.fixture
def tally(new_key: Callable[..., Key]) -> Key:
    return new_key()


def tip(context: Context, amount: int = 5, key: str = "first") -> IdempotentRequest:
    return IdempotentRequest.of(context, "sendTip", key, {"amount": amount})


def counting(tally: Key, result: str = "tip_1") -> Effect:
    async def effect() -> tuple[str, Writes]:
        return result, Writes([Update(tally, add={"count": 1})])

    return effect


async def count(context: Context, tally: Key) -> object:
    item = await context.store.get(tally)
    return item.attributes["count"] if item else 0


async def refusal(work: Awaitable[str]) -> UserError:
    with pytest.raises(Refused) as refused:
        await work
    return refused.value.error


async def test_a_repeated_request_gets_the_first_result_and_does_nothing(
    context: Context, tally: Key
) -> None:
    assert await once(context, tip(context), counting(tally, "tip_1")) == "tip_1"
    assert await once(context, tip(context), counting(tally, "tip_2")) == "tip_1"
    assert await count(context, tally) == 1


async def test_the_same_key_with_other_arguments_is_refused(context: Context, tally: Key) -> None:
    await once(context, tip(context), counting(tally))
    assert isinstance(await refusal(once(context, tip(context, 6), counting(tally))), IdempotencyConflict)
    assert await count(context, tally) == 1


async def test_a_key_belongs_to_its_principal_and_its_mutation(context: Context, tally: Key) -> None:
    other = replace(context, principal=Principal(f"usr_{uuid4().hex}"))
    await once(context, tip(context), counting(tally))
    await once(other, tip(other), counting(tally))
    await once(context, IdempotentRequest.of(context, "sendGift", "first", {"amount": 5}), counting(tally))
    assert await count(context, tally) == 3


async def test_a_duplicate_while_the_first_is_at_work_is_told_so(context: Context, tally: Key) -> None:
    async def slow() -> tuple[str, Writes]:
        duplicate = await refusal(once(context, tip(context), counting(tally)))
        assert isinstance(duplicate, IdempotencyInProgress)
        assert (duplicate.retryable, duplicate.retry_after_ms) == (True, 1_000)
        return await counting(tally)()

    assert await once(context, tip(context), slow) == "tip_1"
    assert await count(context, tally) == 1


async def test_a_refused_effect_frees_its_key(context: Context, tally: Key) -> None:
    async def refuses() -> tuple[str, Writes]:
        raise Refused(ValidationFailed(message="not today", issues=[]))

    assert isinstance(await refusal(once(context, tip(context), refuses)), ValidationFailed)
    assert await once(context, tip(context), counting(tally)) == "tip_1"


async def test_a_failed_condition_of_the_effect_keeps_its_position(context: Context, tally: Key) -> None:
    async def twice() -> tuple[str, Writes]:
        return "tip_1", Writes([Put(Item(tally, {"count": 0}), absent())])

    await once(context, tip(context, key="a"), twice)
    with pytest.raises(ConditionFailed) as failed:
        await once(context, tip(context, key="b"), twice)
    assert list(failed.value.failed) == [0]


async def test_an_attempt_that_outlives_its_lease_commits_nothing(
    context: Context, clock: FrozenClock, tally: Key
) -> None:
    async def stalls() -> tuple[str, Writes]:
        clock.advance(LEASE)
        assert await once(context, tip(context), counting(tally, "tip_of_another")) == "tip_of_another"
        return await counting(tally)()

    assert isinstance(await refusal(once(context, tip(context), stalls)), IdempotencyInProgress)
    assert await once(context, tip(context), counting(tally)) == "tip_of_another"
    assert await count(context, tally) == 1


async def test_a_key_is_forgotten_after_a_day(context: Context, clock: FrozenClock, tally: Key) -> None:
    await once(context, tip(context), counting(tally, "tip_1"))
    clock.advance(KEPT)
    assert await once(context, tip(context), counting(tally, "tip_2")) == "tip_2"


async def test_a_commit_whose_answer_is_lost_counts_as_done(context: Context, tally: Key) -> None:
    store = context.store

    class LosesAnswers:
        async def transact(self, writes: Writes) -> None:
            await store.transact(writes)
            if len(writes) > 1:
                raise StoreUnavailable("the answer was lost")

    lossy = replace(context, store=LosesAnswers())  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        await once(lossy, tip(context), counting(tally))
    assert await once(context, tip(context), counting(tally)) == "tip_1"
    assert await count(context, tally) == 1


async def test_of_many_at_once_one_acts_and_none_gets_another_result(context: Context, tally: Key) -> None:
    start = threading.Barrier(8)

    def run(n: int) -> str | UserError:
        start.wait()
        try:
            return asyncio.run(once(context, tip(context), counting(tally, f"tip_{n}")))
        except Refused as refused:
            return refused.error

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(run, range(8)))
    results = {outcome for outcome in outcomes if isinstance(outcome, str)}
    assert len(results) == 1
    assert all(isinstance(o, str | IdempotencyInProgress) for o in outcomes)
    assert await count(context, tally) == 1


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_an_empty_or_overlong_key_is_refused(context: Context, key: str) -> None:
    with pytest.raises(Refused) as refused:
        tip(context, key=key)
    assert isinstance(refused.value.error, ValidationFailed)


@pytest.mark.parametrize("key", ["😀" * 255, "#" * 255, "/", "\0"])
async def test_a_key_may_be_any_text(context: Context, tally: Key, key: str) -> None:
    assert await once(context, tip(context, key=key), counting(tally, "tip_1")) == "tip_1"
    assert await once(context, tip(context, key=key), counting(tally, "tip_2")) == "tip_1"


def test_a_key_needs_somebody_to_belong_to(context: Context) -> None:
    with pytest.raises(Unauthenticated):
        tip(replace(context, principal=None))
