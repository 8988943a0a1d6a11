"""Following subscriptions in a test of a plugin: events are carried on, and delivered, when the test says so."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from colonnade.publishing import Delivery
from colonnade.queues import Message, Queues
from colonnade.server import Server
from colonnade.subscriptions.deliverer import Deliverer
from colonnade.subscriptions.memberships import Memberships
from colonnade.subscriptions.ports import SubscriptionPorts
from colonnade.subscriptions.protocol import GraphQLTransport
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.testing.scripted_connections import ScriptedConnections
from colonnade.topic_log import TopicLog

if TYPE_CHECKING:
    from colonnade.composer import Composition
    from colonnade.context import Clock, Context, Ids
    from colonnade.events import Published
    from colonnade.permissions import Principal
    from colonnade.store import Store


@dataclass(frozen=True, slots=True)
class Feed:
    """What one subscriber is sent."""

    connection: str
    _sockets: ScriptedConnections

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages of the protocol, in order: `next`, `error` and `complete`."""
        return [json.loads(text) for text in self._sockets.sent[self.connection]]

    @property
    def payloads(self) -> list[Any]:
        """What the field delivered, in order: `{"cursor", "node"}`, or `{"sequence", "kind", "node"}`."""
        return [
            next(iter(message["payload"]["data"].values()))
            for message in self.messages
            if message["type"] == "next" and message["payload"].get("data")
        ]

    @property
    def codes(self) -> list[str]:
        """The codes of the errors that ended it, or that came in the place of an event."""
        found: list[str] = []
        for message in self.messages:
            payload: Any = message.get("payload") or {}
            errors: list[Any] = payload if message["type"] == "error" else payload.get("errors", [])
            found += [error["extensions"]["code"] for error in errors]
        return found


class Feeds:
    """The delivery of a deployment, in memory."""

    def __init__(
        self,
        composition: Composition,
        store: Store,
        clock: Clock,
        ids: Ids,
        make_context: Callable[[str, Principal | None], Context],
    ) -> None:
        self._sockets = ScriptedConnections()
        self._tasks = MemoryQueue()
        self._put_off: list[tuple[datetime, Message]] = []
        self._clock = clock
        self._make_context = make_context
        self._ports = SubscriptionPorts(
            server=Server(composition.schema, lambda request: make_context(request.request_id, None)),
            store=store,
            log=TopicLog(store, clock),
            connections=self._sockets,
            queues=Queues(MemoryQueue(), self._tasks),
            clock=clock,
            ids=ids,
            make_context=make_context,
            pause=_at_once,
        )
        self._deliverer = Deliverer(self._ports)

    async def follow(
        self, query: str, variables: Mapping[str, Any] | None, principal: Principal | None
    ) -> Feed:
        """Begin a subscription."""
        connection = self._sockets.open()
        await Memberships(self._ports).acknowledge(connection, principal, None, "")
        message = {
            "id": "1",
            "type": "subscribe",
            "payload": {"query": query, "variables": dict(variables or {})},
        }
        await GraphQLTransport(self._ports).received(connection, json.dumps(message))
        return Feed(connection, self._sockets)

    async def deliver(self, events: Sequence[Published]) -> None:
        """Deliver events that have their numbers, and whatever was put off until now."""
        for topic in dict.fromkeys(event.topic for event in events):
            through = max(event.sequence for event in events if event.topic == topic)
            await self._deliverer.deliver(Delivery(topic, through))
        now = self._clock.now()
        self._put_off += [(now + timedelta(seconds=task.delay_seconds), task) for task in self._tasks.take()]
        due = [task for at, task in self._put_off if at <= now]
        self._put_off = [(at, task) for at, task in self._put_off if at > now]
        jobs = {job.name: job.run for job in self._deliverer.jobs()}
        for task in due:
            await jobs[task.body["job"]](self._make_context("task", None), task.body["arguments"])


def _at_once(seconds: float) -> Awaitable[None]:
    async def passed() -> None:
        """Time stands still in a test."""

    return passed()
