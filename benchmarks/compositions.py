"""Packages of other compositions: so many types, in plugins of ten, written as plugins are."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.settings import RESULTS
from colonnade.installed import sdk_version
from infra.local.toolchain import ROOT
from infra.packaging import Unpacked, bytecode
from infra.packaging.building import alone_in, pack_app
from infra.packaging.package import unpack_for_reading
from infra.packaging.sources import Sources
from infra.packaging.target import host

EACH: Final = 10
"""Types of a plugin, as one of our own has."""

_LINKED: Final = ("handlers", "infra", "sdk")
_RANGE: Final = ">=1.0,<2"

_PLUGIN: Final = '''\
"""A plugin of types that nobody needs."""

from colonnade import Plugin, hookimpl
from plugins.{name}.queries import Queries
from plugins.{name}.types import {types}

plugin = Plugin("{name}", sdk="{range}")


@hookimpl
def graphql() -> list[type]:
    return [Queries, {types}]
'''
_TYPE: Final = """

@strawberry.type(description="One of many.")
class {name}:
    id: strawberry.ID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="Its name.")
    price: float = strawberry.field(description="Its price.")
    amount: int = strawberry.field(description="How many.")
    note: str | None = strawberry.field(description="What is to be said of it.")
"""
_FIELD: Final = """
    @strawberry.field(description="One of them.")
    async def the_{field}(self, id: strawberry.ID) -> {name} | None:
        return None
"""


def packaged_with(count: int, package: Unpacked) -> Unpacked:
    """A package with `count` types beside the SDK's own, and the layer of `package`; made anew each time."""
    folder = RESULTS / "compositions" / str(count)
    shutil.rmtree(folder, ignore_errors=True)
    root = folder / "checkout"
    plugins = _checkout(root, count)
    lock = {"version": "0", "distribution": None, "sdk": _RANGE}
    text = json.dumps({"colonnade": sdk_version(), "plugins": dict.fromkeys(plugins, lock)})
    (root / "plugins.lock.json").write_text(text)
    task = folder / "unpacked"
    with alone_in(folder) as scratch:
        archive = pack_app(
            Sources(root), bytecode.interpreter(host().python), scratch, package.layer / "python"
        )
        unpack_for_reading(archive, task)
    return Unpacked(package.layer, task)


def _checkout(root: Path, count: int) -> Sequence[str]:
    """Our own checkout with other plugins, whose names are the answer."""
    root.mkdir(parents=True)
    for name in _LINKED:
        (root / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "schema", root / "schema")
    plugins = [f"made{first}" for first in range(0, count, EACH)]
    for number, name in enumerate(plugins):
        _write_plugin(root / "plugins" / name, name, range(number * EACH, min(count, (number + 1) * EACH)))
    composing = root / "schema" / "compose.py"
    named = ", ".join(f'"plugins.{name}"' for name in plugins)
    text, replaced = re.subn(
        r"(?s)PLUGINS: Final = \(.*?\n\)", f"PLUGINS: Final = ({named},)", composing.read_text()
    )
    assert replaced == 1
    composing.write_text(text)
    return plugins


def _write_plugin(folder: Path, name: str, numbers: Sequence[int]) -> None:
    folder.mkdir(parents=True)
    types = [f"Made{number}" for number in numbers]
    listed = ", ".join(types)
    fields = "".join(_FIELD.format(field=made.lower(), name=made) for made in types)
    shown = "".join(_TYPE.format(name=made) for made in types)
    heads = {"types": "Types", "queries": "Fields of `Query`"}
    imports = f"from colonnade import extend\nfrom plugins.{name}.types import {listed}\n"
    (folder / "__init__.py").write_text(_PLUGIN.format(name=name, types=listed, range=_RANGE))
    (folder / "types.py").write_text(
        f'"""{heads["types"]} that nobody needs."""\n\nimport strawberry\n{shown}'
    )
    (folder / "queries.py").write_text(
        f'"""{heads["queries"]} that nobody needs."""\n\nimport strawberry\n\n{imports}\n\n@extend("Query")\nclass Queries:\n{fields}'
    )
