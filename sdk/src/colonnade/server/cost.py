"""What an operation may cost, computed before it runs.

An object costs 1, a mutation 10, a field that asks somebody else 5 unless it declares otherwise (`colonnade.cost`).
What a connection holds is counted as often as its `first` says, what any other list of objects holds as often as the
longest list among its arguments is long, or `UNKNOWN_LENGTH` times. Scalars are free. The figure is an upper bound:
no null, empty list or short page makes it smaller, nor asking an interface for what is dear of a type. Introspection
is counted alike, 1 for `INTROSPECTED` objects: they are in memory, but an alias repeats them all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final, cast

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    introspection_types,
    is_composite_type,
    is_interface_type,
    value_from_ast_untyped,
)
from strawberry.types.field import StrawberryField

from colonnade.batched import load_of
from colonnade.cost import MUTATION, OBJECT, Cost
from colonnade.server.shape import INTROSPECTION, Fragments

UNKNOWN_LENGTH: Final = 10
"""How many objects a list is taken to hold that is neither paged nor asked for by a list."""

DEFAULT_FIRST: Final = 20
MAX_FIRST: Final = 100
"""A page's size where it is not given, and the largest there is."""

INTROSPECTED: Final = 50
"""Objects of the schema's own description that cost as much as one of anything else."""

_MAX_FIELDS: Final = 20_000
"""Fields that are looked at, so that fragments within fragments cannot make measuring the attack."""

_MAX_DEPTH: Final = 100
"""How deep is looked: within introspection nothing else bounds a fragment that spreads itself before it is validated."""


class TooExpensive(Exception):
    """The operation costs more than the ceiling; `measured` is what had been counted by then.

    What holds more than can be looked at counts as just above the ceiling.
    """

    def __init__(self, measured: int) -> None:
        self.measured = measured
        super().__init__(str(measured))


def operation_cost(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Fragments,
    variables: Mapping[str, Any],
    ceiling: int,
) -> int:
    """The cost of an operation. Raises `TooExpensive` as soon as `ceiling` is passed.

    It need not be valid: what the schema does not have, and fragments that are not there, are no part of its cost.
    `variables`: as the client sent them; nothing is known of their types yet.
    """
    return weighed(schema, operation, fragments, {**defaults_of(operation), **variables}, ceiling)[0]


def weighed(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Fragments,
    values: dict[str, Any],
    ceiling: int,
) -> tuple[int, Set[str]]:
    """The cost of an operation as `operation_cost` has it, and the names of the variables that it depends on.

    `values`: of the variables, defaults included. What is returned of names is the same whatever they hold.
    """
    walk = _Walk(schema, fragments, values, {n: longest_list(v) for n, v in values.items()}, ceiling)
    root = schema.get_root_type(operation.operation)
    if root is not None:
        each = MUTATION if operation.operation is OperationType.MUTATION else 0
        walk.visit(root, [operation.selection_set], 1, each=each)
    return walk.total, walk.asked


def defaults_of(operation: OperationDefinitionNode) -> Mapping[str, Any]:
    """What the variables of an operation hold that a client leaves out."""
    return {
        d.variable.name.value: value_from_ast_untyped(d.default_value)
        for d in operation.variable_definitions or ()
        if d.default_value
    }


