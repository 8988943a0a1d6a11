"""`colonnade new plugin NAME`: a plugin that works, to be changed into the one you mean. `colonnade new key`: a key."""

from __future__ import annotations

import argparse
import base64
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Final

from packaging.version import Version

from colonnade.cli.output import say
from colonnade.errors import ColonnadeError
from colonnade.plugin import sdk_version

SUMMARY: Final = "Begin a plugin, a distribution of its own with tests that pass; or make a key"

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_NAME: Final = 40
_SUFFIX: Final = ".template"
_PACKAGE: Final = "package"


class CannotBegin(ColonnadeError):
    """The plugin cannot have this name, or this place."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    kinds = parser.add_subparsers(title="what to make", metavar="plugin|key", required=True)
    plugin = kinds.add_parser("plugin", help="a folder with a plugin in it")
    plugin.add_argument("name", metavar="NAME", help="lower case, as in `applause` or `price-alerts`")
    plugin.add_argument(
        "--into", type=Path, default=Path(), metavar="DIR", help="where its folder goes (default: here)"
    )
    plugin.set_defaults(make=_plugin)
    key = kinds.add_parser("key", help="32 random bytes as base64url, for settings that want a secret")
    key.set_defaults(make=_key)


def run(chosen: argparse.Namespace) -> int:
    """Make it."""
    status: int = chosen.make(chosen)
    return status


def _key(chosen: argparse.Namespace) -> int:
    say(base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode())
    return 0


def _plugin(chosen: argparse.Namespace) -> int:
    """Make the folder and say what to do next."""
    folder = begin(chosen.name, chosen.into)
    say(f"{folder} holds the plugin {chosen.name!r}. Next:")
    say(f"  cd {folder}")
    for command in _next_commands():
        say(f"  {command}")
    return 0


def _next_commands() -> Iterator[str]:
    """What to run in the folder, as it works here: in a checkout all is installed, and its programs not on PATH."""
    programs = Path(sys.executable).parent
    found = shutil.which("colonnade")
    here = "" if found is not None and Path(found).parent == programs else f"{programs}{os.sep}"
    if not all(find_spec(needed) for needed in ("pytest", "mypy", "uvicorn")):
        yield f"{here}pip install -e '.[testing]'"
    yield f"{here}pytest && {here}mypy"
    yield f"{here}colonnade dev"


def begin(name: str, into: Path) -> Path:
    """Write a new plugin's distribution into a folder of its own below `into`. Raises `CannotBegin`."""
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
        raise CannotBegin(
            f"{name!r} cannot be a plugin's name: at most {_MAX_NAME} lower-case letters and digits, a letter first, "
            "with single hyphens between words, as in `price-alerts`"
        )
    if name == "colonnade":
        raise CannotBegin("'colonnade' is the SDK's own name; call the plugin by what it does")
    values = _values(name)
    folder = into / values["distribution"]
    if folder.exists():
        raise CannotBegin(f"{folder} exists already; choose another name, or another place with --into")
    for path, template in _templates(files("colonnade.cli") / "templates" / "plugin"):
        target = folder / path.replace(_PACKAGE, values["package"], 1)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(template).substitute(values), encoding="utf-8")
    return folder


def _values(name: str) -> Mapping[str, str]:
    words = name.split("-")
    type_name = "".join(word.capitalize() for word in words)
    sdk = Version(sdk_version())
    return {
        "name": name,
        "distribution": f"colonnade-{name}",
        "package": f"colonnade_{'_'.join(words)}",
        "type": type_name,
        "field": type_name[0].lower() + type_name[1:],
        "attribute": "_".join(words),
        "prefix": "".join(words),
        "sdk": f">={sdk.major}.{sdk.minor},<{sdk.major + 1}",
    }


def _templates(folder: Traversable, below: str = "") -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _templates(entry, f"{below}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield below + entry.name.removesuffix(_SUFFIX), entry.read_text(encoding="utf-8")
