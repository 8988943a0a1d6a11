"""A plugin with incoming webhooks: a provider tells when somebody rings, and each ring is counted."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from types import ModuleType
from typing import Any, cast

from standardwebhooks import Webhook

from colonnade import Context
from colonnade.entities import Entity
from colonnade.http import Request, Response
from colonnade.inbound.declaration import InboundWebhook, Received
from colonnade.inbound.verifying import hmac_sha256, standard_webhooks
from colonnade.server.plugin_routes import answer_of
from colonnade.store import Item, Query, Update, Writes
from colonnade.testing import Harness
from colonnade.work.rows import TASK
from colonnade.work.tasks import SHARDS
from tests.composition.building import giving, plugin_module

OLD = "whsec_" + b64encode(b"o" * 24).decode()
NEW = "whsec_" + b64encode(b"n" * 32).decode()
STRANGE = "whsec_" + b64encode(b"s" * 32).decode()
PLAIN = "a plain secret"

BODY = b'{"door": "front"}'

RINGS = Entity("doorbell", "Rings", partition="{door}", serves=("how often somebody rang",))


class Doorbell:
    """The plugin, and what a test changes of it. `secrets`: those good now; `failures`: how many turns still fail."""

    def __init__(self) -> None:
        self.secrets: tuple[str, ...] = (NEW, OLD)
        self.failures = 0
        self.received: list[Received] = []

    async def ring(self, context: Context, received: Received) -> Writes:
        self.received.append(received)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the bell is stuck")
        return Writes([Update(RINGS.key(door=received.payload["door"]), add={"count": 1})])

    def plugin(self) -> ModuleType:
        webhooks = [
            InboundWebhook(
                "doorbell.rang",
                "/hooks/doorbell",
                "Somebody rang.",
                verify=standard_webhooks(lambda _: self.secrets),
                handle=self.ring,
                headers=("x-house",),
                max_bytes=1_000,
            ),
            InboundWebhook(
                "doorbell.plain",
                "/hooks/plain",
                "Somebody rang at another provider's.",
                verify=hmac_sha256(lambda _: [PLAIN], header="x-hub-signature-256", prefix="sha256="),
                handle=self.ring,
                retries=2,
                backoff=timedelta(seconds=5),
            ),
        ]
        return plugin_module("doorbell", giving(inbound_webhooks=webhooks, entities=[RINGS]))


def signed(
    harness: Harness,
    body: bytes = BODY,
    *,
    secret: str = NEW,
    message_id: str = "msg_1",
    late: timedelta = timedelta(0),
) -> dict[str, str]:
    """Headers of a message that PyPI's standardwebhooks signed."""
    at = harness.clock.now() - late
    signature = Webhook(secret).sign(message_id, at, body.decode())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


async def told(
    harness: Harness,
    body: bytes,
    headers: Mapping[str, str],
    *,
    path: str = "/hooks/doorbell",
    method: str = "POST",
    limit: int = 1_000_000,
) -> Response:
    """What a provider is answered."""
    routes = [found for found in harness.composition.routes if found[1].path == path]
    request = Request(method, path, headers=headers, body=body, request_id="req_1")
    return await answer_of(routes, lambda *_: harness.context(), request, body_bytes=limit)


def code(response: Response) -> str:
    return str(json.loads(response.body)["errors"][0]["extensions"]["code"])


async def tasks(harness: Harness) -> list[Item]:
    """The work that was asked for."""
    found: list[Item] = []
    for shard in range(SHARDS):
        query: Query = TASK.query("due", shard=shard)
        found += (await harness.store.query(query)).items
    return found


async def work(harness: Harness, times: int = 1) -> None:
    """Do the work that was asked for, each task `times` times over."""
    for task in await tasks(harness):
        for _ in range(times):
            await harness.run_job(
                str(task.attributes["job"]), cast("Mapping[str, Any]", task.attributes["arguments"])
            )


async def rings(harness: Harness, door: str = "front") -> int:
    item = await harness.store.get(RINGS.key(door=door))
    return 0 if item is None else cast(int, item.attributes["count"])
