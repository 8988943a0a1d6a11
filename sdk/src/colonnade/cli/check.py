"""`colonnade check`: everything that can be wrong with plugins before a request meets them, all at once."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from colonnade import settings
from colonnade.cli.composing import compose_project, failures
from colonnade.cli.output import say
from colonnade.cli.project import add_plugin_option, find_project
from colonnade.cli.shadowing import shadowing_packages
from colonnade.composer import Composition
from colonnade.errors import ConfigurationError, ConflictError

SUMMARY: Final = "Say everything that is wrong with the plugins"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_plugin_option(parser)


def run(chosen: argparse.Namespace) -> int:
    """Print every problem; 1 if there is one."""
    project = find_project(Path.cwd(), chosen.plugins)
    problems = list(shadowing_packages())
    try:
        composition = compose_project(project, on_failure="skip")
    except ConflictError as error:
        problems += error.problems
    else:
        problems += [
            *failures(composition),
            *_breaches(composition),
            *_undeclared(composition),
            *_settings(composition, os.environ),
        ]
        if not problems:
            names = ", ".join(status.name for status in composition.statuses)
            say(f"all is well with {names}: {len(composition.type_owners)} types")
    for problem in problems:
        say(f"- {problem}")
    return int(bool(problems))


def _breaches(composition: Composition) -> Iterator[str]:
    from colonnade.conventions import SchemaView, check  # noqa: PLC0415 - only this command needs the rules

    yield from check(SchemaView.of(composition))


def _undeclared(composition: Composition) -> Iterator[str]:
    from colonnade.kept_data import KeptData  # noqa: PLC0415 - as the rules
    from colonnade.privacy.declared import undeclared  # noqa: PLC0415

    yield from undeclared(composition.services.get(KeptData))


def _settings(composition: Composition, environ: Mapping[str, str]) -> Iterator[str]:
    for plugin, declared in composition.settings.items():
        try:
            settings.validate(settings.load(declared, environ, prefix=plugin))
        except ConfigurationError as error:
            yield f"settings of {plugin}: {error}"
