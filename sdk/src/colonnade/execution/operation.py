"""One operation of a validated document, executed as often as it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from graphql import DocumentNode, ExecutionResult, GraphQLSchema, OperationDefinitionNode
from graphql import execute as execute_document  # pyright: ignore[reportUnknownVariableType]
from graphql.execution.values import VariableValues

from colonnade.execution.executor import CompiledExecutor
from colonnade.execution.variables import Variables

_NO_VALUES: Final = VariableValues({}, {})


class PreparedOperation:
    """An operation of `document`, which is valid for `schema`. Any threads may share it.

    Where `executor_class` compiles, what an executor is made of is looked up once; others graphql-core makes each time.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        executor_class: type[Any],
    ) -> None:
        self._schema = schema
        self._document = document
        self._name = operation.name.value if operation.name else None
        self._class = executor_class
        # graphql-core refuses to execute what would be delivered in parts.
        delivers_parts = schema.get_directive("defer") or schema.get_directive("stream")
        self._is_compiled = issubclass(executor_class, CompiledExecutor) and not delivers_parts
        self._variables = Variables(schema, operation)
        self._pattern: CompiledExecutor | None = None

    def execute(
        self,
        variables: Mapping[str, Any],
        context: object,
        *,
        root: object = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> Any:
        """The `ExecutionResult`, or something to await for it. Variables that do not fit are its errors, without a path."""
        given = dict(extensions or {})
        if not self._is_compiled:
            return execute_document(
                self._schema,
                self._document,
                root,
                context,
                dict(variables),
                self._name,
                executor_class=self._class,
                operation_extensions=given,
            )
        values = self._variables.coerced(variables)
        if isinstance(values, list):
            return ExecutionResult(None, errors=values)
        pattern = self._pattern
        if pattern is None:
            maker = cast(Any, self._class)
            made: Any = maker.build(self._schema, self._document, None, None, dict(variables), self._name)
            if not isinstance(made, CompiledExecutor):
                return ExecutionResult(None, errors=made)
            made.variable_values = _NO_VALUES  # a request's values end with it
            pattern = self._pattern = made
        return pattern.again(values, context, root, given).execute_operation()
