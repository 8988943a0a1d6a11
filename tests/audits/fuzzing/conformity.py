"""Whether an answer is what the schema promises for the operation that asked for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
)

FORMS: Final[Mapping[str, str]] = {
    "Address": "0x[0-9a-fA-F]{40}",
    "BigInt": r"0|-?[1-9]\d*",
    "Bytes32": "0x[0-9a-f]{64}",
    "DateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
    "Decimal": r"-?(0|[1-9]\d*)(\.\d+)?",
    "Hex": "0x([0-9a-f]{2})*",
    "ID": ".+",
    "String": "(?s).*",
    "TxHash": "0x[0-9a-f]{64}",
    "URL": r"https?://\S+",
}
"""How what travels as a string looks."""

_Fragment: TypeAlias = InlineFragmentNode | FragmentDefinitionNode


def violations(schema: GraphQLSchema, document: DocumentNode, data: object) -> Sequence[str]:
    """Everything about `data` that the schema does not allow, each with its path."""
    fragments = {
        each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    (operation,) = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    root = schema.get_root_type(operation.operation)
    assert root is not None
    # The roots of an operation that failed as a whole are null.
    return (
        []
        if data is None
        else list(_Answer(schema, fragments).object(root, [operation.selection_set], data, ""))
    )


class _Answer:
    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments

    def value(self, kind: object, nodes: Sequence[FieldNode], value: object, path: str) -> Iterator[str]:
        if isinstance(kind, GraphQLNonNull):
            if value is None:
                yield f"{path}: null where there is always something"
            kind = kind.of_type
        if value is None:
            return
        if isinstance(kind, GraphQLList):
            if not isinstance(value, list):
                yield f"{path}: no list"
                return
            for index, item in enumerate(value):
                yield from self.value(kind.of_type, nodes, item, f"{path}[{index}]")
        elif isinstance(kind, GraphQLEnumType):
            if value not in kind.values:
                yield f"{path}: {value!r} is no {kind.name}"
        elif isinstance(kind, GraphQLScalarType):
            if not _is_of(kind.name, value):
                yield f"{path}: {value!r} is no {kind.name}"
        else:
            selected = [node.selection_set for node in nodes if node.selection_set is not None]
            yield from self.object(kind, selected, value, path)

    def object(
        self, kind: Any, selected: Sequence[SelectionSetNode], value: object, path: str
    ) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: no object"
            return
        if is_abstract_type(kind):
            possible = {each.name: each for each in self._schema.get_possible_types(kind)}
            name = value.get("__typename")
            if name not in possible:
                yield f"{path}: {name!r} is no {kind.name}"
                return
            kind = possible[name]
        fields = self._collect(kind, selected)
        if set(fields) != set(value):
            yield f"{path}: {sorted(value)} in place of {sorted(fields)}"
        for key in set(fields) & set(value):
            name = fields[key][0].name.value
            if name == "__typename":
                if value[key] != kind.name:
                    yield f"{path}.{key}: {value[key]!r} in place of {kind.name}"
            else:
                yield from self.value(kind.fields[name].type, fields[key], value[key], f"{path}.{key}")

    def _collect(
        self, kind: GraphQLObjectType, selected: Sequence[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        fields: dict[str, list[FieldNode]] = {}
        for selection in [each for part in selected for each in part.selections]:
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                fields.setdefault(key, []).append(selection)
                continue
            if isinstance(selection, FragmentSpreadNode):
                part: _Fragment = self._fragments[selection.name.value]
            else:
                assert isinstance(selection, InlineFragmentNode)
                part = selection
            if self._applies(part, kind):
                for key, nodes in self._collect(kind, [part.selection_set]).items():
                    fields.setdefault(key, []).extend(nodes)
        return fields

    def _applies(
        self, fragment: InlineFragmentNode | FragmentDefinitionNode, kind: GraphQLObjectType
    ) -> bool:
        if fragment.type_condition is None:
            return True
        condition = self._schema.type_map[fragment.type_condition.name.value]
        return condition is kind or (
            is_abstract_type(condition) and self._schema.is_sub_type(condition, kind)
        )


def _is_of(scalar: str, value: object) -> bool:
    match scalar:
        case "JSON":
            return True
        case "Boolean":
            return isinstance(value, bool)
        case "Int" | "ChainId":
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
    return isinstance(value, str) and re.fullmatch(FORMS[scalar], value) is not None
