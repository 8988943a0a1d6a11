"""`colonnade events`: what became of events that could not be taken, and how they come again."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from colonnade.cli import deployment
from colonnade.cli.output import complain, say, table
from colonnade.dead_events import KINDS, DeadEvent, DeadEvents
from colonnade.operating import Deployment
from colonnade.replaying import asked_for

SUMMARY: Final = "List and replay events that could not be taken"

MOST: Final = 1_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, dest="events_command"
    )
    listing = commands.add_parser(
        "dead-letters", help="list them, newest first: who failed, why, since when, how often"
    )
    listing.add_argument("--limit", type=int, default=50, help=f"of each kind, 1 to {MOST}")
    listing.add_argument("--json", action="store_true", help="for a program to read")
    replaying = commands.add_parser("replay", help="have them taken again, by the deployment's own functions")
    replaying.add_argument("letters", nargs="*", metavar="ID", help="which, as `dead-letters` shows them")
    replaying.add_argument(
        "--all", action="store_true", help=f"those that are dead, {MOST} of each kind at most"
    )
    for command in (listing, replaying):
        command.add_argument("--kind", choices=KINDS, help="of this kind alone")
        deployment.add_options(command)


def run(chosen: argparse.Namespace) -> int:
    """0; 1 where a letter is not there."""
    return deployment.acting(chosen, _list if chosen.events_command == "dead-letters" else _replay)


async def _list(deployed: Deployment, chosen: argparse.Namespace) -> int:
    found = await _found(deployed, chosen.kind, max(1, min(chosen.limit, MOST)))
    letters: list[dict[str, Any]] = [deployed.hide(asdict(letter)) for letter in found]
    if chosen.json:
        say(json.dumps(letters, indent=2, ensure_ascii=False, default=str))
    elif not letters:
        say("There are no dead letters.")
    else:
        head = ("ID", "STATE", "WHO", "TOPIC", "EVENT", "SINCE", "LAST", "ATTEMPTS", "REASON")
        rows = [
            (
                letter["id"],
                letter["state"],
                letter["who"],
                letter["topic"],
                str(letter["sequence"] or ""),
                letter["since"][:19],
                letter["last"][:19],
                str(letter["attempts"]),
                letter["reason"][:120],
            )
            for letter in letters
        ]
        say(table([head, *rows]))
    return 0


async def _replay(deployed: Deployment, chosen: argparse.Namespace) -> int:
    if bool(chosen.letters) == chosen.all:
        complain("say which letters to replay by their ids, or --all")
        return 2
    dead = _dead(deployed)
    if chosen.all:
        found = await _found(deployed, chosen.kind, MOST)
        asked = [letter.id for letter in found if letter.state == "dead"]
    else:
        asked = [letter for letter in dict.fromkeys(chosen.letters) if await dead.get(letter)]
    for missing in [letter for letter in chosen.letters if letter not in asked]:
        complain(f"there is no dead letter {missing}: it was replayed, or is older than 30 days")
    if asked:
        await deployed.queues.jobs.send([asked_for(letter) for letter in asked])
    say(
        f"{len(asked)} to be replayed; what fails again stays in `colonnade events dead-letters`, with its reason."
    )
    return int(any(letter not in asked for letter in chosen.letters))


async def _found(deployed: Deployment, kind: Any, limit: int) -> Sequence[DeadEvent]:
    dead = _dead(deployed)
    letters = [letter for k in KINDS if kind in (None, k) for letter in (await dead.listed(k, limit))[0]]
    return sorted(letters, key=lambda letter: letter.since, reverse=True)


def _dead(deployed: Deployment) -> DeadEvents:
    context = deployed.context("events")
    return DeadEvents(context.store, context.clock)
