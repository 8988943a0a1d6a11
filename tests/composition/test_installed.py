"""What is installed is found in metadata, or told by a package's own file, with the same result."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from colonnade import Plugin, installed
from colonnade.installed import ENTRY_POINT_GROUP, Installed, Offer
from colonnade.registry import PluginState, Registry
from infra.packaging.installed import tell
from tests.cli.workspace import write_installed

RATINGS = Offer("ratings", "ratings_module", "", "colonnade-ratings", "1.0")


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    installed.told.cache_clear()
    yield
    installed.told.cache_clear()


def packaged(monkeypatch: pytest.MonkeyPatch, folder: Path, held: Installed) -> None:
    """From now on this process is a package's, which says what is `held`."""
    file = folder / "installed.json"
    file.write_text(held.dump())
    monkeypatch.setattr(installed, "FILE", file)


def module_of(plugin: Plugin, monkeypatch: pytest.MonkeyPatch, name: str = "ratings_module") -> None:
    module: Any = ModuleType(name)
    module.plugin = plugin
    monkeypatch.setitem(sys.modules, name, module)


def test_a_checkout_finds_it_in_metadata() -> None:
    assert not installed.FILE.exists()
    assert installed.sdk_version() == version("colonnade")
    points = {(p.name, p.value) for p in entry_points(group=ENTRY_POINT_GROUP)}
    assert {(o.name, o.module) for o in installed.offers()} == {(n, v.partition(":")[0]) for n, v in points}
    assert not installed.is_known_to_fit("identity", ">=1.0,<2")


def test_a_package_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged(monkeypatch, tmp_path, Installed("7.1", [RATINGS], {"ratings": ">=7"}))
    assert installed.sdk_version() == "7.1"
    assert installed.offers() == [RATINGS]
    assert installed.is_known_to_fit("ratings", ">=7")
    assert not installed.is_known_to_fit("ratings", ">=8")
    assert not installed.is_known_to_fit("others", ">=7")


def test_a_registry_adds_what_a_package_offers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged(monkeypatch, tmp_path, Installed("7.1", [RATINGS], {"ratings": ">=7"}))
    module_of(Plugin("ratings", sdk=">=7"), monkeypatch)
    registry = Registry()
    registry.add_entry_points()
    [status] = registry.statuses
    assert (status.state, status.version, status.source, status.distribution) == (
        PluginState.ACTIVE,
        "1.0",
        "colonnade-ratings 1.0",
        "colonnade-ratings",
    )


@pytest.mark.parametrize(("said", "active"), [(">=7,<8", True), (">=8", False), ("nonsense", False)])
def test_another_range_than_the_locked_one_is_examined(
    said: str, active: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged(monkeypatch, tmp_path, Installed("7.1", [RATINGS], {"ratings": ">=7"}))
    module_of(Plugin("ratings", sdk=said), monkeypatch)
    registry = Registry()
    registry.add_entry_points()
    assert (registry.statuses[0].state is PluginState.ACTIVE) is active


def test_an_offer_loads_what_its_entry_point_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("os", "os.path", "os:path.join", "json.decoder:JSONDecoder.decode [fast]"):
        point = EntryPoint("any", value, ENTRY_POINT_GROUP)
        offer = Offer.of(point)
        assert offer.load() is point.load()
        assert offer.source == value.partition(" ")[0]


def test_what_a_package_tells_is_what_lies_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, layer = tmp_path / "app", tmp_path / "layer"
    write_installed(app, "colonnade", files={"colonnade/__init__.py": ""})
    write_installed(
        layer, "colonnade-ratings", files={}, offers="ratings = ratings_module\nawards = ratings_module:more"
    )
    lock = tmp_path / "plugins.lock.json"
    locked = {"ratings": {"version": "1.0", "distribution": "colonnade-ratings", "sdk": ">=1"}}
    for sdk, ranges in (("1.0", {"ratings": ">=1"}), ("0.9", {})):
        lock.write_text(json.dumps({"colonnade": sdk, "plugins": locked}))
        tell(lock, [layer, app], app)
        monkeypatch.setattr(installed, "FILE", app / "colonnade" / "installed.json")
        installed.told.cache_clear()
        awards = Offer("awards", "ratings_module", "more", "colonnade-ratings", "1.0")
        assert installed.told() == Installed("1.0", [awards, RATINGS], ranges)


def test_a_tree_without_the_sdk_tells_nothing(tmp_path: Path) -> None:
    write_installed(tmp_path, "mangum", files={})
    tell(tmp_path / "plugins.lock.json", [tmp_path], tmp_path)
    assert not list(tmp_path.rglob("installed.json"))
