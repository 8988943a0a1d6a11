"""The endpoints of one chain as one: the first that gives a usable answer within the deadline."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from colonnade.errors import BlockVanished, ChainUnavailable, LensUnsupported
from infra.rpc.deadline import Deadline
from infra.rpc.endpoint import Endpoint
from infra.rpc.session import Session
from infra.rpc.settings import ChainSettings

T = TypeVar("T")

CATCH_UP_SECONDS: Final = 0.25
"""How long to wait for endpoints that do not have a block which another, or another of theirs, just spoke of."""

log = logging.getLogger(__name__)


class Upstream:
    """Reads are idempotent, so whatever fails on one endpoint is tried on the next, once on each."""

    def __init__(self, settings: ChainSettings, endpoints: Sequence[Endpoint]) -> None:
        self._settings = settings
        self._endpoints = tuple(endpoints)

    async def run(
        self, attempt: Callable[[Session], Awaitable[T]], first: Endpoint | None = None
    ) -> tuple[T, Endpoint]:
        """What `attempt` gets through an endpoint, `first` tried first, and which one it was.

        Raises `ChainUnavailable`, of the kind that all endpoints failed with if they agree on one.
        """
        deadline = Deadline.after(self._settings.deadline_seconds)
        try:
            return await self._try_each(attempt, first, deadline)
        except BlockVanished:
            # Endpoints are clusters: the next answer may well come from a node that is not behind.
            if deadline.remaining() <= CATCH_UP_SECONDS:
                raise
        await asyncio.sleep(CATCH_UP_SECONDS)
        return await self._try_each(attempt, first, deadline)

    async def _try_each(
        self, attempt: Callable[[Session], Awaitable[T]], first: Endpoint | None, deadline: Deadline
    ) -> tuple[T, Endpoint]:
        order = sorted(self._endpoints, key=lambda endpoint: endpoint is not first)
        failures = [why for endpoint in order if (why := _unusable(endpoint)) is not None]
        usable = [endpoint for endpoint in order if _unusable(endpoint) is None]
        for position, endpoint in enumerate(usable):
            if not endpoint.breaker.admit():
                failures.append(_resting(endpoint))
                continue
            session = Session(self._settings, endpoint, deadline.share(len(usable) - position))
            try:
                result = await attempt(session)
            except (BlockVanished, LensUnsupported) as failure:
                endpoint.breaker.succeeded()
                failures.append(failure)
            except ChainUnavailable as failure:
                _blame(endpoint, failure)
                failures.append(failure)
            else:
                endpoint.breaker.succeeded()
                return result, endpoint
        raise _together(failures)

    def close(self) -> None:
        """Close the idle connections."""
        for endpoint in self._endpoints:
            endpoint.close()


def _unusable(endpoint: Endpoint) -> ChainUnavailable | None:
    """Why there is no use in asking now."""
    if endpoint.mismatch is not None:
        return endpoint.mismatch
    return _resting(endpoint) if endpoint.breaker.state == "open" else None


def _blame(endpoint: Endpoint, failure: ChainUnavailable) -> None:
    asked = None if failure.retry_after_ms is None else failure.retry_after_ms / 1000
    if endpoint.breaker.failed(asked):
        endpoint.doubt()
        log.warning(
            "endpoint %s rests for %.0f s: %s", endpoint.name, endpoint.breaker.resting_seconds(), failure
        )


def _resting(endpoint: Endpoint) -> ChainUnavailable:
    seconds = endpoint.breaker.resting_seconds()
    failure = ChainUnavailable(f"{endpoint.name} rests for {seconds:.0f} s after failing repeatedly")
    failure.retry_after_ms = int(seconds * 1000)
    return failure


def _together(failures: Sequence[ChainUnavailable]) -> ChainUnavailable:
    if len(failures) == 1:
        return failures[0]
    kinds = {type(failure) for failure in failures}
    failure = (kinds.pop() if len(kinds) == 1 else ChainUnavailable)("; ".join(map(str, failures)))
    failure.retry_after_ms = min(
        (f.retry_after_ms for f in failures if f.retry_after_ms is not None), default=None
    )
    return failure
