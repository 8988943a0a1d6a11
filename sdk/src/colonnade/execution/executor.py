"""The executor: graphql-core's own, which hands what is compiled to the functions of a plan."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Final, cast

from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    OperationType,
    Undefined,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.collect_fields import collect_fields
from graphql.execution.executor import CollectedErrors
from graphql.execution.values import get_argument_values
from graphql.language import VariableNode
from graphql.pyutils import gather_with_cancel
from graphql.type import GraphQLResolveInfoHelpers
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from colonnade.execution.loading import loaded
from colonnade.execution.plans import Plan, Plans
from colonnade.execution.spots import Parts, Spot
from colonnade.execution.types import DEFINITION, admits, runtime_type, stands_for_itself
from colonnade.levels import Batches

LONG: Final = 16
"""Items of a list from which its selection is compiled though the operation is executed for the first time."""
_MOST_CLASSES: Final = 64
_FLAT: Final = frozenset({str, int, float, bool, type(None)})

_NO_ARGUMENTS: Final[Mapping[str, Any]] = {}


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation, or one event of a subscription; see `colonnade.execution`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        middlewares = getattr(self.middleware_manager, "middlewares", ())
        self._compiles = self.error_propagation and not middlewares and self.abort_signal is None
        self._plan: Plan | None = None
        self._given: dict[Spot, Mapping[str, Any]] = {}
        self._batches = Batches()

    def again(
        self, variable_values: Any, context: object, root: object, extensions: Mapping[str, Any]
    ) -> CompiledExecutor:
        """Another execution of the same operation; what an execution holds of its own is new."""
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.variable_values = variable_values
        made.context_value = context
        made.root_value = root
        made.operation_extensions = cast(Any, extensions)
        made.collected_errors = CollectedErrors()
        made.pending_incremental_futures, made.background_futures = set(), set()
        made.groups, made.tasks, made.streams = [], [], []
        made.async_helpers = GraphQLResolveInfoHelpers(
            gather=made.gather_async_work, track=made.track_async_work
        )
        made._relevant_sub_fields = {}
        return made

    # What graphql-core calls

    def execute_operation(self, serially: bool | None = None) -> Any:
        self._given = {}
        self._batches = getattr(self.context_value, "batches", None) or Batches()
        plan = self._plan = Plans.of(self.schema).plan(self) if self._compiles else None
        if plan is None or plan.root is None or self._goes_serially(serially):
            return super().execute_operation(serially)
        root: Any = self.schema.get_root_type(self.operation.operation)
        try:
            data = self.execute_fields(root, self.root_value, None, plan.root, None)
        except GraphQLError as error:
            return self._without_data(error)
        return self._response(data) if self.is_awaitable(data) else self.build_response(data)

    def _goes_serially(self, serially: bool | None) -> bool:
        return self.operation.operation is OperationType.MUTATION if serially is None else serially

    async def _response(self, data: Awaitable[Any]) -> Any:
        try:
            return self.build_response(await data)
        except GraphQLError as error:
            return self._without_data(error)

    def _without_data(self, error: GraphQLError) -> Any:
        self.collected_errors.add(error, None)
        return self.build_response(None)

    def execute_root_grouped_field_set(
        self,
        root_type: GraphQLObjectType,
        root_value: Any,
        grouped_field_set: Any,
        serially: bool,
        position_context: Any,
    ) -> Any:
        plan = self._plan
        if plan is None or plan.root is None or position_context is not None:
            return super().execute_root_grouped_field_set(
                root_type, root_value, grouped_field_set, serially, position_context
            )
        group: Any = plan.root
        return super().execute_root_grouped_field_set(root_type, root_value, group, serially, None)

    def execute_fields(
        self, parent_type: Any, source_value: Any, path: Any, grouped_field_set: Any, position_context: Any
    ) -> Any:
        plan = self._plan
        if plan is not None and plan.root is not None and DEFINITION in parent_type.extensions:
            fields = plan.fields(self, parent_type, grouped_field_set)
            if fields is not None:
                return fields(self, source_value, path)
        return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)

    def execute_field(
        self, parent_type: Any, source: Any, field_details_list: Any, path: Any, position_context: Any
    ) -> Any:
        plan = self._plan
        if plan is None or plan.root is None or DEFINITION not in parent_type.extensions:
            return super().execute_field(parent_type, source, field_details_list, path, position_context)
        field: Any = self.schema.get_field(parent_type, field_details_list[0].node.name.value)
        if field is None:
            return Undefined
        spot = plan.spot(self, parent_type, field, field_details_list)
        try:
            value = self.resolved(spot, source, path)
        except Exception as error:
            return self.failed(spot, error, path)
        return self.placed(spot, value, path)

    def complete_list_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        plan = self._plan
        if plan is not None and (type(result) is list or type(result) is tuple) and position_context is None:
            field: Any = self.schema.get_field(info.parent_type, info.field_name)
            if plan.root is not None or (len(result) >= LONG and self._is_supported()):
                spot = plan.spot(self, info.parent_type, field, field_details_list, return_type)
                complete = plan.value(self, spot)
                if complete is not None:
                    return complete(self, result, path)
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def collect_subfields(self, return_type: Any, field_details_list: Any) -> Any:
        plan = self._plan
        if plan is None:
            return super().collect_subfields(return_type, field_details_list)
        key = (return_type, id(field_details_list))
        known = plan.collected.get(key)
        if known is None:
            found = super().collect_subfields(return_type, field_details_list)
            known = plan.collected.setdefault(key, (field_details_list, found))
        return known[1]

    def root_group(self) -> Mapping[str, Any]:
        """The group of fields that the operation selects of its root type."""
        root: Any = self.schema.get_root_type(self.operation.operation)
        return collect_fields(
            self.schema, self.fragments, self.variable_values, root, self.operation, self.hide_suggestions
        ).grouped_field_set

    def _is_supported(self) -> bool:
        if Plans.of(self.schema).inspect(self):
            return True
        self._plan = None
        return False

    # What compiled functions call

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
