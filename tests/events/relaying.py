"""A relay on memory, with queues that can be looked into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from colonnade.chains import Chains
from colonnade.context import Context
from colonnade.cursors import CursorSigner
from colonnade.errors import QueueUnavailable
from colonnade.events import EventHandler
from colonnade.handling import EventHandling
from colonnade.publishing import EventRelay
from colonnade.queues import Message
from colonnade.services import Services
from colonnade.store import Store
from colonnade.testing import FrozenClock, MemoryStore, ScriptedChains, SequentialIds
from colonnade.topic_log import TopicLog
from tests.events.rows import BellRung


@dataclass
class HeldQueue:
    """Keeps what it is sent; unavailable while `down`."""

    messages: list[Message] = field(default_factory=list)
    down: bool = False

    async def send(self, messages: Sequence[Message]) -> None:
        if self.down:
            raise QueueUnavailable("the queue is down")
        self.messages += messages


class Noted:
    """`Measures` that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, float, str, dict[str, str]]] = []

    def count(self, name: str, value: float, unit: str, **dimensions: str) -> None:
        self.told.append((name, value, unit, dimensions))

    def flush(self) -> None:
        """Nothing waits."""


@dataclass
class Relaying:
    """The parts of a relay. `store`: what the relay works on; `memory`: what is beneath."""

    handlers: Sequence[EventHandler] = ()
    clock: FrozenClock = field(default_factory=FrozenClock)
    deliveries: HeldQueue = field(default_factory=HeldQueue)
    jobs: HeldQueue = field(default_factory=HeldQueue)
    budget: float = 5.0

    def __post_init__(self) -> None:
        self.measures = Noted()
        self.memory = MemoryStore(self.clock)
        self.ids = SequentialIds(self.clock)
        self.chains: Chains = ScriptedChains()
        self.use(self.memory)

    def use(self, store: Store) -> None:
        """From now on the relay works on `store`."""
        self.store = store
        self.log = TopicLog(store, self.clock)
        self.handling = EventHandling(
            [("bells", handler) for handler in self.handlers],
            store,
            self.clock,
            self.jobs,
            self.context,
            self.budget,
            self.measures,
        )
        self.relay = EventRelay(
            self.log, self.handling, self.deliveries, {BellRung.event_name}, self.measures
        )

    def context(self, request_id: str) -> Context:
        return Context(
            request_id=request_id,
            store=self.store,
            chains=self.chains,
            services=Services({}),
            clock=self.clock,
            ids=self.ids,
            cursors=CursorSigner(b"k" * 32),
        )

    @property
    def told(self) -> list[tuple[str, int]]:
        """The topics that were to be delivered, and how far."""
        return [(m.body["topic"], m.body["through"]) for m in self.deliveries.messages]
