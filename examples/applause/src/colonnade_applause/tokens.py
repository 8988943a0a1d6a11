"""What the plugin adds to `Token`, a type that it does not own."""

from __future__ import annotations

from typing import Annotated

import strawberry

from colonnade import Info, extend
from colonnade.relay import Connection
from colonnade.scalars import BigInt
from colonnade.tokens import Token
from colonnade_applause.applause import Applause, page
from colonnade_applause.ledger import of_token, tally


@extend("Token")
class TokenApplause:
    @strawberry.field(description="Applause for this token, newest first.")
    async def applause(
        self,
        token: strawberry.Parent[Token],
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on from.")] = None,
    ) -> Connection[Applause] | None:
        query = of_token(token.chain_id, token.address)
        return await page(info.context, f"token:{token.id}", query, first, after)

    @strawberry.field(description="How often this token was applauded.")
    async def applause_count(self, token: strawberry.Parent[Token], info: Info) -> BigInt | None:
        return BigInt(await tally(info.context, token.chain_id, token.address))
