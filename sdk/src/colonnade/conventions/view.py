"""A composed schema as the rules look at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
)

from colonnade.composer import Composition

Fielded: TypeAlias = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True, slots=True)
class SchemaView:
    """The types of a schema, and which plugin each type and field came from."""

    schema: GraphQLSchema
    type_owners: Mapping[str, str] = field(default_factory=dict[str, str])
    field_owners: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    @classmethod
    def of(cls, composition: Composition) -> SchemaView:
        """The view of what was composed."""
        schema = composition.schema._schema  # pyright: ignore[reportPrivateUsage]
        return cls(schema, composition.type_owners, composition.field_owners)

    def types(self) -> Iterator[GraphQLNamedType]:
        """Every type that the schema defines itself."""
        for named in self.schema.type_map.values():
            if not is_introspection_type(named) and not is_specified_scalar_type(named):
                yield named

    def fields(self) -> Iterator[tuple[Fielded, str, GraphQLField]]:
        """Every output field, with its type and name."""
        for named in self.types():
            if isinstance(named, Fielded):
                for name, definition in named.fields.items():
                    yield named, name, definition

    def inputs(self) -> Iterator[GraphQLInputObjectType]:
        """Every input type."""
        for named in self.types():
            if isinstance(named, GraphQLInputObjectType):
                yield named

    def root(self, kind: str) -> Mapping[str, GraphQLField]:
        """The fields of `query`, `mutation` or `subscription`; none where the schema has no such root."""
        root: GraphQLObjectType | None = getattr(self.schema, f"{kind}_type")
        return root.fields if root else {}

    def roots(self) -> frozenset[str]:
        """The names of the root types."""
        found = (self.schema.query_type, self.schema.mutation_type, self.schema.subscription_type)
        return frozenset(root.name for root in found if root)
