"""Rows of the outbox are numbered, told of and handled, again until all has succeeded, and never out of order."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.context import Context
from colonnade.entities import Entity
from colonnade.events import EventHandler, Published
from colonnade.outbox import OutboxRow, recorded
from colonnade.publishing import SHARDS, Delivery
from colonnade.store import Update, Writes
from tests.composition.test_event_conflicts import TideTurned
from tests.events.relaying import Relaying
from tests.events.rows import BellRung, ring
from tests.events.stores import CountingStore, FailingStore
from tests.soak.cases import cases

COUNT = Entity("bells", "Count", partition="{bell}")


async def count(context: Context, rung: BellRung, published: Published) -> Writes:
    """Adds one for each stroke, and keeps the order in which they came."""
    key = COUNT.key(bell=rung.bell)
    item = await context.store.get(key)
    before = str(item.attributes["order"]) if item else ""
    return Writes([Update(key, add={"strokes": 1}, set={"order": f"{before}{rung.stroke},"})])


COUNTING = EventHandler("bells.count", BellRung, count)


async def counted(relaying: Relaying, bell: str = "big") -> tuple[object, object]:
    item = await relaying.memory.get(COUNT.key(bell=bell))
    return (item.attributes["strokes"], item.attributes["order"]) if item else (0, "")


async def test_events_are_numbered_told_of_and_handled() -> None:
    relaying = Relaying([COUNTING])
    rows = await ring(relaying.memory, relaying.clock, "big", 3)

    assert await relaying.relay.relay(rows) == frozenset()
    assert await relaying.log.head(rows[0].topic) == 3
    assert relaying.told == [(rows[0].topic, 3)]
    assert await counted(relaying) == (3, "1,2,3,")


async def test_each_topic_of_a_batch_is_told_of_once() -> None:
    relaying = Relaying()
    big, small = [await ring(relaying.memory, relaying.clock, bell, 2) for bell in ("big", "small")]

    await relaying.relay.relay([big[0], small[0], big[1], small[1]])

    assert sorted(relaying.told) == [(big[0].topic, 2), (small[0].topic, 2)]


async def test_a_batch_that_comes_twice_takes_effect_once_and_is_told_of_under_one_id() -> None:
    relaying = Relaying([COUNTING])
    rows = await ring(relaying.memory, relaying.clock, "big", 3)

    await relaying.relay.relay(rows)
    await relaying.relay.relay(rows)

    assert await counted(relaying) == (3, "1,2,3,")
    one, other = relaying.deliveries.messages
    assert one == other
    assert one.deduplication_id is not None


async def test_what_the_queue_does_not_take_comes_again() -> None:
    relaying = Relaying([COUNTING])
    rows = await ring(relaying.memory, relaying.clock, "big", 2)
    relaying.deliveries.down = True

    assert await relaying.relay.relay(rows) == {row.id for row in rows}
    relaying.deliveries.down = False
    assert await relaying.relay.relay(rows) == frozenset()
    assert relaying.told == [(rows[0].topic, 2)]
    assert await counted(relaying) == (2, "1,2,")


async def test_a_topic_that_is_not_numbered_comes_again_and_the_others_go_on() -> None:
    relaying = Relaying()
    big, small = [await ring(relaying.memory, relaying.clock, bell, 1) for bell in ("big", "small")]
    relaying.use(FailingStore(relaying.memory, {0}))

    failed = await relaying.relay.relay([*big, *small])

    assert len(failed) == 1
    assert len(relaying.told) == 1
    assert await relaying.relay.relay([*big, *small]) == frozenset()
    assert {topic for topic, _ in relaying.told} == {big[0].topic, small[0].topic}


async def test_an_event_that_nobody_declares_is_published_and_warned_about_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    relaying = Relaying()
    put = recorded(TideTurned(coast="west", metres=3), "evt_1", relaying.clock.now())
    await relaying.memory.transact(Writes([put]))
    row = OutboxRow.of(put.item.attributes)

    with caplog.at_level(logging.WARNING):
        await relaying.relay.relay([row])
        await relaying.relay.relay([row])

    assert relaying.told == [(row.topic, 1)] * 2
    assert [r.fields for r in caplog.records] == [{"event": "tide.turned"}]  # type: ignore[attr-defined]


async def test_an_event_whose_row_is_gone_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    relaying = Relaying([COUNTING])
    row = OutboxRow(
        "evt_1", BellRung.topic("big"), "bell.rung", {"bell": "big", "stroke": 1}, relaying.clock.now()
    )

    assert await relaying.relay.relay([row]) == frozenset()
    assert relaying.told == []
    assert "Events came too late to be published" in caplog.text


@cases(40)
@given(
    total=st.integers(1, 30),
    cuts=st.lists(st.tuples(st.integers(0, 29), st.integers(1, 30)), max_size=6),
    lost=st.sets(st.integers(0, 40), max_size=12),
)
def test_whatever_is_lost_on_the_way_each_event_takes_effect_once_in_order(
    total: int, cuts: list[tuple[int, int]], lost: set[int]
) -> None:
    """Transactions are lost, before or after they were committed, and batches come again from any record on."""

    async def bring() -> None:
        relaying = Relaying([COUNTING])
        rows = await ring(relaying.memory, relaying.clock, "big", total)
        relaying.use(FailingStore(relaying.memory, lost))
        done = 0
        for back, length in [*cuts, *[(0, 30)] * (len(lost) + 1)]:
            start = max(0, done - back)
            batch = rows[start : start + length]
            failed = await relaying.relay.relay(batch)
            carried = next((n for n, row in enumerate(batch) if row.id in failed), len(batch))
            done = max(done, start + carried)
        assert done == total
        # Whoever loses it three times that an attempt has ended sets the event aside, as one that ends its process.
        letters, _ = await relaying.handling.dead.listed("handler")
        aside = {letter.event for letter in letters}
        relaying.use(relaying.memory)
        for event in aside:
            await relaying.handling.again({"handler": COUNTING.name, "event": event})
        number, order = await counted(relaying)
        taken = [int(one) for one in str(order).split(",") if one]
        assert (number, sorted(taken)) == (total, list(range(1, total + 1)))
        in_order = [one for one in taken if rows[one - 1].id not in aside]
        assert in_order == sorted(in_order)
        assert not aside or len(lost) >= 3
        assert max(through for _, through in relaying.told) == total

    asyncio.run(bring())


async def test_an_event_costs_a_read_and_two_transactions_and_one_message() -> None:
    relaying = Relaying([COUNTING])
    rows = await ring(relaying.memory, relaying.clock, "big", 1)
    store = CountingStore(relaying.memory)
    relaying.use(store)

    await relaying.relay.relay(rows)

    reads_of_the_handler = 1
    assert (store.gets, store.queries) == (1 + reads_of_the_handler, 0)
    assert store.transactions == [3, 2]  # head, outbox and log; the handler's own write and its mark
    assert len(relaying.deliveries.messages) == 1


@given(st.text(max_size=40), st.integers(1, 10**18))
def test_a_delivery_is_read_back_from_its_message(topic: str, through: int) -> None:
    message = Delivery(topic, through).message

    assert Delivery.of(message.body) == Delivery(topic, through)
    assert message.group in {f"topics-{n}" for n in range(SHARDS)}
    assert message.deduplication_id is not None
    assert len(message.deduplication_id) <= 128


@pytest.mark.parametrize(
    "body", [{}, {"topic": "t"}, {"topic": 1, "through": 1}, {"topic": "t", "through": True}]
)
def test_what_is_no_delivery_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a delivery names a topic and a number"):
        Delivery.of(body)
