"""Running the operations of one schema, whatever carries them: over HTTP, over a socket, or for an event."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType

from colonnade import masking
from colonnade.execution import PreparedOperation
from colonnade.limits import Limits
from colonnade.server.cost import TooExpensive
from colonnade.server.deprecated_uses import Uses, deprecated_coordinates
from colonnade.server.documents import Documents, Parsed, RequestError, Unresolved, operation, over_limit
from colonnade.server.known_documents import NOTHING_KNOWN, KnownDocuments
from colonnade.server.remembered_costs import RememberedCosts
from colonnade.server.shape import Shape, fragments_of


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation of a valid document, ready to run."""

    document: DocumentNode
    operation: OperationDefinitionNode
    execution: PreparedOperation
    costs: RememberedCosts
    digest: str
    """The first 16 hex digits of the sha256 of the document's text."""
    uses: Uses
    """What of it is deprecated."""

    @property
    def name(self) -> str | None:
        return self.operation.name.value if self.operation.name else None

    @property
    def kind(self) -> OperationType:
        return self.operation.operation


class Operations:
    """Prepares and runs operations; any number of threads and event loops may share it."""

    def __init__(
        self, schema: strawberry.Schema, limits: Limits, known: KnownDocuments = NOTHING_KNOWN
    ) -> None:
        self._limits = limits
        self._documents: Documents[Prepared] = Documents(schema, limits, known.document)
        self._deprecated = deprecated_coordinates(self._documents.schema)
        self._executor: Any = schema.execution_context_class  # pyright: ignore[reportUnknownMemberType]

    def prepare(self, query: str, name: str | None, variables: Mapping[str, Any] | None = None) -> Prepared:
        """The operation of a document that `name` chooses. Raises `RequestError` for one that cannot run.

        `variables`: what a client sent them to be, of an operation that has yet to be paid for. One that is too dear is
        refused before it is validated, which takes longest.
        """

        def check(parsed: Parsed[Prepared]) -> None:
            with suppress(Unresolved):  # what validation has to say of it comes first
                prepared = self._prepared(query, parsed, name)
                if variables is not None:
                    self.cost(prepared, variables)

        return self._prepared(query, self._documents.get(query, check), name)

    def _prepared(self, text: str, parsed: Parsed[Prepared], name: str | None) -> Prepared:
        prepared = parsed.prepared.get(name)
        if prepared is None:
            prepared = parsed.prepared[name] = self._check_shape(text, parsed.document, name)
        return prepared

    def _check_shape(self, text: str, document: DocumentNode, name: str | None) -> Prepared:
        chosen, fragments = operation(document, name), fragments_of(document)
        shape = Shape(chosen, fragments)
        if shape.depth > self._limits.depth:
            raise over_limit(
                "DEPTH_LIMIT_EXCEEDED", f"fields are nested {shape.depth} deep", self._limits.depth
            )
        if shape.aliases > self._limits.aliases:
            raise over_limit(
                "ALIAS_LIMIT_EXCEEDED", f"there are {shape.aliases} aliases", self._limits.aliases
            )
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
        schema = self._documents.schema
        costs = RememberedCosts(schema, chosen, fragments)
        uses = Uses(schema, chosen, fragments, self._deprecated)
        execution = PreparedOperation(schema, document, chosen, self._executor)
        return Prepared(document, chosen, execution, costs, digest, uses)

    def cost(self, prepared: Prepared, variables: Mapping[str, Any]) -> int:
        """What an operation may cost (`colonnade.server.cost`). Raises `RequestError` above the ceiling."""
        ceiling = self._limits.cost
        try:
            return prepared.costs.of(variables, ceiling)
        except TooExpensive as error:
            raise over_limit("COST_LIMIT_EXCEEDED", f"it costs {error.measured} or more", ceiling) from None

    async def run(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any],
        context: object,
        request_id: str,
        *,
        root: object = None,
        cost: Mapping[str, int] | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The response of an operation, its errors masked, and in `extensions` its `cost`, if that is given.

        `root`: the value that the fields of its root type are asked of, as those of events are, which cost nothing.
        Raises `RequestError` where its variables do not fit.
        """
        result = prepared.execution.execute(variables, context, root=root, extensions=extensions)
        body = _body(await result if isawaitable(result) else result, request_id)
        if cost is not None:
            body["extensions"] = {"cost": cost}
        return body


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
