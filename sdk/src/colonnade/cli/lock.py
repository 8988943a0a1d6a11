"""`colonnade lock`: write down which plugins an application is made of, and the schema they make."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from colonnade.cli import schema
from colonnade.cli.composing import compose_project, failures
from colonnade.cli.output import say
from colonnade.cli.project import Checkout, NoProject, find_project
from colonnade.errors import ConfigurationError
from colonnade.lock import Lock
from colonnade.snapshot import sdl

SUMMARY: Final = "Write plugins.lock.json and the schema's snapshot, or check them"

LOCK: Final = "plugins.lock.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail if a plugin or the schema differs"
    )


def run(chosen: argparse.Namespace) -> int:
    """Write both files, or compare them: then 1 if one differs."""
    project = find_project(Path.cwd())
    if not isinstance(project, Checkout):
        raise NoProject(
            "a plugin on its own has nothing to lock; `colonnade lock` is for an application's checkout"
        )
    file = project.root / LOCK
    if chosen.check:
        return _check(project, file)
    composition = compose_project(project)
    schema.write(project.snapshot, sdl(composition))
    file.write_text(Lock.of(composition).dump(), encoding="utf-8")
    return 0


def _check(project: Checkout, file: Path) -> int:
    composition = compose_project(project, on_failure="skip")
    active = Lock.of(composition)
    differences = list(_read(file).differences(active)) if file.is_file() else [f"there is no {file}"]
    for problem in (*failures(composition), *differences):
        say(f"- {problem}")
    if differences:
        say("if this is meant, run `colonnade lock` and commit what it wrote")
    schema_differs = schema.check(project.snapshot, sdl(composition), update="colonnade lock")
    return int(bool(differences) or bool(schema_differs))


def _read(file: Path) -> Lock:
    try:
        return Lock.parse(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}") from error
