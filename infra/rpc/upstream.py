"""The endpoints of one chain as one: the first that gives a usable answer within the deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from colonnade.errors import (
    BlockVanished,
    CallReverted,
    ChainUnavailable,
    LensUnsupported,
    LogRangeTooWide,
    SimulationUnsupported,
)
from infra.rpc.deadline import Deadline
from infra.rpc.endpoint import Endpoint
from infra.rpc.refusals import NotTaken
from infra.rpc.session import Session
from infra.rpc.settings import ChainSettings

T = TypeVar("T")

_NO_FAULT: Final = (BlockVanished, LensUnsupported, SimulationUnsupported, LogRangeTooWide, NotTaken)
"""What an endpoint that is well may answer."""

CATCH_UP_SECONDS: Final = 0.25
"""How long to wait for endpoints that do not have a block which another, or another of theirs, just spoke of."""


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
        unusable = {endpoint: endpoint.unusable() for endpoint in order}
        failures = [why for why in unusable.values() if why is not None]
        usable = [endpoint for endpoint, why in unusable.items() if why is None]
        for position, endpoint in enumerate(usable):
            if not endpoint.breaker.admit():
                failures.append(endpoint.resting())
                continue
            session = Session(self._settings, endpoint, deadline.share(len(usable) - position))
            try:
                result = await attempt(session)
            except CallReverted:
                endpoint.breaker.succeeded()
                raise
            except _NO_FAULT as failure:
                endpoint.breaker.succeeded()
                failures.append(failure)
            except ChainUnavailable as failure:
                endpoint.blame(failure)
                failures.append(failure)
            else:
                endpoint.breaker.succeeded()
                return result, endpoint
        raise _together(failures)

    def apart(self) -> Sequence[tuple[str, Upstream]]:
        """Each endpoint by itself, with its name."""
        return [(endpoint.name, Upstream(self._settings, (endpoint,))) for endpoint in self._endpoints]

    def close(self) -> None:
        """Close the idle connections."""
        for endpoint in self._endpoints:
            endpoint.close()


def _together(failures: Sequence[ChainUnavailable]) -> ChainUnavailable:
    if len(failures) == 1:
        return failures[0]
    kinds = {type(failure) for failure in failures}
    # An endpoint that would give the logs of fewer blocks is better than those that give none.
    narrower = kinds & {LogRangeTooWide}
    kind = (narrower or kinds).pop() if narrower or len(kinds) == 1 else ChainUnavailable
    failure = kind("; ".join(map(str, failures)))
    failure.retry_after_ms = min(
        (f.retry_after_ms for f in failures if f.retry_after_ms is not None), default=None
    )
    return failure
