"""Each handler at work, with the real adapters over a scripted AWS: it asks for what its role allows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import replace
from typing import Final

import pytest

from colonnade.chains import BASE
from colonnade.clock import SystemClock
from colonnade.core_events import CredentialRevoked
from colonnade.ids import UlidIds
from colonnade.outbox import OutboxRow, recorded
from colonnade.publishing import Delivery
from colonnade.queues import Queues
from colonnade.store import Writes
from colonnade.testing import MemoryStore
from handlers import runtime
from handlers.deliver import DeliverHandler
from handlers.http import HttpHandler
from handlers.jobs import TICK, JobsHandler
from handlers.watch import WatchHandler
from handlers.websocket import SocketHandler
from infra.connections import ConnectionSettings, GatewayConnections
from infra.queues import QueueSettings, SqsQueue
from infra.queues.rules import MAX_ATTEMPTS
from infra.rpc import ChainSettings, JsonRpcChains
from tests.deployment.calls import DELIVERIES, JOBS, SOCKETS, Permission, Recorder, recording
from tests.deployment.template import Template
from tests.deployment.test_roles import PORTS, allowed
from tests.events.rows import ring
from tests.handlers.belfry import belfry
from tests.handlers.sample import ENVIRON, adapters
from tests.handlers.sample import event as request

NOT_DRIVEN: Final[Mapping[str, Set[str]]] = {
    "websocket": {"jobs"},  # colonnade.subscriptions: a subscriber far behind is caught up by a job
    "stream": {"sockets"},  # ... revoked credentials: their subscribers are told
    "deliver": {"sockets", "jobs"},  # ... messages to subscribers, and what one turn leaves over
    "jobs": {"sockets", "operator"},  # ... heartbeats; and plugins that send transactions
}
"""Ports that a handler reaches in circumstances that tests/subscriptions makes, not these."""


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with recording(monkeypatch) as recorder:
        yield recorder


def deployed() -> runtime.Application:
    """An application whose store is in memory, and whose other ports are AWS's."""
    clock = SystemClock()
    ports = replace(
        adapters(),
        store=MemoryStore(clock),
        clock=clock,
        ids=UlidIds(clock),
        chains=JsonRpcChains([ChainSettings(BASE, ("http://127.0.0.1:9/",))]),
        queues=Queues(SqsQueue(QueueSettings(DELIVERIES)), SqsQueue(QueueSettings(JOBS))),
        connections=GatewayConnections(ConnectionSettings(SOCKETS)),
    )
    return runtime.build(ENVIRON, belfry(), ports)


def answers_a_query(application: runtime.Application) -> None:
    answer = HttpHandler(application)(
        request(body={"query": "{ platform { version } }"}, headers={"content-type": "application/json"})
    )
    assert answer["statusCode"] == 200


def speaks_over_a_socket(application: runtime.Application) -> None:
    handler = SocketHandler(application.realtime.transport, ["*"])
    asked = {"id": "1", "type": "subscribe", "payload": {"query": "{ platform { version } }"}}
    told = {"connectionId": "a", "requestId": "b", "identity": {"sourceIp": "192.0.2.1"}}
    for message in ({"type": "connection_init"}, asked):
        event = {"requestContext": {**told, "eventType": "MESSAGE"}, "body": json.dumps(message)}
        assert handler(event)["statusCode"] == 200
    assert handler({"requestContext": {**told, "eventType": "DISCONNECT"}})["statusCode"] == 200


def relays_events(application: runtime.Application) -> None:
    ports = application.adapters
    revoked = recorded(CredentialRevoked(credential="session:1"), "evt_revoked", ports.clock.now())
    asyncio.run(ports.store.transact(Writes([revoked])))
    rows = asyncio.run(ring(ports.store, ports.clock, "big", 2))
    assert not runtime.run(application.relay.relay([*rows, OutboxRow.of(revoked.item.attributes)]))


def delivers(application: runtime.Application) -> None:
    task = json.dumps(dict(Delivery("bell.rung:big", 1).message.body))
    last = {"ApproximateReceiveCount": str(MAX_ATTEMPTS)}
    records = [{"messageId": "1", "body": task, "attributes": last}]
    DeliverHandler(
        application.deliver, application.adapters.queues.deliveries, application.relay.handling.dead
    )({"Records": records})


def does_jobs(application: runtime.Application) -> None:
    handler = JobsHandler(application)
    for job in handler(TICK)["due"]:
        record = {"messageId": job, "body": json.dumps({"job": job, "arguments": {}})}
        assert handler({"Records": [record]}) == {"batchItemFailures": []}


def watches(application: runtime.Application) -> None:
    assert WatchHandler(application).work("chain:8453", seconds=0.2) > 0


WORK: Final[Mapping[str, Callable[[runtime.Application], None]]] = {
    "http": answers_a_query,
    "websocket": speaks_over_a_socket,
    "stream": relays_events,
    "deliver": delivers,
    "jobs": does_jobs,
    "watch": watches,
}


@pytest.mark.parametrize("function", WORK)
def test_a_handler_at_work_asks_for_nothing_that_its_role_forbids(
    function: str, recorder: Recorder, plain: Template
) -> None:
    WORK[function](deployed())

    asked = {(action, place.replace("/prod/", "/dev/")) for action, place in recorder.take()}
    assert asked <= allowed(plain, function)
    assert {_port(permission) for permission in asked} == (
        PORTS[function] - {"parameters", "store"} - NOT_DRIVEN.get(function, set())
    )


def _port(permission: Permission) -> str:
    action, place = permission
    if action == "sqs:SendMessage":
        return {"DeliveriesQueue.Arn": "deliveries", "JobsQueue.Arn": "jobs"}[place]
    return {"execute-api:ManageConnections": "sockets"}[action]
