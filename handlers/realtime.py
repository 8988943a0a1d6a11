"""What follows events and what delivers them, as one deployment has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from colonnade.composer import Composition
from colonnade.context import Clock, Context
from colonnade.events import EventHandler
from colonnade.handling import EventHandling
from colonnade.jobs import Job, Jobs
from colonnade.ownership import CORE
from colonnade.publishing import EventRelay
from colonnade.queues import Queues
from colonnade.replaying import Replaying
from colonnade.store import Store
from colonnade.subscriptions.deliverer import Deliverer
from colonnade.subscriptions.ports import SubscriptionPorts
from colonnade.subscriptions.protocol import GraphQLTransport
from colonnade.telemetry.measures import Measures
from colonnade.topic_log import TopicLog
from infra.streams import kept_row


@dataclass(frozen=True, slots=True)
class Realtime:
    """`transport`: what happens to sockets; `deliverer`: what the queues, the schedule and the stream bring."""

    transport: GraphQLTransport
    deliverer: Deliverer

    @classmethod
    def of(cls, ports: SubscriptionPorts) -> Realtime:
        """Both, on the same ports."""
        return cls(GraphQLTransport(ports), Deliverer(ports))

    @property
    def jobs(self) -> Sequence[tuple[str, Job]]:
        """The platform's own jobs, each with whose it is."""
        return [(CORE, job) for job in self.deliverer.jobs()]

    @property
    def event_handlers(self) -> Sequence[tuple[str, EventHandler]]:
        """The platform's own handlers of events, each with whose it is."""
        return [(CORE, self.deliverer.revocation())]


class Ports(Protocol):
    """What of the adapters events need: `handlers.adapters.Adapters`."""

    @property
    def store(self) -> Store: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def queues(self) -> Queues: ...

    @property
    def measures(self) -> Measures: ...


def relay_and_jobs(
    composition: Composition,
    ports: Ports,
    log: TopicLog,
    realtime: Realtime,
    make_context: Callable[[str], Context],
    hide: Callable[[str], str],
) -> tuple[EventRelay, Jobs]:
    """What follows from events, and what the schedule and the queue ask for. `hide`: a text without secrets."""
    handlers = [*composition.event_handlers, *realtime.event_handlers]
    handling = EventHandling(
        handlers,
        ports.store,
        ports.clock,
        ports.queues.jobs,
        make_context,
        measures=ports.measures,
        hide=hide,
    )
    declared = frozenset(declared.name for _, declared in composition.event_types)
    relay = EventRelay(log, handling, ports.queues.deliveries, declared, ports.measures)
    replaying = Replaying(relay, realtime.deliverer.deliver, realtime.deliverer.show_again, kept_row)
    jobs = [*composition.jobs, *realtime.jobs, (CORE, handling.job()), (CORE, replaying.job())]
    return relay, Jobs(jobs, make_context)
