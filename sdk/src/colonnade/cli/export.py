"""`colonnade export`: what is kept of one account, into a file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from colonnade.cli import deployment
from colonnade.cli.output import complain, say
from colonnade.migrating.running import pending
from colonnade.operating import Deployment

SUMMARY = "Write what is kept of one account to a JSON file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    deployment.add_options(parser)
    parser.add_argument("account", metavar="ACCOUNT", help="the account's id, as in usr_01J…")
    parser.add_argument(
        "--to", type=Path, required=True, metavar="FILE", help="the file, which must not exist"
    )


def run(chosen: argparse.Namespace) -> int:
    """0 when the file is whole, 1 where nothing was exported."""
    return deployment.acting(chosen, _export)


async def _export(deployed: Deployment, chosen: argparse.Namespace) -> int:
    from colonnade.privacy.exporting import records  # noqa: PLC0415 - for this command alone

    context = deployed.context("export")
    left = [migration.name for _, migration in await pending(context)]
    if left:
        complain(f"rows could be overlooked: run `colonnade migrate` first ({', '.join(left)})")
        return 1
    if chosen.to.exists():
        complain(f"{chosen.to} is there already; name another file")
        return 1
    partial = chosen.to.with_name(f"{chosen.to.name}.part")
    count = 0
    with partial.open("w", encoding="utf-8") as file:
        head = {"account": chosen.account, "exportedAt": context.clock.now().isoformat()}
        file.write(json.dumps(head)[:-1] + ', "records": [')
        async for record in records(context, chosen.account):
            file.write(",\n" if count else "\n")
            file.write(json.dumps(record, ensure_ascii=False))
            count += 1
        file.write("\n]}\n")
    partial.replace(chosen.to)
    say(f"{chosen.to}: {count} records of {chosen.account}")
    return 0
