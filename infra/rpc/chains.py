"""The `Chains` port over JSON-RPC."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from colonnade.batched_reader import BatchedReader
from colonnade.chains import ChainHistory, ChainId, ChainReader
from colonnade.errors import ConfigurationError, UnknownChain
from infra.rpc.breaker import Breaker
from infra.rpc.endpoint import Endpoint
from infra.rpc.history import JsonRpcHistory
from infra.rpc.sending import JsonRpcSender
from infra.rpc.settings import ChainSettings
from infra.rpc.source import JsonRpcSource
from infra.rpc.stats import OnRequest
from infra.rpc.transport import HttpTransport
from infra.rpc.upstream import Upstream
from infra.rpc.witnessed import ALIKE, WitnessedHistory

THREADS: Final = 16


class JsonRpcChains:
    """Readers of the configured chains; one for a process, used from any number of event loops.

    Opens no connection and starts no thread before the first read. `on_request` is told of every HTTP request;
    `clock`: monotonic seconds, for the rests of failing endpoints. Raises `ConfigurationError`.
    """

    def __init__(
        self,
        settings: Sequence[ChainSettings],
        on_request: OnRequest | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="rpc")
        self._clock = clock
        self._upstreams: dict[ChainId, Upstream] = {}
        for chain in settings:
            if chain.chain_id in self._upstreams:
                raise ConfigurationError(f"chain {chain.chain_id} is configured twice: merge its endpoints")
            endpoints = [
                Endpoint(
                    chain.chain_id,
                    HttpTransport(
                        target,
                        self._threads,
                        connect_seconds=chain.connect_seconds,
                        response_bytes=chain.response_bytes,
                    ),
                    Breaker(chain.failures_before_rest, chain.rest_seconds, clock),
                    on_request,
                )
                for target in chain.targets()
            ]
            self._upstreams[chain.chain_id] = Upstream(chain, endpoints)

    def reader(self, chain_id: ChainId) -> ChainReader:
        """A reader for one operation. Raises `UnknownChain`."""
        return BatchedReader(chain_id, JsonRpcSource(self._upstream(chain_id)))

    def history(self, chain_id: ChainId) -> ChainHistory:
        """What the chain has recorded. Raises `UnknownChain`."""
        return JsonRpcHistory(chain_id, self._upstream(chain_id))

    def witnessed(self, chain_id: ChainId) -> ChainHistory:
        """What the chain has recorded as two endpoints say alike; what its endpoint says where it has one. Raises
        `UnknownChain`.
        """
        alone = self._upstream(chain_id).apart()
        if len(alone) < ALIKE:
            return self.history(chain_id)
        histories = [(name, JsonRpcHistory(chain_id, upstream)) for name, upstream in alone]
        return WitnessedHistory(chain_id, histories, self._clock)

    def sender(self, chain_id: ChainId) -> JsonRpcSender:
        """Where signed transactions are sent. Raises `UnknownChain`."""
        return JsonRpcSender(chain_id, self._upstream(chain_id))

    def _upstream(self, chain_id: ChainId) -> Upstream:
        upstream = self._upstreams.get(chain_id)
        if upstream is None:
            configured = ", ".join(map(str, sorted(self._upstreams))) or "none"
            raise UnknownChain(f"chain {chain_id} is not configured here; configured: {configured}")
        return upstream

    def close(self) -> None:
        """Close the idle connections and end the threads; requests under way are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for upstream in self._upstreams.values():
            upstream.close()
