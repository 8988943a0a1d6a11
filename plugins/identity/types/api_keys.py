"""API keys as their owner sees them."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from colonnade import Context, Info
from colonnade.derived import PermissionName
from colonnade.relay import Node
from colonnade.store import Item
from plugins.identity.api_keys import ApiKeyRecord
from plugins.identity.entities import API_KEY
from plugins.identity.permissions import is_session, signed_in


@strawberry.type(
    description="A credential for a program that acts for its owner. Its secret is shown once, when it is made."
)
class ApiKey(Node):
    name: str = strawberry.field(description="What its owner called it.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it is no longer good; null for never.")
    last_used_on: str | None = strawberry.field(
        description="The last UTC day on which it was used, YYYY-MM-DD; null if it never was."
    )
    made_for: strawberry.Private[frozenset[str]]

    @strawberry.field(
        description="What it may do, in alphabetical order: of what it was made for, what the caller may."
    )
    def permissions(self, info: Info) -> list[PermissionName]:
        held = self.made_for & signed_in(info.context).permissions
        return [PermissionName(name) for name in sorted(held)]

    @classmethod
    def of(cls, item: Item) -> "ApiKey":
        """The key of a row."""
        record = ApiKeyRecord.of(item.attributes)
        return cls(
            id=strawberry.ID(record.id),
            name=record.name,
            made_for=record.permissions,
            created_at=record.created_at,
            expires_at=record.expires_at,
            last_used_on=record.last_used_on,
        )


async def load_api_keys(context: Context, ids: Sequence[str]) -> Sequence[ApiKey | None]:
    """The caller's own keys among these ids; none for an API key."""
    principal = context.principal
    if not is_session(principal):
        return [None for _ in ids]
    keys = [API_KEY.key(user=principal.id, id=key_id) for key_id in ids]
    found = await context.store.batch_get(keys)
    return [ApiKey.of(found[key]) if key in found else None for key in keys]
