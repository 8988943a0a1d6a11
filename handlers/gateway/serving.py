"""The server beneath the local gateway: uvicorn, with API Gateway's limits on frames and messages."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final

import uvicorn
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from colonnade.connections import LARGEST_MESSAGE
from handlers.gateway import Gateway
from handlers.gateway.sockets import LARGEST_FRAME

TOO_LARGE: Final = 1009
_SHUTDOWN_SECONDS: Final = 2
_IDLE_SECONDS: Final = 75
"""Longer than clients keep a connection that they do not use: else one is closed just as its next request is sent."""


def server(gateway: Gateway, serving: Callable[[], None] = lambda: None) -> uvicorn.Server:
    """A server of `gateway`, to run on a socket. Like API Gateway, it neither compresses nor pings.

    `serving`: called once it answers, and ends in an orderly way on SIGINT and SIGTERM.
    """
    return _Server(
        uvicorn.Config(
            gateway,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws=_LimitedFrames,
            ws_max_size=LARGEST_MESSAGE,
            ws_per_message_deflate=False,
            ws_ping_interval=None,
            server_header=False,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        ),
        serving,
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, serving: Callable[[], None]) -> None:
        super().__init__(config)
        self._serving: Final = serving

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._serving()


class _LimitedFrames(WebSocketsSansIOProtocol):
    """Ends the connection at a frame that API Gateway would not take. (Of messages, uvicorn sees to it.)"""

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            # By a refusal, which uvicorn would otherwise log as a failure of ours.
            self.handshake_complete = True

    def handle_text(self, event: Frame) -> None:
        if self._takes(event):
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        if self._takes(event):
            super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        if self._takes(event):
            super().handle_cont(event)

    def _takes(self, frame: Frame) -> bool:
        if self.close_sent:
            return False
        if len(frame.data) <= LARGEST_FRAME:
            return True
        self.conn.fail(TOO_LARGE, "frame too large")
        self.handle_parser_exception()
        return False
