"""From an event to deliveries: one for each endpoint that wants to know of it."""

from __future__ import annotations

from collections.abc import Sequence

from colonnade.context import Context
from colonnade.events import Event, Published
from colonnade.store import Write, Writes
from colonnade.webhooks.asking import new_delivery
from colonnade.webhooks.declaration import Notice, WebhookType
from colonnade.webhooks.deliveries import body_of, message_id
from colonnade.webhooks.endpoints import Endpoint, endpoints_of
from colonnade.webhooks.rows import DELIVERY
from colonnade.webhooks.withholding import withheld


async def tell(context: Context, types: Sequence[WebhookType], event: Event, published: Published) -> Writes:
    """See `Webhooks.tell`. One read for each principal that is told, one more where there are endpoints; what a principal
    holds is asked for where it has an endpoint that is to be told.

    Raises ValueError for what no webhook can carry.
    """
    notices = [(webhook, notice) for webhook in types if (notice := webhook.tells(event)) is not None]
    owners = dict.fromkeys(owner for _, notice in notices for owner in notice.owners)
    endpoints = {owner: await endpoints_of(context, owner) for owner in owners}
    kept_back = {
        owner: await withheld(context, owner, [w for w, _ in notices if any(e.wants(w.name) for e in theirs)])
        for owner, theirs in endpoints.items()
    }
    writes: list[Write] = []
    for webhook, notice in notices:
        told = [owner for owner in dict.fromkeys(notice.owners) if webhook.name not in kept_back[owner]]
        wanting = [e for owner in told for e in endpoints[owner] if e.wants(webhook.name)]
        if wanting:
            writes += await _deliveries(context, webhook, notice, wanting, published)
    return Writes(writes)


async def _deliveries(
    context: Context,
    webhook: WebhookType,
    notice: Notice,
    endpoints: Sequence[Endpoint],
    published: Published,
) -> Sequence[Write]:
    message = message_id(published.id, webhook.name, published.at)
    body = body_of(webhook.name, webhook.version, published.at, notice.data)
    keys = {endpoint.id: DELIVERY.key(endpoint=endpoint.id, message=message) for endpoint in endpoints}
    # An event that is handled anew, long after it was marked as handled, has its deliveries already.
    there = await context.store.batch_get(list(keys.values()))
    writes: list[Write] = []
    for endpoint in endpoints:
        if keys[endpoint.id] not in there:
            writes += new_delivery(context, endpoint, message, webhook.name, body)[1]
    return writes
