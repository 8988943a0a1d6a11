"""One request and its answer, on a thread that may wait: resolve, check, connect, ask, and follow what leads on."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from colonnade.errors import OutboundUnreachable
from colonnade.outbound import OutboundRequest, OutboundResponse
from colonnade.outbound_urls import OutboundUrl, checked_url
from infra.http.answers import read_answer
from infra.http.deadline import Deadline
from infra.http.dialling import Dial, Resolve, connected, dialled, resolved
from infra.http.requests import REDIRECTS, check_parts, redirected, written
from infra.http.stream import Stream

Trip: TypeAlias = tuple[str, float]
"""The method of one request to one server, and when it began, of `perf_counter`."""


@cache
def system_trust() -> ssl.SSLContext:
    """Verifies certificates by the authorities of this machine; read once, which takes longer than a request."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Asking:
    """How strangers are asked. `loopback`: whether this machine may be; `tls`: None for the machine's authorities.

    No proxy is ever used, whatever the environment says: it would resolve names by itself.
    """

    loopback: bool = False
    tls: ssl.SSLContext | None = None
    resolve: Resolve = resolved
    dial: Dial = dialled

    def ask(self, request: OutboundRequest, deadline: Deadline, trips: list[Trip]) -> OutboundResponse:
        """See `Http.send`. Each request that begins is added to `trips`, those that redirects lead to as well."""
        check_parts(request)
        url = checked_url(request.url, loopback=self.loopback)
        allowed = request.redirects
        while True:
            trips.append((request.method, time.perf_counter()))
            answer = self._exchange(request, url, deadline)
            if not allowed or answer.status not in REDIRECTS or "location" not in answer.headers:
                return answer
            if request.redirects == 0:
                raise OutboundUnreachable(f"it redirects more than {allowed} times", cause="redirects")
            request, url = redirected(request, url, answer, loopback=self.loopback)

    def _exchange(self, request: OutboundRequest, url: OutboundUrl, deadline: Deadline) -> OutboundResponse:
        try:
            with connected(url, deadline, self.tls or system_trust(), self.resolve, self.dial) as connection:
                stream = Stream(connection, deadline)
                stream.send(written(request, url))
                return read_answer(stream, request.method, request.max_bytes)
        except TimeoutError as error:
            raise OutboundUnreachable(f"{url.host} gave no whole answer in time", cause="timeout") from error
        except OSError as error:
            raise OutboundUnreachable(
                f"{url.host} broke off the connection: {type(error).__name__}", cause="connection"
            ) from error
