"""Everything that can be asked of a type, as GraphQL: each field, each argument, each member of each union."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

DEEPEST: Final = 5


class NoCase(Exception):
    """A field of the schema that no case covers."""


class Selections:
    """Builds selections. `arguments`: of fields below the roots that need some, by type and field, as GraphQL text.

    `covered` grows with every field that was selected.
    """

    def __init__(self, schema: GraphQLSchema, arguments: Mapping[tuple[str, str], str]) -> None:
        self._schema: Final = schema
        self._arguments: Final = arguments
        self.covered: Final[set[tuple[str, str]]] = set()

    def of(self, field: GraphQLField) -> str:
        """All that a field's value can be asked for; empty for a scalar."""
        return self._selection(get_named_type(field.type), ())

    def _selection(self, kind: Any, path: tuple[str, ...]) -> str:
        if is_leaf_type(kind):
            return ""
        parts = ["__typename"]
        if isinstance(kind, GraphQLObjectType):
            parts += self._fields(kind, path, "")
        elif isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            for member in self._schema.get_possible_types(kind):
                fields = " ".join(self._fields(member, path, f"{member.name}_"))
                parts.append(f"... on {member.name} {{ __typename {fields} }}")
        return f"{{ {' '.join(parts)} }}"

    def _fields(self, kind: GraphQLObjectType, path: tuple[str, ...], alias: str) -> list[str]:
        if kind.name in path or len(path) == DEEPEST:
            return []
        selected: list[str] = []
        for name, field in kind.fields.items():
            given = self._arguments.get((kind.name, name), "")
            needed = [a for a, argument in field.args.items() if is_required_argument(argument) and not given]
            if needed:
                raise NoCase(
                    f"{kind.name}.{name} needs {', '.join(needed)}: add it to ARGUMENTS, naming what is another's"
                )
            below = self._selection(get_named_type(field.type), (*path, kind.name))
            if below == "{ __typename }" and len(path) + 1 >= DEEPEST:
                continue
            self.covered.add((kind.name, name))
            selected.append(f"{f'{alias}{name}: ' if alias else ''}{name}{given} {below}".strip())
        return selected


def reachable(schema: GraphQLSchema, field: GraphQLField) -> set[tuple[str, str]]:
    """Every field of every type that a field's value can lead to."""
    found: set[tuple[str, str]] = set()
    waiting: list[Any] = [get_named_type(field.type)]
    seen: set[str] = set()
    while waiting:
        kind = waiting.pop()
        if is_leaf_type(kind) or kind.name in seen:
            continue
        seen.add(kind.name)
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            waiting += schema.get_possible_types(kind)
            continue
        for name, inner in kind.fields.items():
            found.add((kind.name, name))
            waiting.append(get_named_type(inner.type))
    return found
