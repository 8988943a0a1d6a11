"""HTTP to one endpoint: a request's time, its answer's size and what its errors reveal are all bounded.

http.client rather than urllib3: that one writes the path of a URL, and so the provider's key, into its logs
and exceptions, and offers no way to cut off an answer that drips.
"""

from __future__ import annotations

import asyncio
import http.client
import threading
import zlib
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from colonnade.errors import ChainProtocolError, ChainTimeout, ChainUnavailable
from infra.rpc.connection import Connection, ConnectionPool
from infra.rpc.target import Target

_CHUNK: Final = 65_536
_GZIP: Final = 16 + zlib.MAX_WBITS


class AnswerTooLarge(ChainProtocolError):
    """An endpoint answers more than was allowed for."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A response, decompressed. `retry_after`: the header's seconds, if it gives seconds."""

    status: int
    body: bytes
    retry_after: float | None


class HttpTransport:
    """POSTs to one endpoint over kept-alive connections, in threads that it shares with others."""

    def __init__(
        self, target: Target, threads: Executor, *, connect_seconds: float, response_bytes: int
    ) -> None:
        self.target = target
        self._threads = threads
        self._limit = response_bytes
        self._pool = ConnectionPool(target, connect_seconds)
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Content-Type": "application/json",
            "User-Agent": "colonnade",
        }
        if target.authorization is not None:
            self._headers["Authorization"] = target.authorization

    async def post(self, body: bytes, seconds: float) -> HttpAnswer:
        """The answer to `body`, whatever its status.

        Raises `ChainTimeout` after `seconds` in all, `ChainUnavailable` or `ChainProtocolError`.
        """
        exchange = _Exchange()
        work = asyncio.get_running_loop().run_in_executor(
            self._threads, self._exchange, exchange, body, seconds
        )
        try:
            done, _ = await asyncio.wait({work}, timeout=seconds)
            if not done:
                raise ChainTimeout(f"{self.target.name} did not answer in time")
            return work.result()
        finally:
            if not work.done():
                # Frees the thread, whether it waits for the endpoint's first byte or for its next.
                exchange.abort()
                work.cancel()
            else:
                work.exception()  # Seen, even if the caller was cancelled just now.

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def _exchange(self, exchange: _Exchange, body: bytes, seconds: float) -> HttpAnswer:
        connection = self._pool.take()
        try:
            try:
                return self._attempt(exchange, connection, body, seconds)
            except (ConnectionError, http.client.RemoteDisconnected):
                # The endpoint closed an idle connection at the moment it was used: nothing is wrong with it.
                if not connection.reused or exchange.aborted:
                    raise
                return self._attempt(exchange, self._pool.fresh(), body, seconds)
        except TimeoutError:
            failure: ChainUnavailable = ChainTimeout(f"{self.target.name} did not answer in time")
        except OSError as error:
            failure = ChainUnavailable(f"{self.target.name} cannot be reached: {_reason(error)}")
        except http.client.HTTPException as error:
            failure = ChainProtocolError(f"{self.target.name} does not speak HTTP: {type(error).__name__}")
        # Out here, so that it does not drag along what the endpoint said, which may be our own key.
        raise failure

    def _attempt(
        self, exchange: _Exchange, connection: Connection, body: bytes, seconds: float
    ) -> HttpAnswer:
        keep = False
        try:
            exchange.use(connection)
            response = connection.post(self.target.path, body, self._headers, seconds)
            try:
                content = self._read(response)
                keep = not response.will_close
            finally:
                response.close()
            return HttpAnswer(response.status, content, _seconds(response.getheader("Retry-After")))
        finally:
            exchange.release()
            if keep:
                self._pool.give_back(connection)
            else:
                connection.close()

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        encoding = response.getheader("Content-Encoding", "identity").lower()
        if encoding not in ("identity", "gzip"):
            raise ChainProtocolError(f"{self.target.name} answers in an encoding it was not offered")
        inflate = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
        content = bytearray()
        while chunk := response.read1(_CHUNK):
            try:
                content += (
                    chunk if inflate is None else inflate.decompress(chunk, self._limit + 1 - len(content))
                )
            except zlib.error:
                raise ChainProtocolError(f"{self.target.name} answers broken gzip") from None
            if len(content) > self._limit:
                raise AnswerTooLarge(f"{self.target.name} answers more than {self._limit} bytes")
        if response.length or (inflate is not None and not inflate.eof):
            raise ChainUnavailable(f"{self.target.name} broke off in the middle of its answer")
        return bytes(content)


class _Exchange:
    """One request under way, so that the loop can cut off what a thread waits for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self.aborted = False

    def use(self, connection: Connection) -> None:
        with self._lock:
            if self.aborted:
                raise TimeoutError
            self._connection = connection

    def release(self) -> None:
        with self._lock:
            self._connection = None

    def abort(self) -> None:
        with self._lock:
            self.aborted = True
            if self._connection is not None:
                self._connection.cut()


def _reason(error: OSError) -> str:
    """What the operating system says, without whatever the endpoint had to say."""
    return f"{type(error).__name__} ({error.strerror})" if error.strerror else type(error).__name__


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isascii() and header.isdigit() else None
