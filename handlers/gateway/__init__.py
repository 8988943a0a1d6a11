"""API Gateway on a laptop: HTTP and WebSockets in, the same events to the same handlers, their results out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from colonnade.server.asgi import Disconnected, Receive, Scope, Send, read_body
from handlers.gateway.admission import Admission
from handlers.gateway.cross_origin import preflight, shared
from handlers.gateway.http_events import event_of, messages_of, plain
from handlers.gateway.management import PATH, manage
from handlers.gateway.sockets import Patience, Sockets
from handlers.gateway.turns import Turns
from handlers.gateway.upgrades import serve_socket

AT_ONCE: Final = 128
"""HTTP requests and upgrades that are handled or wait for a thread; as with Lambda's reserved concurrency, more are
refused at once, with 503: who waited longer would hardly wait for an answer."""

LARGEST_BODY: Final = 10 * 1024 * 1024
"""Bytes; API Gateway refuses more before any function sees them."""

Handler = Callable[[Mapping[str, Any], object], Mapping[str, Any]]

_log = logging.getLogger(__name__)


class Gateway:
    """An ASGI application that hands requests to `handler`, and what happens on WebSockets to `socket_handler`.

    Events are handled in threads, as many at once as `threads`, and fewer while they keep the loop busy (`Turns`); each
    thread runs one at a time, like a Lambda sandbox. Above `at_once`, and after too long a wait (`Admission`), requests
    and upgrades are refused, while messages of open sockets wait. That goes for the messages of one socket too: they may
    overtake one another. `sockets`: those that are open, which the management API at `/@connections/` reaches.
    `origins`: pages that may call over HTTP, as `handlers.origins` has them.
    """

    def __init__(
        self,
        handler: Handler,
        socket_handler: Handler | None = None,
        threads: int = 16,
        *,
        at_once: int = AT_ONCE,
        origins: Sequence[str] = (),
        patience: Patience | None = None,
        admission: Admission | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._handler = handler
        self._socket_handler = socket_handler
        self._origins = origins
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="lambda")
        self._turns = Turns(threads)
        self._at_once = at_once
        self._under_way = 0
        self._admission = admission or Admission()
        self._patience = patience or Patience()
        self.sockets = Sockets(self._patience, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and self._socket_handler is not None:
            await serve_socket(self.sockets, self._invoke_for_socket, scope, receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"this gateway carries no {scope['type']}")
        try:
            body = await read_body(receive, LARGEST_BODY)
        except Disconnected:
            return
        if scope["path"].startswith(PATH):
            result = manage(self.sockets, scope, body)
        elif len(body) > LARGEST_BODY:
            result = plain(413, "Request Entity Too Large")
        else:
            result = await self._answer(event_of(scope, body))
        for message in messages_of(result):
            await send(message)

    def close(self) -> None:
        """Ends the threads; what they work on is finished first."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _answer(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        method, headers = event["requestContext"]["http"]["method"], event["headers"]
        if (answer := preflight(method, headers, self._origins)) is not None:
            return answer
        return shared(await self._invoke(self._handler, event, refusing=True), headers, self._origins)

    async def _invoke_for_socket(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        assert self._socket_handler is not None
        upgrade = event["requestContext"]["eventType"] == "CONNECT"
        return await self._invoke(self._socket_handler, event, refusing=upgrade)

    async def _invoke(
        self, handler: Handler, event: Mapping[str, Any], *, refusing: bool
    ) -> Mapping[str, Any]:
        if refusing and self._under_way >= self._at_once:
            return _busy()
        admission = self._admission if refusing else None
        work = asyncio.ensure_future(self._work(handler, event, admission, self._admission.now()))
        self._under_way += refusing
        work.add_done_callback(lambda _: self._ended(refusing))
        try:
            async with asyncio.timeout(self._patience.answer):
                return await asyncio.shield(work)  # the function goes on, as it does on AWS
        except TimeoutError:
            _log.error(
                "The handler took longer than %g s: API Gateway waits no longer", self._patience.answer
            )
            return plain(503, "Service Unavailable")

    async def _work(
        self, handler: Handler, event: Mapping[str, Any], admission: Admission | None, came: float
    ) -> Mapping[str, Any]:
        """What the handler says; a refusal where `admission` finds that the event `came` too long ago."""
        await self._turns.take()
        try:
            if admission is not None and not admission.admits(came):
                return _busy()
            return await asyncio.get_running_loop().run_in_executor(self._threads, _handle, handler, event)
        finally:
            self._turns.give()

    def _ended(self, counted: bool) -> None:
        self._under_way -= counted


def _busy() -> Mapping[str, Any]:
    return plain(503, "Service Unavailable", {"retry-after": "1"})


def _handle(handler: Handler, event: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return handler(event, None)
    except Exception:
        _log.exception("The handler raised: API Gateway would answer 500")
        return plain(500, "Internal Server Error")
