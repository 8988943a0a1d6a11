"""What a package says of what is installed in it, so that no start looks through the metadata of distributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path
from typing import Final

from colonnade.errors import ConfigurationError
from colonnade.installed import ENTRY_POINT_GROUP, FILE, Installed, in_order
from colonnade.lock import Lock

_SDK: Final = "colonnade"


def tell(lock: Path, trees: Sequence[Path], app: Path) -> None:
    """Writes beside the SDK in `app` what `trees` offer, and which ranges of SDK versions the lock was made with."""
    held = list(distributions(path=[str(tree) for tree in trees]))
    sdk = next((found.version for found in held if found.name == _SDK), None)
    if sdk is None:
        return  # and nothing could be composed
    told = Installed(sdk, in_order(_points(held)), _ranges(lock, sdk))
    (app / _SDK / FILE.name).write_text(told.dump(), encoding="utf-8")


def _points(held: Sequence[Distribution]) -> list[EntryPoint]:
    return [point for found in held for point in found.entry_points.select(group=ENTRY_POINT_GROUP)]


def _ranges(lock: Path, sdk: str) -> Mapping[str, str]:
    """The ranges that were checked when the lock was written; none where it was written with another SDK."""
    try:
        locked = Lock.parse(lock.read_text(encoding="utf-8"))
    except (OSError, ConfigurationError):
        return {}  # which ends the build where that is asked for
    return {name: plugin.sdk for name, plugin in locked.plugins.items()} if locked.colonnade == sdk else {}
