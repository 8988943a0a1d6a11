"""The `Store` port on one DynamoDB table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from colonnade.errors import StoreUnavailable
from colonnade.store import MAX_KEYS, Item, Key, Page, Query, Writes
from colonnade.store_rules import checked, checked_increment, storable
from infra.dynamodb.client import Calls
from infra.dynamodb.items import is_expired, marshal_key, unmarshal_item
from infra.dynamodb.pages import read_page
from infra.dynamodb.retries import Budget, Requests
from infra.dynamodb.settings import DynamoDBSettings
from infra.dynamodb.transactions import commit, increment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from colonnade.context import Clock
    from infra.dynamodb.scanning import DynamoDBScanner


class DynamoDBStore:
    """Passes the contract test of `Store`.

    Safe to use from several threads and event loops. Reads of the table are strongly consistent, and nothing is
    scanned or filtered by DynamoDB. Besides the errors of the port it raises `ConfigurationError` for a table that
    is not there and for credentials that are refused.
    """

    def __init__(self, settings: DynamoDBSettings, clock: Clock) -> None:
        self._settings: Final = settings
        self._clock: Final = clock
        self._calls: Final = Calls(settings)
        self._requests: Final = Requests(self._calls)

    @property
    def client(self) -> DynamoDBClient:
        """The client beneath, made at first use."""
        return self._calls.client

    async def get(self, key: Key) -> Item | None:
        """See `Store.get`. One round trip."""
        if not storable(key):
            return None
        request = {"TableName": self._settings.table, "Key": marshal_key(key), "ConsistentRead": True}
        answer = await self._requests("get_item", request, Budget(self._settings))
        return self._visible([answer["Item"]]).get(key) if "Item" in answer else None

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        """See `Store.batch_get`. One round trip, and one more for every 16 MB that DynamoDB leaves over."""
        wanted = dict.fromkeys(keys)
        if len(wanted) > MAX_KEYS:
            raise ValueError(f"batch_get takes at most {MAX_KEYS} keys, not {len(wanted)}")
        budget = Budget(self._settings)
        table = self._settings.table
        found: list[dict[str, Any]] = []
        rest: list[dict[str, Any]] = [marshal_key(key) for key in wanted if storable(key)]
        while rest:
            request = {"RequestItems": {table: {"Keys": rest, "ConsistentRead": True}}}
            answer = await self._requests("batch_get_item", request, budget)
            found += answer["Responses"].get(table, ())
            left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
            if len(left) < len(rest):
                budget.progress()
            elif not await budget.pause():
                raise StoreUnavailable(
                    f"DynamoDB throttles: {len(left)} of {len(wanted)} items were not read"
                )
            rest = left
        items = self._visible(found)
        return {key: items[key] for key in wanted if key in items}

    async def query(self, query: Query) -> Page:
        """See `Store.query`. One round trip, and one more for every MB that is read."""
        return await read_page(
            self._requests, self._settings.table, query, self._now(), Budget(self._settings)
        )

    async def transact(self, writes: Writes) -> None:
        """See `Store.transact`. One round trip, and one more where an update meets an expired item."""
        if plain := checked(writes):
            await commit(self._requests, self._settings.table, plain, self._now(), Budget(self._settings))

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        """See `Store.increment`. One round trip, and one more where the item has expired.

        DynamoDB takes about a thousand writes of one item in a second, and throttles beyond.
        """
        update = checked_increment(key, name, by)
        return await increment(
            self._requests, self._settings.table, update, self._now(), Budget(self._settings)
        )

    def scanner(self) -> DynamoDBScanner:
        """What walks this table for operators. A deployed function's role does not allow it."""
        from infra.dynamodb.scanning import DynamoDBScanner  # noqa: PLC0415 - for commands alone

        return DynamoDBScanner(self._requests, self._settings, self._clock)

    def close(self) -> None:
        """Drops what waits and closes the connections; the store is of no use afterwards."""
        self._calls.close()

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    def _visible(self, found: Sequence[dict[str, Any]]) -> dict[Key, Item]:
        now = self._now()
        items = map(unmarshal_item, found)
        return {item.key: item for item in items if not is_expired(item, now)}
