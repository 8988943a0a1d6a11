"""Running the operations of one schema, whatever carries them: over HTTP, over a socket, or for an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from graphql import execute as execute_document  # pyright: ignore[reportUnknownVariableType]

from colonnade import masking
from colonnade.limits import Limits
from colonnade.server.documents import Documents, RequestError, operation


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation of a valid document, ready to run."""

    document: DocumentNode
    operation: OperationDefinitionNode

    @property
    def name(self) -> str | None:
        return self.operation.name.value if self.operation.name else None

    @property
    def kind(self) -> OperationType:
        return self.operation.operation


class Operations:
    """Prepares and runs operations; any number of threads and event loops may share it."""

    def __init__(self, schema: strawberry.Schema, limits: Limits) -> None:
        self._documents = Documents(schema, limits)
        self._executor: Any = schema.execution_context_class  # pyright: ignore[reportUnknownMemberType]

    def prepare(self, query: str, name: str | None) -> Prepared:
        """The operation of a document that `name` chooses. Raises `RequestError` for one that cannot run."""
        document = self._documents.get(query)
        return Prepared(document, operation(document, name))

    async def run(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any],
        context: object,
        request_id: str,
        *,
        root: object = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The response of an operation, its errors masked. Raises `RequestError` where its variables do not fit.

        `root`: the value that the fields of its root type are asked of, as subscriptions are.
        """
        result = execute_document(
            self._documents.schema,
            prepared.document,
            root_value=root,
            variable_values=dict(variables),
            operation_name=prepared.name,
            context_value=context,
            executor_class=self._executor,
            operation_extensions=dict(extensions or {}),
        )
        return _body(await result if isawaitable(result) else result, request_id)


def formatted(problem: RequestError, request_id: str) -> list[dict[str, Any]]:
    """The errors of an operation that cannot run, as a client sees them."""
    errors: Sequence[GraphQLError] = problem.errors
    return [masking.of_request(e, problem.code).formatted(request_id, e) for e in errors]


def _body(result: ExecutionResult, request_id: str) -> dict[str, Any]:
    errors = result.errors or []
    if result.data is None and errors and all(error.path is None for error in errors):
        raise RequestError(masking.BAD_USER_INPUT, errors)
    if not errors:
        return {"data": result.data}
    return {"errors": [masking.of_field(e).formatted(request_id, e) for e in errors], "data": result.data}
