"""What follows events and what delivers them, as one deployment has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colonnade.events import EventHandler
from colonnade.jobs import Job
from colonnade.ownership import CORE
from colonnade.subscriptions.deliverer import Deliverer
from colonnade.subscriptions.ports import SubscriptionPorts
from colonnade.subscriptions.protocol import GraphQLTransport


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
