"""How many pairs of selections validation would compare, told before it runs: it takes the square of what is repeated.

Selections of one response name within one part of the response must be equal, so each is compared with each, and so
are the fragments that are spread there. A few kilobytes of one field, over and over, would take seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from colonnade.server.shape import Fragments, fragments_of

_MOST_LOOKED_AT: Final = 20_000
"""Selections that are looked at, so that fragments within fragments cannot make counting the attack."""


def comparisons(document: DocumentNode, ceiling: int) -> int:
    """The pairs of selections that have to be compared, in a document that need not be valid.

    Counting stops above `ceiling`, and at a document that holds more, its fragments written out, than can be looked
    at: the figure is then above `ceiling`.
    """
    fragments = fragments_of(document)
    roots = (
        d.selection_set
        for d in document.definitions
        if isinstance(d, OperationDefinitionNode | FragmentDefinitionNode)
    )
    waiting: list[list[SelectionSetNode]] = [[root] for root in roots]
    known: set[frozenset[int]] = set()
    pairs = looked_at = 0
    while waiting:
        part = _Part(waiting.pop(), fragments)
        looked_at += part.looked_at
        pairs += _pairs(len(part.spread))
        held = frozenset(id(field) for field in chain.from_iterable(part.fields.values()))
        if held not in known:  # a fragment that is spread in several places is compared within itself once
            known.add(held)
            pairs += sum(_pairs(len(same)) for same in part.fields.values())
            waiting += filter(None, map(_inner, part.fields.values()))
        if looked_at > _MOST_LOOKED_AT:
            return ceiling + 1
        if pairs > ceiling:
            return pairs
    return pairs


class _Part:
    """What one part of a response is made of: its fields by response name, and the fragments spread there."""

    def __init__(self, selections: Iterable[SelectionSetNode], fragments: Fragments) -> None:
        self.fields: dict[str, list[FieldNode]] = {}
        self.spread: set[str] = set()
        self.looked_at = 0
        left = list(selections)
        while left:
            for selection in left.pop().selections:
                self.looked_at += 1
                if isinstance(selection, FieldNode):
                    name = (selection.alias or selection.name).value
                    self.fields.setdefault(name, []).append(selection)
                elif isinstance(selection, InlineFragmentNode):
                    left.append(selection.selection_set)
                elif isinstance(selection, FragmentSpreadNode):
                    name = selection.name.value
                    if name in fragments and name not in self.spread:
                        self.spread.add(name)
                        left.append(fragments[name].selection_set)


def _inner(fields: Iterable[FieldNode]) -> list[SelectionSetNode]:
    return [field.selection_set for field in fields if field.selection_set is not None]


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
