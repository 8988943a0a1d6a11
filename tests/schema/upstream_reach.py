"""Which fields may ask a chain: found by following what their resolvers name, from function to function.

Python cannot tell this for certain. A name that a resolver's code uses is followed where it stands for a function or a
class of this project; whoever names `chain`, `history` or `nodes`, or a service that reads chains, is taken to ask. It
looks too far rather than not far enough: what asks nothing is listed by whoever reads this, with a reason.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import CodeType
from typing import Any, Final, cast

from graphql import GraphQLField
from strawberry.types.field import StrawberryField

from colonnade.cost import Cost
from colonnade.subscriptions import SubscriptionField

_OURS: Final = ("colonnade", "plugins", "schema")
_ASKING: Final = frozenset({"chain", "history", "nodes"})
_SERVICES: Final = frozenset({"Tokens"})
"""Services of other plugins that read chains, by the names of their protocols."""


def declared_cost(definition: GraphQLField) -> int | None:
    """What a field says it costs, or None where it says nothing."""
    field = definition.extensions.get("strawberry-definition")
    if not isinstance(field, StrawberryField):
        return None
    units = [extension.units for extension in field.extensions if isinstance(extension, Cost)]
    return sum(units) if units else None


def may_ask(definition: GraphQLField) -> bool:
    """Whether what resolves a field may ask a chain."""
    field = definition.extensions.get("strawberry-definition")
    if not isinstance(field, StrawberryField) or field.base_resolver is None:
        return False
    return _reaches(field.base_resolver.wrapped_func, set())


def _reaches(thing: Any, seen: set[int]) -> bool:
    if id(thing) in seen:
        return False
    seen.add(id(thing))
    if isinstance(thing, SubscriptionField):
        authors = [thing.topics, thing.function, *filter(None, [thing.snapshot])]
        return any(_reaches(author, seen) for author in authors)
    if inspect.isclass(thing):
        methods = [value for value in vars(thing).values() if _function(value) is not None]
        return any(_reaches(method, seen) for method in methods)
    function = _function(thing)
    if function is None:
        return False
    named = set(_names(function.__code__))
    if named & _ASKING or named & _SERVICES:
        return True
    closed = [cell.cell_contents for cell in function.__closure__ or ()]
    known = [function.__globals__[name] for name in sorted(named & function.__globals__.keys())]
    return any(_reaches(other, seen) for other in (*known, *closed) if _is_ours(other))


def _function(thing: Any) -> Any:
    plain = inspect.unwrap(getattr(thing, "__func__", thing))
    return plain if inspect.isfunction(plain) and _is_ours(plain) else None


def _is_ours(thing: Any) -> bool:
    module = getattr(thing, "__module__", None)
    return isinstance(module, str) and module.split(".")[0] in _OURS


def _names(code: CodeType) -> Iterator[str]:
    """Every name that a function's code uses, inner functions included."""
    yield from code.co_names
    for constant in cast(tuple[object, ...], code.co_consts):
        if isinstance(constant, CodeType):
            yield from _names(constant)
