"""The `Scanner` port on DynamoDB: consistent scans of the table, filtered by the entity where the data is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from colonnade.entities import Entity
from colonnade.scanning import ScannedPage
from colonnade.store import Key
from infra.dynamodb.items import PARTITION, is_expired, marshal_key, unmarshal_item, unmarshal_position
from infra.dynamodb.retries import Budget, Requests
from infra.dynamodb.settings import DynamoDBSettings

if TYPE_CHECKING:
    from colonnade.context import Clock


class DynamoDBScanner:
    """Passes the contract test of `Scanner`. One round trip a page; a page ends early where it would read over 1 MB."""

    def __init__(self, requests: Requests, settings: DynamoDBSettings, clock: Clock) -> None:
        self._requests: Final = requests
        self._settings: Final = settings
        self._clock: Final = clock

    async def scan(self, entity: Entity, *, after: Key | None, limit: int) -> ScannedPage:
        """See `Scanner.scan`."""
        request: dict[str, Any] = {
            "TableName": self._settings.table,
            "ConsistentRead": True,
            "Limit": limit,
            "FilterExpression": "begins_with(#0, :0)",
            "ExpressionAttributeNames": {"#0": PARTITION},
            "ExpressionAttributeValues": {":0": {"S": entity.prefix}},
        }
        if after is not None:
            request["ExclusiveStartKey"] = marshal_key(after)
        answer = await self._requests("scan", request, Budget(self._settings))
        now = int(self._clock.now().timestamp())
        found = map(unmarshal_item, answer["Items"])
        last = answer.get("LastEvaluatedKey")
        return ScannedPage(
            tuple(item for item in found if not is_expired(item, now)),
            answer["ScannedCount"],
            unmarshal_position(last, None).key if last else None,
        )
