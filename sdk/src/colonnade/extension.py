"""Fields that a plugin adds to a type it does not own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import strawberry
from strawberry.types.base import get_object_definition

T = TypeVar("T", bound=type)

_TARGET = "__colonnade_extends__"


def extend(type_name: str) -> Callable[[T], T]:
    """Add the fields of the decorated class to the GraphQL type `type_name`, whoever defines it.

    Each field is computed (it has a resolver, which gets the object through `strawberry.Parent`) and nullable, so
    that its failure leaves the object's other fields their data. `Query`, `Mutation` and `Subscription` are
    extended in the same way. Raises TypeError for a class without fields, or with plain attributes.
    """

    def decorate(cls: T) -> T:
        extended: T = strawberry.type(cls)
        fields = get_object_definition(extended, strict=True).fields
        if not fields:
            raise TypeError(
                f"{cls.__qualname__} adds no field to {type_name}. "
                "To fix this error, decorate its methods with @strawberry.field."
            )
        for field in fields:
            if field.base_resolver is None:
                raise TypeError(
                    f"{cls.__qualname__}.{field.python_name}: an extension of {type_name} adds computed fields only. "
                    "To fix this error, make it a method with @strawberry.field."
                )
        setattr(extended, _TARGET, type_name)
        return extended

    return decorate


def extended_type(cls: type) -> str | None:
    """The GraphQL name of the type that `cls` extends, or None for a type of its own."""
    return cls.__dict__.get(_TARGET)
