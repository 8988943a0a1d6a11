"""Objects with identity, and lists that can grow."""

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

import strawberry

from colonnade.context import Context
from colonnade.errors import InvalidCursor, InvalidRequest
from colonnade.store import Item, Key, Position, Query

N = TypeVar("N")

MAX_PAGE: Final = 100


@strawberry.interface(description="An object with an identity; `Query.node` finds it again.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, and unique in the whole graph.")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether something follows this page.")
    has_previous_page: bool = strawberry.field(description="Whether the page was asked for with a cursor.")
    start_cursor: str | None = strawberry.field(default=None, description="The cursor of the first edge.")
    end_cursor: str | None = strawberry.field(
        default=None, description="The cursor of the last edge; pass it as `after` for the next page."
    )


@strawberry.type(description="An item of a list, and its place there.")
class Edge(Generic[N]):
    node: N = strawberry.field(description="The item.")
    cursor: str = strawberry.field(description="Its place: pass it as `after` for what follows.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[N]):
    edges: list[Edge[N]] = strawberry.field(description="The items of the page, in order.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")

    @classmethod
    def of(cls, nodes: Sequence[tuple[str, N]], *, has_next: bool, after: str | None) -> "Connection[N]":
        """A page of (cursor, node) pairs."""
        return cls(
            edges=[Edge(node=node, cursor=cursor) for cursor, node in nodes],
            page_info=PageInfo(
                has_next_page=has_next,
                has_previous_page=after is not None,
                start_cursor=nodes[0][0] if nodes else None,
                end_cursor=nodes[-1][0] if nodes else None,
            ),
        )


def page_size(first: int) -> int:
    """`first`, if it is 1 to 100. Raises `InvalidRequest` otherwise."""
    if not 1 <= first <= MAX_PAGE:
        raise InvalidRequest(f"first: between 1 and {MAX_PAGE}, not {first}")
    return first


def connect_sequence(
    context: Context,
    scope: str,
    items: Sequence[N],
    *,
    key: Callable[[N], str],
    first: int,
    after: str | None,
) -> Connection[N]:
    """A page of a sequence that is in memory and strictly ascending by `key`.

    `scope` names the list and its filters. Items that come or go between pages neither repeat nor skip others.
    """
    size = page_size(first)
    start = 0
    if after is not None:
        last = _position(context, scope, after, parts=1)[0]
        start = next((i for i, item in enumerate(items) if key(item) > last), len(items))
    page = items[start : start + size]
    return Connection[N].of(
        [(context.cursors.sign(scope, (key(item),)), item) for item in page],
        has_next=start + size < len(items),
        after=after,
    )


async def connect_query(
    context: Context,
    scope: str,
    query: Query,
    node: Callable[[Item], N],
    *,
    first: int,
    after: str | None,
) -> Connection[N]:
    """A page of what `query` finds in the store; its own `limit` and `after` are replaced."""
    size = page_size(first)
    position = None
    if after is not None:
        parts = _position(context, scope, after, parts=4 if query.index else 2)
        position = Position(Key(*parts[:2]), Key(*parts[2:]) if query.index else None)
    page = await context.store.query(
        Query(query.partition, query.index, query.sort, size, query.descending, position)
    )
    nodes = [(_cursor(context, scope, query, item), node(item)) for item in page.items]
    return Connection[N].of(nodes, has_next=page.next is not None, after=after)


def _cursor(context: Context, scope: str, query: Query, item: Item) -> str:
    keys = (item.key, item.index_keys[query.index]) if query.index else (item.key,)
    return context.cursors.sign(scope, [part for key in keys for part in (key.partition, key.sort)])


def _position(context: Context, scope: str, after: str, *, parts: int) -> tuple[str, ...]:
    position = tuple(part for part in context.cursors.open(scope, after) if isinstance(part, str))
    if len(position) != parts:
        raise InvalidCursor(
            "this cursor was made by another version of this list; start again without `after`"
        )
    return position
