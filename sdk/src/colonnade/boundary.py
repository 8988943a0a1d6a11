"""The edge of a plugin: what goes wrong inside says whose it is, and nothing takes longer than its budget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.types.field import StrawberryField
from strawberry.types.union import StrawberryUnion

from colonnade.errors import DeadlineExceeded
from colonnade.results import Refused


class Boundary(FieldExtension):
    """Runs a plugin's resolver: attributes its errors, bounds its time, turns refusals into results.

    `budget`: seconds an async resolver may take. A sync resolver does no I/O, so it is not timed.
    """

    def __init__(self, plugin: str, budget: float) -> None:
        self.plugin = plugin
        self.budget = budget
        self._refusable = False

    def apply(self, field: StrawberryField) -> None:
        inner = getattr(field.type, "of_type", field.type)
        self._refusable = isinstance(inner, StrawberryUnion)

    def resolve(self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        try:
            return next_(source, info, **kwargs)
        except Exception as error:
            return self._settle(error)

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        deadline = asyncio.timeout(self.budget)
        try:
            async with deadline:
                return await next_(source, info, **kwargs)
        except TimeoutError as error:
            if not deadline.expired():
                return self._settle(error)
            late = DeadlineExceeded(f"{info.field_name} took longer than {self.budget:g} s")
            late.__cause__ = error
            return self._settle(late)
        except Exception as error:
            return self._settle(error)

    def _settle(self, error: Exception) -> object:
        if self._refusable and isinstance(error, Refused):
            return error.error
        if isinstance(error, GraphQLError):
            error.extensions = {**(error.extensions or {}), "plugin": self.plugin}
            raise error
        raise GraphQLError(str(error), original_error=error, extensions={"plugin": self.plugin}) from error
