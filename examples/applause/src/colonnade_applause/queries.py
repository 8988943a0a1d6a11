"""What the plugin adds to `Query`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from colonnade import Info, extend
from colonnade.relay import Connection
from colonnade.tokens import Token
from colonnade_applause.applause import Applause, page, token_at
from colonnade_applause.days import chosen
from colonnade_applause.ledger import of_giver


@extend("Query")
class ApplauseQueries:
    @strawberry.field(description="What someone applauded, newest first.")
    async def applause_given(
        self,
        info: Info,
        by: Annotated[strawberry.ID, strawberry.argument(description="Who applauded.")],
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on from.")] = None,
    ) -> Connection[Applause] | None:
        return await page(info.context, f"given:{by}", of_giver(by), first, after)

    @strawberry.field(description="The most applauded token of a day; null until that day is over, UTC.")
    async def applauded_token(
        self,
        info: Info,
        day: Annotated[date, strawberry.argument(description="The day, UTC, as in 2026-01-31.")],
    ) -> Token | None:
        found = await chosen(info.context, day)
        token = await token_at(info.context, *found) if found else None
        return Token.of(token) if token else None
