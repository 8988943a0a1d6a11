"""Finding a plugin by whatever names it: its entry point, its module, or the module's dotted name."""

from __future__ import annotations

import difflib
from functools import partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TypeAlias

from colonnade.errors import PluginError
from colonnade.plugin import ENTRY_POINT_GROUP, Plugin
from colonnade.registry import Registry

FoundPlugin: TypeAlias = EntryPoint | ModuleType
"""A plugin to be loaded: what a distribution offers, or a module that is imported already."""


class PluginNotFound(PluginError):
    """No plugin answers to this name; the message lists those that are installed."""


def find_plugin(name: str) -> FoundPlugin:
    """The plugin whose entry point has this name, or whose module this is.

    Raises `PluginNotFound`, and whatever importing the module raises, so that its author sees the traceback.
    """
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        return point
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise PluginNotFound(_not_found(name)) from None


def name_of(plugin: FoundPlugin) -> str:
    """What a plugin is called: by its entry point, or by its manifest."""
    if isinstance(plugin, EntryPoint):
        return plugin.name
    manifest = getattr(plugin, "plugin", None)
    return manifest.name if isinstance(manifest, Plugin) else plugin.__name__


def add_to(registry: Registry, plugin: FoundPlugin) -> None:
    """Load a plugin into a registry, which keeps the reason if that fails."""
    if isinstance(plugin, EntryPoint):
        registry.add_entry_point(plugin)
    else:
        registry.add(name_of(plugin), partial(_itself, plugin), f"module {plugin.__name__}")


def _itself(module: ModuleType) -> ModuleType:
    return module


def _not_found(name: str) -> str:
    installed = sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)})
    close = difflib.get_close_matches(name, installed, 1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    listed = ", ".join(installed) if installed else "none"
    return (
        f"there is no plugin {name!r}{hint}: no entry point has this name (installed: {listed}), and no module. "
        "Install its distribution, as with `pip install -e .`, or pass its module"
    )
