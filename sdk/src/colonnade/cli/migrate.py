"""`colonnade migrate`: change the rows that earlier versions wrote."""

from __future__ import annotations

import argparse
from uuid import uuid4

from colonnade.cli import deployment
from colonnade.cli.output import complain, say
from colonnade.migrating.running import (
    MigrationStopped,
    Migrator,
    Progress,
    failures,
    in_order,
    operation_of,
    pending,
)
from colonnade.migrations import Migration
from colonnade.operating import Deployment

SUMMARY = "Change rows that earlier versions wrote, while everything goes on"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    deployment.add_options(parser)
    parser.add_argument(
        "names", nargs="*", metavar="MIGRATION", help="these alone; without any, all that are pending"
    )
    parser.add_argument(
        "--status", action="store_true", help="say what is pending and how far it is; change nothing"
    )
    parser.add_argument("--dry-run", action="store_true", help="count what would be changed; write nothing")
    parser.add_argument(
        "--rate",
        type=_rate,
        metavar="ROWS",
        help="rows to read in a second, instead of what each migration declares",
    )


def run(chosen: argparse.Namespace) -> int:
    """0 when nothing is left to do, 1 where rows could not be changed or a migration is pending still."""
    return deployment.acting(chosen, _migrate)


async def _migrate(deployed: Deployment, chosen: argparse.Namespace) -> int:
    context = deployed.context("migrate")
    declared = {migration.name: (plugin, migration) for plugin, migration in deployed.composition.migrations}
    unknown = [name for name in chosen.names if name not in declared]
    if unknown:
        complain(
            f"no plugin here declares {', '.join(unknown)}; there is {', '.join(sorted(declared)) or 'none'}"
        )
        return 2
    wanted = in_order([declared[name] for name in chosen.names]) if chosen.dry_run and chosen.names else None
    left = wanted or [
        (plugin, migration)
        for plugin, migration in await pending(context)
        if not chosen.names or migration.name in chosen.names
    ]
    if chosen.status:
        return await _status(deployed, left)
    if not left:
        say("nothing to migrate")
        return 0
    migrator = Migrator(context, deployed.scanner(), f"migrate-{uuid4().hex}", chosen.rate, _tell)
    failed = 0
    for plugin, migration in left:
        say(f"{migration.name} ({plugin}): {migration.summary}")
        try:
            progress = await (migrator.dry_run(migration) if chosen.dry_run else migrator.run(migration))
        except MigrationStopped as error:
            complain(str(error))
            return 1
        say(f"  {'would be: ' if chosen.dry_run else ''}{progress}")
        if progress.failed and not chosen.dry_run:
            failed += progress.failed
            for row, reason in await failures(context, migration):
                say(f"  {row}: {reason}")
    return int(failed > 0)


async def _status(deployed: Deployment, left: object) -> int:
    context = deployed.context("migrate")
    found = await pending(context)
    for plugin, migration in found:
        operation = await operation_of(context, migration)
        how_far = "not begun" if operation is None else f"{operation.status.value}: {operation.note}"
        say(f"{migration.name} ({plugin}): {how_far}")
    if not found:
        say("nothing to migrate")
    return int(bool(found))


def _tell(migration: Migration, progress: Progress) -> None:
    if progress.after is not None:
        say(f"  {progress}")


def _rate(text: str) -> int:
    rate = int(text)
    if rate < 1:
        raise argparse.ArgumentTypeError("at least one row a second")
    return rate
