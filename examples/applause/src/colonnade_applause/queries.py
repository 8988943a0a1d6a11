"""What the plugin adds to `Query`."""

from __future__ import annotations

from typing import Annotated

import strawberry

from colonnade import Info, extend
from colonnade.relay import Connection
from colonnade_applause.applause import Applause, page
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
