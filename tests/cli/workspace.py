"""Folders that the command line finds itself in: an application of a few plugins, or a plugin on its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

PLUGIN = """
import strawberry
from colonnade import Plugin, extend, hookimpl

plugin = Plugin("{name}", sdk="{sdk}", version="{version}")

@extend("{target}")
class Fields:
    @strawberry.field(description="A word.")
    def {name}_word(self) -> str | None:
        return "{name}"

@hookimpl
def graphql():
    return [Fields]
"""

APPLICATION = """
from colonnade.composer import compose
from colonnade.registry import Registry
from colonnade.roots import CoreQuery

def application(on_plugin_failure="abort"):
    registry = Registry(on_plugin_failure)
    registry.add_modules({modules!r})
    return compose(registry, CoreQuery)
"""


def plugin_source(name: str, *, sdk: str = ">=1.0,<2", version: str = "1.2.0", target: str = "Query") -> str:
    """A plugin that adds one field to `target`."""
    return PLUGIN.format(name=name, sdk=sdk, version=version, target=target)


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write files below `root`, by their paths."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text), encoding="utf-8")


def write_application(root: Path, plugins: Mapping[str, str]) -> None:
    """An application of `plugins`, given as the sources of their modules."""
    pyproject = '[tool.colonnade]\napplication = "the_app:application"\nlocal = "the_stack:main"\n'
    modules = [f"parts.{name}" for name in plugins]
    write(root, {f"parts/{name}.py": source for name, source in plugins.items()})
    write(root, {"pyproject.toml": pyproject, "the_app.py": APPLICATION.format(modules=modules)})


def write_plugin(root: Path, name: str, source: str, extra: str = "") -> None:
    """A distribution that offers one plugin, not installed."""
    pyproject = f"""\
        [project]
        name = "a-{name}"
        version = "1.2.0"

        [project.entry-points."colonnade.plugins"]
        {name} = "{name}_module"
        """
    write(root, {"pyproject.toml": dedent(pyproject) + extra, f"src/{name}_module.py": source})


def write_installed(
    site: Path, name: str, *, files: Mapping[str, str], requires: str = "", offers: str = ""
) -> None:
    """An installed distribution, as a wheel leaves it in a folder of the path."""
    info = f"{name.replace('-', '_')}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    if requires:
        metadata += f"Requires-Dist: {requires}\n"
    entry_points = f"[colonnade.plugins]\n{offers}\n" if offers else ""
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/METADATA", f"{info}/RECORD"])
    write(site, files)
    (site / info).mkdir(parents=True)
    for file, text in {"METADATA": metadata, "entry_points.txt": entry_points, "RECORD": record}.items():
        (site / info / file).write_text(text, encoding="utf-8")
