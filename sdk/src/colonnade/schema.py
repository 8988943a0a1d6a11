"""A Strawberry schema whose types hold the fields that plugins contribute."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.execution import ExecutionContext
from strawberry.types.field import StrawberryField

from colonnade.boundary import Boundary
from colonnade.derived import DerivedEnums
from colonnade.execution import CompiledExecutor
from colonnade.nodes import NodeLoader
from colonnade.ownership import CORE
from colonnade.registry import PluginStatus


class ComposedSchema(strawberry.Schema):
    """What `colonnade.composer.compose` makes.

    Strawberry asks a schema for the fields of each type (`get_fields`); this one answers with copies of the type's
    own fields and of those contributed to it, so that two schemas in one process share nothing. An interface
    passes contributions on to the types that implement it.
    """

    def __init__(
        self,
        query: type,
        mutation: type | None,
        subscription: type | None,
        *,
        types: Iterable[type],
        config: StrawberryConfig,
        contributions: Mapping[str, Sequence[tuple[str, StrawberryField]]],
        owners: Mapping[str, str],
        enums: DerivedEnums,
        budget: float,
        statuses: Sequence[PluginStatus],
        node_loaders: Mapping[str, NodeLoader],
    ) -> None:
        self._contributions = contributions
        self._owners = owners
        self._enums = enums
        self._budget = budget
        self.statuses = statuses
        self.node_loaders = node_loaders
        super().__init__(
            query,
            mutation,
            subscription,
            types=types,
            config=config,
            execution_context_class=CompiledExecutor,
        )

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """The type's own fields and those contributed to it, each a copy with its plugin's boundary."""
        converter = self.config.name_converter
        name = converter.from_type(type_definition)
        owner = self._owners.get(name, CORE)
        names = [name, *(converter.from_type(interface) for interface in type_definition.interfaces)]
        inherited: dict[object, str] = {
            interface.origin: self._owners.get(converter.from_type(interface), CORE)
            for interface in type_definition.interfaces
        }
        contributed = [pair for target in names for pair in self._contributions.get(target, ())]
        return [
            self._field(plugin, field)
            for plugin, field in [
                *((inherited.get(f.origin, owner), f) for f in type_definition.fields),
                *contributed,
            ]
        ]

    def get_field_for_type(self, field_name: str, type_name: str) -> StrawberryField | None:
        """The field of a type by its GraphQL name, contributed ones included."""
        definition = self.get_type_by_name(type_name)
        if not isinstance(definition, StrawberryObjectDefinition):
            return None
        converter = self.config.name_converter
        return next(
            (f for f in self.get_fields(definition) if converter.get_graphql_name(f) == field_name), None
        )

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Leave logging to the server, which knows the request and what may be shown."""

    def _field(self, plugin: str, field: StrawberryField) -> StrawberryField:
        own: Any = copy.copy(field)
        own.extensions = list(field.extensions)
        self._enums.substitute(own)
        if plugin != CORE and not field.is_basic_field and not field.is_subscription:
            own.extensions.append(Boundary(plugin, self._budget))
        return own  # type: ignore[no-any-return]
