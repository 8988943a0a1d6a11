"""Which plugins a deployment is made of, written down, so that one that is missing fails the build and not a user."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from colonnade.composer import Composition
from colonnade.errors import ConfigurationError
from colonnade.plugin import sdk_version
from colonnade.registry import PluginState


@dataclass(frozen=True, slots=True)
class LockedPlugin:
    """An active plugin. `distribution`: None for a module of the application; `sdk`: the range it works with."""

    version: str
    distribution: str | None
    sdk: str

    def __str__(self) -> str:
        return f"{self.distribution or 'the application'} {self.version}, for colonnade {self.sdk}"


@dataclass(frozen=True, slots=True)
class Lock:
    """The active plugins by name, and the SDK they were composed with."""

    colonnade: str
    plugins: Mapping[str, LockedPlugin]

    @classmethod
    def of(cls, composition: Composition) -> Lock:
        """What is to be locked of a composition."""
        ranges = {manifest.name: manifest.sdk for manifest in composition.manifests}
        active = [status for status in composition.statuses if status.state is PluginState.ACTIVE]
        return cls(
            sdk_version(), {s.name: LockedPlugin(s.version, s.distribution, ranges[s.name]) for s in active}
        )

    @classmethod
    def parse(cls, text: str) -> Lock:
        """The lock that `dump` wrote. Raises `ConfigurationError` for any other text."""
        try:
            content: Any = json.loads(text)
            return cls(
                content["colonnade"],
                {name: LockedPlugin(**locked) for name, locked in content["plugins"].items()},
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ConfigurationError(f"this is not a lock of plugins: {error!r}") from error

    def dump(self) -> str:
        """This lock as JSON, one line for each thing that can change."""
        plugins = {name: asdict(locked) for name, locked in sorted(self.plugins.items())}
        return json.dumps({"colonnade": self.colonnade, "plugins": plugins}, indent=2) + "\n"

    def differences(self, other: Lock) -> Iterator[str]:
        """What `other`, the composition at hand, has otherwise: a sentence each."""
        if self.colonnade != other.colonnade:
            yield f"locked with colonnade {self.colonnade}, and this is {other.colonnade}"
        for name in sorted(self.plugins.keys() - other.plugins.keys()):
            yield f"plugin {name} is locked ({self.plugins[name]}) and is not here"
        for name in sorted(other.plugins.keys() - self.plugins.keys()):
            yield f"plugin {name} is here ({other.plugins[name]}) and is not locked"
        for name in sorted(self.plugins.keys() & other.plugins.keys()):
            if self.plugins[name] != other.plugins[name]:
                yield f"plugin {name} is locked as {self.plugins[name]}, and here it is {other.plugins[name]}"
