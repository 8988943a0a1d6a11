"""What an owner does with endpoints: make, change, delete; and how their secrets are replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from colonnade.conditions import absent, attribute, exists
from colonnade.context import Context
from colonnade.errors import ConditionFailed, StoreConflict
from colonnade.results import Refused
from colonnade.store import Delete, Put, Update, Writes
from colonnade.webhooks.access import caller
from colonnade.webhooks.endpoints import (
    MOST_ENDPOINTS,
    MOST_RETIRED,
    Endpoint,
    Retired,
    attributes_of,
    endpoint_of,
)
from colonnade.webhooks.refusals import TooManyWebhookEndpoints, WebhookEndpointNotFound
from colonnade.webhooks.rows import ENDPOINT, FORMER, HEALTH, KEPT, OWNER
from colonnade.webhooks.settings import WebhooksSettings
from colonnade.webhooks.signing import SecretName, newest_key_id
from colonnade.webhooks.states import DisabledBecause, EndpointState

_FRESH_READS: Final = 4


async def owned_endpoint(context: Context, endpoint_id: str) -> Endpoint:
    """The caller's endpoint. Raises `Refused` with `WebhookEndpointNotFound`, also for one of somebody else's."""
    item = await context.store.get(ENDPOINT.key(owner=caller(context).id, id=endpoint_id[:64]))
    if item is None:
        raise Refused(
            WebhookEndpointNotFound(
                message=f"you have no webhook endpoint {endpoint_id[:64]!r}", path=["input", "endpointId"]
            )
        )
    return endpoint_of(item.attributes)


def new_endpoint(context: Context, url: str, description: str, types: Sequence[str]) -> Endpoint:
    """An endpoint of the caller's, to be made. Raises `ServiceUnavailable` where webhooks are off."""
    return Endpoint(
        id=context.ids.new("whe"),
        owner=caller(context).id,
        url=url,
        description=description,
        types=tuple(sorted(set(types))),
        state=EndpointState.ENABLED,
        created_at=context.clock.now(),
        secret=SecretName(1, newest_key_id(context.setting(WebhooksSettings))),
    )


def making(endpoint: Endpoint) -> Writes:
    """The writes that make an endpoint, the second of which fails for an owner who has as many as one may."""
    counted = Update(
        OWNER.key(owner=endpoint.owner),
        add={"endpoints": 1},
        condition=absent() | attribute("endpoints").below(MOST_ENDPOINTS),
    )
    return Writes([ENDPOINT.put(attributes_of(endpoint), condition=absent()), counted])


def too_many(error: ConditionFailed) -> Refused | None:
    """What a failure of `making` says to its caller, if it is about their number."""
    if 1 not in error.failed:
        return None
    return Refused(TooManyWebhookEndpoints(message=f"an account has at most {MOST_ENDPOINTS} endpoints"))


async def change(
    context: Context,
    endpoint_id: str,
    *,
    url: str | None = None,
    description: str | None = None,
    types: Sequence[str] | None = None,
    enabled: bool | None = None,
) -> Endpoint:
    """Change what is not None of an endpoint. Raises `Refused`, and `StoreConflict` where others keep changing it."""
    for _ in range(_FRESH_READS):
        before = await owned_endpoint(context, endpoint_id)
        after = replace(
            before,
            url=before.url if url is None else url,
            description=before.description if description is None else description,
            types=before.types if types is None else tuple(sorted(set(types))),
        )
        writes: list[Put | Delete] = []
        if enabled is not None and enabled != (before.state is EndpointState.ENABLED):
            after = replace(
                after,
                state=EndpointState.ENABLED if enabled else EndpointState.DISABLED,
                disabled_because=None if enabled else DisabledBecause.BY_OWNER,
                disabled_at=None if enabled else context.clock.now(),
            )
        if enabled or after.url != before.url:
            writes.append(HEALTH.delete(endpoint=before.id))  # what it did before counts no more
        if after == before and not writes:
            return before
        after = replace(after, version=before.version + 1)
        try:
            await context.store.transact(Writes([put_changed(after), *writes]))
        except ConditionFailed:
            continue
        return after
    raise StoreConflict(f"{endpoint_id[:64]} keeps being changed by others; send it again")


def put_changed(after: Endpoint) -> Put:
    """The write of an endpoint whose version before is there."""
    return ENDPOINT.put(attributes_of(after), condition=attribute("version").equals(after.version - 1))


async def delete(context: Context, endpoint_id: str) -> None:
    """Delete an endpoint; what is on its way to it is sent no more. Raises `Refused`."""
    endpoint = await owned_endpoint(context, endpoint_id)
    until = context.clock.now() + KEPT
    writes = Writes(
        [
            ENDPOINT.delete(owner=endpoint.owner, id=endpoint.id, condition=exists()),
            Update(OWNER.key(owner=endpoint.owner), add={"endpoints": -1}),
            HEALTH.delete(endpoint=endpoint.id),
            # What it was sent is kept, and is still the owner's, to export and to erase.
            FORMER.put({"owner": endpoint.owner, "id": endpoint.id}, expires_at=int(until.timestamp())),
        ]
    )
    try:
        await context.store.transact(writes)
    except ConditionFailed:
        await owned_endpoint(context, endpoint_id)  # deleted a moment ago, as this says
        raise


def rotated(context: Context, before: Endpoint, overlap: timedelta) -> Endpoint:
    """`before` with a new secret; the one it had, and what it had replaced, stay good for `overlap` at most.

    Of replaced secrets the newest `MOST_RETIRED` are kept. Raises `ServiceUnavailable` where webhooks are off.
    """
    now = context.clock.now()
    until = now + overlap
    retired = [Retired(before.secret, until)] if overlap else []
    retired += [
        Retired(old.secret, min(old.until, until)) for old in before.retired if now < old.until and overlap
    ]
    key_id = newest_key_id(context.setting(WebhooksSettings))
    return replace(
        before,
        secret=SecretName(before.secret.generation + 1, key_id),
        retired=tuple(retired[:MOST_RETIRED]),
        version=before.version + 1,
    )
