"""Distributions whose packages would take the place of an application's own folders."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, entry_points, packages_distributions
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from colonnade.plugin import ENTRY_POINT_GROUP

RESERVED: Final = ("handlers", "infra", "plugins", "schema")
"""Folders of an application, which are never installed: an installed package of the same name would shadow them."""


def shadowing_packages() -> Iterator[str]:
    """A sentence for each reserved package that an installed plugin brings, by itself or by what it depends on."""
    packages = packages_distributions()
    owners = {name: {canonicalize_name(d) for d in packages.get(name, ())} for name in RESERVED}
    if not any(owners.values()):
        return
    plugins = {(point.name, point.dist.name) for point in entry_points(group=ENTRY_POINT_GROUP) if point.dist}
    for plugin, dist in sorted(plugins):
        needed = _needed_by(dist)
        for package, distributions in owners.items():
            for bringer in sorted(needed & distributions):
                yield (
                    f"plugin {plugin} ({dist}) brings the distribution {bringer}, whose package {package!r} would shadow "
                    "the application's own; the plugin must do without it"
                )


def _needed_by(name: str) -> set[str]:
    """A distribution and all that its requirements bring, as far as they are installed."""
    found: set[str] = set()
    waiting: list[tuple[str, frozenset[str]]] = [(name, frozenset())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        wanted, extras = current
        try:
            requirements = distribution(wanted).requires or ()
        except PackageNotFoundError:
            continue
        found.add(canonicalize_name(wanted))
        for text in requirements:
            requirement = Requirement(text)
            if requirement.marker is None or any(
                requirement.marker.evaluate({"extra": extra}) for extra in extras | {""}
            ):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return found
