"""What a plugin says of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

import pluggy

from colonnade.installed import ENTRY_POINT_GROUP as ENTRY_POINT_GROUP  # noqa: PLC0414
from colonnade.installed import sdk_version as sdk_version  # noqa: PLC0414

PROJECT: Final = "colonnade"

_NAME: Final = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin's manifest; the module that holds `plugin = Plugin(...)` also holds its hook implementations.

    `name`: lower case, as in `price-alerts`; also the prefix of its keys in the store and of its variables in the
    environment. `version`: the plugin's own; one from a wheel takes its distribution's. `sdk`: the range of SDK
    versions it works with (PEP 440). `requires`: plugins it cannot do without; `uses`: plugins it gets more from.
    `settings`: a frozen dataclass, filled from the environment (`colonnade.settings`). Raises ValueError for what
    no plugin can say.
    """

    name: str
    sdk: str
    version: str = "0"
    requires: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    settings: type[object] | None = None

    def __post_init__(self) -> None:
        # Authors are not bound to check types, and what is wrong here must not look like something else later.
        said: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        if not isinstance(said["name"], str) or not _NAME.fullmatch(self.name):
            raise ValueError(
                f"a plugin's name is of lower-case letters and digits, as in price-alerts, not {self.name!r}"
            )
        if self.name == PROJECT:
            raise ValueError(f"{PROJECT!r} is the SDK's own name; call the plugin by what it does")
        for field in ("requires", "uses"):
            names = said[field]
            if isinstance(names, str) or not all(isinstance(name, str) for name in names):
                raise ValueError(f'{field} is a tuple of names, as in ("creators",), not {names!r}')
        if not isinstance(said["sdk"], str) or not isinstance(said["version"], str):
            raise ValueError('sdk and version are texts, as in sdk=">=1.0,<2", version="0.1"')
        if self.settings is not None and not (
            isinstance(said["settings"], type) and is_dataclass(self.settings)
        ):
            raise ValueError(f"settings is a dataclass itself, not {self.settings!r:.80}")
