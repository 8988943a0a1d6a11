"""`colonnade index`: how far each projection of a chain's logs is, and to make its rows anew."""

from __future__ import annotations

import argparse
import asyncio
from typing import Final
from uuid import uuid4

from colonnade.chain_logs import ChainLogs
from colonnade.cli import deployment
from colonnade.cli.output import complain, say, table
from colonnade.cli.progress import watch
from colonnade.errors import ChainError
from colonnade.indexing.backlog import backlogs
from colonnade.indexing.rebuilding import Rebuild, begin
from colonnade.indexing.serving import raw
from colonnade.indexing.tracks import generations_of
from colonnade.operating import Deployment

SUMMARY: Final = "Say how far the index of each chain is, and rebuild projections"

_ENDED_BY_SIGNAL: Final = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="projections, and how many blocks each is behind")
    rebuild = actions.add_parser("rebuild", help="make a projection's rows anew, beside those that serve")
    sweep = actions.add_parser("sweep", help="delete rows that serve no longer")
    for action, act in ((listed, _list), (rebuild, _rebuild), (sweep, _sweep)):
        deployment.add_options(action)
        action.set_defaults(act=act)
    for action in (rebuild, sweep):
        action.add_argument("name", metavar="PROJECTION", help="as `colonnade index list` shows it")
    rebuild.add_argument(
        "--from",
        dest="start",
        type=int,
        metavar="BLOCK",
        help="the first block to look at, instead of its own",
    )


def run(chosen: argparse.Namespace) -> int:
    """0 when it is done; 1 for an unknown projection, or a rebuild that did not come to its end."""
    try:
        return deployment.acting(chosen, chosen.act)
    except KeyboardInterrupt:
        return _ENDED_BY_SIGNAL  # the indexer builds on; the same command goes on from here


async def _list(deployed: Deployment, _: argparse.Namespace) -> int:
    context = deployed.context("index")
    projections = _projections(deployed)
    rows = [("PROJECTION", "GENERATION", "ROWS", "INDEXED", "BEHIND")]
    for chain in sorted({projection.chain_id for projection in projections}):
        try:
            head: int | None = (await context.chains.history(chain).head()).number
        except ChainError as error:
            complain(f"chain {chain}: {error}")
            head = None
        for one in await backlogs(raw(context.store), chain, projections, head):
            state = "serve" if one.serves else "built"
            rows.append((one.projection, str(one.generation), state, _told(one.indexed), _told(one.behind)))
    say(table(rows))
    known = await generations_of(raw(context.store), projections)
    for name in [name for name, generations in known.items() if generations.retired]:
        say(f"{name}: rows of earlier generations serve no longer; delete them: colonnade index sweep {name}")
    return 0


def _told(number: int | None) -> str:
    return "-" if number is None else str(number)


async def _rebuild(deployed: Deployment, chosen: argparse.Namespace) -> int:
    projection = _find(deployed, chosen.name)
    if projection is None:
        return 1
    context = deployed.context("index-rebuild")
    operation, generation = await begin(context, projection, chosen.start)
    running = await context.operations.take(operation.id, f"index-{uuid4().hex}", failed_too=True)
    if running is None:
        complain(f"{operation.id} is in somebody's hands, or was within the last 90 seconds; watching")
        return await watch(context.operations, operation.id)
    rebuild = Rebuild(context, deployed.scanner(), projection)
    shown = asyncio.create_task(watch(context.operations, operation.id))
    try:
        await rebuild.follow(running, generation)
        return await shown
    finally:
        shown.cancel()


async def _sweep(deployed: Deployment, chosen: argparse.Namespace) -> int:
    projection = _find(deployed, chosen.name)
    if projection is None:
        return 1
    deleted = await Rebuild(deployed.context("index-sweep"), deployed.scanner(), projection).sweep()
    say(f"{deleted} rows are deleted")
    return 0


def _projections(deployed: Deployment) -> list[ChainLogs]:
    return [projection for _, projection in deployed.composition.chain_logs]


def _find(deployed: Deployment, name: str) -> ChainLogs | None:
    known = {projection.name: projection for projection in _projections(deployed)}
    if name not in known:
        complain(f"no plugin here declares {name}; there is {', '.join(sorted(known)) or 'none'}")
    return known.get(name)
