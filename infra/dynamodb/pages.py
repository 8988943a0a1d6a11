"""Pages of a partition, full whatever DynamoDB cuts off, and with nothing expired in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from colonnade.errors import PageTooLarge
from colonnade.store import IndexName, Item, Page, Position, Query
from colonnade.store_rules import MAX_PAGE_BYTES, item_size, satisfiable
from infra.dynamodb.expressions import Expressions
from infra.dynamodb.items import is_expired, marshal_position, unmarshal_item, unmarshal_position
from infra.dynamodb.retries import Budget, Requests

MAX_ROUND_TRIPS: Final = 32
"""For one page. A round trip reads up to 1 MB, so only tens of MB of expired items can spend them."""

MAX_ROWS: Final = 10_000

UNMEASURED: Final = 5
"""Round trips whose items need no measuring: each gives up to 1 MB, and perhaps one item of 400 KB beyond."""

EMPTY: Final = Page((), None)


async def read_page(requests: Requests, table: str, query: Query, now: int, budget: Budget) -> Page:
    """The page that `query` asks for.

    One item more than it holds is asked for, so that `next` is exact. Raises `PageTooLarge` beyond 8 MiB of items
    or 32 round trips.
    """
    if not satisfiable(query):
        return EMPTY
    remaining = _within_range(query)
    items: list[Item] = []
    size = measured = expired = trips = 0
    while remaining is not None:
        if trips == MAX_ROUND_TRIPS:
            raise PageTooLarge(
                f"{trips} round trips found {len(items)} items of {query.limit}, and {expired} expired"
            )
        missing = query.limit + 1 - len(items)
        # Among expired items ask for ever more at once: they cost round trips and fill no page.
        rows = min(missing << trips, MAX_ROWS) if expired else missing
        answer = await requests("query", _request(table, remaining, rows), budget)
        budget.progress()
        trips += 1
        more = False
        for item in map(unmarshal_item, answer["Items"]):
            if is_expired(item, now):
                expired += 1
                continue
            if more := len(items) == query.limit:
                break
            items.append(item)
        if trips > UNMEASURED:
            size += sum(map(item_size, items[measured:]))
            measured = len(items)
            if size > MAX_PAGE_BYTES:
                raise PageTooLarge(
                    f"{len(items)} of {query.limit} items hold {size} bytes already: ask for fewer"
                )
        if more:
            return Page(tuple(items), _position(items[-1], query.index))
        last = answer.get("LastEvaluatedKey")
        remaining = last and _within_range(replace(query, after=unmarshal_position(last, query.index)))
    return Page(tuple(items), None)


def _within_range(query: Query) -> Query | None:
    """The query, without a position ahead of its range; None where nothing of the range follows the position.

    DynamoDB refuses positions outside the range, and in the table also one at its far end.
    """
    if query.after is None:
        return query
    sort = (query.after.index_key or query.after.key).sort
    if sort in query.sort:
        end = query.sort.low if query.descending else query.sort.high
        return None if query.index is None and sort == end else query
    below = sort < (query.sort.prefix or query.sort.low or "")
    return None if below is query.descending else replace(query, after=None)


def _request(table: str, query: Query, rows: int) -> dict[str, Any]:
    expressions = Expressions()
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": expressions.sort_range(query),
        "ScanIndexForward": not query.descending,
        "Limit": rows,
    }
    request |= expressions.placeholders()
    request |= {"ConsistentRead": True} if query.index is None else {"IndexName": query.index}
    if query.after is not None:
        request["ExclusiveStartKey"] = marshal_position(query.after, query.index)
    return request


def _position(item: Item, index: IndexName | None) -> Position:
    return Position(item.key, None if index is None else item.index_keys[index])
