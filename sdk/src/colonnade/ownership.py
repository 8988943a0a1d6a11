"""Who defines which type and field: how the composer notices that two plugins mean different things by one name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from strawberry.schema.name_converter import NameConverter
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.union import StrawberryUnion

CORE: Final = "colonnade"

Definition = StrawberryObjectDefinition | StrawberryEnumDefinition | StrawberryUnion


class Ownership:
    """The types and fields of a schema, and the plugin that each came from first."""

    def __init__(self, names: NameConverter) -> None:
        self._names = names
        self._types: dict[str, tuple[str, Definition]] = {}
        self._fields: dict[tuple[str, str], str] = {}
        self.problems: list[str] = []

    @property
    def types(self) -> dict[str, str]:
        """The owner of every type, by its GraphQL name."""
        return {name: owner for name, (owner, _) in self._types.items()}

    @property
    def fields(self) -> dict[tuple[str, str], str]:
        """The owner of every field, by the GraphQL names of its type and itself."""
        return dict(self._fields)

    def definition(self, name: str) -> Definition | None:
        """The definition of a type, by its GraphQL name."""
        return self._types[name][1] if name in self._types else None

    def claim(self, owner: str, annotation: Any) -> None:
        """Attribute a type to `owner`, with every type that can be reached from it and nobody has yet."""
        definition = _definition(annotation)
        if definition is None:
            return
        name = self._names.from_type(definition)
        if name in self._types:
            first, known = self._types[name]
            if not _same(known, definition):
                self.problems.append(
                    f"type {name} is defined by both {first!r} and {owner!r}; rename one of them"
                )
            return
        self._types[name] = (owner, definition)
        if isinstance(definition, StrawberryUnion):
            for member in definition.types:
                self.claim(owner, member)
        if isinstance(definition, StrawberryObjectDefinition):
            for interface in definition.interfaces:
                self.claim(owner, interface)
            for field in definition.fields:
                self._fields[name, self._names.get_graphql_name(field)] = owner
                self.claim_field_types(owner, field)

    def claim_field_types(self, owner: str, field: StrawberryField) -> None:
        """Attribute the types of a field and its arguments."""
        self.claim(owner, field.type)
        for argument in field.arguments:
            self.claim(owner, argument.type)

    def add_field(self, owner: str, target: str, field: StrawberryField) -> bool:
        """Attribute a field that `owner` adds to `target`; False, and a problem, if the name is taken."""
        name = self._names.get_graphql_name(field)
        taken = [
            (holder, self._fields[holder, name])
            for holder in self._holders(target)
            if (holder, name) in self._fields
        ]
        for holder, first in taken:
            self.problems.append(
                f"field {holder}.{name} is defined by both {first!r} and {owner!r}; rename one of them"
            )
        if not taken:
            for holder in self._holders(target):
                self._fields[holder, name] = owner
        return not taken

    def _holders(self, target: str) -> Iterator[str]:
        """`target`, and the types that implement it."""
        yield target
        for name, (_, definition) in self._types.items():
            if isinstance(definition, StrawberryObjectDefinition) and target in self._interfaces(definition):
                yield name

    def _interfaces(self, definition: StrawberryObjectDefinition) -> Iterable[str]:
        return [self._names.from_type(interface) for interface in definition.interfaces]


def _definition(annotation: Any) -> Definition | None:
    while True:
        if isinstance(annotation, LazyType):
            annotation = annotation.resolve_type()
        elif isinstance(annotation, Definition):
            return annotation
        elif (inner := getattr(annotation, "of_type", None)) is not None:
            annotation = inner
        else:
            break
    found = get_object_definition(annotation) or getattr(annotation, "__strawberry_definition__", None)
    return found if isinstance(found, Definition) else None


def _same(one: Definition, other: Definition) -> bool:
    if one is other or one == other:
        return True
    if isinstance(one, StrawberryObjectDefinition) and isinstance(other, StrawberryObjectDefinition):
        generic = one.concrete_of is not None and other.concrete_of is not None
        if generic and one.concrete_of.origin is other.concrete_of.origin:  # type: ignore[union-attr]
            return _arguments(one) == _arguments(other)
        return one.origin is other.origin
    if isinstance(one, StrawberryEnumDefinition) and isinstance(other, StrawberryEnumDefinition):
        return one.wrapped_cls is other.wrapped_cls
    return False


def _arguments(definition: StrawberryObjectDefinition) -> list[Any]:
    return [_definition(argument) or argument for argument in definition.type_var_map.values()]
