"""What an operation costs, computed once for all requests that differ in nothing that its cost depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphql import GraphQLSchema, OperationDefinitionNode

from colonnade.server.cost import defaults_of, longest_list, page_size, weighed
from colonnade.server.shape import Fragments

MOST_REMEMBERED: Final = 200
"""Figures that are kept for one operation: a page has 100 sizes."""


class RememberedCosts:
    """The costs of one operation of one schema (`colonnade.server.cost`); any number of threads may share it.

    The sizes of pages and the lengths of lists are all that variables say of a cost.
    """

    def __init__(
        self, schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = fragments
        self._defaults: Mapping[str, Any] | None = None  # of a document that may not be valid yet
        self._asked: Sequence[str] | None = None
        self._found: dict[tuple[object, ...], int] = {}

    def __len__(self) -> int:
        return len(self._found)

    def of(self, variables: Mapping[str, Any], ceiling: int) -> int:
        """The cost with these variables. Raises `TooExpensive` above `ceiling`, which is the same at each call."""
        if self._defaults is None:
            self._defaults = defaults_of(self._operation)
        values = {**self._defaults, **variables}
        if self._asked is not None and (known := self._found.get(_said(values, self._asked))) is not None:
            return known
        total, names = weighed(self._schema, self._operation, self._fragments, values, ceiling)
        self._asked = asked = tuple(sorted(names))
        if len(self._found) < MOST_REMEMBERED:
            self._found[_said(values, asked)] = total
        return total


def _said(values: Mapping[str, Any], asked: Sequence[str]) -> tuple[object, ...]:
    given = [values.get(name) for name in asked]
    return tuple((page_size(value), longest_list(value)) for value in given)
