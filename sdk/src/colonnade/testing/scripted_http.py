"""Servers of strangers, in memory: what each address answers, in the order a test gives it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from colonnade.errors import OutboundForbidden, OutboundUnreachable
from colonnade.outbound import OutboundRequest, OutboundResponse
from colonnade.outbound_urls import checked_url

Answer: TypeAlias = OutboundResponse | OutboundForbidden | OutboundUnreachable
"""What comes of a request: an error is raised."""

Server: TypeAlias = Callable[[OutboundRequest], Answer]


class ScriptedHttp:
    """`Http` without a network: an address that was given no answer is unreachable.

        http = ScriptedHttp()
        http.answer("https://shop.example/hook", OutboundUnreachable("it hangs"), OutboundResponse(204))

    `sent`: the requests, those that failed included. `loopback`: whether http://localhost may be asked. Redirects are
    not followed: an answer such as 302 is returned as it is.
    """

    def __init__(self, *, loopback: bool = False) -> None:
        self.sent: list[OutboundRequest] = []
        self._loopback = loopback
        self._answers: dict[str, deque[Answer]] = {}
        self._servers: dict[str, Server] = {}

    def answer(self, url: str, *answers: Answer) -> None:
        """Have the next requests to `url` be answered by these, one each; before what `serve` says."""
        self._answers.setdefault(url, deque()).extend(answers)

    def serve(self, url: str, server: Server) -> None:
        """Have every request to `url` answered by what `server` makes of it."""
        self._servers[url] = server

    async def send(self, request: OutboundRequest) -> OutboundResponse:
        """See `Http.send`."""
        self.check(request.url)
        self.sent.append(request)
        came = self._came(request)
        if isinstance(came, Exception):
            raise came
        if len(came.body) > request.max_bytes:
            raise OutboundUnreachable(f"the answer is longer than {request.max_bytes} bytes", cause="size")
        return came

    def check(self, url: str) -> None:
        """See `Http.check`."""
        checked_url(url, loopback=self._loopback)

    def _came(self, request: OutboundRequest) -> Answer:
        if waiting := self._answers.get(request.url):
            return waiting.popleft()
        if server := self._servers.get(request.url):
            return server(request)
        return OutboundUnreachable("this test gave the address no answer", cause="connection")
