"""Plugin authors try their subscriptions out with the harness."""

from __future__ import annotations

from colonnade.permissions import Principal
from colonnade.store import Writes
from colonnade.testing import Harness
from tests.subscriptions import applause
from tests.subscriptions.applause import Applauded

QUERY = "subscription S($creator: ID!) { applauded(creator: $creator) { cursor node { text listener } } }"


async def give(harness: Harness, text: str) -> None:
    event = harness.context().record(Applauded(creator="ada", text=text))
    await harness.store.transact(Writes([event]))


async def test_a_feed_grows_as_events_settle() -> None:
    harness = Harness(applause, principal=Principal("eve"))
    feed = await harness.subscribe(QUERY, {"creator": "ada"})
    await give(harness, "one")
    assert feed.payloads == []
    await harness.settle()
    assert [payload["node"] for payload in feed.payloads] == [{"text": "one", "listener": "eve"}]


async def test_a_feed_goes_on_behind_a_cursor() -> None:
    harness = Harness(applause)
    feed = await harness.subscribe(QUERY, {"creator": "ada"})
    await give(harness, "one")
    await give(harness, "two")
    await harness.settle()
    cursor = feed.payloads[0]["cursor"]
    resumed = await harness.subscribe(
        f'subscription {{ applauded(creator: "ada", after: "{cursor}") {{ node {{ text }} }} }}'
    )
    assert [payload["node"]["text"] for payload in resumed.payloads] == ["two"]


async def test_a_feed_tells_why_it_was_refused() -> None:
    harness = Harness(applause, principal=Principal("eve"))
    feed = await harness.subscribe('subscription { overheard(creator: "ada") { cursor } }')
    assert feed.codes == ["FORBIDDEN"]


async def test_a_conflated_feed_gets_the_newest_when_its_interval_is_over() -> None:
    harness = Harness(applause)
    feed = await harness.subscribe('subscription { latest(creator: "ada") { kind node { text } } }')
    for text in ("one", "two", "three"):
        await give(harness, text)
        await harness.settle()
    harness.clock.advance(2)
    await harness.settle()
    assert [payload["node"]["text"] for payload in feed.payloads] == ["ada so far", "one", "three"]
