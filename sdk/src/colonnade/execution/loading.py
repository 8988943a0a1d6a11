"""Fields that are loaded for all objects of a list at once: finding them in a selection, and loading them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLField, GraphQLObjectType, is_object_type
from graphql.pyutils import Path

from colonnade.batched import load_of
from colonnade.boundary import Boundary, bounded
from colonnade.cost import Cost
from colonnade.execution.types import attribute_of, bare, definition_of, field_of
from colonnade.levels import Batches, Gathered, Load
from colonnade.permissions import Requires
from colonnade.telemetry.record import working

_KNOWN: Final = (Boundary, Cost, Requires)
"""Field extensions that say the same for all objects of a level, so that asking once is enough."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """A batched field selected of the objects of a list, or of what their attributes `route` lead to."""

    route: tuple[str, ...]
    parent: GraphQLObjectType
    field: GraphQLField
    details: Any
    load: Load
    boundary: Boundary | None


def wanted_of(executor: Any, parent: GraphQLObjectType, details: Any) -> Sequence[Wanted]:
    """The batched fields of a list's selection, and of what is one attribute after another away from its items."""
    return tuple(_selected(executor, parent, details, ()))


def _selected(
    executor: Any, parent: GraphQLObjectType, details: Any, route: tuple[str, ...]
) -> Iterable[Wanted]:
    for selected in executor.collect_subfields(parent, details)[0].values():
        field: Any = parent.fields.get(selected[0].node.name.value)
        if field is None or (found := field_of(field)) is None:
            continue
        load = load_of(found)
        if load is not None:
            if all(isinstance(extension, _KNOWN) for extension in found.extensions):
                boundary = next((e for e in found.extensions if isinstance(e, Boundary)), None)
                yield Wanted(route, parent, field, selected, load, boundary)
            continue
        attribute = attribute_of(field)
        returned = bare(field.type)
        if attribute is not None and is_object_type(returned):
            yield from _selected(executor, returned, selected, (*route, attribute))


async def loaded(
    executor: Any, batches: Batches, wanted: Sequence[Wanted], items: Sequence[Any], path: Any
) -> Mapping[int, Mapping[int, object]]:
    """What was loaded for a list: by the identity of the field's group, then of the object; a failure is an exception.

    A field that cannot be asked for all at once is not there: each object's own resolver says why.
    """
    asking = [
        (one, parents, load)
        for one in wanted
        if (parents := _reached(items, one))
        and (load := _asked(executor, batches, one, parents, path)) is not None
    ]
    outcomes = await asyncio.gather(*(_settled(one, parents, load) for one, parents, load in asking))
    return {id(one.details): found for (one, _, _), found in zip(asking, outcomes, strict=True)}


def _reached(items: Sequence[Any], wanted: Wanted) -> list[Any]:
    """The objects of the type that the route leads to; whatever else is there is left to graphql-core."""
    definition = definition_of(wanted.parent)
    if definition is None:
        return []
    found: Any = definition.origin
    if not wanted.route:
        return [item for item in items if isinstance(item, found)]
    reached: list[Any] = []
    for item in items:
        at: Any = item
        for attribute in wanted.route:
            at = getattr(at, attribute, None)
        if isinstance(at, found):
            reached.append(at)
    return reached


def _asked(
    executor: Any, batches: Batches, wanted: Wanted, parents: Sequence[Any], path: Any
) -> Awaitable[Mapping[int, object]] | None:
    """Asks the field of the first object what its function is to be given, and the function for all."""
    name = wanted.details[0].node.name.value
    spot = executor.spot(wanted.parent, wanted.field, wanted.details)
    batches.gathering = True
    try:
        executor.resolved(spot, parents[0], Path(path, name, wanted.parent.name))
    except Gathered as gathered:
        passed = gathered.passed
    except Exception:
        return None  # refused, or arguments that do not fit: each object's field says so
    else:
        return None
    finally:
        batches.gathering = False
    arguments = {name: value for name, value in passed.items() if name != "info"}
    return batches.outcomes(wanted.load, parents, arguments, passed)


async def _settled(
    wanted: Wanted, parents: Sequence[Any], asked: Awaitable[Mapping[int, object]]
) -> Mapping[int, object]:
    boundary = wanted.boundary
    try:
        if boundary is None:
            outcomes = await asked
        else:
            with working(boundary.plugin):
                outcomes = await bounded(wanted.details[0].node.name.value, boundary.budget, asked)
    except Exception as error:
        outcomes = dict.fromkeys(map(id, parents), error)
    return {id(parent): _outcome(outcomes[id(parent)], boundary) for parent in parents}


def _outcome(found: object, boundary: Boundary | None) -> object:
    if not isinstance(found, Exception):
        return found
    found = found.with_traceback(None)  # it may have been raised for another object before
    if boundary is None:
        return found
    try:
        return boundary.settle(found)
    except Exception as error:
        return error
