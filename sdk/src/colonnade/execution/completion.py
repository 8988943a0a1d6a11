"""Completing values: what compiled functions ask an executor for, above all whatever is not as they expect."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Final, cast

from graphql import GraphQLField, GraphQLObjectType, Undefined, is_abstract_type, is_object_type
from graphql.execution.values import get_argument_values
from graphql.language import VariableNode
from graphql.pyutils import gather_with_cancel
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from colonnade.execution.loading import loaded
from colonnade.execution.plans import Plan
from colonnade.execution.spots import Parts, Spot
from colonnade.execution.types import admits, runtime_type, stands_for_itself
from colonnade.levels import Batches

_MOST_CLASSES: Final = 64
_FLAT: Final = frozenset({str, int, float, bool, type(None)})
_NO_ARGUMENTS: Final[Mapping[str, Any]] = {}


class Completion(StrawberryGraphQLCoreExecutionContext):
    """An execution with its plan, if it has one. `_given`: arguments that are the same for all objects."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plan: Plan | None = None
        self._given: dict[Spot, Mapping[str, Any]] = {}
        self._batches = Batches()

    def resolved(self, spot: Spot, source: Any, path: Any) -> Any:
        """What the field's resolver gives for an object."""
        info = cast(Any, self).build_resolve_info(spot.field, spot.field_nodes, spot.parent, path)
        given = spot.given
        if given is None:
            given = self._given.get(spot)
            if given is None:
                given = self._arguments(spot)
        return (spot.field.resolve or self.field_resolver)(source, info, **given)

    def _arguments(self, spot: Spot) -> Mapping[str, Any]:
        """A field's arguments; kept where nobody could change them, for all executions if no variable is in them."""
        node = spot.field_nodes[0]
        if not spot.field.args and not node.arguments:
            spot.given = _NO_ARGUMENTS
            return _NO_ARGUMENTS
        first = spot.details[0]
        given = get_argument_values(
            spot.field, node, self.variable_values, first.fragment_variable_values, self.hide_suggestions
        )
        if all(type(value) in _FLAT for value in given.values()):
            self._given[spot] = given
            if not any(_has_variables(argument.value) for argument in node.arguments or ()):
                spot.given = given
        return given

    def completed(self, spot: Spot, value: Any, path: Any) -> Any:
        """A value that is not as its place expects, completed by graphql-core; null where that fails and null may be."""
        try:
            if self.is_awaitable(value):
                return self._later(spot, value, path)
            if spot.is_leaf and type(value) in spot.admitted:
                coerced = spot.bare.coerce_output_value(value)
                if coerced is not None and coerced is not Undefined:
                    return coerced
            else:
                self._consider(spot, value)
            completed = self.generic(spot, value, path)
            return self.settled(spot, completed, path) if self.is_awaitable(completed) else completed
        except Exception as error:
            return self.failed(spot, error, path)

    def placed(self, spot: Spot, value: Any, path: Any) -> Any:
        """A value completed by a function of its own; null where that fails and null may be."""
        try:
            if self.is_awaitable(value):
                return self._later(spot, value, path)
            completed = self._complete(spot, value, path)
            return self.settled(spot, completed, path) if self.is_awaitable(completed) else completed
        except Exception as error:
            return self.failed(spot, error, path)

    def failed(self, spot: Spot, error: Exception, path: Any, waiting: Parts = ()) -> None:
        """Null in the place of what failed. Raises the error where null may not be."""
        if waiting:
            self.abandon(waiting)
        self.handle_field_error(error, spot.returned, spot.details, path)

    async def settled(self, spot: Spot, value: Any, path: Any, waiting: Parts | None = None) -> Any:
        """What comes of a value that is awaited, or of which parts are; null where that fails and null may be."""
        try:
            return await (value if waiting is None else self.gathered(value, waiting))
        except Exception as error:
            self.handle_field_error(error, spot.returned, spot.details, path)
            return None

    async def gathered(self, results: Any, waiting: Parts) -> Any:
        """`results` with its awaited parts."""
        if len(waiting) == 1:
            ((key, awaitable),) = waiting
            results[key] = await awaitable
            return results
        found = await gather_with_cancel(*(awaitable for _, awaitable in waiting))
        for (key, _), value in zip(waiting, found, strict=True):
            results[key] = value
        return results

    def abandon(self, waiting: Parts) -> None:
        """Lets what is awaited in vain come to its end."""
        self.settle_in_background([awaitable for _, awaitable in waiting])

    def drain(self, items: Any, failed: int) -> None:
        """Lets the items after the one that failed come to their end, those that are awaited."""
        rest: list[Any] = [item for item in items[failed + 1 :] if self.is_awaitable(item)]
        if rest:
            self.settle_in_background(rest)

    async def level(self, spot: Spot, items: Any, path: Any) -> Any:
        """The items of a list, after what is wanted of all of them was loaded. Raises what a place within raises."""
        plan = cast(Plan, self._plan)
        found = await loaded(self, self._batches, spot.wanted, items, path)
        complete = plan.level(self, spot)
        if complete is not None:
            completed = complete(self, items, path, found)
        else:
            info = self._info(spot, path)
            completed = cast(Any, super()).complete_list_value(
                spot.bare, spot.details, info, path, items, None
            )
        return cast(Any, await completed) if self.is_awaitable(completed) else completed

    def spot(self, parent: GraphQLObjectType, field: GraphQLField, details: Any) -> Spot:
        """The place of a field in this execution's plan."""
        return cast(Plan, self._plan).spot(self, parent, field, details)

    def generic(self, spot: Spot, value: Any, path: Any) -> Any:
        """What graphql-core makes of a value. Raises its errors."""
        info = self._info(spot, path)
        return cast(Any, self).complete_value(spot.returned, spot.details, info, path, value, None)

    def _info(self, spot: Spot, path: Any) -> Any:
        """What graphql-core knows of the field of a place, which may be an item."""
        at = path
        while isinstance(at.key, int):
            at = at.prev
        return cast(Any, self).build_resolve_info(spot.field, spot.field_nodes, spot.parent, at)

    async def _later(self, spot: Spot, value: Awaitable[Any], path: Any) -> Any:
        try:
            completed = self._complete(spot, await value, path)
            return cast(Any, await completed) if self.is_awaitable(completed) else completed
        except Exception as error:
            return self.failed(spot, error, path)

    def _complete(self, spot: Spot, value: Any, path: Any) -> Any:
        if spot.is_leaf or self._plan is None:
            return self.generic(spot, value, path)
        complete = spot.completing or self._plan.value(self, spot)
        return self.generic(spot, value, path) if complete is None else complete(self, value, path)

    def _consider(self, spot: Spot, value: Any) -> None:
        """Remembers a class whose objects need no second look."""
        kind: type[Any] = cast(Any, type(value))
        returned = spot.bare
        if len(spot.admitted) + len(spot.runtimes) >= _MOST_CLASSES:
            return
        if spot.is_leaf:
            if value is not None and value is not Undefined and stands_for_itself(kind):
                spot.admitted.add(kind)
        elif is_object_type(returned):
            if admits(returned, kind):
                spot.admitted.add(kind)
        elif is_abstract_type(returned) and self._plan is not None:
            found = runtime_type(self.schema, returned, kind)
            if found is not None:
                fields = self._plan.fields(self, found, self.collect_subfields(found, spot.details)[0])
                if fields is not None:
                    spot.runtimes[kind] = fields


def _has_variables(value: Any) -> bool:
    if isinstance(value, VariableNode):
        return True
    parts = getattr(value, "values", None) or [f.value for f in getattr(value, "fields", None) or ()]
    return any(map(_has_variables, parts))
