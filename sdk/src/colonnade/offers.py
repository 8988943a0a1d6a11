"""What a hook may return: a sequence of what its specification names, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, Final, cast, get_args, get_origin, get_type_hints

from strawberry.types.base import has_object_definition
from strawberry.types.enum import has_enum_definition

from colonnade import hookspecs
from colonnade.errors import PluginError
from colonnade.plugin import PROJECT
from colonnade.subscriptions.declaration import SubscriptionField
from colonnade.subscriptions.fields import field_class


def _element(hook: object) -> tuple[type[object], ...]:
    """What the specification of a hook says that it returns a sequence of."""
    (element,) = get_args(get_type_hints(hook)["return"])
    if isinstance(element, UnionType):
        return get_args(element)
    return (get_origin(element) or element,)


ELEMENTS: Final[Mapping[str, tuple[type[object], ...]]] = {
    name: _element(hook) for name, hook in vars(hookspecs).items() if hasattr(hook, f"{PROJECT}_spec")
}
"""Every hook, with the classes of what it returns a sequence of."""


def checked(hook: str, result: object) -> tuple[Any, ...]:
    """What a hook returned, subscriptions as the classes they become. Raises `PluginError` where it is not what the
    hook is for.
    """
    if not isinstance(result, Sequence) or isinstance(result, str | bytes):
        raise PluginError(f"hook {hook} returned {type(result).__name__}, not a sequence; return a list")
    given = cast(Sequence[object], result)
    for element in given:
        if not isinstance(element, ELEMENTS[hook]):
            raise PluginError(
                f"hook {hook} returned a sequence with a {type(element).__name__} in it; "
                f"each element is a {' or a '.join(element.__name__ for element in ELEMENTS[hook])}"
            )
        if isinstance(element, SubscriptionField):
            continue
        if hook == "graphql" and not (has_object_definition(element) or has_enum_definition(element)):
            raise PluginError(
                f"hook {hook} returned {getattr(element, '__name__', element)}, which is not a GraphQL type; "
                "decorate it with @strawberry.type, .interface, .input or .enum, or with @extend"
            )
    return tuple(field_class(e) if isinstance(e, SubscriptionField) else e for e in given)
