"""A shop, its seller's server, and what is to be sent between them: a test moves the clock and does the tasks."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from colonnade.context import Context
from colonnade.errors import OutboundUnreachable
from colonnade.grants import Holders
from colonnade.outbound import Http, OutboundRequest, OutboundResponse
from colonnade.permissions import Principal
from colonnade.store import Item, Key, Page, Put, Query, Store, Writes
from colonnade.testing import FrozenClock, Harness, MemoryStore
from colonnade.testing.scripted_http import ScriptedHttp
from colonnade.webhooks.rows import DELIVER
from colonnade.webhooks.settings import WebhooksSettings
from colonnade.work.rows import TASK
from tests.webhooks import shop

URL = "https://shop.example.com/hooks"
KEYS = ("a:" + base64.urlsafe_b64encode(bytes(range(32))).decode(),)
SELLER = Principal("usr_seller", frozenset({"MANAGE_WEBHOOKS", "AUDIT"}))

CREATE = """mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
  __typename
  ... on WebhookEndpointCreated { secret endpoint { id url status eventTypes description disabledBecause } }
  ... on ValidationFailed { issues { path code } }
  ... on UserError { code message }
} }"""
UPDATE = """mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) {
  __typename
  ... on WebhookEndpoint { id url status eventTypes description disabledBecause disabledAt }
  ... on ValidationFailed { issues { path code } }
  ... on UserError { code message }
} }"""
ROTATE = """mutation ($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) {
  __typename
  ... on WebhookSecretRotated { secret previousValidUntil endpoint { previousSecretsValidUntil } }
  ... on ValidationFailed { issues { path code } }
  ... on UserError { code message }
} }"""
DELIVERIES = """query ($id: ID!, $first: Int! = 20, $after: String) {
  webhookDeliveries(endpointId: $id, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node { id messageId eventType status body nextAttemptAt
      attempts { at statusCode durationMs fault answer } } } } }"""
ENDPOINTS = "{ webhookEndpoints { edges { node { id url status disabledBecause disabledAt } } } }"


@dataclass
class TaskNotes:
    """A `Store` that passes everything on to another, and notes the tasks that were committed."""

    store: Store
    tasks: list[Mapping[str, Any]] = field(default_factory=list)
    writes: int = 0
    reads: int = 0

    async def get(self, key: Key) -> Item | None:
        self.reads += 1
        return await self.store.get(key)

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        self.reads += 1
        return await self.store.batch_get(keys)

    async def query(self, query: Query) -> Page:
        self.reads += 1
        return await self.store.query(query)

    async def transact(self, writes: Writes) -> None:
        self.writes += 1
        await self.store.transact(writes)
        prefix = f"{TASK.plugin}#{TASK.name}#"
        self.tasks += [
            write.item.attributes
            for write in writes
            if isinstance(write, Put) and write.key.partition.startswith(prefix)
        ]

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        return await self.store.increment(key, name, by)


@dataclass
class AsTold:
    """Implements `Holders`: everybody holds `permissions`."""

    permissions: frozenset[str]
    asked: int = 0

    async def held_by(self, context: Context, principal: str) -> frozenset[str]:
        self.asked += 1
        return self.permissions


@dataclass
class Scene:
    """The seller with the shop's plugin; `http` answers whatever the test says."""

    clock: FrozenClock = field(default_factory=FrozenClock)
    store: Store | None = None
    http: Http | None = None
    settings: WebhooksSettings = field(default_factory=lambda: WebhooksSettings(KEYS))
    principal: Principal = SELLER
    holders: AsTold = field(default_factory=lambda: AsTold(SELLER.permissions))

    def __post_init__(self) -> None:
        self.receiver = ScriptedHttp()
        self.receiver.serve(URL, lambda _: OutboundResponse(204))
        self.notes = TaskNotes(self.store or MemoryStore(self.clock))
        self.harness = Harness(
            "colonnade.webhooks.plugin",
            shop,
            principal=self.principal,
            settings=[self.settings],
            clock=self.clock,
            store=self.notes,
            http=self.http or self.receiver,
            services={Holders: self.holders},
        )
        self._keys = itertools.count(1)

    @property
    def sent(self) -> Sequence[OutboundRequest]:
        """The requests that reached a receiver or its door."""
        return self.receiver.sent

    def serve(self, server: Callable[[OutboundRequest], OutboundResponse | OutboundUnreachable]) -> None:
        """Have the seller's server answer so from now on."""
        self.receiver.serve(URL, server)

    async def mutate(self, document: str, **given: Any) -> Any:
        """What the only field of a mutation answers to this input."""
        [answer] = (await self.harness.data(document, {"input": given})).values()
        return answer

    def key(self) -> str:
        """An idempotency key that nobody had before."""
        return f"key-{next(self._keys)}"

    async def create(self, url: str = URL, types: Sequence[str] = ("order.sold",), **given: Any) -> Any:
        """What `createWebhookEndpoint` answers."""
        given = {"url": url, "eventTypes": list(types), "idempotencyKey": self.key(), **given}
        return await self.mutate(CREATE, **given)

    async def made(self, url: str = URL, types: Sequence[str] = ("order.sold",)) -> str:
        """The id of a new endpoint."""
        return str((await self.create(url, types))["endpoint"]["id"])

    async def sell(
        self,
        order: str = "o-1",
        *,
        seller: str = SELLER.id,
        amount: str = "5",
        note: str = "",
        times: int = 1,
    ) -> None:
        """Record a sale, and let happen what follows at once, `times` times over."""
        sold = shop.Sold(order=order, seller=seller, buyer="usr_buyer", amount=amount, note=note)
        await self.harness.store.transact(Writes([self.harness.context().record(sold)]))
        await self.harness.settle(times)

    async def work(self) -> int:
        """Do the tasks that are due, and what they ask for at once; how many there were."""
        done = 0
        while due := [task for task in self.notes.tasks if task["at"] <= self.clock.now().timestamp()]:
            for task in due:
                self.notes.tasks.remove(task)
                await self.harness.run_job(DELIVER, task["arguments"])
                done += 1
        return done

    async def next_task(self) -> datetime | None:
        """Move the clock to the next task and do it; when that was, or None where nothing waits."""
        if not self.notes.tasks:
            return None
        at = min(task["at"] for task in self.notes.tasks)
        moment = datetime.fromtimestamp(at, UTC)
        self.clock.advance(max(moment - self.clock.now(), timedelta()))
        await self.work()
        return moment

    async def deliveries(self, endpoint: str) -> list[Any]:
        """The endpoint's log, the latest first."""
        found = (await self.harness.data(DELIVERIES, {"id": endpoint}))["webhookDeliveries"]
        return [edge["node"] for edge in found["edges"]]

    async def endpoints(self) -> list[Any]:
        """The seller's endpoints as listed."""
        found = (await self.harness.data(ENDPOINTS))["webhookEndpoints"]
        return [edge["node"] for edge in found["edges"]]
