"""What a plugin says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version as distribution_version
from typing import Final

import pluggy

PROJECT: Final = "colonnade"
ENTRY_POINT_GROUP: Final = "colonnade.plugins"

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)


def sdk_version() -> str:
    """The version of this SDK, as installed."""
    return distribution_version("colonnade")


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin's manifest; the module that holds `plugin = Plugin(...)` also holds its hook implementations.

    `name`: lower case, also the prefix of its keys in the store. `version`: the plugin's own; a plugin from a
    wheel takes its distribution's. `sdk`: the range of SDK versions it works with (PEP 440). `requires`: plugins
    it cannot do without; `uses`: plugins it gets more from. `settings`: a frozen dataclass, filled from the
    environment (`colonnade.settings`).
    """

    name: str
    sdk: str
    version: str = "0"
    requires: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    settings: type[object] | None = None
