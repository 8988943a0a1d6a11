"""Buckets in the real store: requests counted where botocore sends them, and several sandboxes as threads."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from colonnade.rates import RateLimited, Rates
from colonnade.rates import rates as rates_module
from colonnade.rates.bucket import Quota
from colonnade.testing import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.rates.test_overshoot_at_once import OwnClock

QUOTA = Quota(10_000, 500)
SANDBOXES = 6


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine busy with other tests answers late; nobody is to count alone for that."""
    monkeypatch.setattr(rates_module, "PATIENCE", 60.0)


@contextmanager
def stores(settings: DynamoDBSettings, clock: FrozenClock, count: int) -> Iterator[list[DynamoDBStore]]:
    made = [DynamoDBStore(settings, clock) for _ in range(count)]
    yield made
    for store in made:
        store.close()


def counting(store: DynamoDBStore) -> Counter[str]:
    sent: Counter[str] = Counter()

    def note(event_name: str, **_: Any) -> None:
        sent[event_name.rpartition(".")[2]] += 1

    store.client.meta.events.register("before-send.dynamodb", note)
    return sent


async def spend_all(rates: Rates, holder: str, tokens: int, most: int = 1_000) -> int:
    """What was spent of the bucket, until it refused."""
    for number in range(most):
        try:
            await rates.spend(holder, tokens)
        except RateLimited:
            return number * tokens
    return most * tokens


async def test_requests_within_a_second_cost_one_put_and_refusals_none(dynamodb: DynamoDBSettings) -> None:
    clock, holder = FrozenClock(), f"account:{uuid4().hex}"
    with stores(dynamodb, clock, 1) as [store]:
        rates, sent = Rates(store, clock, QUOTA), counting(store)
        for _ in range(100):
            await rates.spend(holder, 10)
        assert sent == {"PutItem": 1}
        await spend_all(rates, holder, 2_000)
        sent.clear()
        assert await spend_all(rates, holder, 2_000) == 0
        assert not sent


async def test_who_finds_that_another_has_spent_needs_one_write_more(dynamodb: DynamoDBSettings) -> None:
    clock, holder = FrozenClock(), f"account:{uuid4().hex}"
    with stores(dynamodb, clock, 2) as [first, second]:
        await Rates(first, clock, QUOTA).spend(holder, 500)
        sent = counting(second)
        balance = await Rates(second, clock, QUOTA).spend(holder, 500)
        assert sent == {"PutItem": 1, "UpdateItem": 1}
        assert balance.available == 9_000


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("apart", [0.0, 2.0], ids=["one clock", "clocks that differ"])
@pytest.mark.parametrize("tokens", [20, 300, 2_000])
def test_sandboxes_at_once_overshoot_by_no_more_than_is_promised(
    dynamodb: DynamoDBSettings, tokens: int, apart: float
) -> None:
    clock, holder = FrozenClock(), f"account:{uuid4().hex}"
    clocks = [OwnClock(clock, timedelta(seconds=apart * n / (SANDBOXES - 1))) for n in range(SANDBOXES)]
    most = QUOTA.capacity + QUOTA.per_second * apart + SANDBOXES * QUOTA.untold
    together = Barrier(SANDBOXES)

    def sandbox(rates: Rates) -> int:
        together.wait()
        return asyncio.run(spend_all(rates, holder, tokens))

    with stores(dynamodb, clock, SANDBOXES) as made, ThreadPoolExecutor(SANDBOXES) as threads:
        sandboxes = [Rates(store, own, QUOTA) for store, own in zip(made, clocks, strict=True)]
        spent = sum(threads.map(sandbox, sandboxes))
        assert QUOTA.capacity - tokens < spent <= most
        if tokens > QUOTA.untold:  # what is dear is asked for each time
            assert spent <= most - SANDBOXES * QUOTA.untold
        clock.advance(2)
        spent += sum(threads.map(sandbox, sandboxes))
        assert spent <= most + 2 * QUOTA.per_second
