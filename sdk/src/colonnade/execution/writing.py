"""Writing Python for a selection: a function for the fields of an object, or for a value of some type.

What is written does for each object what graphql-core's executor would: it reads or resolves each field once, in the
order of the selection, takes a value that is what its type says as it is, and gives any other to the executor
(`completed`). Whatever is raised within a place goes to `failed`, which is graphql-core's handling of it: null there,
or on to the next place that may be null. Paths are made where something needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Final, cast

from graphql import GraphQLObjectType, Undefined, is_abstract_type, is_object_type
from graphql.pyutils import Path

from colonnade.execution.endings import Ending
from colonnade.execution.spots import Completing, Spot
from colonnade.execution.types import CAST, EXACT, admits, attribute_of, cast_matters, definition_of

if TYPE_CHECKING:
    from colonnade.execution.plans import Plan

MOST_FIELDS: Final = 150
"""Fields that one function holds; the objects of others get functions of their own."""
MOST_NESTED: Final = 12
"""Blocks within blocks; Python allows 20."""

_MISSING: Final = object()
_HELPERS: Final = ("resolved", "completed", "placed", "failed", "settled", "is_awaitable")


class Writer:
    """Writes one function for `plan`. `loaded`: the places whose values were loaded for the level."""

    def __init__(self, plan: Plan, executor: Any, loaded: Sequence[Spot] = ()) -> None:
        self._plan = plan
        self._executor = executor
        self._loaded = loaded
        self._names: dict[str, Any] = {
            "Path": Path,
            "new": tuple.__new__,
            "Undefined": Undefined,
            "MISSING": _MISSING,
        }
        self._lines: list[str] = []
        self._count = 0
        self._fields = 0

    def fields(self, parent: GraphQLObjectType, grouped: Mapping[str, Any]) -> Completing:
        """`f(executor, source, path)`: the values of an object's fields by response name, or something to await."""
        self._line(2, "waiting = ()")
        self._line(2, "try:")
        self._line(3, f"result = {self._block(3, parent, grouped, 'source', 'path', 'waiting')}")
        self._line(2, "except Exception:")
        self._line(3, "if waiting: executor.abandon(waiting)")
        self._line(3, "raise")
        self._line(2, "return executor.gathered(result, waiting) if waiting else result")
        return self._made("source")

    def value(self, spot: Spot) -> Completing:
        """`f(executor, value, path)`: the completed value of a place, or something to await. Raises its error."""
        self._line(2, "waiting = ()")
        self._line(2, "try:")
        self._complete(3, spot, "value", "path", "waiting")
        self._line(2, "except Exception:")
        self._line(3, "if waiting: executor.abandon(waiting)")
        self._line(3, "raise")
        return self._made("value")

    def level(self, spot: Spot) -> Callable[..., Any]:
        """`f(executor, value, path, loaded)`: the items of a list, whose batched fields are in `loaded`."""
        for place in self._loaded:
            self._line(2, f"{self._name('l', place)} = loaded.get({id(place.details)})")
        self._line(2, "waiting = ()")
        self._line(2, "try:")
        result = self._items(3, spot, "value", "path", "waiting")
        self._line(2, "except Exception:")
        self._line(3, "if waiting: executor.abandon(waiting)")
        self._line(3, "raise")
        self._line(2, f"return executor.gathered({result}, waiting) if waiting else {result}")
        return self._made("value, loaded")

    # What is written

    def _line(self, depth: int, text: str) -> None:
        self._lines.append("    " * depth + text)

    def _new(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def _name(self, letter: str, value: object) -> str:
        """The name of a constant, or of what goes with it."""
        name = f"{letter}_{id(value):x}"
        if letter.isupper():
            self._names[name] = value
        return name

    def _made(self, parameter: str) -> Callable[..., Any]:
        first, _, rest = parameter.partition(", ")
        head = f"    def compiled(executor, {first}, path{', ' + rest if rest else ''}):"
        body = "\n".join(self._lines)
        used = [f"        {name} = executor.{name}" for name in _HELPERS if f"{name}(" in body]
        source = "\n".join(
            ["def make(" + ", ".join(self._names) + "):", head, *used, body, "    return compiled"]
        )
        names: dict[str, Any] = {}
        exec(compile(source, "<compiled selection>", "exec"), names)  # noqa: S102 - written above, from a schema's names
        return cast("Callable[..., Any]", names["make"](**self._names))

    def _block(
        self,
        depth: int,
        parent: GraphQLObjectType,
        grouped: Mapping[str, Any],
        source: str,
        path: str,
        waiting: str,
    ) -> str:
        """Writes the fields of an object; gives the expression of all of them."""
        parts: list[str] = []
        for response_name, details in grouped.items():
            name = details[0].node.name.value
            if name == "__typename":
                parts.append(f"{response_name!r}: {parent.name!r}")
                continue
            field: Any = self._executor.schema.get_field(parent, name)
            if field is None:
                continue
            self._fields += 1
            spot = self._plan.spot(self._executor, parent, field, details)
            here = f"new(Path, ({path}, {response_name!r}, {parent.name!r}))"
            value = self._field(depth, spot, source, here, waiting, repr(response_name))
            parts.append(f"{response_name!r}: {value}")
        return "{" + ", ".join(parts) + "}"

    def _field(self, depth: int, spot: Spot, source: str, here: str, waiting: str, key: str) -> str:
        value, inner = self._new("v"), self._new("w")
        if not spot.is_leaf:
            self._line(depth, f"{inner} = ()")
        self._line(depth, "try:")
        self._acquire(depth + 1, spot, value, source, here)
        self._complete(depth + 1, spot, value, here, inner, waiting, key)
        self._catch(depth, spot, value, here, inner)
        return value

    def _catch(self, depth: int, spot: Spot, value: str, here: str, inner: str) -> None:
        self._line(depth, "except Exception as error:")
        more = "" if spot.is_leaf else f", {inner}"
        self._line(depth + 1, f"{value} = failed({self._name('S', spot)}, error, {here}{more})")

    def _acquire(self, depth: int, spot: Spot, value: str, source: str, here: str) -> None:
        attribute = attribute_of(spot.field)
        if attribute is not None:
            plain = attribute.isidentifier() and not iskeyword(attribute)
            read = f"{source}.{attribute}" if plain else f"getattr({source}, {attribute!r})"
            self._line(depth, f"{value} = {read}")
            return
        asking = f"resolved({self._name('S', spot)}, {source}, {here})"
        if spot not in self._loaded:
            self._line(depth, f"{value} = {asking}")
            return
        held = self._name("l", spot)
        self._line(depth, f"{value} = MISSING if {held} is None else {held}.get(id({source}), MISSING)")
        self._line(depth, f"if {value} is MISSING: {value} = {asking}")

    def _complete(
        self, depth: int, spot: Spot, value: str, here: str, inner: str, waiting: str = "", key: str = ""
    ) -> None:
        """Writes the completion of `value`, into the same variable.

        `inner`: what is awaited within it. `waiting` and `key`: where the place itself says that it is awaited; without
        them the value is what the function returns.
        """
        ending = Ending(self._line, self._name("S", spot), value, here, waiting, key)
        if spot.nullable and not spot.is_leaf:
            self._line(depth, f"if {value} is None: " + ("pass" if waiting else "return None"))
            self._line(depth, "else:")
            depth += 1
        if spot.is_leaf:
            self._leaf(depth, spot, value, ending)
        elif spot.item is not None:
            self._line(depth, f"if type({value}) is list or type({value}) is tuple:")
            if spot.wanted:
                ending.awaited(depth + 1, f"executor.level({self._name('S', spot)}, {value}, {here})")
            elif self._fits(depth):
                self._line(depth + 1, f"{value} = {self._items(depth + 1, spot, value, here, inner)}")
                ending.parts(depth + 1, inner)
            else:
                ending.elsewhere(depth + 1)
            ending.other(depth)
        elif is_object_type(spot.bare):
            self._object(depth, spot, value, here, inner, ending)
        elif is_abstract_type(spot.bare):
            runtime = self._new("r")
            self._line(depth, f"{runtime} = {self._name('R', spot.runtimes)}.get(type({value}))")
            self._line(depth, f"if {runtime} is not None and {_uncast(value)}:")
            self._line(depth + 1, f"{value} = {runtime}(executor, {value}, {here})")
            ending.maybe(depth + 1)
            ending.other(depth)
        if not waiting:
            self._line(depth, f"return {value}")

    def _fits(self, depth: int) -> bool:
        return depth < MOST_NESTED + 2 and self._fields < MOST_FIELDS

    def _leaf(self, depth: int, spot: Spot, value: str, ending: Ending) -> None:
        exact = EXACT.get(id(spot.bare))
        if exact is not None:
            null = f" and {value} is not None" if spot.nullable else ""
            self._line(depth, f"if not ({exact.format(value=value)}){null}:")
            ending.other(depth, alone=True)
            return
        if spot.nullable:
            self._line(depth, f"if {value} is not None:")
            depth += 1
        coerced = self._new("c")
        self._line(depth, f"if type({value}) in {self._name('K', spot.admitted)}:")
        self._line(depth + 1, f"{coerced} = {self._name('C', spot.bare)}.coerce_output_value({value})")
        self._line(depth + 1, f"if {coerced} is not None and {coerced} is not Undefined: {value} = {coerced}")
        self._line(depth + 1, "else:")
        ending.other(depth + 1, alone=True)
        ending.other(depth)

    def _object(self, depth: int, spot: Spot, value: str, here: str, inner: str, ending: Ending) -> None:
        returned: Any = spot.bare
        definition = definition_of(returned)
        if definition is not None and admits(returned, definition.origin):
            spot.admitted.add(definition.origin)
        cast = f" and {_uncast(value)}" if cast_matters(returned) else ""
        self._line(depth, f"if type({value}) in {self._name('K', spot.admitted)}{cast}:")
        if self._fits(depth):
            grouped = self._plan.subfields(self._executor, returned, spot.details)
            path = here
            if self._asks(returned, grouped):
                path = self._new("p")
                self._line(depth + 1, f"{path} = {here}")
            result = self._block(depth + 1, returned, grouped, value, path, inner)
            self._line(depth + 1, f"{value} = {result}")
            ending.parts(depth + 1, inner)
        else:
            ending.elsewhere(depth + 1)
        ending.other(depth)

    def _asks(self, parent: GraphQLObjectType, grouped: Mapping[str, Any]) -> bool:
        """Whether a selection holds anything but attributes, so that each object's path is needed."""
        fields = (self._executor.schema.get_field(parent, d[0].node.name.value) for d in grouped.values())
        return any(
            field is not None and (attribute_of(field) is None or is_abstract_type(field.type))
            for field in fields
        )

    def _items(self, depth: int, spot: Spot, value: str, here: str, inner: str) -> str:
        """Writes the items of a list; gives the variable of all of them."""
        item = spot.item
        assert item is not None
        results, add, index, one, held = (self._new(letter) for letter in "raivw")
        listed = self._new("p")
        self._line(depth, f"{listed} = {here}")
        self._line(depth, f"{results} = []; {add} = {results}.append")
        self._line(depth, "try:")
        self._line(depth + 1, f"for {index}, {one} in enumerate({value}):")
        self._item(depth + 2, item, one, f"new(Path, ({listed}, {index}, None))", held, inner, index)
        self._line(depth + 2, f"{add}({one})")
        self._line(depth, "except Exception:")
        self._line(depth + 1, f"executor.drain({value}, {index})")
        self._line(depth + 1, "raise")
        return results

    def _item(self, depth: int, item: Spot, one: str, at: str, held: str, inner: str, index: str) -> None:
        if item.is_leaf and id(item.bare) in EXACT:
            self._complete(depth, item, one, at, held, inner, index)
            return
        if not item.is_leaf:
            self._line(depth, f"{held} = ()")
        self._line(depth, "try:")
        self._complete(depth + 1, item, one, at, held, inner, index)
        self._catch(depth, item, one, at, held)


def _uncast(value: str) -> str:
    return f"getattr({value}, {CAST!r}, None) is None"
