"""What is promised of several sandboxes, whatever they are asked, and of clocks that are wrong."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from colonnade.rates import Rates
from colonnade.rates.bucket import Quota
from colonnade.testing import MemoryStore
from colonnade.testing.clock import START
from tests.rates.deployment import ANN, QUOTA, Deployment, spends
from tests.soak.cases import cases


class SetBack:
    """A clock that is an hour fast until somebody notices."""

    hours = 1

    def now(self) -> datetime:
        return START + timedelta(hours=self.hours)


async def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    clock = SetBack()
    store = MemoryStore(clock)
    rates = Rates(store, clock, QUOTA)
    await rates.spend(ANN, 10_000)
    clock.hours = 0
    assert await spends(rates, 2_000)
    assert await spends(Rates(store, clock, QUOTA), 2_000)


async def test_clocks_that_differ_a_little_lose_no_more_than_restores_in_between() -> None:
    ahead, behind = Deployment(), Deployment()
    ahead.wait(0.2)
    behind.store = ahead.store
    fast, slow = ahead.another(), behind.another()
    assert await spends(fast, 5_000)
    assert (await slow.spend(ANN, 200)).available == 4_700


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([1, 5, 30, 99, 150, 700]))
    | st.tuples(st.just(-1), st.integers(1, 3_000)),
    max_size=60,
)


@cases(60)
@given(STEPS, st.integers(700, 2_000), st.integers(1, 900))
def test_several_sandboxes_overshoot_by_no_more_than_is_promised(
    steps: list[tuple[int, int]], capacity: int, per_second: int
) -> None:
    made = Deployment(Quota(capacity, per_second), sandboxes=3)
    spent = milliseconds = 0
    for sandbox, amount in steps:
        if sandbox < 0:
            made.wait(amount / 1_000)
            milliseconds += amount
        elif asyncio.run(spends(made.sandboxes[sandbox], amount)):
            spent += amount
        assert spent <= capacity + per_second * milliseconds / 1_000 + 3 * made.quota.untold


@cases(60)
@given(STEPS, st.integers(700, 2_000), st.integers(1, 900))
def test_one_sandbox_alone_overshoots_by_nothing_and_refuses_nothing_that_is_there(
    steps: list[tuple[int, int]], capacity: int, per_second: int
) -> None:
    made = Deployment(Quota(capacity, per_second))
    level = float(capacity)
    for sandbox, amount in steps:
        if sandbox < 0:
            made.wait(amount / 1_000)
            level = min(level + per_second * amount / 1_000, capacity)
            continue
        took = asyncio.run(spends(made.sandboxes[0], amount))
        assert took or level < amount + 1
        assert not took or level > amount - 1
        level -= amount if took else 0
