"""How a command finds the deployment that it acts on.

def add_arguments(parser): deployment.add_options(parser); …
def run(chosen): return deployment.acting(chosen, list_them)

async def list_them(deployed: Deployment, chosen: argparse.Namespace) -> int: …
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from colonnade.cli.environment import environment
from colonnade.cli.local_state import ENVIRONMENT, FOLDER
from colonnade.cli.project import Checkout, NoProject, find_project, load_target
from colonnade.errors import ConfigurationError
from colonnade.operating import Deployment


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let a command say which deployment it is about."""
    parser.add_argument(
        "--env-file",
        type=Path,
        metavar="FILE",
        help="the variables of the deployment (NAME=value, or JSON as AWS shows a function's environment) instead of "
        "this process's",
    )
    parser.add_argument(
        "--parameters", metavar="PATH", help="complete them from the SSM parameters below this path"
    )
    parser.add_argument(
        "--local",
        action="store_true",
        help=f"the running `make dev` of this checkout ({FOLDER}/{ENVIRONMENT})",
    )


def acting(
    chosen: argparse.Namespace, act: Callable[[Deployment, argparse.Namespace], Awaitable[int]]
) -> int:
    """What `act` returns for the deployment that was chosen: the exit status.

    Raises `NoProject`, `NoEnvironment` and `ConfigurationError`.
    """
    project = find_project(Path.cwd())
    if not isinstance(project, Checkout) or project.operating is None:
        raise NoProject(
            "there is no deployment to act on here. Work in the checkout of an application whose pyproject.toml says "
            "how its deployment is reached ([tool.colonnade], operating)"
        )
    deployed: Any = load_target(project.root, project.operating)(_environ(project.root, chosen))
    if not isinstance(deployed, Deployment):
        raise ConfigurationError(f"{project.operating} returned {type(deployed).__name__}, not a Deployment")
    return asyncio.run(_act(act, deployed, chosen))


async def _act(
    act: Callable[[Deployment, argparse.Namespace], Awaitable[int]],
    deployed: Deployment,
    chosen: argparse.Namespace,
) -> int:
    return await act(deployed, chosen)


def _environ(root: Path, chosen: argparse.Namespace) -> Mapping[str, str]:
    file: Path | None = root / FOLDER / ENVIRONMENT if chosen.local else chosen.env_file
    environ = dict(environment(file))
    if chosen.parameters is not None:
        environ["COLONNADE_PARAMETERS"] = chosen.parameters
    return environ
