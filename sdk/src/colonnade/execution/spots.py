"""Places of an operation: what is known of the values that belong there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLField, GraphQLList, GraphQLObjectType, is_leaf_type

from colonnade.execution.types import bare

if TYPE_CHECKING:
    from colonnade.execution.loading import Wanted

Completing: TypeAlias = Callable[[Any, Any, Any], Any]
"""Takes an executor, a value and its path: the completed value, or something to await for it. Raises what it comes to."""

Parts: TypeAlias = "Sequence[tuple[str | int, Any]]"
"""Of a list or an object in the making: where something is awaited, and what."""


@dataclass(slots=True, eq=False)
class Spot:
    """A field of an object type, as one merged group of nodes selects it; or an item of its list.

    `returned`: what GraphQL expects there; `bare`: the same without its exclamation mark. `admitted`: classes whose objects
    need no second look; `runtimes`: for an interface or a union, what completes objects of a class; `given`: arguments
    that are the same in every execution; `item`: the place of the items of a list; `wanted`: what of them is loaded at
    once. `completing` and `loaded` are written when they are first needed.
    """

    parent: GraphQLObjectType
    field: GraphQLField
    details: Any
    field_nodes: list[Any]
    returned: Any
    bare: Any
    nullable: bool
    is_leaf: bool
    admitted: set[type]
    runtimes: dict[type, Completing]
    item: Spot | None
    given: Mapping[str, Any] | None = None
    wanted: Sequence[Wanted] = ()
    written: bool = False
    completing: Completing | None = None
    level_written: bool = False
    loaded: Callable[..., Any] | None = None

    @classmethod
    def of(cls, parent: GraphQLObjectType, field: GraphQLField, details: Any, returned: Any) -> Spot:
        inner = bare(returned)
        return cls(
            parent,
            field,
            details,
            field_nodes=[one.node for one in details],
            returned=returned,
            bare=inner,
            nullable=inner is returned,
            is_leaf=is_leaf_type(inner),
            admitted=set(),
            runtimes={},
            item=cls.of(parent, field, details, inner.of_type) if isinstance(inner, GraphQLList) else None,
        )
