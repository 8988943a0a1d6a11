"""What is kept of an operation between its executions: its groups of fields, and the functions written for them."""

from __future__ import annotations

import logging
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, Final, cast

from graphql import (
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    VariableNode,
    is_object_type,
)

from colonnade.execution.loading import wanted_of
from colonnade.execution.spots import Completing, Spot

if TYPE_CHECKING:
    from colonnade.execution.writing import Writer

MOST_OPERATIONS: Final = 512
"""Operations that are remembered, the most recently executed."""
MOST_VARIANTS: Final = 8
"""Choices of `@skip` and `@include` of one operation that are compiled; others are interpreted."""

_PLANS: Final = "colonnade-plans"
_INCREMENTAL: Final = frozenset({"defer", "stream"})
_CHOOSING: Final = frozenset({"skip", "include"})

_log = logging.getLogger(__name__)


class Plan:
    """The compiled form of one operation, for one choice of what it skips and includes. Any threads may share it.

    A group of nodes, merged from wherever they stand, is one list, made once and kept here; a place is known by the
    identity of its group. `root`: the group of the operation's root type, None where only parts are compiled.
    """

    def __init__(self, schema: GraphQLSchema, root: Mapping[str, Any] | None = None) -> None:
        self.root = root
        self.collected: dict[tuple[GraphQLObjectType, int], tuple[Any, Any]] = {}
        self._schema = schema
        self._lock = RLock()
        self._spots: dict[tuple[GraphQLObjectType, int, Any], Spot] = {}
        self._functions: dict[int, Completing | None] = {}

    def subfields(self, executor: Any, parent: GraphQLObjectType, details: Any) -> Mapping[str, Any]:
        """The group of fields that `details` select of an object type."""
        return cast(Mapping[str, Any], executor.collect_subfields(parent, details)[0])

    def spot(
        self,
        executor: Any,
        parent: GraphQLObjectType,
        field: GraphQLField,
        details: Any,
        returned: Any = None,
    ) -> Spot:
        """The place of a field; `returned` where it is an item of the field's list."""
        expected: Any = cast(Any, field).type if returned is None else returned
        key = (parent, id(details), expected)
        spot = self._spots.get(key)
        if spot is None:
            with self._lock:
                spot = self._spots.get(key)
                if spot is None:
                    spot = self._spots[key] = self._described(
                        executor, Spot.of(parent, field, details, expected)
                    )
        return spot

    def _described(self, executor: Any, spot: Spot) -> Spot:
        listed: Spot | None = spot
        while listed is not None:
            if listed.item is not None and is_object_type(listed.item.bare):
                listed.wanted = wanted_of(executor, listed.item.bare, listed.details)
            listed = listed.item
        return spot

    def fields(
        self, executor: Any, parent: GraphQLObjectType, grouped: Mapping[str, Any]
    ) -> Completing | None:
        """What gives the fields of an object; None where that is graphql-core's to do."""
        try:
            return self._functions[id(grouped)]
        except KeyError:
            with self._lock:
                if id(grouped) not in self._functions:
                    self._functions[id(grouped)] = self._written(
                        executor, lambda writer: writer.fields(parent, grouped)
                    )
                return self._functions[id(grouped)]

    def value(self, executor: Any, spot: Spot) -> Completing | None:
        """What completes the values of a place; None where that is graphql-core's to do."""
        with self._lock:
            if not spot.written:
                spot.completing = self._written(executor, lambda writer: writer.value(spot))
                spot.written = True
            return spot.completing

    def level(self, executor: Any, spot: Spot) -> Callable[..., Any] | None:
        """What completes the items of a list after their batched fields were loaded; None as above."""
        with self._lock:
            if not spot.level_written:
                loaded = [self.spot(executor, one.parent, one.field, one.details) for one in spot.wanted]
                spot.loaded = self._written(executor, lambda writer: writer.level(spot), loaded)
                spot.level_written = True
            return spot.loaded

    def _written(
        self, executor: Any, write: Callable[[Writer], Callable[..., Any]], loaded: Sequence[Spot] = ()
    ) -> Callable[..., Any] | None:
        from colonnade.execution.writing import Writer  # noqa: PLC0415 - not needed to start

        try:
            return write(Writer(self, executor, loaded))
        except Exception:
            _log.exception("A selection cannot be compiled; it is interpreted")
            return None


