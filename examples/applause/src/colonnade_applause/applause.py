"""Applause as clients see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from colonnade import Context, Info
from colonnade.chains import ChainId
from colonnade.evm import Address
from colonnade.relay import Connection, Node, connect_query
from colonnade.store import Item, Query
from colonnade.tokens import Token, TokenMetadata, Tokens
from colonnade_applause.emoji import Emoji
from colonnade_applause.ledger import APPLAUSE


@strawberry.type(description="That somebody applauded a token.")
class Applause(Node):
    emoji: Emoji = strawberry.field(description="What they applauded it with.")
    given_by: strawberry.ID = strawberry.field(description="Who applauded.")
    given_at: datetime = strawberry.field(description="When.")
    chain: strawberry.Private[ChainId]
    address: strawberry.Private[Address]

    @strawberry.field(description="The token; null while its chain cannot be read.")
    async def token(self, info: Info) -> Token | None:
        found = await token_at(info.context, self.chain, self.address)
        return Token.of(found) if found else None

    @classmethod
    def of(cls, item: Item) -> Applause:
        """The applause that the store keeps as `item`."""
        kept = {name: str(value) for name, value in item.attributes.items()}
        return cls(
            id=strawberry.ID(kept["id"]),
            emoji=Emoji(kept["emoji"]),
            given_by=strawberry.ID(kept["giver"]),
            given_at=datetime.fromisoformat(kept["at"]),
            chain=ChainId(int(kept["chain"])),
            address=Address(kept["token"]),
        )


async def load_applause(context: Context, ids: Sequence[str]) -> Sequence[Applause | None]:
    """The applause with these ids, in their order; None for one that does not exist."""
    keys = [APPLAUSE.key(id=applause_id) for applause_id in ids]
    found = await context.store.batch_get(keys)
    return [Applause.of(found[key]) if key in found else None for key in keys]


async def page(
    context: Context, name: str, query: Query, first: int, after: str | None
) -> Connection[Applause]:
    """A page of what `query` finds; `name` tells its cursors from those of other lists."""
    return await connect_query(context, f"applause.{name}", query, Applause.of, first=first, after=after)


async def token_at(context: Context, chain: ChainId, address: Address) -> TokenMetadata | None:
    """The token at an address, or None where there is none.

    Raises `ChainUnavailable`, and `ServiceUnavailable` where no plugin here knows tokens.
    """
    tokens = context.services.get(Tokens)
    return (await tokens.metadata(context.chain(chain), [address])).get(address)
