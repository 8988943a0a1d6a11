"""`colonnade schema`: the composed schema as text, printed, written, or held against the committed one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from colonnade.cli.composing import compose_project
from colonnade.cli.output import say
from colonnade.cli.project import Checkout, Project, add_plugin_option, find_project
from colonnade.errors import ColonnadeError, ConfigurationError
from colonnade.snapshot import SchemaChange, sdl

SUMMARY: Final = "Print, write or check the composed schema"

DECLARATION: Final = "breaking.md"
"""Beside a snapshot: the breaking changes that were made on purpose, each an item of a list."""

_MAX_DIFF: Final = 80


class UndeclaredBreakingChange(ColonnadeError):
    """A snapshot was to be replaced by one that breaks clients, and nobody said that this was meant."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_plugin_option(parser)
    parser.add_argument("--check", action="store_true", help="compare with the snapshot; fail if it differs")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the snapshot to write, or with --check to compare with"
    )


def run(chosen: argparse.Namespace) -> int:
    """Print the schema, or write it, or compare it: then 1 if it differs."""
    project = find_project(Path.cwd(), chosen.plugins)
    text = sdl(compose_project(project))
    snapshot = chosen.out or project.snapshot
    if chosen.check:
        return check(snapshot, text, update=how_to_update(project))
    if chosen.out is None:
        say(text.rstrip())
    else:
        write(snapshot, text)
    return 0


def check(snapshot: Path, text: str, *, update: str) -> int:
    """Say how the composed schema differs from `snapshot`; 1 if it does."""
    if not snapshot.is_file():
        say(f"there is no {snapshot}; write it with `{update}`")
        return 1
    change = SchemaChange.between(_read(snapshot), text)
    if not change.diff:
        return 0
    undeclared = change.undeclared(_declaration(snapshot))
    _list("breaking, and not declared", undeclared)
    _list("breaking, and declared", [c for c in change.breaking if c not in undeclared])
    _list("compatible, but clients may be surprised", change.dangerous)
    for line in change.diff[:_MAX_DIFF]:
        say(line)
    if len(change.diff) > _MAX_DIFF:
        say(f"… {len(change.diff) - _MAX_DIFF} more lines")
    say(f"{snapshot} is not the composed schema; if the change is meant, run `{update}` and commit it")
    return 1


def write(snapshot: Path, text: str) -> None:
    """Replace `snapshot`. Raises `UndeclaredBreakingChange` if that breaks clients and is not declared."""
    if snapshot.is_file():
        undeclared = SchemaChange.between(_read(snapshot), text).undeclared(_declaration(snapshot))
        if undeclared:
            raise UndeclaredBreakingChange(
                "this change would break clients:\n"
                + "\n".join(f"- {change}" for change in undeclared)
                + f"\nDeprecate first, or declare it: add these lines to {snapshot.with_name(DECLARATION)}"
            )
    snapshot.parent.mkdir(parents=True, exist_ok=True)
    snapshot.write_text(text, encoding="utf-8")


def how_to_update(project: Project) -> str:
    """The command that writes the snapshot."""
    if isinstance(project, Checkout):
        return "colonnade lock"
    return f"colonnade schema --out {project.snapshot.name}"


def _declaration(snapshot: Path) -> str:
    file = snapshot.with_name(DECLARATION)
    return _read(file) if file.is_file() else ""


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}") from error


def _list(title: str, changes: tuple[str, ...] | list[str]) -> None:
    if changes:
        say(f"{title}:")
        for change in changes:
            say(f"- {change}")
