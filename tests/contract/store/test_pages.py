"""Pages: full, in order, exact about what follows, and steady while items come and go between them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from colonnade.errors import InvalidCursor, PageTooLarge
from colonnade.store import (
    Delete,
    Item,
    Key,
    Page,
    Position,
    Put,
    Query,
    SortRange,
    Store,
    Update,
    Write,
    Writes,
)
from colonnade.testing.clock import FrozenClock

INDEXES = [None, "gsi1"]


async def commit(store: Store, writes: Sequence[Write]) -> None:
    """Many writes, in transactions small enough for items of 10 KB."""
    for start in range(0, len(writes), 100):
        await store.transact(Writes(writes[start : start + 100]))


async def pages(store: Store, query: Query) -> AsyncIterator[Page]:
    while True:
        page = await store.query(query)
        yield page
        if page.next is None:
            return
        query = replace(query, after=page.next)


async def sorts(store: Store, query: Query) -> list[str]:
    """The sort keys of all pages, after checking that all but the last are full."""
    found = [page async for page in pages(store, query)]
    assert all(len(page.items) == query.limit for page in found[:-1])
    assert found[-1].items or len(found) == 1
    return [sort_of(item, query) for page in found for item in page.items]


def sort_of(item: Item, query: Query) -> str:
    return item.key.sort if query.index is None else item.index_keys[query.index].sort


def row(partition: str, sort: str, *, expires_at: int | None = None, **attributes: Any) -> Item:
    """An item at `sort` of the table's partition, and of the same one in an index."""
    place = Key(partition, sort)
    return Item(place, attributes, {"gsi1": place}, expires_at)


LETTERS = ["A", "a", "a\x00", "aa", "ab", "b", "ba", "z", "é", "\uffff", "🏛"]

RANGES = {
    "everything": (SortRange(), LETTERS),
    "empty prefix": (SortRange(prefix=""), LETTERS),
    "prefix": (SortRange(prefix="a"), ["a", "a\x00", "aa", "ab"]),
    "prefix of four bytes": (SortRange(prefix="🏛"), ["🏛"]),
    "prefix of nothing": (SortRange(prefix="zz"), []),
    "prefix without encoding": (SortRange(prefix="\ud800"), []),
    "prefix too long": (SortRange(prefix="p" * 1_025), []),
    "low": (SortRange(low="aa"), LETTERS[3:]),
    "empty low": (SortRange(low=""), LETTERS),
    "high": (SortRange(high="ab"), LETTERS[:5]),
    "empty high": (SortRange(high=""), []),
    "between": (SortRange(low="aa", high="b"), ["aa", "ab", "b"]),
    "one": (SortRange(low="b", high="b"), ["b"]),
    "up from the first": (SortRange(low="", high="a"), ["A", "a"]),
    "upside down": (SortRange(low="b", high="a"), []),
}


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("name", RANGES)
async def test_a_sort_range_cuts_a_part_out_of_a_partition(
    store: Store, partition: str, index: Any, name: str
) -> None:
    sort, expected = RANGES[name]
    await commit(store, [Put(row(partition, letter)) for letter in reversed(LETTERS)])
    await commit(store, [Put(row(f"{partition}-other", "aa"))])
    for limit in (2, 100):
        query = Query(partition, index, sort, limit)
        assert await sorts(store, query) == expected
        assert await sorts(store, replace(query, descending=True)) == expected[::-1]


