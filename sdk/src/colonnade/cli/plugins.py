"""`colonnade plugins`: what became of every plugin."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from colonnade.cli.composing import compose_project
from colonnade.cli.output import say, table
from colonnade.cli.project import add_plugin_option, find_project
from colonnade.registry import PluginState, PluginStatus

SUMMARY: Final = "List the plugins, what became of each, and why"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_plugin_option(parser)
    parser.add_argument("--json", action="store_true", help="for a program to read")


def run(chosen: argparse.Namespace) -> int:
    """Print the result table; 1 if a plugin was skipped."""
    project = find_project(Path.cwd(), chosen.plugins)
    statuses = compose_project(project, on_failure="skip").statuses
    say(_json(statuses) if chosen.json else _table(statuses))
    return int(any(status.state is PluginState.SKIPPED for status in statuses))


def _table(statuses: Sequence[PluginStatus]) -> str:
    head = ("NAME", "VERSION", "STATUS", "TIME", "SOURCE", "REASON")
    rows = [
        (s.name, s.version, s.state.value.lower(), f"{s.milliseconds:.1f} ms", s.source, s.reason or "")
        for s in statuses
    ]
    return table([head, *rows])


def _json(statuses: Sequence[PluginStatus]) -> str:
    rows = [
        {
            "name": status.name,
            "version": status.version,
            "status": status.state.value,
            "reason": status.reason,
            "milliseconds": status.milliseconds,
            "source": status.source,
            "distribution": status.distribution,
        }
        for status in statuses
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)
