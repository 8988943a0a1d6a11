"""That what is packed is complete, and holds nothing of ours that no function runs."""

from __future__ import annotations

import ast
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import pytest

from infra.local.toolchain import ROOT
from infra.packaging import Package
from infra.packaging.pruning import SERVICES
from infra.packaging.sources import FOLDERS, LAPTOP_ONLY

FUNCTIONS = ("deliver", "http", "jobs", "stream", "watch", "websocket")
OURS = {*FOLDERS, "colonnade"}

# Imported only where a setting names a file instead of a queue, which no deployment does.
ABSENT = {("infra.queues", "infra.local.queues")}

Modules = Mapping[str, ast.Module]


@pytest.fixture(scope="module")
def modules(built_package: Package) -> Modules:
    """Our own modules in the app, by name."""
    with zipfile.ZipFile(built_package.app) as opened:
        sources = [name for name in opened.namelist() if name.endswith(".py")]
        return {module_of(name): ast.parse(opened.read(name)) for name in sources}


def module_of(place: str) -> str:
    """The name of the module in a file."""
    parts = PurePosixPath(place).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.Module, modules: Modules) -> Iterator[str]:
    """Which of our modules one imports, at whatever moment; a name may be a module of a package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            members = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (member for member in members if member in modules)


def test_every_import_of_our_own_code_finds_its_module(modules: Modules) -> None:
    missing = {
        (module, name)
        for module, tree in modules.items()
        if module.partition(".")[0] != "colonnade"  # the SDK's wheel is whole
        for name in imported(tree, modules)
        if name.partition(".")[0] in OURS and name not in modules
    }
    assert missing == ABSENT


def test_every_module_serves_some_function(modules: Modules) -> None:
    reached: set[str] = set()
    waiting = [f"handlers.{name}" for name in FUNCTIONS]
    while waiting:
        module = waiting.pop()
        if module not in reached and module in modules:
            reached.add(module)
            waiting += imported(modules[module], modules)
    held = {module for module in modules if module.startswith(("handlers.", "infra.", "schema."))}
    assert held - reached == set(), "these are for laptops: infra.packaging.sources leaves such modules out"


def test_what_is_left_out_exists() -> None:
    assert {place for place in LAPTOP_ONLY if not (ROOT / place).exists()} == set()


def test_the_services_that_botocore_can_still_describe_are_those_that_functions_call(
    modules: Modules,
) -> None:
    called = {
        node.args[0].value
        for module, tree in modules.items()
        if module.startswith("infra.")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id) == "client"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert called == SERVICES


def test_no_module_draws_from_a_generator_that_a_snapshot_would_repeat(modules: Modules) -> None:
    drawn = {
        (module, alias.name)
        for module, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if (isinstance(node, ast.Import) and alias.name == "random")
        or (isinstance(node, ast.ImportFrom) and node.module == "random" and alias.name != "SystemRandom")
    }
    assert drawn == set()
