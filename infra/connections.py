"""The `Connections` port on API Gateway's management API, which the local gateway speaks as well."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from colonnade.connections import LARGEST_MESSAGE
from colonnade.errors import (
    ConfigurationError,
    ConnectionGone,
    ConnectionThrottled,
    ConnectionUnavailable,
    MessageTooLarge,
)
from colonnade.telemetry.record import asked
from infra import aws

MAX_IDLE: Final = 60.0
"""Seconds after which an unused HTTP connection is not used again: whoever froze this sandbox may have cut it."""

_UNNAMED: Final = "COLONNADE_WEBSOCKET_ENDPOINT is not set, so there is no gateway to send through"
# botocore decodes the body of an error without asking whether it is text.
_FAILURES: Final = (BotoCoreError, ClientError, ResponseParserError, TimeoutError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Where the gateway is managed, and how long to wait for it; all times are in seconds.

    `endpoint_url`: as in `https://{api}.execute-api.{region}.amazonaws.com/{stage}`. The keys are for a gateway on
    this machine; on AWS leave them None. `threads`: messages sent at once. `connect_timeout` and `read_timeout`
    bound one request, `deadline` the wait for a thread too.
    """

    endpoint_url: str
    region: str = "us-east-1"
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    threads: int = 32
    connect_timeout: float = 1.0
    read_timeout: float = 3.0
    deadline: float = 8.0


class GatewayConnections:
    """Passes the contract test of `Connections`. Safe to use from several threads and event loops.

    Every request is sent once: whoever sends a message knows whether it may be repeated. Besides the errors of the
    port it raises `ConfigurationError` where the gateway knows no such API, or refuses these credentials.
    """

    def __init__(self, settings: ConnectionSettings) -> None:
        self._settings: Final = settings
        self._lock: Final = threading.Lock()
        self._client: Any = None
        self._threads: Final = ThreadPoolExecutor(settings.threads, thread_name_prefix="connections")
        self._last_used = time.time()

    async def post(self, connection_id: str, text: str) -> None:
        """See `Connections.post`. One round trip; none for a message that is too large."""
        data = text.encode()
        if len(data) > LARGEST_MESSAGE:
            raise MessageTooLarge(
                f"a message of {len(data)} bytes; a socket carries at most {LARGEST_MESSAGE}: select fewer fields"
            )
        await self._send("post_to_connection", connection_id, Data=data)

    async def close(self, connection_id: str) -> None:
        """See `Connections.close`. One round trip."""
        try:
            await self._send("delete_connection", connection_id)
        except ConnectionGone:
            return

    def shut_down(self) -> None:
        """Drop what waits and close the HTTP connections; the adapter is of no use afterwards."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._client is not None:
                self._client.close()

    async def _send(self, operation: str, connection_id: str, **request: object) -> None:
        if not connection_id:
            raise ConnectionGone("no gateway gives an empty connection id")
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        call = loop.run_in_executor(self._threads, self._call, operation, connection_id, request)
        try:
            async with asyncio.timeout(self._settings.deadline):
                await call
        except _FAILURES as error:
            _raise_meaning(error, connection_id)
        finally:
            asked("sockets", operation, began)

    def _call(self, operation: str, connection_id: str, request: dict[str, object]) -> None:
        client = self._connected()
        getattr(client, operation)(ConnectionId=connection_id, **request)

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = aws.client(
                    "apigatewaymanagementapi", self._settings, max_pool_connections=self._settings.threads
                )
            now = time.time()
            if now - self._last_used > MAX_IDLE:
                self._client.close()  # only the idle connections; the client opens new ones
            self._last_used = now
            return self._client


def _raise_meaning(error: Exception, connection_id: str) -> NoReturn:
    """Raise what `error` means for whoever sent to `connection_id`."""
    status = _status(error)
    if status in {400, 410}:  # 400: an id that this gateway never gives
        raise ConnectionGone(f"connection {connection_id} is gone") from error
    if status == 413:
        raise MessageTooLarge("the gateway refuses a message of this length: select fewer fields") from error
    if status == 429:
        raise ConnectionThrottled(f"too many messages at once for connection {connection_id}") from error
    if status in {401, 403, 404}:
        raise ConfigurationError(
            f"the gateway answered {status}: COLONNADE_WEBSOCKET_ENDPOINT must name the WebSocket API and its "
            "stage, and this role needs execute-api:ManageConnections on it"
        ) from error
    raise ConnectionUnavailable(
        f"connection {connection_id}: the gateway gave no usable answer ({type(error).__name__})"
    ) from error


def _status(error: Exception) -> int | None:
    if not isinstance(error, ClientError):
        return None
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status if isinstance(status, int) else None


class NoConnections:
    """Stands where no setting names a gateway: nobody can be connected."""

    async def post(self, connection_id: str, text: str) -> None:
        """Raises `ConfigurationError`."""
        raise ConfigurationError(_UNNAMED)

    async def close(self, connection_id: str) -> None:
        """Raises `ConfigurationError`."""
        raise ConfigurationError(_UNNAMED)


def connections_at(endpoint: str | None, region: str) -> GatewayConnections | NoConnections:
    """The connections of the gateway that is managed at `endpoint`, or of none; opens nothing."""
    if endpoint is None:
        return NoConnections()
    if endpoint.startswith("http://"):  # on this machine, where any keys will do
        return GatewayConnections(
            ConnectionSettings(endpoint, region, access_key="local", secret_key="local")  # noqa: S106
        )
    return GatewayConnections(ConnectionSettings(endpoint, region))
