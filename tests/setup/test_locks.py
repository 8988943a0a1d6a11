import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.local.toolchain import ROOT

PYTHON_LOCKS = sorted(ROOT.glob("requirements*.lock"))
REQUIREMENT = re.compile(r"^(?P<name>[a-zA-Z0-9][\w.-]*)==(?P<version>\S+)", re.MULTILINE)


def versions(lock: Path) -> dict[str, set[str]]:
    """Every package of a Python lock, with the versions it has on one platform or another."""
    locked: dict[str, set[str]] = {}
    for match in REQUIREMENT.finditer(lock.read_text()):
        locked.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return locked


def npm_packages() -> dict[str, dict[str, object]]:
    packages: dict[str, dict[str, object]] = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    return packages


def test_there_is_a_lock_for_production_development_and_what_set_up_needs() -> None:
    assert [lock.name for lock in PYTHON_LOCKS] == [
        "requirements-dev.lock",
        "requirements-node.lock",
        "requirements-tools.lock",
        "requirements.lock",
    ]


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_a_python_lock_names_no_registry_and_no_folder(lock: Path) -> None:
    for line in lock.read_text().splitlines():
        assert not re.search(r"://|file:|--(extra-)?index-url|--find-links| @ ", line), line


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_every_python_package_has_a_hash(lock: Path) -> None:
    text = lock.read_text()
    starts = [match.start() for match in REQUIREMENT.finditer(text)]
    assert starts
    for start, end in pairwise([*starts, len(text)]):
        assert "--hash=sha256:" in text[start:end], text[start:end].splitlines()[0]


def test_the_npm_lock_names_no_registry_and_no_folder() -> None:
    for path, package in npm_packages().items():
        assert "resolved" not in package, path
        assert not re.search(r"://|^file:|^git", str(package.get("version", ""))), path


def test_every_npm_package_has_its_integrity() -> None:
    unchecked = [
        path
        for path, package in npm_packages().items()
        if path
        and not package.get("inBundle")
        and not str(package.get("integrity", "")).startswith("sha512-")
    ]
    assert unchecked == []


def test_the_npm_lock_agrees_with_package_json() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    packages = npm_packages()
    for group in ("devDependencies", "optionalDependencies"):
        assert packages[""][group] == wanted[group]
        for name, version in wanted[group].items():
            locked = packages[f"node_modules/{name}"]
            if version.startswith(
                "npm:"
            ):  # a package under another name, since several versions are installed
                assert version == f"npm:{locked['name']}@{locked['version']}", "pinned exactly, and locked so"
            else:
                assert locked["version"] == version, "pinned exactly, and locked so"


def test_what_is_tested_is_what_is_deployed() -> None:
    tested = versions(ROOT / "requirements-dev.lock")
    for name, deployed in versions(ROOT / "requirements.lock").items():
        assert tested[name] >= deployed, name


def test_the_sdks_own_requirements_are_locked_too() -> None:
    project = tomllib.loads((ROOT / "sdk" / "pyproject.toml").read_text())["project"]
    locked = versions(ROOT / "requirements.lock")
    for requirement in map(Requirement, project["dependencies"]):
        assert all(
            version in requirement.specifier for version in locked[canonicalize_name(requirement.name)]
        )
