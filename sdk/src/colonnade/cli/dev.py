"""`colonnade dev`: the application of a checkout on its local stack, or the plugin at hand in memory."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final

from colonnade.cli.project import Checkout, add_plugin_option, find_project, load_target
from colonnade.errors import ConfigurationError

SUMMARY: Final = "Serve what is here, with GraphiQL to ask it questions"

DEFAULT_PORT: Final = 8000
EXTRA: Final = "colonnade[dev]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_plugin_option(parser)
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("PORT", DEFAULT_PORT),
        help=f"where to listen; 0 is any free port (default: $PORT, or {DEFAULT_PORT})",
    )


def run(chosen: argparse.Namespace) -> int:
    """Serve until interrupted."""
    project = find_project(Path.cwd(), chosen.plugins)
    if isinstance(project, Checkout):
        os.environ["PORT"] = str(chosen.port)
        return int(load_target(project.root, project.local)() or 0)
    try:
        from colonnade.cli import dev_server  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as error:
        if error.name not in {"starlette", "uvicorn"}:
            raise
        raise ConfigurationError(f"to serve a plugin, install the extra: pip install '{EXTRA}'") from error
    return dev_server.serve(project, chosen.port)
