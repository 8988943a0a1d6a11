"""The job that hands a message to an endpoint: claim, send, record.

A delivery is claimed before it is sent and recorded after it, each in one conditional transaction. Two workers with one
task make one attempt; a worker that ends in between leaves its claim to run out, and the message is sent again under the
same id, by the task that the queue brings again or by the one that a second worker has put there.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from colonnade.conditions import Condition, attribute
from colonnade.context import Context
from colonnade.errors import ConditionFailed
from colonnade.store import Update, Writes
from colonnade.webhooks.asking import Task, task_for, turned
from colonnade.webhooks.deliveries import Attempt, Delivery, delivery_of, progress_of
from colonnade.webhooks.endpoints import Endpoint, endpoint_of
from colonnade.webhooks.health import Health, places, take_place
from colonnade.webhooks.plan import put_off
from colonnade.webhooks.recording import record
from colonnade.webhooks.rows import DELIVER, DELIVERY, ENDPOINT, HEALTH
from colonnade.webhooks.sending import send
from colonnade.webhooks.states import DeliveryState, EndpointState, Fault
from colonnade.webhooks.withholding import withheld_of

CLAIMED: Final = timedelta(seconds=45)
"""How long a worker has for an attempt and its record; no request takes that long."""

_FRESH_READS: Final = 4

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """A delivery and what decides about it. `free`: places that nobody has."""

    endpoint: Endpoint
    delivery: Delivery
    health: Health
    free: tuple[int, ...]


async def deliver(context: Context, arguments: Mapping[str, Any]) -> None:
    """The job `webhooks.deliver`. One read and two transactions, unless others are at the same delivery or endpoint,
    and what `Holders` takes to say what the owner may be told of.


    Raises ValueError for arguments that no delivery has, and what the store raises; done again, it is as if it had been
    done once, but for the receiver of a message whose attempt was not recorded.
    """
    task = Task.of(arguments)
    seen: Seen | None = None
    for _ in range(_FRESH_READS):
        seen = await _look(context, task)
        if seen is None:
            return
        now = context.clock.now()
        if seen.endpoint.state is not EndpointState.ENABLED:
            await _change(context, replace(seen.delivery, state=DeliveryState.FAILED, due_at=None), task)
            return
        if seen.delivery.claimed_until > now.timestamp():
            await _look_again(context, task, seen.delivery)
            return
        if await withheld_of(context, task.owner, [seen.delivery.type]):
            await _change(context, _kept_back(seen.delivery, now), task)
            return
        rests = seen.health.rests(now) and not task.at_once
        if rests or not seen.free:
            await _put_off(context, task, seen, seen.health.rests_until if rests else None)
            return
        holder = context.ids.new("try")
        place = seen.free[zlib.crc32(holder.encode()) % len(seen.free)]
        try:
            await context.store.transact(_claim(seen.delivery, place, holder, now))
        except ConditionFailed:
            continue  # another worker has the delivery, or the place
        outcome = await send(context, seen.endpoint, seen.delivery)
        await record(context, seen.endpoint, seen.delivery, seen.health, outcome, (place, holder))
        return
    # The places went to others each time: as if none had been free.
    if seen is not None:
        await _put_off(context, task, seen, None)


async def _look(context: Context, task: Task) -> Seen | None:
    """What is to be done; None where it is done, or no longer meant."""
    delivery_key = DELIVERY.key(endpoint=task.endpoint, message=task.message)
    endpoint_key = ENDPOINT.key(owner=task.owner, id=task.endpoint)
    health_key = HEALTH.key(endpoint=task.endpoint)
    place_keys = places(task.owner, task.endpoint)
    found = await context.store.batch_get([delivery_key, endpoint_key, health_key, *place_keys.values()])
    if delivery_key not in found or endpoint_key not in found:
        return None
    delivery = delivery_of(found[delivery_key].attributes)
    if delivery.state is not DeliveryState.PENDING or delivery.turn != task.turn:
        return None
    health = Health.of(found.get(health_key))
    free = tuple(place for place, key in place_keys.items() if key not in found)
    if health.slow:
        taken = [found[key].attributes["endpoint"] for key in place_keys.values() if key in found]
        free = () if task.endpoint in taken else free[:1]  # the same place for everybody
    return Seen(endpoint_of(found[endpoint_key].attributes), delivery, health, free)


def _kept_back(delivery: Delivery, now: datetime) -> Delivery:
    """What its owner may not be told of any more: nothing is sent, and no endpoint is to blame."""
    said = Attempt(
        now, None, 0, Fault.NOT_PERMITTED, "the account no longer holds a permission that this takes"
    )
    return replace(delivery, state=DeliveryState.FAILED, due_at=None, attempts=(*delivery.attempts, said))


def _claim(delivery: Delivery, place: int, holder: str, now: datetime) -> Writes:
    until = int((now + CLAIMED).timestamp())
    unclaimed = attribute("claimed_until").at_most(int(now.timestamp()))
    claim = Update(
        DELIVERY.key(endpoint=delivery.endpoint, message=delivery.message),
        set={"claim": holder, "claimed_until": until},
        condition=_as_it_was(delivery) & unclaimed,
    )
    return Writes([claim, take_place(delivery.owner, delivery.endpoint, place, holder, until)])


async def _look_again(context: Context, task: Task, delivery: Delivery) -> None:
    """Have the task come back when the claim has run out: its holder may never record what it did."""
    at = datetime.fromtimestamp(delivery.claimed_until, UTC)
    key = f"{delivery.id}:{task.turn}:{delivery.claimed_until}"
    again = context.later(DELIVER, task.arguments, at=at, key=key)
    await context.store.transact(Writes([again]))


async def _put_off(context: Context, task: Task, seen: Seen, rests_until: datetime | None) -> None:
    delivery = seen.delivery
    at = put_off(delivery.id, delivery.waits, context.clock.now(), rests_until)
    later = replace(turned(delivery, at), waits=delivery.waits + 1)
    await _change(context, later, task)


async def _change(context: Context, after: Delivery, task: Task) -> None:
    """Write what becomes of a delivery without an attempt, unless somebody else decided meanwhile."""
    key = DELIVERY.key(endpoint=task.endpoint, message=task.message)
    unclaimed = attribute("claimed_until").at_most(int(context.clock.now().timestamp()))
    condition = attribute("turn").equals(task.turn) & unclaimed & attribute("state").equals("PENDING")
    writes = [Update(key, set=progress_of(after), condition=condition)]
    tasks = [task_for(after, after.due_at, context, at_once=task.at_once)] if after.due_at else []
    try:
        await context.store.transact(Writes([*writes, *tasks]))
    except ConditionFailed:
        _log.info("A delivery was changed by another worker", extra={"fields": {"endpointId": task.endpoint}})


def _as_it_was(delivery: Delivery) -> Condition:
    return attribute("turn").equals(delivery.turn) & attribute("state").equals(DeliveryState.PENDING.name)
