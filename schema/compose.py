"""Which plugins this deployment is made of, and the schema they make together."""

from __future__ import annotations

from functools import cache
from typing import Final, Literal

from colonnade.composer import Composition, compose
from colonnade.registry import Registry
from schema.roots import Query

PLUGINS: Final = (
    "colonnade.actions.plugin",
    "colonnade.work.plugin",
    "colonnade.webhooks.plugin",
    "colonnade.privacy.plugin",
    "plugins.identity",
    "plugins.trading",
)
"""Our own plugins. Others join by being installed: entry points of the group `colonnade.plugins`."""


@cache
def application(on_plugin_failure: Literal["abort", "skip"] = "abort") -> Composition:
    """Our plugins and the installed ones, composed once for the process. Raises `PluginError` and `ConflictError`."""
    registry = Registry(on_failure=on_plugin_failure)
    registry.add_modules(PLUGINS)
    registry.add_entry_points()
    return compose(registry, Query)
