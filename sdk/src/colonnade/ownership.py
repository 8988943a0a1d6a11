"""Who defines which type and field: how the composer notices that two plugins mean different things by one name."""

from __future__ import annotations

import re
from typing import Any, Final

from strawberry.schema.name_converter import NameConverter
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import UNRESOLVED, StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.private import is_private
from strawberry.types.union import StrawberryUnion

from colonnade.derived import DERIVED_NAMES

CORE: Final = "colonnade"

Definition = StrawberryObjectDefinition | StrawberryEnumDefinition | StrawberryUnion

_NAME: Final = re.compile(r"(?!__)[_A-Za-z][_A-Za-z0-9]*", re.ASCII)
_BUILT_IN: Final = frozenset({*DERIVED_NAMES, *(scalar.name for scalar in DEFAULT_SCALAR_REGISTRY.values())})


class Ownership:
    """The types and fields of a schema, and the plugin that each came from first."""

    def __init__(self, names: NameConverter) -> None:
        self._names = names
        self._types: dict[str, tuple[str, Definition]] = {}
        self._implementing: dict[str, list[str]] = {}
        self._scalars: dict[str, str] = {}
        self._fields: dict[tuple[str, str], str] = {}
        self._problems: dict[str, None] = {}

    @property
    def problems(self) -> list[str]:
        """A sentence for each contradiction, in the order they were met."""
        return list(self._problems)

    @property
    def types(self) -> dict[str, str]:
        """The owner of every type that is not a scalar, by its GraphQL name."""
        return {name: owner for name, (owner, _) in self._types.items()}

    @property
    def fields(self) -> dict[tuple[str, str], str]:
        """The owner of every field, by the GraphQL names of its type and itself."""
        return dict(self._fields)

    def definition(self, name: str) -> Definition | None:
        """The definition of a type, by its GraphQL name."""
        return self._types[name][1] if name in self._types else None

    def report(self, problem: str) -> None:
        """Add a problem, once."""
        self._problems[problem] = None

    def claim_scalar(self, owner: str, name: str) -> None:
        """Attribute the name of a scalar to `owner`; no type can have it."""
        if name in _BUILT_IN and owner != CORE:
            self._report_twice("type", name, CORE, owner)
        self._check_name(owner, name, "type")
        self._scalars[name] = owner

    def claim(self, owner: str, annotation: Any) -> None:
        """Attribute a type to `owner`, with every type that can be reached from it and nobody has yet."""
        definition = _definition(annotation)
        if definition is None:
            return
        name = self._names.from_type(definition)
        if name in self._types:
            first, known = self._types[name]
            if _same(known, definition) or not self._report_twice("type", name, first, owner):
                return
        elif name in self._scalars or name in _BUILT_IN:
            if not self._report_twice("type", name, self._scalars.get(name, CORE), owner):
                return
        else:
            self._check_name(owner, name, "type")
            self._types[name] = (owner, definition)
            if isinstance(definition, StrawberryObjectDefinition):
                for interface in definition.interfaces:
                    self._implementing.setdefault(self._names.from_type(interface), []).append(name)
        self._claim_parts(owner, name, definition)

    def claim_field_types(self, owner: str, type_name: str, field: StrawberryField) -> None:
        """Attribute the types of a field and its arguments."""
        self.claim(owner, field.type)
        for argument in field.arguments:
            self.claim(owner, argument.type)
        if field.type is UNRESOLVED:
            self.report(
                f"{owner!r}: the type of {type_name}.{field.python_name} is not to be found in its module; "
                "import it there at run time, too, not only for type checkers"
            )

    def add_field(self, owner: str, target: str, field: StrawberryField) -> bool:
        """Attribute a field that `owner` adds to `target`; False, and a problem, if the name is taken."""
        name = self._names.get_graphql_name(field)
        self._check_name(owner, name, f"{target} field")
        taken = [
            (holder, self._fields[holder, name])
            for holder in self._holders(target)
            if (holder, name) in self._fields
        ]
        for holder, first in taken:
            self._report_twice("field", f"{holder}.{name}", first, owner)
        if not taken:
            for holder in self._holders(target):
                self._fields[holder, name] = owner
        return not taken

    def _claim_parts(self, owner: str, name: str, definition: Definition) -> None:
        if isinstance(definition, StrawberryUnion):
            for member in definition.types:
                self.claim(owner, member)
        if isinstance(definition, StrawberryObjectDefinition):
            for interface in definition.interfaces:
                self.claim(owner, interface)
            own: set[str] = set()
            for field in definition.fields:
                if is_private(field.type):
                    continue
                field_name = self._names.get_graphql_name(field)
                if field_name in own:
                    self._report_twice("field", f"{name}.{field_name}", owner, owner)
                own.add(field_name)
                self._check_name(owner, field_name, f"{name} field")
                self._fields.setdefault((name, field_name), owner)
                self.claim_field_types(owner, name, field)

    def _report_twice(self, kind: str, name: str, first: str, second: str) -> bool:
        """Report that both define `name`; False if that is known."""
        problem = f"{kind} {name} is defined by both {first!r} and {second!r}; rename one of them"
        known = problem in self._problems
        self.report(problem)
        return not known

    def _check_name(self, owner: str, name: str, kind: str) -> None:
        if not _NAME.fullmatch(name):
            self.report(
                f"{owner!r}: {kind} {name} is not a GraphQL name, which is of letters, digits and underscores, "
                "does not begin with a digit, nor with two underscores"
            )

    def _holders(self, target: str) -> list[str]:
        """`target`, and the types that implement it."""
        return [target, *self._implementing.get(target, ())]


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
