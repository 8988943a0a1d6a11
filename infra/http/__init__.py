"""Requests to servers of strangers.

| what happens | here |
|---|---|
| requests run in a bounded pool of threads | `adapter` |
| one request, and the redirects it follows | `asking`, `requests` |
| a name becomes addresses, each is checked, one is connected to | `dialling`, `addresses` |
| an answer is read, within time and size | `answers`, `stream`, `deadline` |

Nothing of it is imported before the first request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colonnade.outbound import OutboundRequest, OutboundResponse
    from infra.http.adapter import SocketHttp


class OutboundHttp:
    """`Http`, made when it is first needed. `loopback`: whether http://localhost may be asked, on a laptop."""

    def __init__(self, *, loopback: bool = False) -> None:
        self._loopback = loopback
        self._made: SocketHttp | None = None

    async def send(self, request: OutboundRequest) -> OutboundResponse:
        """See `Http.send`."""
        return await self._adapter().send(request)

    def check(self, url: str) -> None:
        """See `Http.check`."""
        self._adapter().check(url)

    def _adapter(self) -> SocketHttp:
        if self._made is None:
            from infra.http.adapter import SocketHttp  # noqa: PLC0415 - a query asks no strangers
            from infra.http.asking import Asking  # noqa: PLC0415 - a query asks no strangers

            self._made = SocketHttp(Asking(loopback=self._loopback))
        return self._made
