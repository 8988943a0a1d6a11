"""The notebook on its own: gateway, handlers, queues and stream, as a process that may be killed.

python -m tests.clients.server PORT STATE DATABASE TABLE
"""

from __future__ import annotations

import sys
from pathlib import Path

from handlers import runtime
from handlers.background import background
from handlers.gateway import Gateway
from handlers.gateway.serving import server
from handlers.http import HttpHandler
from handlers.websocket import SocketHandler
from infra.local import ports, processes
from tests.clients.notebook import notebook


def main() -> None:
    port, state, database, table = sys.argv[1:]
    processes.exit_on_signals()
    with ports.listen(int(port), "the notebook") as listener:
        here = listener.getsockname()[1]
        application = runtime.build(
            {
                "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
                "COLONNADE_DYNAMODB_ENDPOINT": database,
                "COLONNADE_TABLE": table,
                "COLONNADE_DELIVERIES_QUEUE": f"{state}/deliveries",
                "COLONNADE_JOBS_QUEUE": f"{state}/jobs",
                "COLONNADE_WEBSOCKET_ENDPOINT": f"http://127.0.0.1:{here}",
                "COLONNADE_WEBSOCKET_ORIGINS": "loopback",
                "COLONNADE_GRAPHIQL": "true",
            },
            notebook(),
        )
        gateway = Gateway(
            HttpHandler(application),
            SocketHandler(application.realtime.transport, application.settings.websocket_origins),
        )
        with background(application, Path(state)):
            sys.stdout.write(f"ready {here}\n")
            sys.stdout.flush()
            server(gateway).run(sockets=[listener])


if __name__ == "__main__":
    main()
