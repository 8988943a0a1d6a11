"""Writes, together or not at all, and never twice.

Several writes are one TransactWriteItems with a client request token, which DynamoDB remembers for ten minutes:
when an answer is lost, the same transaction is sent again and not applied again.

A single write is a plain PutItem, UpdateItem or DeleteItem with its condition. That is as atomic, costs half, is
faster, and single writes on a busy item queue up behind one another where transactions would refuse one another.
But no token protects it: sent again after a lost answer, a put "if absent" would meet its own first attempt and
fail, and an addition would count twice. So it is never sent again unless the first attempt provably did nothing
(throttled, in conflict, not connected). Otherwise the caller gets `StoreUnavailable`, does not know the outcome,
and repeats it under the same conditions.

An increment is an UpdateItem too, which returns the sum. It is sent again after a lost answer, since a number may be
skipped: the second attempt adds to what the first may have added, so it returns a number that nobody has.

DynamoDB deletes expired items days late. An update must not revive what such an item held, so it comes with the
condition that the item has not expired; where it has, a put of what the update makes of nothing takes its place.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from colonnade.conditions import absent, holds
from colonnade.errors import ConditionFailed, StoreConflict
from colonnade.store import Check, Delete, Item, Put, Update, Write
from colonnade.store_rules import updated
from infra.dynamodb.errors import Fault, Refused
from infra.dynamodb.expressions import Expressions
from infra.dynamodb.guards import of_item, of_update
from infra.dynamodb.items import is_expired, marshal_item, marshal_key, unmarshal, unmarshal_item
from infra.dynamodb.retries import Budget, Requests

_ALONE: Final = {Put: "put_item", Update: "update_item", Delete: "delete_item"}
_TOGETHER: Final = {Put: "Put", Update: "Update", Delete: "Delete", Check: "ConditionCheck"}
_MAX_REVIVALS: Final = 4

_T = TypeVar("_T")


async def commit(requests: Requests, table: str, writes: Sequence[Write], now: int, budget: Budget) -> None:
    """Commits checked writes; `now`: epoch seconds. Raises the errors of `Store.transact`."""

    async def send(planned: Sequence[Write]) -> None:
        members = [_parameters(table, write, now) for write in planned]
        if len(planned) == 1 and not isinstance(planned[0], Check):
            await requests(_ALONE[type(planned[0])], members[0], budget, repeatable=False)
            return
        items = [{_TOGETHER[type(write)]: member} for write, member in zip(planned, members, strict=True)]
        transaction = {"TransactItems": items, "ClientRequestToken": str(uuid.uuid4())}
        await requests("transact_write_items", transaction, budget)

    await _reviving(writes, now, send)


async def increment(requests: Requests, table: str, update: Update, now: int, budget: Budget) -> int:
    """The sum that a checked update, of one addition and nothing else, makes. Raises as `Store.increment` does."""
    [(name, by)] = update.add.items()

    async def send(planned: Sequence[Write]) -> int:
        request = _parameters(table, planned[0], now)
        if isinstance(planned[0], Put):
            await requests("put_item", request, budget)
            return by
        answer = await requests("update_item", request | {"ReturnValues": "UPDATED_NEW"}, budget)
        total = unmarshal(answer["Attributes"][name])
        assert isinstance(total, int)
        return total

    return await _reviving([update], now, send)


async def _reviving(
    writes: Sequence[Write], now: int, send: Callable[[Sequence[Write]], Awaitable[_T]]
) -> _T:
    """What `send` gives for `writes`, or for puts in the place of those updates that meet an expired item."""
    expired: frozenset[int] = frozenset()
    for _ in range(_MAX_REVIVALS):
        planned = [_renewal(w) if n in expired and isinstance(w, Update) else w for n, w in enumerate(writes)]
        try:
            return await send(planned)
        except Refused as refused:
            expired = _expired(writes, refused, expired, now)
    raise StoreConflict("nothing was written: an expired item that is to be updated comes and goes")


def _parameters(table: str, write: Write, now: int) -> dict[str, Any]:
    expressions = Expressions()
    what: dict[str, Any] = {"TableName": table}
    what |= {"Item": marshal_item(write.item)} if isinstance(write, Put) else {"Key": marshal_key(write.key)}
    texts: dict[str, str] = {}
    if isinstance(write, Update):
        texts["UpdateExpression"] = expressions.update(write)
        texts["ConditionExpression"] = expressions.condition(of_update(write, now))
    elif write.condition is not None:
        texts["ConditionExpression"] = expressions.condition(of_item(write.condition, now))
    if "ConditionExpression" in texts:
        what["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return what | texts | expressions.placeholders()


def _renewal(update: Update) -> Put:
    return Put(updated(None, update), absent())


def _expired(writes: Sequence[Write], refused: Refused, known: frozenset[int], now: int) -> frozenset[int]:
    """Which of the updates meet an expired item, `known` ones included.

    Raises `ConditionFailed`, or else `InvalidWrite`, where that was not the obstacle.
    """
    expired = set(known)
    failed: dict[int, Mapping[str, object] | None] = {}
    unfit: list[tuple[Item, Update]] = []
    for number, reason in enumerate(refused.reasons):
        if reason is None or reason.fault is not Fault.REFUSED:
            continue
        write = writes[number]
        item = unmarshal_item(reason.item) if reason.item else None
        present = None if item is None or is_expired(item, now) else item
        attributes = None if present is None else present.attributes
        if not isinstance(write, Update) or not (
            write.condition is None or holds(write.condition, attributes)
        ):
            failed[number] = attributes
        elif number in known:
            expired.remove(number)
        elif present is None:
            expired.add(number)
        else:
            unfit.append((present, write))
    if failed:
        raise ConditionFailed(failed)
    for item, update in unfit:
        updated(item, update)  # raises InvalidWrite, which says what does not fit
    return frozenset(expired)
