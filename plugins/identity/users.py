"""Users, and which of `ACCESS` and `ADMIN` each is given.

What comes with these is for `colonnade.grants` to say, whenever somebody is recognised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from colonnade import Context
from colonnade.conditions import absent
from colonnade.evm import Address
from colonnade.permissions import ACCESS, ADMIN
from colonnade.store import Put, Value
from plugins.identity.entities import USER, WALLET
from plugins.identity.rows import moment, number, text
from plugins.identity.settings import IdentitySettings

MAX_WALLETS: Final = 20
"""Wallets that one user may link."""


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user. `has_access`: was let in; `created_at`: UTC."""

    id: str
    created_at: datetime
    has_access: bool
    invitations: int

    @classmethod
    def of(cls, row: Mapping[str, object]) -> UserRecord:
        """The user of a row."""
        return cls(
            text(row, "id"), moment(row, "created_at"), row["access"] is True, number(row, "invitations")
        )


def new_user(user: str, now: datetime) -> Put:
    """The write of a user with one wallet."""
    row: dict[str, Value] = {
        "id": user,
        "created_at": int(now.timestamp()),
        "access": False,
        "wallets": 1,
        "invitations": 0,
    }
    return USER.put(row, condition=absent())


async def find_user(context: Context, user: str) -> UserRecord | None:
    """The user with this id."""
    item = await context.store.get(USER.key(id=user))
    return UserRecord.of(item.attributes) if item else None


async def find_users(context: Context, ids: Sequence[str]) -> Mapping[str, UserRecord]:
    """The users that exist among `ids`, at most 100."""
    found = await context.store.batch_get([USER.key(id=user) for user in ids])
    users = [UserRecord.of(item.attributes) for item in found.values()]
    return {user.id: user for user in users}


async def permissions_of(context: Context, user: UserRecord) -> frozenset[str]:
    """What a user is given now. Reads the user's wallets, but only in a deployment that names administrators."""
    settings = context.setting(IdentitySettings)
    addresses: set[Address] = set()
    if settings.admin_addresses:
        page = await context.store.query(WALLET.query(user=user.id, limit=MAX_WALLETS))
        addresses = {Address(text(item.attributes, "address")) for item in page.items}
    return _permissions(settings, addresses, has_access=user.has_access)


def first_permissions(context: Context, address: Address) -> frozenset[str]:
    """What a user is given who is just being made, with this wallet."""
    return _permissions(context.setting(IdentitySettings), {address}, has_access=False)


def _permissions(settings: IdentitySettings, addresses: Set[Address], *, has_access: bool) -> frozenset[str]:
    if addresses & settings.admins():
        return frozenset({ACCESS.name, ADMIN.name})
    return frozenset({ACCESS.name} if has_access or settings.access == "open" else ())
