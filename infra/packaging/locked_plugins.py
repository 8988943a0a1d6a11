"""Holds a package against plugins.lock.json: a plugin that is missing fails the build and not a user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path

from colonnade.errors import ConfigurationError
from colonnade.lock import Lock
from colonnade.plugin import ENTRY_POINT_GROUP
from infra.packaging.faults import PackagingFailed

_SDK = "colonnade"


def check_plugins(lock: Path, trees: Sequence[Path]) -> None:
    """Sees that `trees` hold the SDK and the plugins of other distributions that the lock names, and no others.

    The application's own plugins are files of the checkout, which `colonnade lock --check` holds against the lock.
    Raises `PackagingFailed` with every difference.
    """
    try:
        locked = Lock.parse(lock.read_text(encoding="utf-8"))
    except (OSError, ConfigurationError) as error:
        raise PackagingFailed(f"{lock.name} cannot be read ({error}): run `colonnade lock`") from error
    if problems := list(_differences(locked, trees)):
        raise PackagingFailed(
            f"The package is not what {lock.name} says:\n"
            + "\n".join(f"- {problem}" for problem in problems)
            + "\nIf the package is right, run `make setup` and `.venv/bin/colonnade lock`, and commit what that wrote; "
            "if the lock is, name the plugin in pyproject.toml's group `plugins` and run `make lock`."
        )


def _differences(locked: Lock, trees: Sequence[Path]) -> Iterator[str]:
    versions, plugins = _installed(trees)
    if versions.get(_SDK) != locked.colonnade:
        yield f"colonnade {locked.colonnade} is locked, and {versions.get(_SDK, 'none')} is packed"
    wanted = {
        name: f"{plugin.distribution} {plugin.version}"
        for name, plugin in locked.plugins.items()
        if plugin.distribution is not None
    }
    for name in sorted(wanted.keys() | plugins.keys()):
        if wanted.get(name) != plugins.get(name):
            yield (
                f"plugin {name}: {wanted.get(name, 'none')} is locked, and {plugins.get(name, 'none')} is packed"
            )


def _installed(trees: Sequence[Path]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The version of each distribution, and the distribution and version that offers each plugin."""
    versions: dict[str, str] = {}
    plugins: dict[str, str] = {}
    for found in distributions(path=[str(tree) for tree in trees]):
        versions[found.name] = found.version
        for point in found.entry_points.select(group=ENTRY_POINT_GROUP):
            plugins[point.name] = f"{found.name} {found.version}"
    return versions, plugins
