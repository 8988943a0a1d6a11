"""Reading actions."""

from typing import Annotated

import strawberry

from colonnade.actions.loading import load_actions
from colonnade.actions.types import PreparedAction
from colonnade.context import Info
from colonnade.extension import extend
from colonnade.permissions import requires


@extend("Query")
class ActionQueries:
    @strawberry.field(
        description="An action of the caller's; null where there is none.", extensions=[requires()]
    )
    async def action(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="As the action gave it.")],  # noqa: A002
    ) -> PreparedAction | None:
        (found,) = await load_actions(info.context, [id])
        return found
