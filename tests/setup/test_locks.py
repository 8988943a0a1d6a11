import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.local.on_demand import LOCKS
from infra.local.toolchain import ROOT

PYTHON_LOCKS = [*sorted(ROOT.glob("requirements*.lock")), *sorted(LOCKS.glob("*.lock"))]
NPM_PROJECTS = [ROOT, *map(ROOT.joinpath, ("benchmarks", "examples/web", "infra/deployment", "tests"))]

each_npm_project = pytest.mark.parametrize("project", NPM_PROJECTS, ids=lambda project: project.name)
REQUIREMENT = re.compile(r"^(?P<name>[a-zA-Z0-9][\w.-]*)==(?P<version>\S+)", re.MULTILINE)


def versions(lock: Path) -> dict[str, set[str]]:
    """Every package of a Python lock, with the versions it has on one platform or another."""
    locked: dict[str, set[str]] = {}
    for match in REQUIREMENT.finditer(lock.read_text()):
        locked.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return locked


def npm_packages(project: Path) -> dict[str, dict[str, object]]:
    packages: dict[str, dict[str, object]] = json.loads((project / "package-lock.json").read_text())[
        "packages"
    ]
    return packages


def test_there_is_a_lock_for_production_development_and_what_set_up_needs() -> None:
    assert [lock.name for lock in PYTHON_LOCKS] == [
        "requirements-dev.lock",
        "requirements-node.lock",
        "requirements-tools.lock",
        "requirements.lock",
        "audit.lock",
        "cloudformation.lock",
        "codegen.lock",
        "docs.lock",
        "lambda.lock",
        "load.lock",
    ]


def test_every_environment_of_its_own_has_a_group_of_dependencies() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    assert {lock.stem for lock in LOCKS.glob("*.lock")} == set(groups) - {"dev", "plugins", "tools", "node"}


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


@each_npm_project
def test_the_npm_lock_names_no_registry_and_no_folder(project: Path) -> None:
    for path, package in npm_packages(project).items():
        assert "resolved" not in package, path
        assert not re.search(r"://|^file:|^git", str(package.get("version", ""))), path


@each_npm_project
def test_every_npm_package_has_its_integrity(project: Path) -> None:
    unchecked = [
        path
        for path, package in npm_packages(project).items()
        if path
        and not package.get("inBundle")
        and not str(package.get("integrity", "")).startswith("sha512-")
    ]
    assert unchecked == []


@each_npm_project
def test_the_npm_lock_agrees_with_package_json(project: Path) -> None:
    wanted = json.loads((project / "package.json").read_text())
    packages = npm_packages(project)
    for group in {"dependencies", "devDependencies", "optionalDependencies"} & set(wanted):
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
