"""Users, and the wallets that are theirs."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from colonnade import Context
from colonnade.evm import Address
from colonnade.relay import Node
from colonnade.wallets import Wallet, WalletKind
from plugins.identity.users import UserRecord, find_users


@strawberry.type(description="Somebody with an account. Shows what everybody may know; plugins add to it.")
class User(Node):
    created_at: datetime = strawberry.field(description="When the account was made.")

    @classmethod
    def of(cls, record: UserRecord) -> "User":
        """A user as clients see one."""
        return cls(id=strawberry.ID(record.id), created_at=record.created_at)


@strawberry.type(description="A wallet whose control a user has proved.")
class LinkedWallet:
    address: Address = strawberry.field(description="Its address.")
    kind: WalletKind = strawberry.field(
        description="What stood behind the address when control was last proved."
    )
    linked_at: datetime = strawberry.field(description="When it was linked.")

    @classmethod
    def of(cls, wallet: Wallet) -> "LinkedWallet":
        """A wallet as its owner sees it."""
        return cls(address=wallet.address, kind=wallet.kind, linked_at=wallet.linked_at)


async def load_users(context: Context, ids: Sequence[str]) -> Sequence[User | None]:
    """The users of these ids."""
    found = await find_users(context, ids)
    return [User.of(found[user]) if user in found else None for user in ids]
