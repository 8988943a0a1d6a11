"""Composing exactly the named plugins, with stand-ins for what they build upon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, Literal, TypeAlias

from colonnade.composer import DEFAULT_BUDGET, Composition, compose
from colonnade.errors import ConflictError
from colonnade.registry import Registry
from colonnade.relay import Node
from colonnade.roots import CoreQuery
from colonnade.testing.finding import FoundPlugin, add_to, name_of
from colonnade.testing.stand_ins import HARNESS, STAND_INS, empty_plugin, missing_types, plugin_of_stand_ins

OnFailure: TypeAlias = Literal["abort", "skip"]

OF_THE_SDK: Final[Mapping[str, str]] = {"actions": "colonnade.actions.plugin"}
"""Plugins that the SDK brings: where one of them is required, there is no need for anything in its place."""


def compose_plugins(
    plugins: Sequence[FoundPlugin],
    *,
    stand_ins: Sequence[Node] = (),
    services: Mapping[Callable[..., object], object] | None = None,
    budget: float = DEFAULT_BUDGET,
    on_failure: OnFailure = "abort",
) -> Composition:
    """The composition of `plugins` and nothing else but stand-ins.

    A plugin that is required and not named is stood in for by an empty one, unless the SDK itself brings it.
    `budget`: seconds a contributed resolver may take. Raises `PluginError` for a plugin that fails (in `"abort"`
    mode), and `ConflictError` for contradictions, among them a type that is extended and that is not here.
    """
    registry = _registry(plugins, on_failure)
    if stand_ins or services:
        registry.add(STAND_INS, partial(plugin_of_stand_ins, stand_ins, services or {}), HARNESS)
    try:
        return compose(registry, CoreQuery, budget=budget)
    except ConflictError as error:
        hints = [
            f"to do without the plugin that defines {name}, pass stand_in({name!r}, id={sample_id(name)!r}) "
            "among the stand_ins"
            for name in missing_types(registry.collect(), stand_ins)
        ]
        if not hints:
            raise
        raise ConflictError([*error.problems, *hints]) from None


def missing_from(plugins: Sequence[FoundPlugin], stand_ins: Sequence[Node] = ()) -> list[str]:
    """The types that `plugins` extend, as far as they do not fail, and that neither they nor stand-ins define."""
    return missing_types(_registry(plugins, "skip").collect(), stand_ins)


def sample_id(type_name: str) -> str:
    """An id for a stand-in of a type, as in `creator_1`."""
    return f"{type_name.lower()}_1"


def _registry(plugins: Sequence[FoundPlugin], on_failure: OnFailure) -> Registry:
    registry = Registry(on_failure)
    for plugin in plugins:
        add_to(registry, plugin)
    named = {name_of(plugin) for plugin in plugins}
    required = dict.fromkeys(name for manifest in registry.manifests for name in manifest.requires)
    for name in required:
        if name in named:
            continue
        if name in OF_THE_SDK:
            registry.add_modules([OF_THE_SDK[name]])
        else:
            registry.add(name, partial(empty_plugin, name), HARNESS)
    return registry
