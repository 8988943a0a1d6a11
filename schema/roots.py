"""The root of reading: what belongs to no plugin."""

import strawberry

from colonnade import Info
from colonnade.roots import CoreQuery
from schema.platform import Platform


@strawberry.type(description="Where reading begins.")
class Query(CoreQuery):
    @strawberry.field(description="What this deployment is made of, and what it allows.")
    def platform(self, info: Info) -> Platform | None:
        return Platform.of(info)