@dataclass(slots=True, eq=False)
class _Known:
    """An operation that was executed. `supported`: whether it can be compiled, None until that is asked for; `choosing`:
    the variables that decide what it selects.
    """

    operation: weakref.ref[OperationDefinitionNode]
    uses: int = 0
    supported: bool | None = None
    choosing: tuple[str, ...] = ()
    plans: dict[tuple[object, ...], Plan] = field(default_factory=dict[tuple[object, ...], Plan])


class Plans:
    """The plans of one schema's operations, the most recently executed kept, for any number of threads.

    An operation is known by its node, so that whoever parses a document once for all its executions, by its text or its
    hash, has it compiled once; its plans go when its document goes. It is compiled when it is executed for the second
    time: what comes once is not worth it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[int, _Known] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    @classmethod
    def of(cls, schema: GraphQLSchema) -> Plans:
        """The plans of a schema, which are kept with it."""
        found: Plans | None = schema.extensions.get(_PLANS)
        return found if found is not None else schema.extensions.setdefault(_PLANS, cls())

    def plan(self, executor: Any) -> tuple[Plan | None, bool]:
        """The plan for an execution, None for what is interpreted; and whether the operation is executed for the first
        time, when at most parts of it are compiled.
        """
        known = self._used(executor.operation)
        if known.uses == 1:
            return None, True
        if not self._supports(known, executor):
            return None, False
        values = executor.variable_values.coerced
        choice = tuple([values.get(name) for name in known.choosing])
        plan = known.plans.get(choice)
        if plan is None and len(known.plans) < MOST_VARIANTS:
            plan = known.plans.setdefault(choice, Plan(executor.schema, executor.root_group()))
        return plan, False

    def parts(self, executor: Any) -> Plan | None:
        """A plan for parts of one execution; None for what cannot be compiled."""
        with self._lock:
            known = self._known.get(id(executor.operation))
        return Plan(executor.schema) if known is not None and self._supports(known, executor) else None

    def refuse(self, operation: OperationDefinitionNode) -> None:
        """Has an operation interpreted from now on."""
        known = self._used(operation)
        known.supported = False
        known.plans.clear()

    def _supports(self, known: _Known, executor: Any) -> bool:
        if known.supported is None:
            names = set[str]()
            supported = _choosing(executor.operation, executor.fragment_definitions, names)
            known.choosing = tuple(sorted(names))
            known.supported = supported
        return known.supported

    def _used(self, operation: OperationDefinitionNode) -> _Known:
        key = id(operation)
        with self._lock:
            known = self._known.get(key)
            if known is None or known.operation() is not operation:
                # Its end takes no lock: it may come while this thread holds it.
                ended = partial(_forget, self._known, key)
                known = self._known[key] = _Known(weakref.ref(operation, ended))
                if len(self._known) > MOST_OPERATIONS:
                    self._known.popitem(last=False)
            else:
                self._known.move_to_end(key)
            known.uses += 1
            return known


def _forget(known: dict[int, _Known], key: int, ended: weakref.ref[OperationDefinitionNode]) -> None:
    found = known.get(key)
    if found is not None and found.operation is ended:
        known.pop(key, None)


def _choosing(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode], names: set[str]
) -> bool:
    """Whether nothing of a document is delivered in parts; `names` gets the variables that decide what is selected."""
    for node in _nodes([operation, *fragments.values()]):
        if isinstance(node, FragmentDefinitionNode) and node.variable_definitions:
            return False
        for directive in getattr(node, "directives", None) or ():
            if directive.name.value in _INCREMENTAL:
                return False
            if directive.name.value in _CHOOSING:
                values = (argument.value for argument in directive.arguments or ())
                names.update(value.name.value for value in values if isinstance(value, VariableNode))
    return True


def _nodes(roots: Iterable[Any]) -> Iterable[Node]:
    """Operations, fragments and all that they select."""
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        yield node
        if (selections := getattr(node, "selection_set", None)) is not None:
            waiting.extend(selections.selections)
