"""The part of `Query` that every schema has, a deployment's and a plugin author's alike."""

from typing import Annotated, cast

import strawberry

from colonnade.context import Info
from colonnade.cost import upstream
from colonnade.relay import Node
from colonnade.schema import ComposedSchema
from colonnade.viewer import Viewer


@strawberry.type(name="Query", description="Where reading begins.")
class CoreQuery:
    @strawberry.field(description="Any object by its id; null where there is none.", extensions=[upstream()])
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="As an object gave it.")],  # noqa: A002
    ) -> Node | None:
        schema = cast(ComposedSchema, info.schema)
        return await info.context.nodes(schema.node_loaders).find(id)

    @strawberry.field(description="Whoever asks; null when nobody is signed in.")
    def viewer(self, info: Info) -> Viewer | None:
        return Viewer.of(info)
