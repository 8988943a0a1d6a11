"""The log numbers each event of a topic once, in order and without a gap, however often and by whomever it is brought."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import CursorExpired, InvalidWrite, StoreUnavailable
from colonnade.events import Event, event
from colonnade.outbox import KEPT, MARKED, MAX_EVENT_BYTES, OUTBOX, OutboxRow, recorded
from colonnade.store import Item, Key, Page, Query, Store, Writes
from colonnade.testing import FrozenClock, MemoryStore
from colonnade.topic_log import HEAD, LOG, MOST_TOGETHER, TopicLog
from tests.events.rows import BellRung, ring
from tests.events.stores import CountingStore, FailingStore
from tests.soak.cases import cases


@event("book.written")
class BookWritten(Event):
    text: str


def new_log() -> tuple[TopicLog, MemoryStore, FrozenClock]:
    clock = FrozenClock()
    store = MemoryStore(clock)
    return TopicLog(store, clock), store, clock


async def strokes(log: TopicLog, bell: str = "big") -> list[int]:
    """What the log holds, in pages of seven."""
    found: list[int] = []
    while page := await log.read(BellRung.topic(bell), len(found), 7):
        assert [e.sequence for e in page] == list(range(len(found) + 1, len(found) + len(page) + 1))
        found += [BellRung.of(e.payload).stroke for e in page]
    return found


async def test_events_are_numbered_from_one_in_the_order_given() -> None:
    log, store, clock = new_log()
    rows = await ring(store, clock, "big", 3)

    assert await log.append(rows) == {row.id: number for number, row in enumerate(rows, 1)}
    assert await log.head(BellRung.topic("big")) == 3
    assert await strokes(log) == [1, 2, 3]


async def test_an_event_reads_back_as_it_was_recorded() -> None:
    log, store, clock = new_log()
    (row,) = await ring(store, clock, "big", 1)
    clock.advance(60)
    await log.append([row])

    (published,) = await log.read(row.topic, 0)

    assert (published.id, published.name, published.topic, published.sequence) == (
        row.id,
        row.name,
        row.topic,
        1,
    )
    assert (BellRung.of(published.payload), published.at) == (BellRung(bell="big", stroke=1), row.at)


async def test_more_events_than_one_transaction_takes_are_numbered_in_several() -> None:
    log, store, clock = new_log()
    rows = await ring(store, clock, "big", 2 * MOST_TOGETHER + 1)

    await log.append(rows)

    assert await strokes(log) == list(range(1, 2 * MOST_TOGETHER + 2))


async def test_large_events_are_numbered_in_transactions_that_hold_them() -> None:
    log, store, clock = new_log()
    puts = [recorded(BookWritten(text="x" * 60_000), f"evt_{n:03d}", clock.now()) for n in range(60)]
    for put in puts:
        await store.transact(Writes([put]))

    numbered = await log.append([OutboxRow.of(put.item.attributes) for put in puts])

    assert list(numbered.values()) == list(range(1, 61))


def test_an_event_that_is_too_large_is_refused_when_it_is_recorded() -> None:
    with pytest.raises(InvalidWrite, match=r"book\.written would hold .* keep what is large in a row"):
        recorded(BookWritten(text="x" * MAX_EVENT_BYTES), "evt_1", FrozenClock().now())


async def test_topics_are_numbered_apart() -> None:
    log, store, clock = new_log()
    big, small = await ring(store, clock, "big", 2), await ring(store, clock, "small", 1)

    await log.append(big)
    await log.append(small)

    assert (await log.head(big[0].topic), await log.head(small[0].topic)) == (2, 1)
    with pytest.raises(ValueError, match="one topic at a time"):
        await log.append([*big, *small])


@cases(60)
@given(
    total=st.integers(1, 130),
    cuts=st.lists(st.tuples(st.integers(0, 129), st.integers(1, 130)), max_size=8),
    lost=st.sets(st.integers(0, 12)),
)
def test_any_batches_again_and_in_part_give_one_log_in_order(
    total: int, cuts: Sequence[tuple[int, int]], lost: set[int]
) -> None:
    """A stream brings batches in order, and again from any record on; answers of the store are lost on the way."""

    async def bring() -> None:
        clock = FrozenClock()
        memory = MemoryStore(clock)
        rows = await ring(memory, clock, "big", total)
        log = TopicLog(FailingStore(memory, lost), clock)
        done = 0
        for back, length in [*cuts, *[(0, 130)] * (len(lost) + 1)]:
            start = max(0, done - back)
            try:
                await log.append(rows[start : start + length])
            except StoreUnavailable:
                continue
            done = max(done, min(total, start + length))
        assert await strokes(TopicLog(memory, clock)) == list(range(1, total + 1))

    asyncio.run(bring())


async def test_a_batch_that_names_an_event_twice_numbers_it_once() -> None:
    log, store, clock = new_log()
    first, second = await ring(store, clock, "big", 2)

    assert list((await log.append([first, first, second, first])).values()) == [1, 2]


async def test_what_has_a_number_keeps_it_and_what_has_none_follows() -> None:
    log, store, clock = new_log()
    rows = await ring(store, clock, "big", 4)
    await log.append(rows[:2])

    assert list((await log.append(rows)).values()) == [1, 2, 3, 4]
    assert await strokes(log) == [1, 2, 3, 4]


async def test_an_event_whose_row_is_gone_gets_no_number_and_holds_up_nobody() -> None:
    log, store, clock = new_log()
    old = await ring(store, clock, "big", 1)
    clock.advance(MARKED)
    new = await ring(store, clock, "big", 1, first=2)

    assert await log.append([*old, *new]) == {new[0].id: 1}
    assert await store.get(OUTBOX.key(topic=old[0].topic, id=old[0].id)) is None


async def test_an_event_that_comes_again_after_a_day_keeps_its_number() -> None:
    """A stream keeps records for 24 hours; the marks of what was numbered outlive them."""
    log, store, clock = new_log()
    rows = await ring(store, clock, "big", 1)
    await log.append(rows)
    clock.advance(KEPT + timedelta(minutes=1))

    assert await log.append(rows) == {rows[0].id: 1}
    assert await log.head(rows[0].topic) == 1


async def test_what_is_no_longer_kept_is_said_to_be_gone() -> None:
    log, store, clock = new_log()
    await log.append(await ring(store, clock, "big", 2))
    clock.advance(KEPT / 2)
    await log.append(await ring(store, clock, "big", 2, first=3))
    clock.advance(KEPT / 2)
    topic = BellRung.topic("big")

    assert [e.sequence for e in await log.read(topic, 2)] == [3, 4]
    for after in (0, 1):
        with pytest.raises(CursorExpired, match="kept"):
            await log.read(topic, after)
    clock.advance(KEPT / 2)
    assert await log.read(topic, 4) == ()
    with pytest.raises(CursorExpired):
        await log.read(topic, 3)


async def test_numbers_go_on_after_everything_has_expired() -> None:
    log, store, clock = new_log()
    await log.append(await ring(store, clock, "big", 2))
    clock.advance(10 * KEPT)

    assert list((await log.append(await ring(store, clock, "big", 1, first=3))).values()) == [3]


@pytest.mark.parametrize("after", [-1, 3, 10**19])
async def test_a_number_that_was_never_given_is_no_place_to_follow_from(after: int) -> None:
    log, store, clock = new_log()
    await log.append(await ring(store, clock, "big", 2))

    with pytest.raises(CursorExpired):
        await log.read(BellRung.topic("big"), after)


async def test_a_topic_without_events_is_empty() -> None:
    log, _, _ = new_log()

    assert (await log.head("bell.rung#none"), await log.read("bell.rung#none", 0)) == (0, ())


async def test_events_appended_while_the_end_is_read_are_not_taken_for_lost() -> None:
    log, store, clock = new_log()
    rows = await ring(store, clock, "big", 1)

    class Meanwhile(CountingStore):
        """Between the look into the log and that at the head, an event is appended."""

        async def get(self, key: Key) -> Item | None:
            await log.append(rows)
            return await super().get(key)

    found = await TopicLog(Meanwhile(store), clock).read(rows[0].topic, 0)

    assert [e.sequence for e in found] == [1]


class RowsShowLater(CountingStore):
    """A transaction of several partitions: the head shows at once, rows of the log from the look `shows` on."""

    def __init__(self, store: Store, shows: int) -> None:
        super().__init__(store)
        self.shows = shows

    async def query(self, query: Query) -> Page:
        page = await super().query(query)
        return page if self.queries >= self.shows else Page((), None)


@pytest.mark.parametrize(("shows", "waited"), [(1, []), (2, []), (3, [0.05]), (4, [0.05, 0.2])])
async def test_events_whose_rows_show_after_the_head_are_not_taken_for_lost(
    shows: int, waited: list[float]
) -> None:
    log, store, clock = new_log()
    rows = await ring(store, clock, "big", 1)
    await log.append(rows)
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    found = await TopicLog(RowsShowLater(store, shows), clock, pause).read(rows[0].topic, 0)

    assert [e.sequence for e in found] == [1]
    assert pauses == waited


async def test_appending_costs_one_read_and_a_transaction_of_two_writes_an_event_and_one() -> None:
    clock = FrozenClock()
    memory = MemoryStore(clock)
    rows = await ring(memory, clock, "big", 10)
    store = CountingStore(memory)
    log = TopicLog(store, clock)

    await log.append(rows)

    assert (store.gets, store.queries, store.transactions) == (1, 0, [21])
    await log.read(rows[0].topic, 0)
    assert (store.gets, store.queries) == (1, 1)
    await log.read(rows[0].topic, 10)
    assert (store.gets, store.queries) == (2, 2)


def test_what_the_log_keeps_has_no_longer_keys_than_the_outbox() -> None:
    """Or else a topic could be recorded and not numbered."""
    assert max(len(LOG.name), len(HEAD.name)) <= len(OUTBOX.name)
