"""Fields whose value is in the object already: what graphql-core's interpretation of them would come to.

Most fields of a response are plain attributes of plain types. Each has a `Leaf`, which reads the value where nothing
can go wrong with it, and says so where anything might: then graphql-core completes the field, with its own errors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
    Undefined,
    is_leaf_type,
)
from strawberry.types.field import StrawberryField

DEFINITION: Final = "strawberry-definition"
_LEAVES: Final = "colonnade-leaves"

_INT_32: Final = 2**31

GENERIC: Final = object()
"""Not a value: the field is to be completed by graphql-core."""

Leaf: TypeAlias = Callable[[Any], Any]
"""The completed value of the field of an object, or `GENERIC`."""


class Leaves(dict[str, Leaf | None]):
    """The leaves of one object type by field name, each made when it is first asked for; None for other fields."""

    def __init__(self, parent: GraphQLObjectType) -> None:
        super().__init__()
        self._parent = parent

    def __missing__(self, name: str) -> Leaf | None:
        leaf = self[name] = _leaf(self._parent, name)
        return leaf


def leaves_of(parent: GraphQLObjectType) -> Leaves | None:
    """The leaves of a type, which is where they are kept; None for a type that is not one of Strawberry's."""
    leaves: Leaves | None = parent.extensions.get(_LEAVES)
    if leaves is None and DEFINITION in parent.extensions:
        leaves = parent.extensions[_LEAVES] = Leaves(parent)
    return leaves


def definition_of(field: GraphQLField) -> StrawberryField | None:
    """What Strawberry knows of a field."""
    return field.extensions.get(DEFINITION)


def attribute_of(field: GraphQLField) -> str | None:
    """The attribute that a field without arguments reads and nothing else; None for a field that does more."""
    found = definition_of(field)
    if found is None or field.args or not found.is_basic_field or found.default_resolver is not getattr:
        return None
    return found.python_name if getattr(field.resolve, "_is_default", False) else None


def bare(returned: Any) -> Any:
    """A type without its exclamation mark."""
    if isinstance(returned, GraphQLNonNull):
        return returned.of_type  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return returned


def _leaf(parent: GraphQLObjectType, name: str) -> Leaf | None:
    if name == "__typename":
        typename = parent.name
        return lambda source: typename
    field = parent.fields.get(name)
    attribute = None if field is None else attribute_of(field)
    if field is None or attribute is None:
        return None
    returned = bare(field.type)
    nullable = returned is field.type
    if not is_leaf_type(returned):
        return None
    return _reading(attribute, returned, nullable)


def _reading(attribute: str, returned: Any, nullable: bool) -> Leaf:
    if returned is GraphQLString or returned is GraphQLID:
        return _exact(attribute, str, nullable)
    if returned is GraphQLBoolean:
        return _exact(attribute, bool, nullable)
    if returned is GraphQLInt:
        return _integer(attribute, nullable)
    return _coerced(attribute, returned.coerce_output_value, nullable)


def _exact(attribute: str, kind: type, nullable: bool) -> Leaf:
    def leaf(source: Any) -> Any:
        value = getattr(source, attribute)
        return value if type(value) is kind or (value is None and nullable) else GENERIC

    return leaf


def _integer(attribute: str, nullable: bool) -> Leaf:
    def leaf(source: Any) -> Any:
        value = getattr(source, attribute)
        if type(value) is int and -_INT_32 <= value < _INT_32:
            return value
        return None if value is None and nullable else GENERIC

    return leaf


def _coerced(attribute: str, coerce: Callable[[Any], Any], nullable: bool) -> Leaf:
    def leaf(source: Any) -> Any:
        value = getattr(source, attribute)
        if value is None:
            return None if nullable else GENERIC
        if isinstance(value, Exception) or hasattr(value, "__await__"):
            return GENERIC
        completed = coerce(value)
        return GENERIC if completed is None or completed is Undefined else completed

    return leaf
