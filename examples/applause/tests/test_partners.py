"""Applause that partners tell of is counted as any other."""

from __future__ import annotations

from typing import Any

import pytest

import colonnade_applause
from colonnade.chains import BASE
from colonnade.evm import parse_address
from colonnade.inbound.declaration import Received
from colonnade.testing import Harness
from colonnade.tokens import token_id
from colonnade_applause.partners import PARTNERS, applauded_at_partners

USDC = parse_address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
GIVEN = {"giver": "bob", "chainId": BASE, "token": USDC, "emoji": "🎉"}
TOKEN = "query($id: ID!) { node(id: $id) { ... on Token { applauseCount applause { edges { node { givenBy emoji } } } } } }"


def told(harness: Harness, payload: Any) -> Received:
    return Received("msg_1", payload, {}, harness.clock.now())


async def test_partners_applause_is_counted_in_the_name_of_their_user(harness: Harness) -> None:
    context = harness.context()
    received = told(harness, {"type": "applause.given", "data": GIVEN})
    await context.store.transact(await applauded_at_partners(context, received))

    given = {"givenBy": "partner:bob", "emoji": "🎉"}
    token = (await harness.data(TOKEN, {"id": token_id(BASE, USDC)}))["node"]
    assert token == {"applauseCount": "1", "applause": {"edges": [{"node": given}]}}


async def test_other_events_of_partners_change_nothing(harness: Harness) -> None:
    payloads: tuple[Any, ...] = ({"type": "ping"}, [], None)
    for payload in payloads:
        assert len(await applauded_at_partners(harness.context(), told(harness, payload))) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"giver": ""},
        {"chainId": "8453"},
        {"chainId": True},
        {"token": "0x12"},
        {"token": "0x" + "12" * 20},
        {"emoji": "clap"},
    ],
)
async def test_what_is_no_applause_of_a_token_is_left_to_operators(
    harness: Harness, change: dict[str, object]
) -> None:
    payload = {"type": "applause.given", "data": {**GIVEN, **change}}
    with pytest.raises(ValueError):  # noqa: PT011 - each part says it in its own words
        await applauded_at_partners(harness.context(), told(harness, payload))


async def test_data_that_is_missing_is_left_to_operators(harness: Harness) -> None:
    with pytest.raises(ValueError, match="data"):
        await applauded_at_partners(harness.context(), told(harness, {"type": "applause.given"}))


def test_webhook_is_declared() -> None:
    assert [*colonnade_applause.inbound_webhooks()] == [PARTNERS]
