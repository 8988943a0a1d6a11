"""A stage: sockets, queues, a log and a server, all in memory unless a test brings another store."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from colonnade.composer import Composition
from colonnade.connections import Connections
from colonnade.context import Context
from colonnade.cursors import CursorSigner
from colonnade.outbox import OutboxRow, recorded
from colonnade.permissions import Principal
from colonnade.publishing import Delivery
from colonnade.queues import Message, Queues
from colonnade.server import Server
from colonnade.store import Store, Writes
from colonnade.subscriptions.deliverer import Deliverer
from colonnade.subscriptions.occurrences import cursor_scope
from colonnade.subscriptions.ports import Log, SubscriptionLimits, SubscriptionPorts
from colonnade.subscriptions.protocol import GraphQLTransport
from colonnade.testing import FrozenClock, MemoryStore, ScriptedChains, SequentialIds
from colonnade.testing.composing import compose_plugins
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.testing.scripted_connections import ScriptedConnections
from colonnade.topic_log import TopicLog
from tests.subscriptions import applause
from tests.subscriptions.applause import Applauded

COMPOSITION = compose_plugins([applause])
CURSORS = CursorSigner(b"the key of the stage, 32 bytes .")
ADA = Applauded.topic("ada")
APPLAUDED = 'subscription S($after: String) { applauded(creator: "ada", after: $after) { cursor node { text listener } } }'


MANY = 10**6
"""What an account may have here unless a test says otherwise: everybody is called Eve."""


class Noted:
    """`Measures` that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, float]] = []

    def count(self, name: str, value: float, unit: str, **dimensions: str) -> None:
        self.told.append((name, value))

    def flush(self) -> None:
        """Nothing waits."""


async def at_once(_: float) -> None:
    """A pause that takes no time."""


@dataclass
class Stage:
    """What subscriptions stand on, and clients that speak the protocol."""

    clock: FrozenClock = field(default_factory=FrozenClock)
    sockets: ScriptedConnections = field(default_factory=ScriptedConnections)
    deliveries: MemoryQueue = field(default_factory=MemoryQueue)
    tasks: MemoryQueue = field(default_factory=MemoryQueue)
    store: Store | None = None
    topic_prefix: str = ""
    measures: Noted = field(default_factory=Noted)
    composition: Composition = COMPOSITION

    def __post_init__(self) -> None:
        self.ids = SequentialIds(self.clock)
        self.kept: Store = self.store or MemoryStore(self.clock)
        self.log: Log = TopicLog(self.kept, self.clock)
        self.server = Server(
            self.composition.schema,
            lambda request: self.context(request.request_id, None),
            authenticators=[authenticator for _, authenticator in COMPOSITION.authenticators],
        )
        self.use(self.ports_over(self.kept, self.sockets, self.log))

    def ports_over(self, store: Store, connections: Connections, log: Log) -> SubscriptionPorts:
        """Ports of this stage over other adapters."""
        return SubscriptionPorts(
            server=self.server,
            store=store,
            log=log,
            connections=connections,
            queues=Queues(self.deliveries, self.tasks),
            clock=self.clock,
            ids=self.ids,
            make_context=self.context,
            limits=SubscriptionLimits(account_connections=MANY, account_subscriptions=MANY),
            pause=at_once,
            chance=lambda: 1.0,
            measures=self.measures,
        )

    def use(self, ports: SubscriptionPorts) -> None:
        """Work with these ports from now on."""
        self.ports = ports
        self.transport = GraphQLTransport(ports)
        self.deliverer = Deliverer(ports)

    def limit(self, **limits: Any) -> None:
        """Work with other limits from now on."""
        self.use(replace(self.ports, limits=replace(self.ports.limits, **limits)))

    def context(self, request_id: str, principal: Principal | None) -> Context:
        """The context of one operation."""
        return Context(
            request_id=request_id,
            store=self.kept,
            chains=ScriptedChains(),
            services=COMPOSITION.services,
            clock=self.clock,
            ids=self.ids,
            cursors=CURSORS,
            principal=principal,
        )

    async def connect(self, credentials: str | None = "eve", connection: str | None = None) -> str:
        """A client that has introduced itself, and read the acknowledgement."""
        made = self.sockets.open(connection)
        payload = {} if credentials is None else {"authorization": f"Bearer {credentials}"}
        await self.say(made, type="connection_init", payload=payload)
        assert self.heard(made) == [{"type": "connection_ack"}]
        self.sockets.sent[made].clear()
        return made

    async def say(self, connection: str, **message: Any) -> None:
        """Let a client send a message."""
        await self.transport.received(connection, json.dumps(message))

    async def follow(self, connection: str, query: str = APPLAUDED, id: str = "1", **variables: Any) -> None:  # noqa: A002
        """Let a client subscribe."""
        await self.say(connection, id=id, type="subscribe", payload={"query": query, "variables": variables})

    def heard(self, connection: str) -> list[dict[str, Any]]:
        """What a client was sent."""
        return [json.loads(text) for text in self.sockets.sent[connection]]

    def nodes(self, connection: str, name: str = "applauded") -> list[Any]:
        """The nodes that a client was sent, in order."""
        return [m["payload"]["data"][name]["node"] for m in self.heard(connection) if m["type"] == "next"]

    def texts(self, connection: str, name: str = "applauded") -> list[str]:
        """The texts of these nodes."""
        return [node["text"] for node in self.nodes(connection, name)]

    def codes(self, connection: str) -> list[str]:
        """The codes of the errors that ended operations."""
        return [
            error["extensions"]["code"]
            for message in self.heard(connection)
            if message["type"] == "error"
            for error in message["payload"]
        ]

    async def publish(self, *texts: str, creator: str = "ada") -> int:
        """Record and number events; the number of the last."""
        topic, last = Applauded.topic(creator), 0
        for text in texts:
            put = recorded(Applauded(creator=creator, text=text), self.ids.new("evt"), self.clock.now())
            await self.kept.transact(Writes([put]))
            row = OutboxRow.of(put.item.attributes)
            assert isinstance(self.log, TopicLog)
            last = (await self.log.append([row]))[row.id]
        await self.deliveries.send([Delivery(topic, last).message])
        return last

    async def deliver(self) -> None:
        """Work on all deliveries that wait."""
        for message in self.deliveries.take():
            await self.deliverer.deliver(Delivery.of(message.body))

    async def give(self, *texts: str, creator: str = "ada") -> None:
        """Publish events and deliver them, one by one."""
        for text in texts:
            await self.publish(text, creator=creator)
            await self.deliver()

    async def work(self, message: Message) -> None:
        """Do one task of the queue of jobs."""
        jobs: dict[str, Callable[[Context, Any], Awaitable[None]]] = {
            job.name: job.run for job in self.deliverer.jobs()
        }
        await jobs[message.body["job"]](self.context("req_job", None), message.body["arguments"])

    async def work_on_all(self) -> int:
        """Do all tasks, those that come of them too; how many there were."""
        done = 0
        while messages := self.tasks.take():
            for message in messages:
                await self.work(message)
                done += 1
            assert done < 1_000, "tasks bring tasks for ever"
        return done


def sequence(cursor: str, topic: str = ADA) -> int:
    """The number that a cursor stands for."""
    (number,) = CURSORS.open(cursor_scope(topic), cursor)
    assert isinstance(number, int)
    return number
