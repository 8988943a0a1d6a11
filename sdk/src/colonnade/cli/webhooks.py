"""`colonnade webhooks`: send an endpoint again what it missed."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Final

from colonnade.cli import deployment
from colonnade.cli.output import complain, say
from colonnade.operating import Deployment
from colonnade.webhooks.rows import DELIVERY, ENDPOINT

SUMMARY: Final = "Send a webhook endpoint again what it missed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    recover = actions.add_parser("recover", help="send again what failed since a moment")
    deployment.add_options(recover)
    recover.add_argument("endpoint", metavar="ENDPOINT", help="its id, as in whe_01J…")
    recover.add_argument(
        "--since",
        type=_moment,
        required=True,
        metavar="TIME",
        help="as in 2026-11-23T09:30:00Z; UTC unless it says",
    )
    recover.add_argument(
        "--all", action="store_true", help="what was delivered, too, and not only what failed"
    )
    recover.set_defaults(act=_recover)


def run(chosen: argparse.Namespace) -> int:
    """0 once the deployment is at work on it; `colonnade operations watch` shows how far it is."""
    return deployment.acting(chosen, chosen.act)


async def _recover(deployed: Deployment, chosen: argparse.Namespace) -> int:
    from colonnade.webhooks.endpoints import endpoint_of  # noqa: PLC0415 - other commands read no webhooks
    from colonnade.webhooks.recovering import recovery  # noqa: PLC0415 - other commands read no webhooks
    from colonnade.webhooks.states import EndpointState  # noqa: PLC0415 - other commands read no webhooks

    context = deployed.context("webhooks")
    page = await context.store.query(DELIVERY.query(endpoint=chosen.endpoint, limit=1))
    if not page.items:
        complain(f"nothing that {chosen.endpoint} was sent is kept")
        return 1
    owner = str(page.items[0].attributes["owner"])
    item = await context.store.get(ENDPOINT.key(owner=owner, id=chosen.endpoint))
    if item is None or endpoint_of(item.attributes).state is not EndpointState.ENABLED:
        complain(f"{chosen.endpoint} is disabled or deleted: its owner has to enable it first")
        return 1
    key = f"command {context.clock.now().isoformat()}"
    started = await recovery(context, endpoint_of(item.attributes), chosen.since, key, everything=chosen.all)
    say(f"{started.id}: `colonnade operations watch {started.id}` shows how far it is")
    return 0


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
