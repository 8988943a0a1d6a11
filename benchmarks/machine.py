"""Where and with what it was measured."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from infra.local.toolchain import ROOT

_PYTHON = ("colonnade", "strawberry-graphql", "graphql-core", "boto3", "mangum", "starlette")
_NODE = (
    "@apollo/server",
    "@as-integrations/aws-lambda",
    "mercurius",
    "graphql-jit",
    "fastify",
    "@fastify/aws-lambda",
    "graphql",
    "viem",
)


def versions(node: str) -> Mapping[str, str]:
    """Of everything that takes part, by name."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    found = {"Python": platform.python_version(), "Node.js": said.removeprefix("v")}
    found |= {name: version(name) for name in _PYTHON}
    return found | {name: json.loads(_manifest(name).read_text())["version"] for name in _NODE}


def _manifest(name: str) -> Path:
    """Of a package as a peer finds it: the benchmarks' own, or the project's."""
    places = [folder / "node_modules" / name / "package.json" for folder in (ROOT / "benchmarks", ROOT)]
    return next((place for place in places if place.exists()), places[0])


def described() -> str:
    """The class of this machine, as far as it tells."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    processor = next(names, platform.processor() or platform.machine())
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}"
