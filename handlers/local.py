"""The whole stack on a laptop: database, chain, and the handlers behind a gateway. `python -m handlers.local`."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from colonnade import settings
from colonnade.cli.local_state import LocalState
from colonnade.errors import ColonnadeError
from colonnade.local_contracts import LocalContract
from handlers import runtime
from handlers.banner import banner
from handlers.demo import Demo
from handlers.development import Development
from handlers.earlier_rows import EarlierRows
from handlers.gateway import Gateway
from handlers.gateway.serving import server
from handlers.http import HttpHandler
from handlers.operating import scanner_of
from handlers.origins import LOOPBACK
from handlers.websocket import handler as socket_handler
from handlers.workers import workers
from infra.local import ports, processes, settled
from infra.local.background import Background
from infra.local.stack import STATE, LocalStack, local_stack
from infra.local.toolchain import ToolMissing
from schema.compose import application as compose_application

DEFAULT_PORT: Final = "8000"
_DEFAULTS: Final[Mapping[str, str]] = {
    "COLONNADE_GRAPHIQL": "true",
    "COLONNADE_LOG_LEVEL": "WARNING",
    "COLONNADE_OUTBOUND_LOOPBACK": "true",
    "COLONNADE_WEBSOCKET_ORIGINS": LOOPBACK,
    "IDENTITY_ACCESS": "open",
    "IDENTITY_DOMAINS": "localhost,localhost:*,127.0.0.1,127.0.0.1:*",
}


def main() -> int:
    """Serve until Ctrl-C or SIGTERM; the exit status. PORT: where (0: any free port); COLONNADE_STATE: what it keeps."""
    processes.exit_on_signals()
    started = time.monotonic()
    try:
        with ExitStack() as resources:
            listener = resources.enter_context(_listener(os.environ.get("PORT") or DEFAULT_PORT))
            stack = resources.enter_context(local_stack(_contracts(), _state()))
            _configure(stack, listener)
            development = Development(stack.chain.accounts, stack.chain.url)
            _quicken()
            pages = runtime.application().settings.websocket_origins
            gateway = Gateway(HttpHandler(runtime.application(), development), socket_handler, origins=pages)
            resources.callback(gateway.close)
            resources.enter_context(Background("telling", _tell))
            resources.enter_context(workers(stack.state))
            earlier = EarlierRows(runtime.application(), lambda: scanner_of(runtime.application()), _say)
            resources.enter_context(Background("earlier-rows", earlier.step))
            resources.enter_context(_for_people(stack, listener, development))
            try:
                server(gateway, lambda: _say(_greeting(listener, stack, started))).run(sockets=[listener])
            finally:
                listener.close()  # where it never served: who waits to be answered hears so, and is not waited for
    except KeyboardInterrupt:
        _say("\nStopped.\n")
    except ports.PortInUse as taken:
        sys.stderr.write(f"{taken} As in: make dev PORT={taken.port + 1} (PORT=0: any free one)\n")
        return 1
    except (ColonnadeError, ToolMissing, processes.ProcessFailed, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _listener(port: str) -> socket.socket:
    if not port.isdecimal() or int(port) > 65_535:
        raise ValueError(f"PORT is a number from 0 to 65535, not {port!r}")
    return ports.listen(int(port), "the API")


def _contracts() -> Sequence[tuple[str, LocalContract]]:
    """What the plugins want on the chain, which must run before the settings that name it can be read."""
    skips = os.environ.get("COLONNADE_ON_PLUGIN_FAILURE") == "skip"
    return compose_application("skip" if skips else "abort").local_contracts


def _state() -> Path:
    given = os.environ.get("COLONNADE_STATE")
    return Path(given).resolve() if given else STATE


def _configure(stack: LocalStack, listener: socket.socket) -> None:
    """Point this process at the stack and at itself, and check thoroughly what a Lambda would only read."""
    os.environ.update(stack.environment())
    os.environ["COLONNADE_WEBSOCKET_ENDPOINT"] = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    application = runtime.application()
    for declared in (application.settings, *application.plugin_settings):
        settings.validate(declared)


def _quicken() -> None:
    """Answer evenly, though a laptop has in one process what AWS has in many.

    The collector never looks at what the start made, as in a deployment, nor at what the first requests did; threads that
    wait for a turn, which each answer of the database does, get one after a millisecond, not five.
    """
    settled.settle()
    sys.setswitchinterval(0.001)


def _tell() -> float:
    """Send spans and metrics, where a collector was named, as the end of each invocation does on AWS."""
    with runtime.invocation():
        return 1.0


@contextmanager
def _for_people(stack: LocalStack, listener: socket.socket, development: Development) -> Iterator[None]:
    """Within the block, `colonnade wallet` and `colonnade doctor` find the stack, and there is something to look at."""
    api = _url(listener)
    state = LocalState(stack.state)
    told = (*stack.environment(), "COLONNADE_WEBSOCKET_ENDPOINT", *_DEFAULTS)
    environment = {name: os.environ[name] for name in told}
    state.say_running(api=api, rpc=stack.chain.url, environment=environment)
    try:
        with Background("demo", Demo(development, api).step):
            yield
    finally:
        state.say_stopped()


def _url(listener: socket.socket) -> str:
    return f"http://localhost:{listener.getsockname()[1]}"


def _greeting(listener: socket.socket, stack: LocalStack, started: float) -> str:
    return banner(
        _url(listener),
        seconds=time.monotonic() - started,
        database=stack.database,
        chain=stack.chain.url,
        accounts=[str(account) for account in stack.chain.accounts],
        kept_in=str(stack.state),
    )


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
