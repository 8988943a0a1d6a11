"""Executing operations: graphql-core's executor, which here loads batched fields by level and reads attributes itself.

All else is graphql-core's: whatever is not plain, a failure included, goes its own way with its own errors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from graphql import GraphQLObjectType, Undefined, is_object_type
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from colonnade.batched import load_of
from colonnade.boundary import Boundary, bounded
from colonnade.cost import Cost
from colonnade.leaves import DEFINITION, GENERIC, attribute_of, bare, definition_of, leaves_of
from colonnade.levels import Batches, Gathered, Load
from colonnade.permissions import Requires
from colonnade.telemetry.record import working

_KNOWN: Final = (Boundary, Cost, Requires)
"""Field extensions that say the same for all objects of a level, so that asking once is enough."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A batched field selected of the objects of a list, or of what their attributes `route` lead to."""

    route: tuple[str, ...]
    parent: GraphQLObjectType
    details: Any
    load: Load
    boundary: Boundary | None


class LevelExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation, or one event of a subscription."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._batches: Batches = getattr(self.context_value, "batches", None) or Batches()
        self._forget()
        middlewares = getattr(self.middleware_manager, "middlewares", ())
        self._plain = self.error_propagation and not middlewares

    def build_per_event_executor(self, payload: Any) -> Any:
        executor = cast(Any, super()).build_per_event_executor(payload)
        executor._forget()
        return executor

    def _forget(self) -> None:
        self._wanted: dict[int, tuple[Any, Sequence[_Wanted]]] = {}
        self._loaded: dict[tuple[int, int], tuple[Any, object, Boundary | None, object]] = {}

    def execute_fields(
        self, parent_type: Any, source_value: Any, path: Any, grouped_field_set: Any, position_context: Any
    ) -> Any:
        """The values of an object's fields: what is plain at once, the rest as graphql-core does it."""
        leaves = leaves_of(parent_type) if self._plain and path is not None else None
        if leaves is None:
            return super().execute_fields(
                parent_type, source_value, path, grouped_field_set, position_context
            )
        plain: dict[str, Any] = {}
        others: dict[str, Any] = {}
        for response_name, details in grouped_field_set.items():
            leaf = leaves[details[0].node.name.value]
            if leaf is not None:
                try:
                    value = leaf(source_value)
                except Exception:
                    value = GENERIC
                if value is not GENERIC:
                    plain[response_name] = value
                    continue
            plain[response_name] = None  # keeps its place
            others[response_name] = details
        if not others:
            return plain
        given = super().execute_fields(parent_type, source_value, path, others, position_context)
        return _merged(plain, given, others) if isinstance(given, dict) else _merging(plain, given, others)

    def execute_field(
        self, parent_type: Any, source: Any, field_details_list: Any, path: Any, position_context: Any
    ) -> Any:
        """One field. What was loaded with its level goes to completion without its resolver."""
        loaded = self._loaded.get((id(field_details_list), id(source)))
        if loaded is None:
            return super().execute_field(parent_type, source, field_details_list, path, position_context)
        _, _, boundary, outcome = loaded
        field: Any = self.schema.get_field(parent_type, field_details_list[0].node.name.value)
        try:
            if isinstance(outcome, Exception):
                if boundary is None:
                    raise outcome.with_traceback(None)
                outcome = boundary.settle(outcome)
            nodes = [details.node for details in field_details_list]
            info = cast(Any, self.build_resolve_info(field, nodes, parent_type, path))
            completed = self.complete_value(
                field.type, field_details_list, info, path, outcome, position_context
            )
        except Exception as error:
            self.handle_field_error(error, field.type, field_details_list, path)
            return None
        return self._awaited(completed, field.type, field_details_list, path)

    def _awaited(self, completed: Any, return_type: Any, details: Any, path: Any) -> Any:
        if not self.is_awaitable(completed):
            return completed

        async def settled() -> Any:
            try:
                return cast(Any, await completed)
            except Exception as error:
                self.handle_field_error(error, return_type, details, path)
                return None

        return settled()

    def complete_iterable_value(
        self,
        item_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        items: Iterable[Any],
        position_context: Any,
    ) -> Any:
        """The items of a list, after the batched fields selected of them were loaded for all."""
        object_type = bare(item_type)
        wanted = self._wanted_of(object_type, field_details_list) if is_object_type(object_type) else ()
        complete = cast(Any, super()).complete_iterable_value
        if not wanted:
            return complete(item_type, field_details_list, info, path, items, position_context)
        held = items if isinstance(items, list | tuple) else list(items)
        finish = partial(complete, item_type, field_details_list, info, path, held, position_context)
        loading = [load for one in wanted if (load := self._loading(one, held, path)) is not None]
        return self._after(loading, finish) if loading else finish()

    async def _after(self, loading: Sequence[Awaitable[None]], finish: Callable[[], Any]) -> Any:
        await asyncio.gather(*loading)
        completed = finish()
        return cast(Any, await completed) if self.is_awaitable(completed) else completed

    def _wanted_of(self, parent: Any, details: Any) -> Sequence[_Wanted]:
        known = self._wanted.get(id(details))
        if known is None:
            known = self._wanted[id(details)] = (details, list(self._selected(parent, details, ())))
        return known[1]

    def _selected(self, parent: Any, details: Any, route: tuple[str, ...]) -> Iterable[_Wanted]:
        """The batched fields of a selection, and of what is one attribute after another away from it."""
        if not self._plain:
            return
        for selected in self.collect_subfields(parent, details)[0].values():
            field: Any = parent.fields.get(selected[0].node.name.value)
            if field is None or (found := definition_of(field)) is None:
                continue
            load = load_of(found)
            if load is not None:
                if all(isinstance(extension, _KNOWN) for extension in found.extensions):
                    boundary = next((e for e in found.extensions if isinstance(e, Boundary)), None)
                    yield _Wanted(route, parent, selected, load, boundary)
                continue
            attribute = attribute_of(field)
            returned = bare(field.type)
            if attribute is not None and is_object_type(returned):
                yield from self._selected(returned, selected, (*route, attribute))

    def _loading(self, wanted: _Wanted, items: Sequence[Any], path: Any) -> Awaitable[None] | None:
        """Loads a field for a list. None where that cannot be said of all at once: then each object's own resolver asks."""
        parents = _reached(items, wanted.route, wanted.parent)
        if not parents:
            return None
        node = wanted.details[0].node
        field: Any = wanted.parent.fields[node.name.value]
        position = Path(path, node.name.value, wanted.parent.name)
        nodes = [one.node for one in wanted.details]
        info = cast(Any, self.build_resolve_info(field, nodes, wanted.parent, position))
        self._batches.gathering = True
        try:
            given = get_argument_values(
                field,
                node,
                self.variable_values,
                wanted.details[0].fragment_variable_values,
                self.hide_suggestions,
            )
            field.resolve(parents[0], info, **given)
        except Gathered as gathered:
            passed = gathered.passed
        except Exception:
            return None  # refused, or arguments that do not fit: each object's field says so
        else:
            return None
        finally:
            self._batches.gathering = False
        return self._load(wanted, parents, passed)

    def _load(self, wanted: _Wanted, parents: Sequence[Any], passed: Any) -> Awaitable[None]:
        arguments = {name: value for name, value in passed.items() if name != "info"}
        asked = self._batches.outcomes(wanted.load, parents, arguments, passed)
        return self._keep(wanted, parents, asked)

    async def _keep(self, wanted: _Wanted, parents: Sequence[Any], asked: Awaitable[Any]) -> None:
        try:
            if wanted.boundary is None:
                outcomes = await asked
            else:
                with working(wanted.boundary.plugin):
                    outcomes = await bounded(wanted.details[0].node.name.value, wanted.boundary.budget, asked)
        except Exception as error:
            outcomes = dict.fromkeys(map(id, parents), error)
        key = id(wanted.details)
        for parent in parents:
            # The details and the parent are kept, so that their identities stay theirs.
            self._loaded[key, id(parent)] = (
                wanted.details,
                parent,
                wanted.boundary,
                outcomes[id(parent)],
            )


def _reached(items: Sequence[Any], route: tuple[str, ...], parent: GraphQLObjectType) -> list[Any]:
    """The objects of the type that the attributes of `route` lead to; whatever else is there is left to graphql-core."""
    found: type = parent.extensions[DEFINITION].origin
    reached: list[Any] = []
    for item in items:
        at: Any = item
        for attribute in route:
            at = getattr(at, attribute, None)
        if isinstance(at, found):
            reached.append(at)
    return reached


def _merged(plain: dict[str, Any], given: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    for response_name in others:
        if given.get(response_name, Undefined) is Undefined:
            del plain[response_name]
        else:
            plain[response_name] = given[response_name]
    return plain


async def _merging(plain: dict[str, Any], given: Awaitable[Any], others: dict[str, Any]) -> dict[str, Any]:
    return _merged(plain, await given, others)
