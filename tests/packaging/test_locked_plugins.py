"""A package that does not hold exactly the plugins that are locked is not made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.packaging import PackagingFailed
from infra.packaging.locked_plugins import check_plugins
from tests.cli.workspace import write_installed

OURS = {"version": "0.1.0", "distribution": None, "sdk": ">=1.0,<2"}


def lock(folder: Path, **plugins: dict[str, str | None]) -> Path:
    """A lock of one plugin of ours and `plugins`, made with colonnade 1.0."""
    file = folder / "plugins.lock.json"
    file.write_text(json.dumps({"colonnade": "1.0", "plugins": {"identity": OURS, **plugins}}))
    return file


def of(distribution: str, version: str = "1.0") -> dict[str, str | None]:
    return {"version": version, "distribution": distribution, "sdk": ">=1.0,<2"}


@pytest.fixture
def trees(tmp_path: Path) -> list[Path]:
    """An app with the SDK, and a layer with a plugin `ratings` and something that is none."""
    app, layer = tmp_path / "app", tmp_path / "layer"
    write_installed(app, "colonnade", files={})
    write_installed(layer, "colonnade-ratings", files={}, offers="ratings = colonnade_ratings")
    write_installed(layer, "mangum", files={})
    return [layer, app]


def test_a_package_with_what_is_locked_is_good(trees: list[Path], tmp_path: Path) -> None:
    check_plugins(lock(tmp_path, ratings=of("colonnade-ratings")), trees)


@pytest.mark.parametrize(
    ("plugins", "complaint"),
    [
        ({}, "plugin ratings: none is locked, and colonnade-ratings 1.0 is packed"),
        (
            {"ratings": of("colonnade-ratings", "1.1")},
            "plugin ratings: colonnade-ratings 1.1 is locked, and colonnade-ratings 1.0 is packed",
        ),
        (
            {"ratings": of("somebody-elses")},
            "plugin ratings: somebody-elses 1.0 is locked, and colonnade-ratings 1.0 is packed",
        ),
        (
            {"ratings": of("colonnade-ratings"), "encore": of("colonnade-encore")},
            "plugin encore: colonnade-encore 1.0 is locked, and none is packed",
        ),
    ],
    ids=["not locked", "another version", "another distribution", "missing"],
)
def test_what_differs_is_named_with_what_to_do(
    trees: list[Path], tmp_path: Path, plugins: dict[str, dict[str, str | None]], complaint: str
) -> None:
    with pytest.raises(PackagingFailed) as refused:
        check_plugins(lock(tmp_path, **plugins), trees)
    said = str(refused.value)
    assert [line for line in said.splitlines() if line.startswith("- ")] == [f"- {complaint}"]
    assert "colonnade lock" in said


def test_another_sdk_than_the_locked_one_is_a_difference(trees: list[Path], tmp_path: Path) -> None:
    with pytest.raises(PackagingFailed, match=r"colonnade 1\.0 is locked, and none is packed"):
        check_plugins(lock(tmp_path, ratings=of("colonnade-ratings")), trees[:1])


def test_without_a_lock_nothing_is_packed(trees: list[Path], tmp_path: Path) -> None:
    with pytest.raises(PackagingFailed, match="run `colonnade lock`"):
        check_plugins(tmp_path / "plugins.lock.json", trees)
