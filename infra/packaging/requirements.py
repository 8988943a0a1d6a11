"""Sees that what is packed has what it needs: the lock is installed as it stands, without asking what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.packaging.faults import PackagingFailed
from infra.packaging.target import Target


def check_requirements(target: Target, trees: Sequence[Path]) -> None:
    """Sees that each distribution in `trees` finds there what it requires on `target`; extras are not looked into.

    Raises `PackagingFailed` with everything that is missing.
    """
    if missing := sorted(set(_missing(_environment(target), trees))):
        raise PackagingFailed(
            "The package lacks what it needs:\n"
            + "\n".join(f"- {sentence}" for sentence in missing)
            + "\nThe lock is not whole: run `make lock`."
        )


def _missing(environment: Mapping[str, str], trees: Sequence[Path]) -> Iterator[str]:
    packed = list(distributions(path=[str(tree) for tree in trees]))
    versions = {canonicalize_name(found.name): found.version for found in packed}
    for found in packed:
        for requirement in map(Requirement, found.requires or ()):
            if requirement.marker is not None and not requirement.marker.evaluate(
                {**environment, "extra": ""}
            ):
                continue
            version = versions.get(canonicalize_name(requirement.name))
            if version is None or not requirement.specifier.contains(version, prereleases=True):
                yield f"{found.name} {found.version} needs {requirement}, and {version or 'none'} is packed"


def _environment(target: Target) -> Mapping[str, str]:
    """What the markers of requirements are asked for."""
    here: dict[str, str] = {name: str(value) for name, value in default_environment().items()}
    if target.platform is not None:
        here |= {
            "os_name": "posix",
            "platform_machine": target.platform.partition("-")[0],
            "platform_system": "Linux",
            "sys_platform": "linux",
        }
    return {**here, "python_version": target.python, "python_full_version": f"{target.python}.0"}
