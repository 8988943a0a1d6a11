"""Which deprecated parts of a schema an operation uses: fields, arguments, input fields and enum values.

Each is named by its coordinate (https://spec.graphql.org/September2025/#sec-Schema-Coordinates), which comes out of the
schema and never out of a document. A schema that deprecates nothing asks nothing of its operations.

A field asked for through an interface is a use of the interface's field. No valid schema deprecates it on a type alone
that implements the interface, since it could not go there by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, cast

from graphql import (
    ArgumentNode,
    DirectiveNode,
    EnumValueNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLNullableType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    type_from_ast,  # pyright: ignore[reportUnknownVariableType]
    visit,
)

from colonnade.server.shape import Fragments


def deprecated_coordinates(schema: GraphQLSchema) -> frozenset[str]:
    """Everything that a schema deprecates."""
    of_types = (
        coordinate
        for name, kind in schema.type_map.items()
        if not name.startswith("__")
        for coordinate in _of_type(name, kind)
    )
    of_directives = (
        f"@{directive.name}({argument}:)"
        for directive in schema.directives
        for argument, one in directive.args.items()
        if one.deprecation_reason is not None
    )
    return frozenset((*of_types, *of_directives))


def _of_type(name: str, kind: object) -> Iterator[str]:
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for field, definition in kind.fields.items():
            if definition.deprecation_reason is not None:
                yield f"{name}.{field}"
            for argument, one in definition.args.items():
                if one.deprecation_reason is not None:
                    yield f"{name}.{field}({argument}:)"
    elif isinstance(kind, GraphQLInputObjectType):
        yield from (f"{name}.{f}" for f, one in kind.fields.items() if one.deprecation_reason is not None)
    elif isinstance(kind, GraphQLEnumType):
        yield from (f"{name}.{v}" for v, one in kind.values.items() if one.deprecation_reason is not None)


class Uses:
    """What one operation of a valid document uses of `deprecated`, those coordinates of its schema.

    The document is looked at when the first is asked for, and once.
    """

    __slots__ = ("_deprecated", "_fragments", "_operation", "_schema", "_written")

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Fragments,
        deprecated: frozenset[str],
    ) -> None:
        self._schema: Final = schema
        self._operation: Final = operation
        self._fragments: Final = fragments
        self._deprecated: Final = deprecated
        self._written: frozenset[str] | None = None

    def of(self, variables: Mapping[str, Any]) -> Collection[str]:
        """The coordinates, each once and in order: those of the document, and those that `variables` hold."""
        if not self._deprecated:
            return ()
        written = self._written
        if written is None:
            written = self._written = self._deprecated & frozenset(self._in_document())
        sent = self._deprecated & frozenset(self._in_variables(variables))
        return sorted(written | sent)

    def _in_document(self) -> Collection[str]:
        types = TypeInfo(self._schema)
        looker = _Looker(types)
        seen: set[str] = set()
        visit(self._operation, TypeInfoVisitor(types, looker))
        while left := looker.spread - seen:
            seen |= left
            for name in left:
                visit(self._fragments[name], TypeInfoVisitor(types, looker))
        return looker.found

    def _in_variables(self, variables: Mapping[str, Any]) -> Iterator[str]:
        for definition in self._operation.variable_definitions or ():
            name = definition.variable.name.value
            if name in variables:
                kind: object = type_from_ast(self._schema, definition.type)
                yield from _in_value(kind, variables[name])


def _in_value(kind: object, value: object) -> Iterator[str]:
    """What a value holds that may not even fit its type: it is looked at before it is coerced."""
    if isinstance(kind, GraphQLNonNull):
        yield from _in_value(cast("GraphQLNonNull[GraphQLNullableType]", kind).of_type, value)
    elif isinstance(kind, GraphQLList):
        inner = cast("GraphQLList[GraphQLType]", kind).of_type
        for one in cast("list[object]", value) if isinstance(value, list) else [value]:
            yield from _in_value(inner, one)
    elif isinstance(kind, GraphQLEnumType) and isinstance(value, str):
        yield f"{kind.name}.{value}"
    elif isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        for name, one in cast("dict[str, object]", value).items():
            if (field := kind.fields.get(name)) is not None:
                yield f"{kind.name}.{name}"
                yield from _in_value(field.type, one)


class _Looker(Visitor):
    """Notes what a document names, deprecated or not, and which fragments it spreads."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types: Final = types
        self._field = ""
        self._directive = ""
        self.found: set[str] = set()
        self.spread: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if parent := self._types.get_parent_type():
            self.found.add(f"{parent.name}.{node.name.value}")
            self._field = f"{parent.name}.{node.name.value}"

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        self._directive = f"@{node.name.value}"

    def leave_directive(self, _node: DirectiveNode, *_: object) -> None:
        self._directive = ""

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        self.found.add(f"{self._directive or self._field}({node.name.value}:)")

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        parent = get_named_type(self._types.get_parent_input_type())
        if parent is not None:
            self.found.add(f"{parent.name}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: object) -> None:
        kind = get_named_type(self._types.get_input_type())
        if kind is not None:
            self.found.add(f"{kind.name}.{node.value}")

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.spread.add(node.name.value)
