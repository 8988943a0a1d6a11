"""What a client may spend, in one process and in several on one store."""

from __future__ import annotations

import asyncio

import pytest

from colonnade.errors import StoreUnavailable
from colonnade.rates import RateLimited
from colonnade.rates import rates as rates_module
from colonnade.rates.bucket import Quota
from colonnade.rates.rates import MOST_ACCOUNTS
from tests.rates.deployment import ANN, Deployment, spends


async def test_a_new_client_has_a_whole_bucket_less_what_it_spends() -> None:
    balance = await Deployment().sandboxes[0].spend(ANN, 20)
    assert balance.shown() == {"requested": 20, "available": 9_980, "restoreRate": 500}


async def test_what_was_spent_comes_back_and_no_more_than_a_bucket() -> None:
    made = Deployment()
    [rates] = made.sandboxes
    await rates.spend(ANN, 2_000)
    made.wait(1)
    assert (await rates.spend(ANN, 1)).available == 8_499
    made.wait(3_600)
    assert (await rates.spend(ANN, 1)).available == 9_999


async def test_hundreds_of_requests_within_a_second_cost_one_write() -> None:
    made = Deployment()
    for _ in range(100):
        await made.sandboxes[0].spend(ANN, 10)
    assert made.store.asked == {"transact": 1}


async def test_the_first_requests_ask_nobody() -> None:
    made = Deployment()
    for _ in range(10):
        await made.sandboxes[0].spend(ANN, 10)
    assert not made.store.asked


async def test_a_second_later_it_is_one_write_more() -> None:
    made = Deployment()
    for _ in range(5):
        for _ in range(40):
            await made.sandboxes[0].spend(ANN, 10)
        made.wait(1)
    assert made.store.asked == {"transact": 5}


async def test_a_refusal_asks_nobody_and_says_when_to_come_again() -> None:
    made = Deployment()
    [rates] = made.sandboxes
    for _ in range(5):
        await rates.spend(ANN, 2_000)
    made.store.asked.clear()
    for _ in range(1_000):
        with pytest.raises(RateLimited) as refused:
            await rates.spend(ANN, 250)
    assert not made.store.asked
    assert refused.value.retry_after_ms == 500
    assert refused.value.balance.shown() == {"requested": 250, "available": 0, "restoreRate": 500}
    made.wait(0.499)
    assert not await spends(rates, 250)
    made.wait(0.001)
    assert await spends(rates, 250)


async def test_one_client_does_not_spend_of_another() -> None:
    [rates] = Deployment().sandboxes
    while await spends(rates, 1_000):
        pass
    assert await spends(rates, 1_000, "account:bob")


async def test_another_sandbox_learns_what_was_spent_when_it_asks() -> None:
    made = Deployment(sandboxes=2)
    one, two = made.sandboxes
    for _ in range(4):
        await one.spend(ANN, 2_000)
    assert (await two.spend(ANN, 50)).available == 9_950  # it has not asked
    assert (await two.spend(ANN, 60)).available == 1_890
    assert not await spends(two, 2_000)


async def test_what_costs_more_than_is_left_in_the_store_is_refused_and_not_spent() -> None:
    made = Deployment(sandboxes=2)
    one, two = made.sandboxes
    for _ in range(4):
        await one.spend(ANN, 2_000)
    await one.spend(ANN, 1_500)
    with pytest.raises(RateLimited) as refused:
        await two.spend(ANN, 1_000)
    assert refused.value.balance.available == 500
    assert refused.value.retry_after_ms == 1_000
    assert await spends(two, 500)


async def test_what_costs_more_than_a_bucket_takes_a_whole_one() -> None:
    [rates] = Deployment(Quota(100, 10)).sandboxes
    assert (await rates.spend(ANN, 1_000)).requested == 100
    with pytest.raises(RateLimited) as refused:
        await rates.spend(ANN, 1_000)
    assert refused.value.retry_after_ms == 10_000


async def test_requests_at_once_do_not_spend_the_same_tokens() -> None:
    made = Deployment(Quota(1_000, 1))

    async def slowly() -> None:
        await asyncio.sleep(0)

    made.store.before = slowly
    took = await asyncio.gather(*(spends(made.sandboxes[0], 30) for _ in range(100)))
    assert sum(took) == 33


async def test_a_store_that_fails_leaves_each_sandbox_a_bucket_of_its_own() -> None:
    made = Deployment(sandboxes=2)

    async def fail() -> None:
        raise StoreUnavailable("no answer")

    made.store.before = fail
    for rates in made.sandboxes:
        spent = 0
        while await spends(rates, 500):
            spent += 500
        assert spent == 10_000
    assert made.store.asked["transact"] == 2  # the next are not made to wait for it as well


async def test_a_store_that_failed_is_asked_again_a_second_later() -> None:
    made = Deployment()

    async def fail() -> None:
        raise StoreUnavailable("no answer")

    made.store.before = fail
    await made.sandboxes[0].spend(ANN, 500)
    made.store.before = None
    made.wait(1)
    await made.sandboxes[0].spend(ANN, 700)
    assert made.store.asked["transact"] == 2
    assert await made.available() <= 9_300


async def test_a_store_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates_module, "PATIENCE", 0.01)
    made = Deployment()

    async def hang() -> None:
        await asyncio.Event().wait()

    made.store.before = hang
    assert await spends(made.sandboxes[0], 500)


async def test_a_request_that_is_given_up_while_it_asks_leaves_nothing_under_way() -> None:
    made = Deployment()
    [rates] = made.sandboxes

    async def hang() -> None:
        await asyncio.Event().wait()

    made.store.before = hang
    asking = asyncio.ensure_future(rates.spend(ANN, 900))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    made.store.before = None
    made.wait(1)
    assert (await rates.spend(ANN, 200)).available == 9_800  # what never ran is not paid for


async def test_no_more_clients_are_remembered_than_fit() -> None:
    [rates] = Deployment().sandboxes
    for number in range(MOST_ACCOUNTS + 500):
        await rates.spend(f"address:{number}", 1)
        rates.note(f"refused:{number}", 1)
    assert len(rates) == MOST_ACCOUNTS


async def test_a_refusal_is_paid_for_without_asking_until_nothing_is_left() -> None:
    made = Deployment()
    [rates] = made.sandboxes
    for _ in range(10_000):
        rates.check(ANN)
        rates.note(ANN, 1)
    with pytest.raises(RateLimited):
        rates.check(ANN)
    assert not made.store.asked


async def test_the_store_hears_of_refusals_with_what_follows_them() -> None:
    made = Deployment()
    [rates] = made.sandboxes
    rates.note(ANN, 600)
    await rates.spend(ANN, 100)
    assert await made.available() == 10_000 - 600 - 100
