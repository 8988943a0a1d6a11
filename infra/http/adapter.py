"""The `Http` port on sockets of this machine, in a bounded pool of threads as the other ports are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from colonnade.errors import OutboundUnreachable
from colonnade.outbound import OutboundRequest, OutboundResponse
from colonnade.outbound_urls import checked_url
from colonnade.telemetry.record import asked
from infra.http.asking import Asking, Trip
from infra.http.deadline import Deadline

THREADS: Final = 32
"""Requests under way at once; the others wait, within their own time."""


class SocketHttp:
    """Passes the contract test of `Http`. Safe to use from several threads and event loops.

    Each request has its own connection: strangers are asked too seldom to keep any. A thread works on until the
    request's deadline where its caller has left; only the system's resolver may hold it longer.
    """

    def __init__(self, asking: Asking, threads: int = THREADS) -> None:
        self._asking: Final = asking
        self._threads: Final = ThreadPoolExecutor(threads, thread_name_prefix="outbound")

    async def send(self, request: OutboundRequest) -> OutboundResponse:
        """See `Http.send`."""
        deadline = Deadline.after(request.timeout)
        trips: list[Trip] = []
        answer = self._threads.submit(self._asking.ask, request, deadline, trips)
        try:
            async with asyncio.timeout(request.timeout):
                return await asyncio.wrap_future(answer)
        except TimeoutError as error:
            if answer.cancelled():
                raise OutboundUnreachable("too many requests are under way here", cause="busy") from error
            raise OutboundUnreachable("no whole answer came in time", cause="timeout") from error
        finally:
            _note(tuple(trips))

    def check(self, url: str) -> None:
        """See `Http.check`."""
        checked_url(url, loopback=self._asking.loopback)

    def shut_down(self) -> None:
        """Drop what waits; the adapter is of no use afterwards."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _note(trips: Sequence[Trip]) -> None:
    """Note each request, with those that redirects led to; one ends as the next begins. None began where all is busy."""
    ends = (*(began for _, began in trips[1:]), time.perf_counter())
    for (method, began), ended in zip(trips, ends, strict=False):
        asked("http", method, began, ended)
