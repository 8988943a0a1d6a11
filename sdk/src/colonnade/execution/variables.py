"""Coercing an operation's variables: what is plainly of its type at once, whatever else by graphql-core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

from colonnade.execution.types import bare

_MOST_ERRORS: Final = 50
_INT_32: Final = 2**31
_MISSING: Final = object()

_PLAIN: Final[Mapping[int, Callable[[Any], bool]]] = {
    id(GraphQLString): lambda value: type(value) is str,
    id(GraphQLID): lambda value: type(value) is str,
    id(GraphQLBoolean): lambda value: type(value) is bool,
    id(GraphQLInt): lambda value: type(value) is int and -_INT_32 <= value < _INT_32,
}
"""By the identity of a scalar of GraphQL: whether a value stands for itself."""


class Variables:
    """The variables that an operation of a schema declares."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._nodes = operation.variable_definitions or ()
        signatures = [get_variable_signature(schema, node) for node in self._nodes]
        self._signatures = [found for found in signatures if isinstance(found, GraphQLVariableSignature)]
        self._quick = len(signatures) == len(self._signatures)

    def coerced(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """The values of the variables, or what is wrong with what was `given`."""
        quick = self._plainly(given) if self._quick else None
        return quick or get_variable_values(self._schema, self._nodes, dict(given), max_errors=_MOST_ERRORS)

    def _plainly(self, given: Mapping[str, Any]) -> VariableValues | None:
        sources: dict[str, VariableValueSource] = {}
        values: dict[str, Any] = {}
        for signature in self._signatures:
            name, expected = signature.name, cast(Any, signature).type
            value = given.get(name, _MISSING)
            if value is _MISSING:
                if signature.default is not None or isinstance(expected, GraphQLNonNull):
                    return None
                sources[name] = VariableValueSource(signature)
                continue
            if value is None:
                if isinstance(expected, GraphQLNonNull):
                    return None
            else:
                plain = _PLAIN.get(id(bare(expected)))
                if plain is None or not plain(value):
                    return None
            sources[name] = VariableValueSource(signature, value)
            values[name] = value
        return VariableValues(sources, values)
