"""Webhooks that their owner may be told of no more: a type's permission is looked at again at each message."""

from __future__ import annotations

from collections.abc import Iterable

from colonnade.context import Context
from colonnade.errors import ServiceUnavailable
from colonnade.grants import Holders
from colonnade.webhooks.declaration import WebhookType, WebhookTypes


async def withheld(context: Context, owner: str, types: Iterable[WebhookType]) -> frozenset[str]:
    """The names of those among `types` that take a permission which `owner` does not hold now.

    Asks nobody where none of them takes one. Without a provider of `Holders` each that takes one is withheld.
    """
    guarded = {
        declared.name: declared.permission.name for declared in types if declared.permission is not None
    }
    if not guarded:
        return frozenset()
    try:
        holders = context.services.get(Holders)
    except ServiceUnavailable:
        return frozenset(guarded)
    held = await holders.held_by(context, owner)
    return frozenset(name for name, permission in guarded.items() if permission not in held)


async def withheld_of(context: Context, owner: str, names: Iterable[str]) -> frozenset[str]:
    """As `withheld`, by the names of types; one that no plugin declares any more takes no permission."""
    declared = context.services.get(WebhookTypes).by_name
    return await withheld(context, owner, [declared[name] for name in names if name in declared])
