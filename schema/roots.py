"""The root of reading: what belongs to no plugin."""

from __future__ import annotations

import strawberry

from colonnade import Info
from colonnade.roots import CoreQuery
from schema.platform import Platform
from schema.viewer import Viewer


@strawberry.type(description="Where reading begins.")
class Query(CoreQuery):
    @strawberry.field(description="Whoever asks; null when nobody is signed in.")
    def viewer(self, info: Info) -> Viewer | None:
        return Viewer.of(info)

    @strawberry.field(description="What this deployment is made of, and what it allows.")
    def platform(self, info: Info) -> Platform | None:
        return Platform.of(info)
