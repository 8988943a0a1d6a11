"""The headers that keep browsers wary, on whatever Starlette answers: pages, files, 404 and what plugins send."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from colonnade.server.security import DATA, HEADERS

_RUN: Final = ("text/javascript", "application/javascript", "text/css", "image/", "font/")
"""Files that pages load: a worker takes the policy of its own file, and what is public may be kept."""


class Wary:
    """Adds what an answer does not have of `HEADERS`, and of `DATA` unless it is a file that a page loads."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                file = headers.get("content-type", "").startswith(_RUN)
                for name, value in {**HEADERS, **({} if file else DATA)}.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)
