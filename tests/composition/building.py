"""Plugins made in a test, and schemas composed of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeVar

import strawberry

from colonnade.composer import Composition, compose
from colonnade.plugin import Plugin, hookimpl
from colonnade.registry import PluginStatus, Registry
from colonnade.roots import CoreQuery

T = TypeVar("T")


@strawberry.type
class Query(CoreQuery):
    @strawberry.field
    def ok(self) -> bool | None:
        return True


def plugin_module(
    name: str, hooks: Mapping[str, Callable[..., Any]] | None = None, **manifest: Any
) -> ModuleType:
    """A module as a plugin author writes it: a manifest and marked functions."""
    module = ModuleType(name)
    module.plugin = Plugin(name, **{"sdk": ">=1.0,<2", **manifest})  # type: ignore[attr-defined]
    for hook, function in (hooks or {}).items():
        setattr(module, hook, hookimpl(function, specname=hook))
    return module


def giving(**hooks: Sequence[object]) -> dict[str, Callable[[], Sequence[object]]]:
    """Hook functions that return what is given."""
    return {hook: _returning(given) for hook, given in hooks.items()}


def _returning(value: T) -> Callable[[], T]:
    return lambda: value


def registry_of(*modules: ModuleType, on_failure: Any = "abort") -> Registry:
    registry = Registry(on_failure)
    for module in modules:
        registry.add(module.__name__, _returning(module), "a test")
    return registry


def compose_modules(*modules: ModuleType, budget: float = 5.0) -> Composition:
    return compose(registry_of(*modules), Query, budget=budget)


def status_of(registry: Registry, name: str) -> PluginStatus:
    return next(status for status in registry.statuses if status.name == name)
