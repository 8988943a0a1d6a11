"""What a command is about: the application of a checkout, or the plugin at hand."""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, TypeAlias

from colonnade.errors import ColonnadeError, ConfigurationError
from colonnade.plugin import ENTRY_POINT_GROUP


class NoProject(ColonnadeError):
    """There is nothing here that a command could be about."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """An application: `[tool.colonnade]` of the pyproject.toml at `root` says where its parts are.

    `doctor`: the function that looks at its configuration, if there is one: it takes an environment and `offline`, and
    gives a `Finding` of `colonnade.diagnosis` for each thing it looked at. `operating`: the function by which commands
    act on a deployment: it takes an environment, and gives a `Deployment` of `colonnade.operating`.
    """

    root: Path
    application: str
    local: str
    doctor: str | None = None
    operating: str | None = None

    @property
    def snapshot(self) -> Path:
        """Where its schema is committed."""
        return self.root / "schema" / "schema.graphql"


@dataclass(frozen=True, slots=True)
class PluginsAtHand:
    """Plugins on their own: those of the distribution at `root`, or installed ones that were named.

    `surroundings`: the function that makes what they are tried out with, if the distribution names one.
    """

    root: Path
    points: Sequence[EntryPoint]
    surroundings: str | None = None

    @property
    def snapshot(self) -> Path:
        """Where the schema of the plugins may be committed."""
        return self.root / "schema.graphql"


Project: TypeAlias = Checkout | PluginsAtHand


def add_plugin_option(parser: argparse.ArgumentParser) -> None:
    """Let a command be about installed plugins, by name."""
    parser.add_argument(
        "--plugin",
        action="append",
        default=[],
        metavar="NAME",
        dest="plugins",
        help="an installed plugin, on its own, instead of what the working directory holds (repeatable)",
    )


def find_project(start: Path, names: Sequence[str] = ()) -> Project:
    """What the nearest pyproject.toml from `start` upwards declares; with `names`, those installed plugins alone.

    Raises `NoProject` where there is nothing, and `ConfigurationError` for a file that cannot be read.
    """
    if names:
        return PluginsAtHand(start, [_installed(name) for name in names])
    for root in (start, *start.parents):
        found = _declared_in(root)
        if found is not None:
            return found
    raise NoProject(
        "there is neither an application nor a plugin here. Work in a checkout (its pyproject.toml has "
        f'[tool.colonnade]) or in a plugin\'s folder ([project.entry-points."{ENTRY_POINT_GROUP}"]), name an '
        "installed plugin with --plugin NAME, or begin one with `colonnade new plugin NAME`"
    )


def load_target(root: Path, target: str) -> Callable[..., Any]:
    """The function that `module:function` names, with `root` on the path. Raises `ConfigurationError`."""
    module, _, function = target.partition(":")
    _put_on_path(root)
    try:
        found = getattr(import_module(module), function, None)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise ConfigurationError(
            f"{root / 'pyproject.toml'} names {target}, and there is no {error.name}"
        ) from error
    if not callable(found):
        raise ConfigurationError(
            f"{root / 'pyproject.toml'} names {target}, and {module} has no such function"
        )
    return found  # type: ignore[no-any-return]


def _declared_in(root: Path) -> Project | None:
    file = root / "pyproject.toml"
    if not file.is_file():
        return None
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}") from error
    settings = content.get("tool", {}).get("colonnade", {})
    points = content.get("project", {}).get("entry-points", {}).get(ENTRY_POINT_GROUP)
    if points:
        return PluginsAtHand(root, _points(root, points), settings.get("surroundings"))
    return _checkout(root, settings) if settings else None


def _checkout(root: Path, settings: Mapping[str, str]) -> Checkout:
    missing = [key for key in ("application", "local") if ":" not in str(settings.get(key))]
    if missing:
        raise ConfigurationError(
            f"{root / 'pyproject.toml'}: [tool.colonnade] lacks {' and '.join(missing)}, each of the form "
            '"package.module:function"'
        )
    return Checkout(
        root, settings["application"], settings["local"], settings.get("doctor"), settings.get("operating")
    )


def _points(root: Path, declared: Mapping[str, str]) -> Sequence[EntryPoint]:
    """What a distribution declares: as it is installed, otherwise straight from its source."""
    installed = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
    points: list[EntryPoint] = []
    for name, value in declared.items():
        point = installed.get(name)
        if point is None or point.value != value:
            _put_on_path(root / "src" if (root / "src").is_dir() else root)
            point = EntryPoint(name, value, ENTRY_POINT_GROUP)
        points.append(point)
    return points


def _installed(name: str) -> EntryPoint:
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        return point
    names = sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)})
    raise NoProject(f"no plugin {name!r} is installed; there is {', '.join(names) or 'none at all'}")


def _put_on_path(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
