"""One endpoint of a chain: batches in, answers of the right chain out."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Sequence
from typing import Final

from colonnade.chains import ChainId
from colonnade.errors import ChainIdMismatch, ChainProtocolError, ChainUnavailable
from colonnade.telemetry.record import asked
from infra.rpc.breaker import Breaker
from infra.rpc.deadline import Deadline
from infra.rpc.jsonrpc import (
    MalformedAnswer,
    RpcAnswer,
    RpcError,
    RpcRequest,
    decode_batch,
    encode_batch,
)
from infra.rpc.stats import OnRequest, RequestStats
from infra.rpc.transport import AnswerTooLarge, HttpAnswer, HttpTransport
from infra.rpc.wire import MalformedValue, quantity

log = logging.getLogger(__name__)

_CHAIN_ID: Final = RpcRequest("eth_chainId")
_IDS_PER_BATCH: Final = 1_000  # so that no answer to an earlier batch passes for one to this


class Endpoint:
    """Speaks JSON-RPC with one endpoint, after making sure that it serves the chain it should.

    The check of the chain id travels with the first batch, and again after every rest: who answers for another
    chain is never listened to again. Safe between threads.
    """

    def __init__(
        self, chain_id: ChainId, transport: HttpTransport, breaker: Breaker, on_request: OnRequest | None
    ) -> None:
        self.name: Final = transport.target.name
        self.breaker: Final = breaker
        self.refuses_block_hashes = False
        self._chain_id = chain_id
        self._transport = transport
        self._on_request = on_request
        self._ids = itertools.count(1, _IDS_PER_BATCH)
        self._verified = False
        self._mismatch: str | None = None
        self._last_failure = ""

    def __repr__(self) -> str:
        return f"Endpoint({self._chain_id}, {self.name!r})"

    def unusable(self) -> ChainUnavailable | None:
        """Why there is no use in asking now, if there is none."""
        if self._mismatch is not None:
            return ChainIdMismatch(self._mismatch)
        return self.resting() if self.breaker.state == "open" else None

    def resting(self) -> ChainUnavailable:
        """Why it rests."""
        seconds = self.breaker.resting_seconds()
        failure = ChainUnavailable(f"{self._last_failure} (resting for {seconds:.0f} s)")
        failure.retry_after_ms = int(seconds * 1000)
        return failure

    def blame(self, failure: ChainUnavailable) -> None:
        """Count a failure; if it has the endpoint rest, its chain id is checked again afterwards."""
        self._last_failure = str(failure)
        asked = None if failure.retry_after_ms is None else failure.retry_after_ms / 1000
        if self.breaker.failed(asked):
            self._verified = False
            log.warning("endpoint %s", self.resting())

    async def send(self, requests: Sequence[RpcRequest], deadline: Deadline) -> list[RpcAnswer]:
        """The answers to `requests`, in order, from one HTTP request. Raises `ChainUnavailable` or a subclass."""
        if self._mismatch is not None:
            raise ChainIdMismatch(self._mismatch)
        if self._verified:
            return await self._exchange(requests, deadline)
        said, *answers = await self._exchange([_CHAIN_ID, *requests], deadline)
        if isinstance(said, RpcError):
            raise self.unavailable(f"eth_chainId: {said}")
        try:
            serves = quantity(said.value, "the chain id")
        except MalformedValue as problem:
            raise self.malformed(problem) from None
        if serves != self._chain_id:
            self._mismatch = f"{self.name} serves chain {serves}, not {self._chain_id}: correct the settings"
            log.error("endpoint %s", self._mismatch)
            raise ChainIdMismatch(self._mismatch)
        self._verified = True
        return answers

    def unavailable(self, said: object) -> ChainUnavailable:
        """What a node said instead of an answer, as one of our errors."""
        return ChainUnavailable(f"{self.name}: {self._transport.target.scrub(str(said))}")

    def malformed(self, problem: object) -> ChainProtocolError:
        """What is wrong with an answer, as one of our errors."""
        return ChainProtocolError(f"{self.name}: {self._transport.target.scrub(str(problem))}")

    def close(self) -> None:
        """Close the idle connections."""
        self._transport.close()

    async def _exchange(self, requests: Sequence[RpcRequest], deadline: Deadline) -> list[RpcAnswer]:
        first_id = next(self._ids)
        body = encode_batch(requests, first_id)
        started = time.perf_counter()
        received, error = 0, "Cancelled"
        try:
            answer = await self._transport.post(body, deadline.remaining())
            received, error = len(answer.body), ""
            self._check_status(answer)
            return decode_batch(answer.body, first_id, len(requests))
        except MalformedAnswer as problem:
            failure: ChainUnavailable = self.malformed(problem)
            error = type(failure).__name__
        except ChainUnavailable as known:
            failure, error = known, type(known).__name__
        finally:
            asked("chain", requests[0].method if len(requests) == 1 else "batch", started)
            if self._on_request is not None:
                methods = tuple(request.method for request in requests)
                seconds = time.perf_counter() - started
                self._on_request(
                    RequestStats(
                        self._chain_id, self.name, methods, seconds, len(body), received, error or None
                    )
                )
        # Out here, so that it does not drag along what the endpoint said, which may be our own key.
        raise failure

    def _check_status(self, answer: HttpAnswer) -> None:
        status = answer.status
        if status == 200:
            return
        if status in (408, 429) or status >= 500:
            failure = ChainUnavailable(f"{self.name} answered HTTP {status}")
            if answer.retry_after is not None:
                failure.retry_after_ms = int(answer.retry_after * 1000)
            raise failure
        if status == 413:  # Said by providers of their answers, too.
            raise AnswerTooLarge(f"{self.name} answered HTTP 413: too much was asked at once")
        if 300 <= status < 400:
            raise ChainProtocolError(f"{self.name} redirects (HTTP {status}); redirects are not followed")
        raise ChainProtocolError(f"{self.name} answered HTTP {status}: check its URL and key")
