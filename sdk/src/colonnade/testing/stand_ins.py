"""Stand-ins for what a plugin builds upon and a test leaves out: types, services and required plugins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any, Final

import strawberry
from strawberry.schema.config import StrawberryConfig

from colonnade.composer import CORE_TYPES
from colonnade.context import Context
from colonnade.extension import extended_type
from colonnade.nodes import NodeLoader
from colonnade.ownership import CORE, Ownership
from colonnade.plugin import Plugin, hookimpl
from colonnade.registry import Contribution
from colonnade.relay import Node
from colonnade.services import Service

STAND_INS: Final = "stand-ins"
"""The plugin that stand-ins come from, as the result table names it."""

HARNESS: Final = "the harness"
"""Where it comes from, and where empty plugins do that others require."""

_ROOTS: Final = frozenset({"Query", "Mutation", "Subscription"})
_ANY_SDK: Final = ""


@cache
def stand_in_type(name: str) -> type[Node]:
    """An object type of this name whose only field is `id`."""
    description = f"Stands in for the {name} of a plugin that is not here."
    made: type[Node] = strawberry.type(type(name, (Node,), {}), description=description)
    return made


def stand_in(type_name: str, *, id: str, **attributes: object) -> Node:  # noqa: A002 - the API's name for it
    """An object that stands in for one of another plugin's type, and that `Query.node` finds by `id`.

    `attributes` are for the resolvers of extensions, which get the object; the schema shows `id` alone. Where that
    is not enough, any instance of a `Node` type of your own is a stand-in too.
    """
    made = stand_in_type(type_name)(id=strawberry.ID(id))
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def plugin_of_stand_ins(
    objects: Sequence[Node], services: Mapping[Callable[..., object], object]
) -> ModuleType:
    """A plugin that gives `objects`, which are found by their ids, their types, and `services`."""
    by_id = {str(node.id): node for node in objects}
    by_prefix = {node_id.partition("_")[0]: type(node) for node_id, node in by_id.items()}
    types = dict.fromkeys(type(node) for node in objects)

    async def load(_: Context, ids: Sequence[str]) -> Sequence[Node | None]:
        return [by_id.get(node_id) for node_id in ids]

    return _module(
        STAND_INS,
        graphql=[made for made in types if made not in CORE_TYPES],
        nodes=[NodeLoader(prefix, made, load) for prefix, made in by_prefix.items()],
        services=[Service(protocol, fake) for protocol, fake in services.items()],
    )


def empty_plugin(name: str) -> ModuleType:
    """A plugin that gives nothing, for those that require one of this name."""
    return _module(name)


def missing_types(contributions: Iterable[Contribution], objects: Iterable[Node] = ()) -> list[str]:
    """The types that are extended and that neither `contributions` nor `objects` define, by their GraphQL names."""
    ownership = Ownership(StrawberryConfig().name_converter)
    for known in (*CORE_TYPES, *(type(node) for node in objects)):
        ownership.claim(CORE, known)
    given = [(c.plugin.name, cls) for c in contributions for cls in c.given.get("graphql", ())]
    for plugin, cls in given:
        if extended_type(cls) is None:
            ownership.claim(plugin, cls)
    targets = dict.fromkeys(target for _, cls in given if (target := extended_type(cls)))
    return [t for t in targets if t not in _ROOTS and ownership.definition(t) is None]


def _module(name: str, **hooks: Sequence[Any]) -> ModuleType:
    module = ModuleType(name)
    vars(module)["plugin"] = Plugin(name, sdk=_ANY_SDK)
    for hook, given in hooks.items():
        vars(module)[hook] = hookimpl(_returning(given), specname=hook)
    return module


def _returning(given: Sequence[Any]) -> Callable[[], Sequence[Any]]:
    return lambda: given
