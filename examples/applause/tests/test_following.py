"""Applause can be followed as it is given, and from where a client left off."""

from __future__ import annotations

from colonnade.chains import BASE
from colonnade.evm import parse_address
from colonnade.testing import Harness
from colonnade_applause.emoji import Emoji
from colonnade_applause.ledger import Gift, give

USDC = parse_address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
APPLAUDED = """
subscription Applauded($token: Address!, $after: String) {
  applauded(token: $token, after: $after) { cursor node { emoji givenBy } }
}
"""


async def applaud(harness: Harness, *emoji: str) -> None:
    for one in emoji:
        _, writes = give(harness.context(), Gift("ada", BASE, USDC, Emoji(one)))
        await harness.store.transact(writes)
    await harness.settle()


async def test_applause_reaches_whoever_follows_the_token(harness: Harness) -> None:
    feed = await harness.subscribe(APPLAUDED, {"token": USDC})
    await applaud(harness, "🎉", "👏")
    assert [payload["node"] for payload in feed.payloads] == [
        {"emoji": "🎉", "givenBy": "ada"},
        {"emoji": "👏", "givenBy": "ada"},
    ]


async def test_a_client_goes_on_behind_the_last_applause_it_saw(harness: Harness) -> None:
    feed = await harness.subscribe(APPLAUDED, {"token": USDC})
    await applaud(harness, "🎉", "👏")
    seen = feed.payloads[0]["cursor"]
    resumed = await harness.subscribe(APPLAUDED, {"token": USDC, "after": seen})
    assert [payload["node"]["emoji"] for payload in resumed.payloads] == ["👏"]
