"""The life of one WebSocket: the upgrade, messages at once in both directions, the close."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from colonnade.errors import ConnectionFault
from colonnade.server.asgi import Message, Receive, Scope, Send
from colonnade.server.endpoint import GRAPHQL
from handlers.gateway.http_events import messages_of, plain
from handlers.gateway.socket_events import connect_event, disconnect_event, failure_message, message_event
from handlers.gateway.sockets import Socket, Sockets

Invoke = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]

AT_ONCE: Final = 64
"""Messages of one socket that are handled at the same time; the next is read when one of them is done."""

_CLOSING_SECONDS: Final = 5.0


async def serve_socket(sockets: Sockets, invoke: Invoke, scope: Scope, receive: Receive, send: Send) -> None:
    """Serves an upgrade and all that follows, until either side closes.

    Each message is an event of its own, and nobody waits for the one before it. `$disconnect` comes last, but does
    not wait for the messages either: that is how API Gateway does it.
    """
    await receive()  # that somebody wants to connect, which the scope says
    if scope["path"] != GRAPHQL:
        await _refuse(plain(403, "Forbidden"), send)
        return
    event_headers = dict(scope["headers"])
    host = event_headers.get(b"host", b"localhost").decode("latin-1")
    client = scope.get("client")
    socket = sockets.new(client[0] if client else "", event_headers.get(b"user-agent", b"").decode("latin-1"))
    result = await invoke(connect_event(socket, scope))
    if not 200 <= result["statusCode"] < 300:
        await _refuse(result, send)
        return
    await send({"type": "websocket.accept", "subprotocol": _subprotocol(result)})
    sockets.add(socket)
    running: set[asyncio.Task[None]] = set()
    speaking = asyncio.create_task(_speak(socket, send))
    watching = asyncio.create_task(sockets.watch(socket))
    closed: Message = {"code": 1006}
    try:
        closed = await _listen(sockets, socket, receive, lambda m: _answer(invoke, socket, m, host), running)
    finally:
        sockets.remove(socket)
        watching.cancel()
        socket.hang_up()
        with suppress(TimeoutError):
            await asyncio.wait_for(speaking, _CLOSING_SECONDS)
        code, reason = closed.get("code") or 1005, closed.get("reason") or ""
        await invoke(disconnect_event(socket, code, reason, host))
        await asyncio.gather(*running)


async def _refuse(result: Mapping[str, Any], send: Send) -> None:
    for message in messages_of(result, "websocket.http"):
        await send(message)


async def _listen(
    sockets: Sockets,
    socket: Socket,
    receive: Receive,
    answer: Callable[[Message], Awaitable[None]],
    running: set[asyncio.Task[None]],
) -> Message:
    """Hands on every message; how the socket was closed."""
    free = asyncio.Semaphore(AT_ONCE)

    async def handle(message: Message) -> None:
        try:
            await answer(message)
        finally:
            free.release()

    while (message := await receive())["type"] == "websocket.receive":
        sockets.heard(socket)
        await free.acquire()
        task = asyncio.create_task(handle(message))
        running.add(task)
        task.add_done_callback(running.discard)
    return message


async def _answer(invoke: Invoke, socket: Socket, message: Message, host: str) -> None:
    event = message_event(socket, message, host)
    result = await invoke(event)
    if result.get("statusCode", 500) >= 500:
        with suppress(ConnectionFault):
            socket.say(json.dumps(failure_message(socket, event)))


async def _speak(socket: Socket, send: Send) -> None:
    """Sends what is posted, one message after another, and the close if it comes from this side."""
    with suppress(OSError, RuntimeError):  # uvicorn's words for a client that has left meanwhile
        while (text := await socket.next_message()) is not None:
            await send({"type": "websocket.send", "text": text})
            socket.sent(text)
        if socket.close_code is not None:
            await send({"type": "websocket.close", "code": socket.close_code})


def _subprotocol(result: Mapping[str, Any]) -> str | None:
    headers = {name.lower(): value for name, value in (result.get("headers") or {}).items()}
    return headers.get("sec-websocket-protocol")
