"""What a field costs, where that is more than the objects it gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import strawberry
from strawberry.extensions import FieldExtension

OBJECT: Final = 1
"""The cost of an object in a response."""

MUTATION: Final = 10
"""The cost of a mutation, apart from what it returns."""

UPSTREAM: Final = 5
"""The cost of asking somebody else, such as a chain, unless the field declares another."""


class Cost(FieldExtension):
    """Says what resolving the field costs, apart from what it returns."""

    def __init__(self, units: int) -> None:
        if units < 0:
            raise ValueError(f"a cost is 0 or more, not {units}")
        self.units = units

    def resolve(self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs)

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        return await next_(source, info, **kwargs)


def cost(units: int) -> FieldExtension:
    """A field extension: `@strawberry.field(extensions=[cost(20)])`. `units`: an object is 1, a mutation 10."""
    return Cost(units)


def upstream() -> FieldExtension:
    """A field extension, for a field that asks somebody else: a chain, a database of others, an exchange."""
    return Cost(UPSTREAM)