@pytest.mark.parametrize("index", INDEXES)
async def test_a_range_may_end_at_an_expired_item(store: Store, partition: str, now: int, index: Any) -> None:
    await commit(
        store, [Put(row(partition, "a")), Put(row(partition, "b", expires_at=now)), Put(row(partition, "c"))]
    )
    assert await sorts(store, Query(partition, index, SortRange(high="b"), limit=1)) == ["a"]
    assert await sorts(store, Query(partition, index, SortRange(low="b"), limit=1, descending=True)) == ["c"]
    assert await sorts(store, Query(partition, index, SortRange(low="b", high="b"), limit=1)) == []


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("descending", [False, True])
async def test_next_is_none_exactly_when_nothing_follows(
    store: Store, partition: str, index: Any, descending: bool
) -> None:
    await commit(store, [Put(row(partition, f"{n}")) for n in range(6)])
    for limit in (1, 2, 3, 5, 6, 7, 1_000):
        found = [
            page async for page in pages(store, Query(partition, index, limit=limit, descending=descending))
        ]
        assert [len(page.items) for page in found] == [limit] * (6 // limit) + [6 % limit] * (6 % limit > 0)


@pytest.mark.parametrize("index", INDEXES)
async def test_expired_items_neither_fill_a_page_nor_follow_it(
    store: Store, partition: str, now: int, index: Any
) -> None:
    items = [row(partition, f"{n:03d}", expires_at=None if n % 7 == 3 else now) for n in range(70)]
    await commit(store, [Put(item) for item in items])
    live = [f"{n:03d}" for n in range(3, 70, 7)]
    for limit in (1, 3, 10, 11):
        query = Query(partition, index, limit=limit)
        assert await sorts(store, query) == live
        assert await sorts(store, replace(query, descending=True)) == live[::-1]


async def test_items_expire_between_pages(store: Store, partition: str, clock: FrozenClock, now: int) -> None:
    await commit(
        store, [Put(row(partition, f"{n}", expires_at=now + 10 if n % 2 else None)) for n in range(8)]
    )
    first = await store.query(Query(partition, limit=4))
    clock.advance(10)
    rest = await store.query(Query(partition, limit=4, after=first.next))
    assert [item.key.sort for item in first.items + rest.items] == ["0", "1", "2", "3", "4", "6"]
    assert rest.next is None


@pytest.mark.parametrize("index", INDEXES)
async def test_pages_stay_full_when_the_database_cuts_them_at_a_megabyte(
    store: Store, partition: str, index: Any
) -> None:
    items = [row(partition, f"{n:03d}", data="x" * 10_000) for n in range(500)]
    await commit(store, [Put(item) for item in items])
    for limit in (500, 300):
        query = Query(partition, index, limit=limit)
        page = await store.query(query)
        assert page.items == tuple(items[:limit])
        assert (page.next is None) is (limit == 500)
    assert await sorts(store, Query(partition, index, limit=120, descending=True)) == [
        item.key.sort for item in reversed(items)
    ]


@pytest.mark.parametrize("size", [90_000, 399_000])
async def test_a_page_that_outgrows_8_mib_is_a_typed_error_and_smaller_ones_are_not(
    store: Store, partition: str, size: int
) -> None:
    count = 9 * 1024**2 // size
    for n in range(count):
        await store.transact(Writes([Put(row(partition, f"{n:03d}", data="x" * size))]))
    with pytest.raises(PageTooLarge, match="ask for fewer"):
        await store.query(Query(partition, limit=count))
    most = 8 * 1024**2 // (size + 1_000)
    page = await store.query(Query(partition, limit=most))
    assert len(page.items) == most
    assert page.next is not None


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("descending", [False, True])
async def test_items_that_stay_are_never_skipped_nor_repeated_while_others_come_and_go(
    store: Store, partition: str, index: Any, descending: bool
) -> None:
    await commit(store, [Put(row(partition, f"{n:03d}")) for n in range(0, 300, 3)])
    lasting = {f"{n:03d}" for n in range(0, 300, 3)}
    seen: list[str] = []
    query = Query(partition, index, limit=9, descending=descending)
    number = 0
    async for page in pages(store, query):
        seen += [sort_of(item, query) for item in page.items]
        if page.next is not None:
            number += 1
            at = int(sort_of(page.items[-1], query))
            gone = [page.items[-1].key, page.items[0].key]
            lasting -= {key.sort for key in gone}
            near = [row(partition, f"{max(at + step, 0):03d}x") for step in (-1, 0, 1)]
            await commit(store, [*(Delete(key) for key in gone), *(Put(item) for item in near)])
    assert number > 10
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen, reverse=descending)
    assert lasting <= set(seen)


