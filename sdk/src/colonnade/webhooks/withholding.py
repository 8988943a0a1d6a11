"""Webhooks that their owner may be told of no more: its permissions are looked at again at each message and attempt.

Who lost `MANAGE_WEBHOOKS`, or the way in altogether, is sent nothing; who lost a type's permission, nothing of that type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from colonnade.context import Context
from colonnade.errors import ServiceUnavailable
from colonnade.grants import Holders
from colonnade.webhooks.access import MANAGE_WEBHOOKS
from colonnade.webhooks.declaration import WebhookType, WebhookTypes


async def withheld(context: Context, owner: str, types: Iterable[WebhookType]) -> frozenset[str]:
    """The names of those among `types` that `owner` may not be told of now: all without `MANAGE_WEBHOOKS`.

    Asks nobody where there are none. Without a provider of `Holders` each that takes a permission is withheld, and no
    other: nobody knows then who may manage webhooks but who asks.
    """
    return await _withheld(context, owner, {declared.name: declared for declared in types})


async def withheld_of(context: Context, owner: str, names: Iterable[str]) -> frozenset[str]:
    """As `withheld`, by the names of types; one that no plugin declares any more takes no permission of its own."""
    declared = context.services.get(WebhookTypes).by_name
    return await _withheld(context, owner, {name: declared.get(name) for name in names})


async def _withheld(context: Context, owner: str, types: Mapping[str, WebhookType | None]) -> frozenset[str]:
    if not types:
        return frozenset()
    guarded = {
        name: declared.permission.name
        for name, declared in types.items()
        if declared is not None and declared.permission is not None
    }
    try:
        holders = context.services.get(Holders)
    except ServiceUnavailable:
        return frozenset(guarded)
    held = await holders.held_by(context, owner)
    if MANAGE_WEBHOOKS.name not in held:
        return frozenset(types)
    return frozenset(name for name, permission in guarded.items() if permission not in held)
