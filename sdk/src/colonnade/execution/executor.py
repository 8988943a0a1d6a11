"""The executor: graphql-core's own, which hands what is compiled to the functions of a plan."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Final, cast

from graphql import GraphQLError, GraphQLObjectType, OperationType, Undefined
from graphql.execution.collect_fields import collect_fields
from graphql.execution.executor import CollectedErrors
from graphql.type import GraphQLResolveInfoHelpers

from colonnade.execution.completion import Completion
from colonnade.execution.plans import Plans
from colonnade.execution.types import DEFINITION
from colonnade.levels import Batches

LONG: Final = 64
"""Items of a list from which its selection is compiled though the operation is executed for the first time."""


class CompiledExecutor(Completion):
    """Executes one operation, or one event of a subscription; see `colonnade.execution`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        middlewares = getattr(self.middleware_manager, "middlewares", ())
        self._compiles = self.error_propagation and not middlewares and self.abort_signal is None
        self._is_first = False

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

    def execute_operation(self, serially: bool | None = None) -> Any:
        self._given = {}
        self._batches = getattr(self.context_value, "batches", None) or Batches()
        self._plan, self._is_first = Plans.of(self.schema).plan(self) if self._compiles else (None, False)
        plan = self._plan
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
        if position_context is None and (type(result) is list or type(result) is tuple):
            if self._is_first and len(result) >= LONG:
                self._is_first = False
                self._plan = Plans.of(self.schema).parts(self)
            plan = self._plan
            if plan is not None and (plan.root is not None or len(result) >= LONG):
                field: Any = self.schema.get_field(info.parent_type, info.field_name)
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
