"""Enums that no plugin owns: their values are what all plugins together declare.

`ErrorCode`, `PermissionName` and `ActionKindName` annotate like strings; at composition each becomes a GraphQL enum
of every value declared. Clients must accept values they do not know, so that adding one is not a breaking change.
GraphQL has no enum without values: where nothing declares one, such a field is a `String`.
"""

from __future__ import annotations

import copy
import enum
import re
from collections.abc import Mapping
from typing import Any, Final, NewType

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField

ErrorCode = NewType("ErrorCode", str)
PermissionName = NewType("PermissionName", str)
ActionKindName = NewType("ActionKindName", str)

_ENUM_VALUE: Final = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")

_GRAPHQL_NAMES: Final[Mapping[object, tuple[str, str]]] = {
    ErrorCode: ("ErrorCode", "Why something was refused or failed. More values may be added."),
    PermissionName: ("Permission", "Something a caller may be allowed to do. More values may be added."),
    ActionKindName: ("ActionKind", "What an action is for. More values may be added."),
}

DERIVED_NAMES: Final = tuple(name for name, _ in _GRAPHQL_NAMES.values())
"""What the derived enums are called in every schema."""


def require_enum_value(name: str) -> None:
    """Raises ValueError if `name` cannot be a value of a derived enum."""
    if not _ENUM_VALUE.fullmatch(name):
        raise ValueError(f"{name!r} is not SCREAMING_SNAKE, as in NOT_FOUND, which enum values are")


class DerivedEnums:
    """The derived enums of one schema. `values`: for each, its values with their descriptions."""

    def __init__(self, values: Mapping[object, Mapping[str, str]]) -> None:
        self._enums: dict[object, Any] = {}
        for marker, descriptions in values.items():
            if descriptions:
                name, description = _GRAPHQL_NAMES[marker]
                members = {
                    value: strawberry.enum_value(value, description=text)
                    for value, text in sorted(descriptions.items())
                }
                make_enum: Any = enum.Enum
                members_class = make_enum(name, members)
                self._enums[marker] = strawberry.enum(members_class, name=name, description=description)

    @property
    def types(self) -> tuple[type, ...]:
        """The enums as Strawberry types, for the schema to hold even where no field mentions them."""
        return tuple(self._enums.values())

    def substitute(self, field: StrawberryField) -> None:
        """Let `field`, a copy that this schema owns, use the enums wherever it was annotated with their markers."""
        annotated = field.type
        resolved = self._resolve(annotated)
        if resolved is not annotated:  # else it would be worked out anew
            field.type = resolved
        arguments = [self._argument(argument) for argument in field.arguments]
        if any(new is not old for new, old in zip(arguments, field.arguments, strict=True)):
            field.arguments = arguments

    def _argument(self, argument: StrawberryArgument) -> StrawberryArgument:
        resolved = self._resolve(argument.type)
        if resolved is argument.type:
            return argument
        substituted = copy.copy(argument)
        substituted.type_annotation = StrawberryAnnotation(resolved)
        return substituted

    def _resolve(self, annotated: Any) -> Any:
        if isinstance(annotated, StrawberryOptional | StrawberryList):
            inner = self._resolve(annotated.of_type)
            return annotated if inner is annotated.of_type else type(annotated)(inner)
        if not isinstance(annotated, NewType) or annotated not in _GRAPHQL_NAMES:
            return annotated
        derived = self._enums.get(annotated)
        return str if derived is None else derived.__strawberry_definition__
