"""Pages: nothing skipped, nothing twice, and no page larger than allowed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.context import Context
from colonnade.entities import Entity, Index
from colonnade.errors import InvalidCursor, InvalidRequest
from colonnade.relay import Connection, connect_query, connect_sequence
from colonnade.store import Item, Writes
from tests.core.contexts import bare_context

NOTE = Entity(
    "notes",
    "Note",
    partition="{author}",
    sort="{id}",
    indexes=(Index("by_topic", "gsi1", partition="{topic}", sort="{author}"),),
)


def words(items: list[str]) -> Callable[[Context, int, str | None], Coroutine[Any, Any, Connection[str]]]:
    async def page(context: Context, first: int, after: str | None) -> Connection[str]:
        return connect_sequence(context, "words", items, key=str, first=first, after=after)

    return page


async def walk(page: Callable[[str | None], Coroutine[Any, Any, Connection[str]]]) -> list[str]:
    """Every node, page after page."""
    found: list[str] = []
    after = None
    while True:
        connection = await page(after)
        found += [edge.node for edge in connection.edges]
        if not connection.page_info.has_next_page:
            return found
        after = connection.page_info.end_cursor


@given(st.lists(st.text(max_size=5), unique=True, max_size=40), st.integers(1, 100))
async def test_walking_a_sequence_meets_every_item_once(items: list[str], first: int) -> None:
    context, ordered = bare_context(), sorted(items)
    assert await walk(lambda after: words(ordered)(context, first, after)) == ordered


async def test_items_that_come_and_go_between_pages_move_no_others() -> None:
    context = bare_context()
    page = await words(["b", "d", "f"])(context, 2, None)
    assert [edge.node for edge in page.edges] == ["b", "d"]
    rest = await words(["a", "b", "e", "f"])(context, 2, page.page_info.end_cursor)
    assert [edge.node for edge in rest.edges] == ["e", "f"]


async def test_page_info_describes_the_page() -> None:
    context = bare_context()
    page = await words(["a", "b", "c"])(context, 2, None)
    info = page.page_info
    assert (info.has_next_page, info.has_previous_page) == (True, False)
    assert (info.start_cursor, info.end_cursor) == (page.edges[0].cursor, page.edges[1].cursor)
    last = (await words(["a", "b", "c"])(context, 2, info.end_cursor)).page_info
    assert (last.has_next_page, last.has_previous_page) == (False, True)
    empty = (await words([])(context, 2, None)).page_info
    assert (empty.has_next_page, empty.start_cursor, empty.end_cursor) == (False, None, None)


@pytest.mark.parametrize("first", [0, -1, 101, 10**9])
async def test_page_of_another_size_is_refused(first: int) -> None:
    with pytest.raises(InvalidRequest, match="between 1 and 100"):
        await words(["a"])(bare_context(), first, None)


async def test_cursor_of_another_list_is_refused() -> None:
    context = bare_context()
    foreign = context.cursors.sign("other", ["a"])
    with pytest.raises(InvalidCursor):
        await words(["a"])(context, 1, foreign)
    with pytest.raises(InvalidCursor, match="another version"):
        await words(["a"])(context, 1, context.cursors.sign("words", ["a", "b"]))


def title(item: Item) -> str:
    return str(item.attributes["id"])


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("index", [None, "by_topic"])
async def test_walking_a_query_meets_every_item_once(index: str | None, descending: bool) -> None:
    context = bare_context()
    ids = [f"{n:03}" for n in range(53)]
    for note in ids:
        # In the index all of them have equal sort keys: only their own keys tell them apart.
        await context.store.transact(Writes([NOTE.put({"author": "ann", "id": note, "topic": "base"})]))
    query = (
        NOTE.query(index, descending=descending, topic="base")
        if index
        else NOTE.query(descending=descending, author="ann")
    )

    async def page(after: str | None) -> Connection[str]:
        return await connect_query(context, "notes", query, title, first=10, after=after)

    assert sorted(await walk(page)) == ids
    if index is None:
        assert await walk(page) == (ids[::-1] if descending else ids)
