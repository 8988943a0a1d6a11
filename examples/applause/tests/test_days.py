"""Applause becomes an event; a handler counts it for its day, and a job chooses the day's token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from colonnade.permissions import Principal
from colonnade.testing import Harness
from colonnade_applause.events import ApplauseGiven

USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
WETH = "0x4200000000000000000000000000000000000006"
DAY = "query($day: Date!) { applaudedToken(day: $day) { symbol } }"
SEND = "mutation($input: SendApplauseInput!) { sendApplause(input: $input) { ... on Applause { id } } }"


async def send(harness: Harness, key: str, token: str = USDC) -> str:
    sent = await harness.data(SEND, {"input": {"token": token, "idempotencyKey": key}})
    return str(sent["sendApplause"]["id"])


async def token_of(harness: Harness, day: str) -> Any:
    return (await harness.data(DAY, {"day": day}))["applaudedToken"]


async def test_applause_is_told_of_with_its_number_in_the_tokens_topic(harness: Harness) -> None:
    sent = [await send(harness, key) for key in ("1", "2", "2")]

    published = await harness.settle()

    assert [(p.topic, p.sequence) for p in published] == [
        (ApplauseGiven.topic(8453, USDC), 1),
        (ApplauseGiven.topic(8453, USDC), 2),
    ]
    assert [ApplauseGiven.of(p.payload).applause_id for p in published] == sent[:2]


async def test_refused_applause_is_told_to_nobody(harness: Harness) -> None:
    for key in ("1", "2", "3", "4"):
        await harness.execute(SEND, {"input": {"token": USDC, "idempotencyKey": key}})

    assert len(await harness.settle()) == 3


@pytest.mark.parametrize("times", [1, 3])
async def test_the_token_with_most_applause_is_chosen_when_the_day_is_over(
    harness: Harness, times: int
) -> None:
    """However often a deployment gives the handlers an event."""
    bea = harness.acting_as(Principal("bea", frozenset({"APPLAUD"})))
    await send(harness, "1", WETH)
    for caller in (harness, bea):
        await send(caller, "2", USDC)
    await harness.settle(times)
    await harness.run_job("applause.choose-token")
    assert await token_of(harness, "2026-01-01") is None

    harness.clock.advance(timedelta(days=1))
    await harness.run_job("applause.choose-token")

    assert await token_of(harness, "2026-01-01") == {"symbol": "USDC"}


async def test_a_days_choice_stands(harness: Harness) -> None:
    await send(harness, "1", USDC)
    await harness.settle()
    harness.clock.advance(timedelta(days=1))
    await harness.run_job("applause.choose-token")
    await send(harness, "2", WETH)
    await harness.settle()

    await harness.run_job("applause.choose-token")

    assert await token_of(harness, "2026-01-01") == {"symbol": "USDC"}


async def test_of_equals_the_first_by_address_is_chosen(harness: Harness) -> None:
    await send(harness, "1", USDC)
    await send(harness, "2", WETH)
    await harness.settle()
    harness.clock.advance(timedelta(days=1))

    await harness.run_job("applause.choose-token")

    assert await token_of(harness, "2026-01-01") == {"symbol": "WETH"}


async def test_a_day_without_applause_has_no_token(harness: Harness) -> None:
    await harness.run_job("applause.choose-token")

    assert await token_of(harness, "2025-12-31") is None
