"""What Strawberry's types and fields come to, as far as it can be said before an operation runs.

Whatever is not said here is left to graphql-core.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    is_abstract_type,
    is_object_type,
)
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.field import StrawberryField
from strawberry.types.union import StrawberryUnion

DEFINITION: Final = "strawberry-definition"
CAST: Final = TYPE_CAST_ATTRIBUTE
"""The attribute by which `strawberry.cast` says of an object which type it is of."""

_INT_32: Final = 2**31
_EXACTLY: Final = "type({value}) is {kind}"
EXACT: Final[Mapping[int, str]] = {
    id(GraphQLString): _EXACTLY.format(value="{value}", kind="str"),
    id(GraphQLID): _EXACTLY.format(value="{value}", kind="str"),
    id(GraphQLBoolean): _EXACTLY.format(value="{value}", kind="bool"),
    id(GraphQLInt): f"type({{value}}) is int and {-_INT_32} <= {{value}} < {_INT_32}",
    id(GraphQLFloat): "type({value}) is float and {value} - {value} == 0.0",
}
"""By the identity of a scalar of GraphQL: the Python expression for a value that stands for itself in a response."""


def bare(returned: Any) -> Any:
    """A type without its exclamation mark."""
    if isinstance(returned, GraphQLNonNull):
        return returned.of_type  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return returned


def field_of(field: GraphQLField) -> StrawberryField | None:
    """What Strawberry knows of a field."""
    return field.extensions.get(DEFINITION)


def attribute_of(field: GraphQLField) -> str | None:
    """The attribute that a field without arguments reads and nothing else; None for a field that does more."""
    found = field_of(field)
    if found is None or field.args or not found.is_basic_field or found.default_resolver is not getattr:
        return None
    return found.python_name if getattr(field.resolve, "_is_default", False) else None


def definition_of(named: Any) -> StrawberryObjectDefinition | None:
    """What Strawberry knows of an object type or an interface; None for those that are not its own."""
    found = named.extensions.get(DEFINITION)
    return found if isinstance(found, StrawberryObjectDefinition) else None


def may_be_awaited(kind: type) -> bool:
    """Whether an object of this class, or an attribute it makes up, could be awaited."""
    return hasattr(kind, "__await__") or hasattr(kind, "__getattr__")


def stands_for_itself(kind: type) -> bool:
    """Whether objects of this class are nothing but values: neither failures nor something to wait for."""
    return not issubclass(kind, Exception) and not may_be_awaited(kind)


def admits(returned: GraphQLObjectType, kind: type) -> bool:
    """Whether graphql-core would take each object of class `kind`, unless it is cast, for one of this type."""
    definition = definition_of(returned)
    if definition is None or not stands_for_itself(kind):
        return False
    if returned.is_type_of is None:
        return True
    # Strawberry's own check: whether the class is the one that the type was made of.
    return (
        definition.is_type_of is None
        and definition.concrete_of is None
        and issubclass(kind, definition.origin)
    )


def cast_matters(returned: Any) -> bool:
    """Whether graphql-core asks which type an object was cast to."""
    return is_abstract_type(returned) or (is_object_type(returned) and returned.is_type_of is not None)


def runtime_type(schema: GraphQLSchema, returned: Any, kind: type) -> GraphQLObjectType | None:
    """The type of all objects of class `kind` where an interface or a union is asked for; None if that depends."""
    definition = getattr(kind, "__strawberry_definition__", None)
    if (
        not isinstance(definition, StrawberryObjectDefinition)
        or definition.origin is not kind
        or definition.concrete_of is not None
        or definition.is_graphql_generic
        or not _by_class(returned)
    ):
        return None
    found: Any = next(
        (known for known in schema.get_possible_types(returned) if definition_of(known) is definition), None
    )
    return found if found is not None and admits(found, kind) else None


def _by_class(returned: Any) -> bool:
    """Whether Strawberry itself tells the types of an interface or a union apart, which it does by classes."""
    declared = returned.extensions.get(DEFINITION)
    if isinstance(declared, StrawberryUnion):
        members = [definition_of(member) for member in returned.types]
        return all(m is not None and m.is_type_of is None and m.concrete_of is None for m in members)
    return isinstance(declared, StrawberryObjectDefinition) and declared.resolve_type is None
