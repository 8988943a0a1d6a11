"""`colonnade webhooks`: send an endpoint again what it missed, and see which keys are still needed."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import UTC, datetime
from typing import Final

from colonnade.cli import deployment
from colonnade.cli.output import complain, say
from colonnade.operating import Deployment
from colonnade.store import Key
from colonnade.webhooks.rows import DELIVERY, ENDPOINT

SUMMARY: Final = "Send a webhook endpoint again what it missed; see which signing keys are needed"

_PAGE: Final = 500


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
    keys = actions.add_parser("keys", help="how many endpoints need each key of WEBHOOKS_SIGNING_KEYS")
    deployment.add_options(keys)
    keys.set_defaults(act=_keys)


def run(chosen: argparse.Namespace) -> int:
    """0 once the deployment is at work on it, which `colonnade operations watch` shows; and where no key is missing."""
    return deployment.acting(chosen, chosen.act)


async def _recover(deployed: Deployment, chosen: argparse.Namespace) -> int:
    from colonnade.results import Refused  # noqa: PLC0415 - other commands refuse nothing so
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
    endpoint = endpoint_of(item.attributes)
    try:
        started = await recovery(context, endpoint, chosen.since, key, everything=chosen.all)
    except Refused as refused:
        complain(refused.error.message)
        return 1
    say(f"{started.id}: `colonnade operations watch {started.id}` shows how far it is")
    return 0


async def _keys(deployed: Deployment, _: argparse.Namespace) -> int:
    """Walks the table. 1 where an endpoint needs a key that the deployment does not have."""
    from colonnade.webhooks.endpoints import endpoint_of  # noqa: PLC0415 - other commands read no webhooks
    from colonnade.webhooks.settings import WebhooksSettings  # noqa: PLC0415 - other commands read no webhooks

    context, scanner = deployed.context("webhooks"), deployed.scanner()
    had = context.setting(WebhooksSettings).by_id()
    newest: Counter[str] = Counter()
    replaced: Counter[str] = Counter()
    after: Key | None = None
    while True:
        page = await scanner.scan(ENDPOINT, after=after, limit=_PAGE)
        now = context.clock.now()
        for item in page.items:
            first, *others = endpoint_of(item.attributes).secrets_at(now)
            newest[first.key_id] += 1
            replaced.update({other.key_id for other in others if other.key_id != first.key_id})
        if (after := page.next) is None:
            break
    for name in [*had, *sorted((newest.keys() | replaced.keys()) - had.keys())]:
        lacks = "" if name in had else "  MISSING: put it back, after the others"
        unneeded = (
            "" if newest[name] or replaced[name] or name == next(iter(had), None) else "  may be dropped"
        )
        say(f"{name}: {newest[name]} endpoints, {replaced[name]} in an overlap{lacks}{unneeded}")
    return int(bool((newest.keys() | replaced.keys()) - had.keys()))


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