async def test_a_position_outlives_the_item_it_was_taken_from(store: Store, partition: str) -> None:
    places = [Key(f"{partition}-index", f"{n}") for n in range(5)]
    items = [Item(Key(partition, f"{n}"), {}, {"gsi2": place}) for n, place in enumerate(places)]
    await commit(store, [Put(item) for item in items])
    query = Query(f"{partition}-index", "gsi2", limit=2)
    page = await store.query(query)
    await commit(store, [Update(items[1].key, index_keys={"gsi2": Key("elsewhere", partition)})])
    rest = await store.query(replace(query, after=page.next, limit=9))
    assert rest.items == tuple(items[2:])
    await commit(store, [Delete(items[1].key), Update(items[3].key, index_keys={"gsi2": None})])
    rest = await store.query(replace(query, after=page.next, limit=9))
    assert rest.items == (items[2], items[4])


async def test_equal_sort_keys_in_an_index_page_through_without_loss_even_when_the_last_one_goes(
    store: Store, partition: str
) -> None:
    place = Key(partition, "same")
    items = {Key(f"{partition}-{n}", f"{n % 3}"): n for n in range(30)}
    await commit(store, [Put(Item(key, {}, {"gsi1": place})) for key in items])
    query = Query(partition, "gsi1", limit=4)
    whole = [item.key for item in (await store.query(replace(query, limit=100))).items]
    assert sorted(whole) == sorted(items)
    seen: list[Key] = []
    async for page in pages(store, query):
        seen += [item.key for item in page.items]
        await commit(store, [Delete(page.items[-1].key)])
    assert seen == whole


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize(
    ("after", "ascending", "descending"),
    [
        ("a", "c d", ""),
        ("bz", "c d", ""),
        ("c", "d", ""),
        ("cx", "d", "c"),
        ("dz", "", "d c"),
        ("f", "", "d c"),
    ],
)
async def test_a_position_serves_any_range_of_its_partition(
    store: Store, partition: str, index: Any, after: str, ascending: str, descending: str
) -> None:
    await commit(store, [Put(row(partition, letter)) for letter in "abcdef"])
    place = Key(partition, after)
    position = Position(place, None if index is None else place)
    for sort in (SortRange(low="c", high="dy"), SortRange(low="bzz", high="d")):
        query = Query(partition, index, sort, after=position)
        assert await sorts(store, query) == ascending.split()
        assert await sorts(store, replace(query, descending=True)) == descending.split()


async def test_a_position_serves_a_range_by_prefix(store: Store, partition: str) -> None:
    await commit(store, [Put(row(partition, sort)) for sort in ("a1", "b1", "b2", "b3", "c1")])
    prefix = SortRange(prefix="b")
    for after, ascending, descending in (("a1", "b1 b2 b3", ""), ("b2", "b3", "b1"), ("c1", "", "b3 b2 b1")):
        query = Query(partition, sort=prefix, after=Position(Key(partition, after)))
        assert await sorts(store, query) == ascending.split()
        assert await sorts(store, replace(query, descending=True)) == descending.split()


@pytest.mark.parametrize("limit", [0, -1, 1_001])
def test_a_limit_is_between_one_and_a_thousand(limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        Query("p", limit=limit)


def test_a_sort_range_has_a_prefix_or_bounds() -> None:
    with pytest.raises(ValueError, match="either"):
        SortRange(prefix="a", high="b")


@pytest.mark.parametrize(
    ("index", "position"),
    [
        (None, Position(Key("other", "1"))),
        (None, Position(Key("p", "1"), Key("p", "1"))),
        ("gsi1", Position(Key("p", "1"))),
        ("gsi1", Position(Key("p", "1"), Key("other", "1"))),
    ],
)
def test_a_position_of_another_list_is_an_invalid_cursor(index: Any, position: Position) -> None:
    with pytest.raises(InvalidCursor):
        Query("p", index, after=position)


async def test_a_query_of_a_partition_that_cannot_be_is_empty(store: Store) -> None:
    for partition in ("", "p" * 2_049, "\ud800"):
        assert (await store.query(Query(partition))).items == ()
