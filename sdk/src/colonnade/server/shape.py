"""How deep an operation is, and how many aliases it has: what can be told from its document alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

INTROSPECTION: Final[Mapping[str, str]] = {"__schema": "__Schema", "__type": "__Type"}
"""The fields that describe the schema, and the types that they give."""

Fragments = Mapping[str, FragmentDefinitionNode]


def fragments_of(document: DocumentNode) -> Fragments:
    """The fragments that a document defines, by name."""
    return {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}


class Shape:
    """Of one operation of a document that need not be valid. Each fragment is looked at once, however often it is
    spread; one that is not there holds nothing.

    `depth`: fields within fields, the outermost counting 1; what introspection nests does not count, since validation
    bounds it. `aliases`: how many fields have one.
    """

    def __init__(self, operation: OperationDefinitionNode, fragments: Fragments) -> None:
        self._fragments = fragments
        self._depths: dict[str, int] = {}
        self.aliases = 0
        self.depth = self._depth(operation.selection_set)

    def _depth(self, selections: SelectionSetNode) -> int:
        deepest = 0
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                self.aliases += selection.alias is not None
                inner = selection.selection_set
                nested = inner is not None and selection.name.value not in INTROSPECTION
                found = 1 + (self._depth(inner) if nested and inner else 0)
            elif isinstance(selection, FragmentSpreadNode):
                found = self._fragment(selection.name.value)
            else:
                found = self._depth(selection.selection_set)  # type: ignore[attr-defined]
            deepest = max(deepest, found)
        return deepest

    def _fragment(self, name: str) -> int:
        if name not in self._depths:
            self._depths[name] = 0
            fragment = self._fragments.get(name)
            self._depths[name] = self._depth(fragment.selection_set) if fragment else 0
        return self._depths[name]