@dataclass(slots=True)
class _Walk:
    schema: GraphQLSchema
    fragments: Fragments
    values: dict[str, Any]
    lengths: Mapping[str, int]
    ceiling: int
    total: int = 0
    fields: int = 0
    depth: int = 0
    asked: set[str] = field(default_factory=set[str])
    declared: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def visit(
        self,
        parent: GraphQLNamedType,
        selections: Sequence[SelectionSetNode],
        times: int,
        *,
        each: int = 0,
        page: int = UNKNOWN_LENGTH,
    ) -> None:
        """Count `times` objects with `selections`.

        `each`: what every field costs besides; `page`: how long a list is that is asked for by nothing else.
        """
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise TooExpensive(self.ceiling + 1)
        # One response key is resolved once, however often it is selected.
        merged: dict[tuple[str, str], tuple[GraphQLNamedType, list[FieldNode]]] = {}
        spread: set[str] = set()
        for one in selections:
            for owner, node in self._fields(parent, one, spread):
                key = node.alias.value if node.alias else node.name.value
                merged.setdefault((owner.name, key), (owner, []))[1].append(node)
        for owner, nodes in merged.values():
            described = INTROSPECTION.get(nodes[0].name.value)
            if described is not None:
                self._introspect(introspection_types[described], nodes)
            definition = _definition(owner, nodes[0].name.value)
            if definition is None:
                continue
            declared = self._declared(owner, nodes[0].name.value)
            self._count(times * each + (declared if _is_batched(definition) else times * declared))
            returned = get_named_type(definition.type)
            if not is_composite_type(returned):
                continue
            first = self._first(definition, nodes[0])
            held = times * self._length(definition, nodes[0], first or page)
            self._count(held * OBJECT)
            inner = [node.selection_set for node in nodes if node.selection_set is not None]
            self.visit(returned, inner, held, page=first or UNKNOWN_LENGTH)
        self.depth -= 1

    def _introspect(self, described: GraphQLNamedType, nodes: Sequence[FieldNode]) -> None:
        """Count what describes the schema: a whole description is far below the ceiling, many are above it."""
        ceiling = (self.ceiling - self.total) * INTROSPECTED
        walk = _Walk(
            self.schema,
            self.fragments,
            self.values,
            self.lengths,
            ceiling,
            fields=self.fields,
            depth=self.depth,
            asked=self.asked,
        )
        inner = [node.selection_set for node in nodes if node.selection_set is not None]
        try:
            walk.visit(described, inner, 1)
        except TooExpensive as error:
            raise TooExpensive(self.total - (-error.measured // INTROSPECTED)) from None
        self.fields = walk.fields
        self._count(-(-walk.total // INTROSPECTED))

    def _fields(
        self, parent: GraphQLNamedType, selections: SelectionSetNode, spread: set[str]
    ) -> Iterator[tuple[GraphQLNamedType, FieldNode]]:
        """The fields selected, fragments included, each with the type that it is selected on."""
        for selection in selections.selections:
            self.fields += 1
            if self.fields > _MAX_FIELDS:
                raise TooExpensive(self.ceiling + 1)
            if isinstance(selection, FieldNode):
                yield parent, selection
                continue
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name in spread or name not in self.fragments:
                    continue
                spread.add(name)
                fragment: Any = self.fragments[name]
            else:
                fragment = selection
            condition = fragment.type_condition
            named = self.schema.get_type(condition.name.value) if condition else parent
            yield from self._fields(named or parent, fragment.selection_set, spread)

    def _declared(self, owner: GraphQLNamedType, name: str) -> int:
        """What the field's author says it costs; of an interface's, whichever type answers."""
        key = (owner.name, name)
        if key not in self.declared:
            answering: list[GraphQLNamedType] = [owner]
            if is_interface_type(owner):
                answering += self.schema.get_implementations(owner).objects
            self.declared[key] = max(_units(_definition(one, name)) for one in answering)
        return self.declared[key]

    def _length(self, definition: GraphQLField, node: FieldNode, otherwise: int) -> int:
        """How many objects the field gives for each of its parents."""
        if not str(definition.type).startswith("["):
            return 1
        asked = max((self._longest(argument.value) for argument in node.arguments or ()), default=0)
        return asked or otherwise

    def _first(self, definition: GraphQLField, node: FieldNode) -> int | None:
        """The size of the page that the field gives, or None if it is not paged."""
        if "first" not in definition.args:
            return None
        given = next((a.value for a in node.arguments or () if a.name.value == "first"), None)
        if isinstance(given, VariableNode):
            self.asked.add(given.name.value)
        value = None if given is None else value_from_ast_untyped(given, self.values)
        return page_size(value)

    def _longest(self, node: ValueNode) -> int:
        """The length of the longest list within an argument; 0 where there is none."""
        if isinstance(node, VariableNode):
            self.asked.add(node.name.value)
            return self.lengths.get(node.name.value, 0)
        if isinstance(node, ListValueNode):
            return max([len(node.values), *map(self._longest, node.values)])
        if isinstance(node, ObjectValueNode):
            return max((self._longest(member.value) for member in node.fields), default=0)
        return 0

    def _count(self, units: int) -> None:
        self.total += units
        if self.total > self.ceiling:
            raise TooExpensive(self.total)


def page_size(first: object) -> int:
    """The size of a page for which a client gave `first`, whatever that is."""
    # GraphQL takes 100.0 for an Int, too, and a literal of too many digits is not a number here.
    if not isinstance(first, int | float) or (isinstance(first, float) and math.isnan(first)):
        return DEFAULT_FIRST
    return math.ceil(min(max(first, 1), MAX_FIRST))


def longest_list(value: object) -> int:
    """The length of the longest list within a variable's value; 0 where there is none."""
    if isinstance(value, list):
        members = cast("list[object]", value)
        return max([len(members), *map(longest_list, members)])
    if isinstance(value, dict):
        return max(map(longest_list, cast("dict[str, object]", value).values()), default=0)
    return 0


def _definition(owner: GraphQLNamedType, name: str) -> GraphQLField | None:
    return None if name.startswith("__") else getattr(owner, "fields", {}).get(name)


def _is_batched(definition: GraphQLField) -> bool:
    """Whether one call answers for all objects that the field is asked of."""
    found: StrawberryField | None = definition.extensions.get("strawberry-definition")
    return found is not None and load_of(found) is not None


def _units(definition: GraphQLField | None) -> int:
    found: StrawberryField | None = definition.extensions.get("strawberry-definition") if definition else None
    if found is None:
        return 0
    return sum(extension.units for extension in found.extensions if isinstance(extension, Cost))
