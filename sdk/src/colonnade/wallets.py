"""Wallets: addresses whose control a user has proved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Protocol

import strawberry

from colonnade.evm import Address

if TYPE_CHECKING:
    from colonnade.context import Context


@strawberry.enum(description="What stands behind a wallet's address.")
class WalletKind(Enum):
    """What stands behind a wallet's address."""

    EOA = strawberry.enum_value("EOA", description="A key: it signs and sends transactions itself.")
    CONTRACT = strawberry.enum_value(
        "CONTRACT", description="A contract, deployed or about to be: it can carry out several calls as one."
    )


@dataclass(frozen=True, slots=True)
class Wallet:
    """A linked wallet. `kind`: as of when control was last proved."""

    address: Address
    kind: WalletKind
    linked_at: datetime


class Wallets(Protocol):
    """The wallets of users. Provided by the plugin that signs users in."""

    async def linked(self, context: Context, owner: str) -> Sequence[Wallet]:
        """Every wallet that principal `owner` has linked, in the order of linking."""
        ...
