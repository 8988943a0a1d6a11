"""What an attempt leaves: the delivery's next turn or its end, how its endpoint fares, and perhaps the endpoint's end."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from colonnade.conditions import attribute
from colonnade.context import Context
from colonnade.errors import ConditionFailed, StoreConflict
from colonnade.store import Update, Write, Writes
from colonnade.telemetry.record import happened
from colonnade.webhooks.asking import task_for, turned
from colonnade.webhooks.deliveries import MOST_ATTEMPTS_KEPT, Delivery, progress_of
from colonnade.webhooks.endpoints import Endpoint
from colonnade.webhooks.health import SLOW, Health, leave_place
from colonnade.webhooks.plan import next_try
from colonnade.webhooks.rows import DELIVERY, ENDPOINT
from colonnade.webhooks.sending import Outcome
from colonnade.webhooks.states import DeliveryState, DisabledBecause, EndpointState
from colonnade.webhooks.webhook_events import WebhookEndpointDisabled

_RACES: Final = 3
_SLOW_MILLISECONDS: Final = round(SLOW.total_seconds() * 1_000)

_log = logging.getLogger(__name__)


async def record(
    context: Context,
    endpoint: Endpoint,
    delivery: Delivery,
    health: Health,
    outcome: Outcome,
    held: tuple[int, str],
) -> None:
    """Commit what came of an attempt. `held`: the place and the holder's name, of the claim.

    A claim that ran out meanwhile is another's, who sends again and records that. Raises what the store raises.
    """
    now = context.clock.now()
    place, holder = held
    slow = outcome.attempt.milliseconds > _SLOW_MILLISECONDS
    fares = health.after(now, succeeded=outcome.succeeded, slow=slow)
    mine = attribute("claim").equals(holder) & attribute("turn").equals(delivery.turn)
    key = DELIVERY.key(endpoint=delivery.endpoint, message=delivery.message)
    disabled = _disabled(outcome, fares, now)
    optional: dict[str, Write] = {"place": leave_place(endpoint.owner, place, holder)}
    if fares != health:
        optional["health"] = fares.written(endpoint.id, now, health)
    for _ in range(_RACES):
        after = _after(context, delivery, outcome, ends=disabled is not None)
        writes: list[Write] = [Update(key, set=progress_of(after), condition=mine), *optional.values()]
        if disabled is not None:
            writes += _disabling(context, endpoint, disabled)
        if after.due_at is not None:
            writes.append(task_for(after, after.due_at, context))
        try:
            await context.store.transact(Writes(writes))
        except ConditionFailed as error:
            if 0 in error.failed:
                _log.warning(
                    "An attempt is not recorded, since its claim has run out",
                    extra={"fields": _fields(delivery, outcome)},
                )
                return
            # Others have the place by now, or had an answer meanwhile, or have changed the endpoint: that stands.
            names = list(optional)
            refused = {names[position - 1] for position in error.failed if position <= len(names)}
            optional = {name: write for name, write in optional.items() if name not in refused}
            if "health" in refused or max(error.failed) > len(names):
                disabled = None
            continue
        _count(after, outcome, disabled)
        _log.info("A webhook was sent", extra={"fields": _fields(after, outcome)})
        return
    raise StoreConflict(f"the attempt of {delivery.id} kept meeting others; it is made again")


def _after(context: Context, delivery: Delivery, outcome: Outcome, *, ends: bool) -> Delivery:
    tries = delivery.tries + 1
    attempts = (*delivery.attempts, outcome.attempt)[-MOST_ATTEMPTS_KEPT:]
    tried = replace(delivery, tries=tries, waits=0, attempts=attempts)
    if outcome.succeeded:
        return _ended(tried, DeliveryState.DELIVERED)
    due_at = next_try(delivery.id, tries, context.clock.now(), outcome.retry_after)
    if ends or outcome.hopeless or due_at is None or due_at.timestamp() >= delivery.expires_at:
        return _ended(tried, DeliveryState.FAILED)
    return turned(tried, due_at)


def _ended(delivery: Delivery, state: DeliveryState) -> Delivery:
    return replace(delivery, state=state, turn=delivery.turn + 1, due_at=None, claim=None, claimed_until=0)


def _disabled(outcome: Outcome, health: Health, now: datetime) -> DisabledBecause | None:
    if outcome.gone:
        return DisabledBecause.GONE
    if not outcome.succeeded and health.is_dead(now):
        return DisabledBecause.FAILING
    return None


def _disabling(context: Context, endpoint: Endpoint, because: DisabledBecause) -> Sequence[Write]:
    """The writes that disable an endpoint, unless it is another by now than the one that was sent to."""
    disable = Update(
        ENDPOINT.key(owner=endpoint.owner, id=endpoint.id),
        set={
            "state": EndpointState.DISABLED.name,
            "disabled_because": because.name,
            "disabled_at": context.clock.now().isoformat(),
            "version": endpoint.version + 1,
        },
        condition=attribute("version").equals(endpoint.version),
    )
    told = WebhookEndpointDisabled(owner=endpoint.owner, endpoint=endpoint.id, because=because.name)
    return [disable, context.record(told)]


def _count(delivery: Delivery, outcome: Outcome, disabled: DisabledBecause | None) -> None:
    if not outcome.succeeded:
        happened("WebhookAttemptsFailed")
    if delivery.state is DeliveryState.FAILED:
        happened("WebhookDeliveriesFailed")
    if disabled is not None:
        happened("WebhookEndpointsDisabled")


def _fields(delivery: Delivery, outcome: Outcome) -> dict[str, object]:
    attempt = outcome.attempt
    return {
        "endpointId": delivery.endpoint,
        "messageId": delivery.message,
        "webhookType": delivery.type,
        "state": delivery.state.name,
        "try": delivery.tries,
        "status": attempt.status,
        "fault": None if attempt.fault is None else attempt.fault.name,
        "milliseconds": attempt.milliseconds,
    }
