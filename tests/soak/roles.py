"""The processes of a soak: each does what one function of a deployment does, until it is killed."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from random import Random
from typing import Any

from colonnade.clock import SystemClock
from colonnade.ids import UlidIds
from handlers import runtime
from handlers.deliver import DeliverHandler
from handlers.gateway import Gateway
from handlers.gateway.serving import server
from handlers.http import HttpHandler
from handlers.jobs import JobsHandler
from handlers.stream import StreamHandler
from handlers.websocket import SocketHandler
from infra.connections import connections_at
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.local import ports
from infra.local.background import Background
from infra.local.pump import StreamPump
from infra.local.workers import Handler
from infra.rpc import JsonRpcChains
from tests.clients.notebook import notebook
from tests.soak.plan import DELIVERER, GATEWAY, PUMP, WRITER, Plan
from tests.soak.shared_queues import queues_of, workers_of
from tests.soak.tally import note
from tests.soak.writing import write_all

ENVIRON = {
    "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
    "COLONNADE_WEBSOCKET_ORIGINS": "loopback",
}


def play(role: str, incarnation: int, plan: Plan) -> None:
    """Be `role`, for the `incarnation`th time, until somebody kills this process or has left it alone."""
    log = logging.FileHandler(plan.state / f"{role}.log")
    form = f"%(asctime)s {role}-{incarnation} %(name)s %(message)s %(fields)s"
    log.setFormatter(logging.Formatter(form, defaults={"fields": ""}))
    logging.basicConfig(handlers=[log], level=logging.WARNING, force=True)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    parts: Mapping[str, Callable[[Plan, Random], None]] = {
        PUMP: _pump,
        DELIVERER: _deliverer,
        GATEWAY: _gateway,
        WRITER: _writer,
    }
    parts[role](plan, plan.random(role, incarnation))


def table_of(plan: Plan) -> DynamoDBSettings:
    """The table on a machine that is busy with other work, and answers late."""
    return replace(DynamoDBSettings.local(plan.database, plan.table), read_timeout=30.0, deadline=60.0)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _application(plan: Plan) -> runtime.Application:
    clock, table = SystemClock(), table_of(plan)
    store, connections = DynamoDBStore(table, clock), connections_at(plan.management, table.region)
    given = runtime.Adapters(store, JsonRpcChains([]), clock, UlidIds(clock), queues_of(plan), connections)
    return runtime.build(ENVIRON, notebook(), given)


def _pump(plan: Plan, random: Random) -> None:
    handler = _repeating(StreamHandler(_application(plan)), plan, random)
    pump = StreamPump(table_of(plan), handler, plan.state / "stream.json")
    with Background("stream", pump.step):
        threading.Event().wait()


def _repeating(handler: Handler, plan: Plan, random: Random) -> Handler:
    """A handler that is given some batches twice, some with the batch before them, and some as if it had failed."""
    before: list[Mapping[str, Any]] = []

    def handle(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        answer = handler(event, context)
        if random.random() < plan.faults.repeated:
            match kind := random.choice(["batch again", "batch before it again", "batch reported as failed"]):
                case "batch again":
                    answer = handler(event, context)
                case "batch before it again":
                    for earlier in before:
                        handler(earlier, context)
                case _:
                    first = event["Records"][0]["dynamodb"]["SequenceNumber"]
                    answer = {"batchItemFailures": [{"itemIdentifier": first}]}
            note(plan.state, kind)
        before[:] = [event]
        return answer

    return handle


def _deliverer(plan: Plan, _: Random) -> None:
    application = _application(plan)
    deliver, jobs = (
        DeliverHandler(
            application.deliver, application.adapters.queues.deliveries, application.relay.handling.dead
        ),
        JobsHandler(application),
    )
    with ExitStack() as resources:
        for number, step in enumerate(workers_of(plan, application.adapters.queues, deliver, jobs)):
            resources.enter_context(Background(f"worker-{number}", step))
        threading.Event().wait()


def _gateway(plan: Plan, _: Random) -> None:
    application = _application(plan)
    sockets = SocketHandler(application.realtime.transport, application.settings.websocket_origins)
    listener = None
    while listener is None:
        try:
            listener = ports.listen(plan.port, "the soak")
        except ports.PortInUse:
            time.sleep(0.05)
    server(Gateway(HttpHandler(application), sockets)).run(sockets=[listener])


def _writer(plan: Plan, _: Random) -> None:
    write_all(plan, DynamoDBStore(table_of(plan), SystemClock()))
