"""What is installed: the SDK's version, and the plugins that distributions offer.

It is found in the metadata of distributions, all of which are looked through for it. A package tells it in a file of its
own instead, written when it was made and held against the lock: what it is made of does not change afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, reduce
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP: Final = "colonnade.plugins"

FILE: Final = Path(__file__).with_name("installed.json")
"""Where a package tells it; there is none anywhere else."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A plugin that an installed distribution offers. `attribute`: where in `module` it is, empty for the module."""

    name: str
    module: str
    attribute: str
    distribution: str | None
    version: str | None

    @classmethod
    def of(cls, point: EntryPoint) -> Offer:
        """What an entry point says."""
        held = point.dist
        return cls(
            point.name,
            point.module,
            point.attr or "",
            None if held is None else held.name,
            None if held is None else held.version,
        )

    def load(self) -> Any:
        """The plugin; raises whatever importing it raises."""
        names = filter(None, self.attribute.split("."))
        return reduce(getattr, names, import_module(self.module))

    @property
    def source(self) -> str:
        """Where it comes from."""
        if self.distribution is None:
            return f"{self.module}:{self.attribute}" if self.attribute else self.module
        return f"{self.distribution} {self.version}"


@dataclass(frozen=True, slots=True)
class Installed:
    """`sdk`: the SDK's version; `offers`: in the order in which they are added; `ranges`: by plugin, a range of SDK
    versions that this one was seen to be in.
    """

    sdk: str
    offers: Sequence[Offer] = ()
    ranges: Mapping[str, str] | None = None

    def dump(self) -> str:
        """This as JSON, for a package."""
        return json.dumps(asdict(self), indent=1) + "\n"


@cache
def told() -> Installed | None:
    """What this package says; None outside a package."""
    if not FILE.is_file():
        return None
    content: Any = json.loads(FILE.read_bytes())
    return Installed(content["sdk"], [Offer(**offer) for offer in content["offers"]], content["ranges"])


def sdk_version() -> str:
    """The version of this SDK, as installed."""
    if packaged := told():
        return packaged.sdk
    from importlib.metadata import version  # noqa: PLC0415 - dear, and none of a package's

    return version("colonnade")


def offers() -> Sequence[Offer]:
    """What installed distributions offer under the entry point group `colonnade.plugins`, in order."""
    if packaged := told():
        return packaged.offers
    from importlib.metadata import entry_points  # noqa: PLC0415 - dear, and none of a package's

    return in_order(entry_points(group=ENTRY_POINT_GROUP))


def in_order(points: Iterable[EntryPoint]) -> Sequence[Offer]:
    """Entry points as offers, in an order that does not depend on how they were found."""
    return [Offer.of(point) for point in sorted(points, key=lambda point: (point.name, point.value))]


def is_known_to_fit(plugin: str, sdk: str) -> bool:
    """Whether this SDK was seen to be in the range `sdk` of a plugin when this package was made."""
    packaged = told()
    return packaged is not None and (packaged.ranges or {}).get(plugin) == sdk
