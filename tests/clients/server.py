"""The notebook on its own: gateway, handlers, queues and stream, as a process that may be killed.

python -m tests.clients.server PORT STATE DATABASE TABLE
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from colonnade.clock import SystemClock
from colonnade.ids import UlidIds
from colonnade.queues import Queues
from handlers import runtime
from handlers.background import background
from handlers.gateway import Gateway
from handlers.gateway.serving import server
from handlers.http import HttpHandler
from handlers.websocket import SocketHandler
from infra.connections import connections_at
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.local import ports, processes
from infra.local.queues import LocalQueue
from infra.rpc import JsonRpcChains
from tests.clients.notebook import notebook

HIDDEN = 2.0
"""Seconds until the queues bring again what a killed process had in hand; the tests kill it."""


def main() -> None:
    port, state, database, table = sys.argv[1:]
    processes.exit_on_signals()
    with ports.listen(int(port), "the notebook") as listener:
        here = f"http://127.0.0.1:{listener.getsockname()[1]}"
        application = runtime.build(
            {
                "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
                "COLONNADE_DYNAMODB_ENDPOINT": database,
                "COLONNADE_TABLE": table,
                "COLONNADE_WEBSOCKET_ORIGINS": "loopback",
                "COLONNADE_GRAPHIQL": "true",
            },
            notebook(),
            adapters(Path(state), patient(database, table), here),
        )
        origins = application.settings.websocket_origins
        sockets = SocketHandler(application.realtime.transport, origins)
        gateway = Gateway(HttpHandler(application), sockets)
        with background(application, Path(state)):
            sys.stdout.write(f"ready {listener.getsockname()[1]}\n")
            sys.stdout.flush()
            server(gateway).run(sockets=[listener])


def patient(database: str, table: str) -> DynamoDBSettings:
    """The table on a machine that is busy with other tests, and answers late."""
    return replace(DynamoDBSettings.local(database, table), read_timeout=30.0, deadline=60.0)


def adapters(state: Path, table: DynamoDBSettings, gateway: str) -> runtime.Adapters:
    clock = SystemClock()
    queues = Queues(
        deliveries=LocalQueue("deliveries", fifo=True, file=state / "deliveries", hidden=HIDDEN),
        jobs=LocalQueue("jobs", fifo=False, file=state / "jobs", hidden=HIDDEN),
    )
    store, connections = DynamoDBStore(table, clock), connections_at(gateway, table.region)
    return runtime.Adapters(store, JsonRpcChains([]), clock, UlidIds(clock), queues, connections)


if __name__ == "__main__":
    main()
