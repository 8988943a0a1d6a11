"""The schema that this deployment serves."""

from __future__ import annotations

from pathlib import Path

from colonnade.registry import PluginState
from colonnade.snapshot import sdl
from schema.compose import PLUGINS, application

ROOT = Path(__file__).resolve().parents[2]


def test_our_plugins_are_all_active() -> None:
    states = {status.name: status.state for status in application().statuses}
    for module in PLUGINS:
        name = module.removesuffix(".plugin").rpartition(".")[2]
        assert states[name] is PluginState.ACTIVE


def test_every_plugin_folder_is_listed() -> None:
    folders = {f"plugins.{file.parent.name}" for file in ROOT.glob("plugins/*/__init__.py")}
    assert folders == {module for module in PLUGINS if module.startswith("plugins.")}


def test_committed_schema_is_the_composed_one() -> None:
    committed = (ROOT / "schema" / "schema.graphql").read_text()
    assert sdl(application()) == committed, "run `colonnade lock` and commit what it wrote"
