"""The edge of a plugin: what goes wrong inside says whose it is, and nothing takes longer than its budget."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.union import StrawberryUnion

from colonnade.errors import DeadlineExceeded, message_of
from colonnade.nodes import NodeLoader
from colonnade.results import Refused
from colonnade.telemetry.record import working

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.relay import Node

T = TypeVar("T")


class AbandonedWork(RuntimeError):
    """Something inside a plugin was cancelled, though nobody cancelled the operation."""


async def bounded(what: str, budget: float, work: Awaitable[T]) -> T:
    """What `work` gives within `budget` seconds. Raises `DeadlineExceeded`, which calls the work `what`.

    What is cancelled inside raises `AbandonedWork`: as a cancellation it would end the whole operation.
    """
    deadline = asyncio.timeout(budget)
    try:
        async with deadline:
            return await work
    except TimeoutError as error:
        if not deadline.expired():
            raise
        raise DeadlineExceeded(f"{what} took longer than {budget:g} s") from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise AbandonedWork(f"{what} waited for something that was cancelled") from error


def attributed(error: Exception, plugin: str) -> GraphQLError:
    """`error` as one that says which plugin it comes from."""
    own = error.extensions or {} if isinstance(error, GraphQLError) else {}
    message = error.message if isinstance(error, GraphQLError) else message_of(error)
    return GraphQLError(message, original_error=error, extensions={**own, "plugin": plugin})


def bounded_loader(plugin: str, budget: float, loader: NodeLoader) -> NodeLoader:
    """`loader` inside its plugin's boundary: `Query.node`, which calls it, belongs to no plugin."""

    async def load(context: Context, ids: Sequence[str]) -> Sequence[Node | None]:
        try:
            with working(plugin):
                found = await bounded(f"loading {loader.prefix} ids", budget, loader.load(context, ids))
            if len(found) != len(ids):
                raise RuntimeError(
                    f"asked for {len(ids)} {loader.prefix} ids, the loader gave {len(found)} objects"
                )
        except Exception as error:
            raise attributed(error, plugin) from error
        return found

    return replace(loader, load=load)


class Boundary(FieldExtension):
    """Runs a plugin's resolver: attributes its errors, bounds its time, turns refusals into results.

    `budget`: seconds for whatever is awaited. A resolver that awaits nothing does no I/O, so it is not timed.

    A `Refused` becomes the result where the field's union holds its error; anywhere else it is an error of the
    response, with the code and the message of the refusal.
    """

    def __init__(self, plugin: str, budget: float) -> None:
        self.plugin = plugin
        self.budget = budget
        self._refusals: tuple[type, ...] = ()

    def apply(self, field: StrawberryField) -> None:
        result = field.type
        while isinstance(result, StrawberryOptional | LazyType):
            result = result.resolve_type() if isinstance(result, LazyType) else result.of_type
        members = result.types if isinstance(result, StrawberryUnion) else ()
        resolved = (m.resolve_type() if isinstance(m, LazyType) else m for m in members)
        self._refusals = tuple(member for member in resolved if isinstance(member, type))

    def resolve(self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        with working(self.plugin):
            try:
                result = next_(source, info, **kwargs)
            except Exception as error:
                return self.settle(error)
        return self._awaited(info, result) if inspect.isawaitable(result) else result

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        async def work() -> object:
            return await next_(source, info, **kwargs)

        return await self._awaited(info, work())

    async def _awaited(self, info: strawberry.Info, work: Awaitable[object]) -> object:
        with working(self.plugin):
            try:
                return await bounded(info.field_name, self.budget, work)
            except Exception as error:
                return self.settle(error)

    def settle(self, error: Exception) -> object:
        """What `error` comes to: the refusal that the field's union holds, or raised as this plugin's."""
        refusal = _refusal(error)
        if refusal is not None and isinstance(refusal.error, self._refusals):
            return refusal.error
        raise attributed(refusal or error, self.plugin) from error


def _refusal(error: BaseException) -> Refused | None:
    """The refusal that `error` is, or that all members of an exception group are, as task groups make them."""
    if isinstance(error, BaseExceptionGroup):
        group = cast(BaseExceptionGroup[BaseException], error)
        refusals = [_refusal(member) for member in group.exceptions]
        return refusals[0] if all(refusals) else None
    return error if isinstance(error, Refused) else None
