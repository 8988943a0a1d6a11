"""Places on the waitlist."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import strawberry

from colonnade import Context, Info, batched
from colonnade.permissions import ADMIN
from colonnade.relay import Node
from colonnade.store import Item
from plugins.identity.entities import WAITLIST_ENTRY
from plugins.identity.types.users import User, load_users
from plugins.identity.waitlist import WaitlistRecord

PREFIX: Final = "wle"


@strawberry.type(description="A user's place on the waitlist; shown to that user and to administrators.")
class WaitlistEntry(Node):
    position: int = strawberry.field(
        description="From 1, rising in the order of joining: each is given once, and some may be missing. "
        "It stays the same while others are approved."
    )
    note: str | None = strawberry.field(description="What the user wrote to whoever decides.")
    joined_at: datetime = strawberry.field(description="When the user joined.")
    approved_at: datetime | None = strawberry.field(
        description="When the user was given access; null while waiting."
    )
    user_id: strawberry.Private[str]

    @batched(description="Who waits.")
    @staticmethod
    async def user(entries: Sequence["WaitlistEntry"], info: Info) -> Sequence[User | None]:
        return await load_users(info.context, [entry.user_id for entry in entries])

    @classmethod
    def of(cls, record: WaitlistRecord) -> "WaitlistEntry":
        """A place as clients see it."""
        return cls(
            id=strawberry.ID(f"{PREFIX}_{record.user.removeprefix('usr_')}"),
            position=record.position,
            note=record.note,
            joined_at=record.joined_at,
            approved_at=record.approved_at,
            user_id=record.user,
        )

    @classmethod
    def of_item(cls, item: Item) -> "WaitlistEntry":
        """The place of a row."""
        return cls.of(WaitlistRecord.of(item.attributes))


def user_of_entry(entry_id: str) -> str:
    """Whose place has this id."""
    return f"usr_{entry_id.removeprefix(f'{PREFIX}_')}"


async def load_entries(context: Context, ids: Sequence[str]) -> Sequence[WaitlistEntry | None]:
    """The caller's own place, or any for an administrator, among these ids."""
    principal = context.principal
    if principal is None:
        return [None for _ in ids]
    keys = [WAITLIST_ENTRY.key(user=user_of_entry(entry)) for entry in ids]
    found = await context.store.batch_get(keys)
    entries = [WaitlistEntry.of_item(found[key]) if key in found else None for key in keys]
    sees_all = principal.holds(ADMIN)
    return [e if e and (sees_all or e.user_id == principal.id) else None for e in entries]
