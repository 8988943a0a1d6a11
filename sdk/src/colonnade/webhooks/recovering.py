"""Sending again what an endpoint missed since a moment: an operation of many turns, one page of deliveries each.

A delivery that was put on its way anew says by which operation, so that a page which is done again, after a kill, sends
nothing twice. Messages keep their ids, by which receivers know what they have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from colonnade.conditions import attribute
from colonnade.context import Context
from colonnade.errors import ConditionFailed, GiveUp, OperationLost, StoreConflict
from colonnade.ids import RANDOM_BITS, ulid
from colonnade.results import Refused
from colonnade.store import Item, Page, Position, SortRange, Update, Writes
from colonnade.webhooks.asking import task_for, turned
from colonnade.webhooks.deliveries import delivery_of, progress_of
from colonnade.webhooks.endpoints import Endpoint, endpoint_of
from colonnade.webhooks.managing import put_changed
from colonnade.webhooks.refusals import WebhookEndpointNotFound, WebhookRecoveryInProgress
from colonnade.webhooks.rows import DELIVERY, ENDPOINT, KEPT, RECOVER
from colonnade.webhooks.states import DeliveryState, EndpointState
from colonnade.work.operations import Operation, Running

PAGE: Final = 50
"""Deliveries that a turn looks at."""

PAUSE: Final = timedelta(seconds=10)
"""Between two turns: five deliveries a second at most are put on their way anew."""

_PATH: Final = ["input", "endpointId"]
_FRESH_READS: Final = 4


async def recovery(
    context: Context, endpoint: Endpoint, since: datetime, key: str, *, everything: bool = False
) -> Operation:
    """The operation that sends `endpoint` again what failed since `since`, or all of it; the same `key` is the same one.

    It ends with what there is now, and goes back as far as deliveries are kept. Raises `Refused` where another one of this
    endpoint has not ended, or the endpoint was deleted meanwhile, and `StoreConflict` where others keep changing it.
    """
    now = context.clock.now()
    begin = min(max(since, now - KEPT), now)
    made, writes = context.operations.starting(
        RECOVER,
        key=f"{endpoint.id} {key}",
        job=RECOVER,
        owner=endpoint.owner,
        total=int((now - begin).total_seconds()) + 1,
        note=_note(0),
        arguments={
            "owner": endpoint.owner,
            "endpoint": endpoint.id,
            "since": begin.isoformat(),
            "until": now.isoformat(),
            "everything": everything,
        },
    )
    before: Endpoint | None = endpoint
    for _ in range(_FRESH_READS):
        if before is None:
            raise Refused(WebhookEndpointNotFound(message=f"{endpoint.id} was deleted", path=_PATH))
        if before.recovery is not None:
            found = await context.operations.find(made.id)
            if found is not None:
                return found
            await _refuse_beside(context, before.recovery)
        named = replace(before, recovery=made.id, version=before.version + 1)
        try:
            await context.store.transact(Writes([*writes, put_changed(named)]))
        except ConditionFailed:
            before = await _read(context, endpoint)
            continue
        return made
    raise StoreConflict(f"{endpoint.id} keeps being changed by others; send it again")


async def _refuse_beside(context: Context, operation: str) -> None:
    """Two at once would send twice as fast as one, and some messages twice."""
    other = await context.operations.find(operation)
    if other is not None and not other.status.ended:
        raise Refused(
            WebhookRecoveryInProgress(message=f"operation {other.id} is at this endpoint", path=_PATH)
        )


async def _read(context: Context, endpoint: Endpoint) -> Endpoint | None:
    item = await context.store.get(ENDPOINT.key(owner=endpoint.owner, id=endpoint.id))
    return None if item is None else endpoint_of(item.attributes)


async def recover(context: Context, arguments: Mapping[str, Any]) -> None:
    """A turn of the job `webhooks.recover`: one page. Raises `StoreError`, and is then done again."""
    operation = arguments.get("operation")
    if not isinstance(operation, str):
        raise GiveUp(f'{RECOVER} works on operations: its arguments are {{"operation": "an id"}}')
    running = await context.operations.take(operation, context.request_id, failed_too=True)
    if running is None:
        return
    try:
        await _turn(context, running)
    except OperationLost:
        return  # somebody ended it, or took it over


async def _turn(context: Context, running: Running) -> None:
    asked = running.operation.arguments or {}
    item = await context.store.get(ENDPOINT.key(owner=asked["owner"], id=asked["endpoint"]))
    endpoint = None if item is None else endpoint_of(item.attributes)
    if endpoint is None or endpoint.state is not EndpointState.ENABLED:
        await running.fail("the endpoint is disabled or deleted: enable it, and ask again")
        return
    if endpoint.recovery not in {None, running.operation.id}:
        await running.fail(f"operation {endpoint.recovery} of this endpoint began since: ask again")
        return
    cursor = dict(running.operation.cursor or {})
    page = await _page(context, asked, cursor.get("after"))
    sent = int(cursor.get("sent", 0))
    for found in page.items:
        sent += await _again(context, found, running.operation.id, everything=asked["everything"])
    note = _note(sent)
    if page.next is None:
        await running.advance(running.operation.total, note=note)
        await running.succeed()
        return
    last = delivery_of(page.items[-1].attributes)
    since = datetime.fromisoformat(asked["since"])
    done = max(int((_moment_of(last.message) - since).total_seconds()), running.operation.done)
    await running.advance(
        min(done, running.operation.total), note=note, cursor={"after": last.message, "sent": sent}
    )
    await running.release(at=context.clock.now() + PAUSE)


async def _page(context: Context, asked: Mapping[str, Any], after: str | None) -> Page:
    bounds = SortRange(low=_message_at(asked["since"]), high=_message_at(asked["until"], last=True))
    query = DELIVERY.query(endpoint=asked["endpoint"], sort=bounds, limit=PAGE)
    if after is not None:
        query = replace(query, after=Position(DELIVERY.key(endpoint=asked["endpoint"], message=after)))
    return await context.store.query(query)


async def _again(context: Context, item: Item, operation: str, *, everything: bool) -> int:
    """Put a delivery on its way anew, unless it is; how many that were. Who decides meanwhile is left alone."""
    before, now = delivery_of(item.attributes), context.clock.now()
    wanted = before.state is DeliveryState.FAILED or (everything and before.state is DeliveryState.DELIVERED)
    if not wanted or item.attributes.get("recovered_by") == operation:
        return 0
    after = replace(turned(before, now), state=DeliveryState.PENDING, tries=0, waits=0)
    unclaimed = attribute("claimed_until").at_most(int(now.timestamp()))
    again = Update(
        item.key,
        set={**progress_of(after), "recovered_by": operation},
        condition=attribute("turn").equals(before.turn) & unclaimed,
    )
    try:
        await context.store.transact(Writes([again, task_for(after, now, context)]))
    except ConditionFailed:
        return 0
    return 1


def _note(sent: int) -> str:
    return (
        f"{sent} messages are on their way again; progress is in seconds of the time that is looked through"
    )


def _message_at(moment: str, *, last: bool = False) -> str:
    """The first id that a message of this moment may have, or the last."""
    milliseconds = int(datetime.fromisoformat(moment).timestamp() * 1_000)
    return f"msg_{ulid((milliseconds << RANDOM_BITS) + (((1 << RANDOM_BITS) - 1) if last else 0))}"


def _moment_of(message: str) -> datetime:
    """When what a message tells of happened, to a second; the reverse of `_message_at`."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = 0
    for character in message.partition("_")[2]:
        number = number << 5 | alphabet.index(character)
    return datetime.fromtimestamp((number >> RANDOM_BITS) / 1_000, UTC)
