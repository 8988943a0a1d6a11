"""The command `colonnade`: what a plugin author and a deployment ask of the composed schema.

Exit status: 0 when all is well, 1 when something is wrong with what was looked at, 2 when the command itself was
not understood.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from colonnade.cli import (
    check,
    dev,
    doctor,
    erase,
    events,
    export,
    index,
    jobs,
    lock,
    migrate,
    new,
    operations,
    plugins,
    schema,
    wallet,
    webhooks,
)
from colonnade.cli.output import complain
from colonnade.cli.project import NoProject
from colonnade.errors import ColonnadeError
from colonnade.plugin import sdk_version


class Command(Protocol):
    """A module of this package."""

    @property
    def SUMMARY(self) -> str: ...

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, chosen: argparse.Namespace) -> int: ...


COMMANDS: Final[Mapping[str, Command]] = {
    "dev": dev,
    "plugins": plugins,
    "check": check,
    "doctor": doctor,
    "events": events,
    "schema": schema,
    "lock": lock,
    "new": new,
    "wallet": wallet,
    "index": index,
    "migrate": migrate,
    "export": export,
    "erase": erase,
    "jobs": jobs,
    "operations": operations,
    "webhooks": webhooks,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    parser = argparse.ArgumentParser(prog="colonnade", description="One GraphQL schema from plugins.")
    parser.add_argument("--version", action="version", version=f"colonnade {sdk_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        arguments_of = commands.add_parser(name, help=command.SUMMARY, description=f"{command.SUMMARY}.")
        command.add_arguments(arguments_of)
        arguments_of.set_defaults(run=command.run)
    chosen = parser.parse_args(arguments)
    try:
        status: int = chosen.run(chosen)
        sys.stdout.flush()
    except NoProject as error:
        complain(str(error))
        return 2
    except ColonnadeError as error:
        complain(str(error))
        return 1
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is left must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        complain(f"{error.filename}: {error.strerror}")
        return 1
    return status
