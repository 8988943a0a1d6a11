"""What following and delivering stand on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Protocol

from colonnade.dead_events import DeadEvents
from colonnade.http import current_request_id
from colonnade.queues import Message
from colonnade.subscriptions.standing import Standing
from colonnade.telemetry.measures import NO_MEASURES, Measures
from colonnade.telemetry.record import passed_on
from colonnade.telemetry.recording import NO_TELEMETRY, Telemetry

if TYPE_CHECKING:
    from collections.abc import Generator

    from colonnade.connections import Connections
    from colonnade.context import Clock, Context, Ids
    from colonnade.events import Published
    from colonnade.permissions import Principal
    from colonnade.queues import Queues
    from colonnade.server import Server
    from colonnade.store import Store


class Log(Protocol):
    """The numbered events of each topic: `colonnade.topic_log.TopicLog`."""

    async def head(self, topic: str) -> int: ...

    async def read(self, topic: str, after: int, limit: int = 100) -> Sequence[Published]: ...


@dataclass(frozen=True, slots=True)
class SubscriptionLimits:
    """Bounds of one connection, and of one account: `account_connections` and `account_subscriptions` are those of all
    its connections together. `init_seconds`: how long a client may take to introduce itself; `buried`: how many
    completes of what has not begun are remembered, apart from those that a subscribe took up; `answer_seconds`: how
    long an operation may take, of the 29 that API Gateway waits for a function; `stale_seconds`: for how long it is
    taken for granted that whoever follows still may.
    """

    message_bytes: int = 128 * 1024
    subscriptions: int = 100
    account_connections: int = 50
    account_subscriptions: int = 1_000
    buried: int = 1_000
    id_characters: int = 100
    init_seconds: int = 10
    answer_seconds: float = 18.0
    stale_seconds: int = 15


@dataclass(frozen=True, slots=True)
class SubscriptionPorts:
    """The server whose operations are run, and the ports that following and delivering use.

    `make_context`: the context of one execution, by its request id and for whom. `pause`: waits some seconds between
    two attempts to send. `at_once`: how many posts are under way together; `chance`: a number from 0 to below 1;
    `dead`: where it is kept what could not be shown; `measures` is told how long after its recording an event has been
    sent to all, in `EventDeliveryLag`, and of what could not be shown, in `EventsDead`; `telemetry`,
    what each message of a client took.
    """

    server: Server
    store: Store
    log: Log
    connections: Connections
    queues: Queues
    clock: Clock
    ids: Ids
    make_context: Callable[[str, Principal | None], Context]
    limits: SubscriptionLimits = SubscriptionLimits()
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep
    at_once: int = 32
    chance: Callable[[], float] = SystemRandom().random
    measures: Measures = NO_MEASURES
    telemetry: Telemetry = NO_TELEMETRY
    standing: Standing = field(default_factory=Standing)

    @property
    def dead(self) -> DeadEvents:
        """Where dead letters are kept."""
        return DeadEvents(self.store, self.clock)

    def now(self) -> int:
        """The time in whole seconds since 1970."""
        return int(self.clock.now().timestamp())

    def now_ms(self) -> int:
        """The time in milliseconds since 1970."""
        return int(self.clock.now().timestamp() * 1_000)

    async def later(self, job: str, arguments: Mapping[str, Any], delay_seconds: int = 0) -> None:
        """Let `job` be done with `arguments`, after a while, in the trace of what asks. Raises `QueueUnavailable`."""
        trace = passed_on()
        body = {"job": job, "arguments": dict(arguments), **({} if trace is None else {"traceparent": trace})}
        await self.queues.jobs.send([Message(body, delay_seconds=delay_seconds)])

    @contextmanager
    def working(self) -> Generator[str]:
        """A fresh request id, which logs carry meanwhile."""
        request_id = self.ids.new("req")
        token = current_request_id.set(request_id)
        try:
            yield request_id
        finally:
            current_request_id.reset(token)
