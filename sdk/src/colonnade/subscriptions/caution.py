"""Delivering what a process ended amid: a document that ends each process at an event is set aside there.

Whoever is killed, or ends out of memory or of time, cannot say at what. So when the queue brings a delivery again, it is
written into the topic's mark which event is about to be shown with which document, one such pair at a time, before it is
executed; what stands there afterwards was at work when the process ended. A pair that has ended `TRIES` processes so is
set aside: those who follow with the document are told that the event could not be shown, as where its field raises, it is a
dead letter, and everybody goes on with the next event. A delivery that comes for the first time writes nothing of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from colonnade import masking
from colonnade.conditions import Condition, attribute
from colonnade.dead_events import letter_id
from colonnade.errors import ConditionFailed, HandlerFailed, StoreError
from colonnade.store import Update, Value, Writes
from colonnade.subscriptions.groups import Group, Shown, show
from colonnade.subscriptions.letters import document_id, letter_names, letter_of
from colonnade.subscriptions.messages import response_text
from colonnade.subscriptions.rows import DELIVERED

if TYPE_CHECKING:
    from colonnade.subscriptions.occurrences import Showing
    from colonnade.subscriptions.ports import SubscriptionPorts

TRIES: Final = 2
"""Processes that a document may end at an event before it is set aside there; the one that nobody counted comes before."""

ENDED: Final = "each process that showed it ended before that: out of memory, out of time, or killed"
"""The reason that stands where nobody was left to give another."""

_TAKING_BACK: Final = 4

_log: Final = logging.getLogger(__name__)

_Pair: TypeAlias = tuple[int, str]
"""The number of an event, and a document's digest."""


@dataclass(slots=True)
class Caution:
    """What is known, and noted, of pairs that ended processes, in one walk over a part of a topic, `name`.

    `kept`: what the mark says of them, None where it says nothing; `noting`: whether pairs are noted before they are
    executed. What was set aside is never executed, noting or not.
    """

    ports: SubscriptionPorts
    name: str
    delivered: int
    kept: Sequence[Value] | None
    noting: bool
    _tries: dict[_Pair, int] = field(default_factory=dict[_Pair, int])
    _aside: set[_Pair] = field(default_factory=set[_Pair])
    _at: _Pair | None = None
    _running: int = 0
    _open: Counter[_Pair] = field(default_factory=Counter[_Pair])
    """How many executions of a pair began here and have not ended."""

    _told: set[_Pair] = field(default_factory=set[_Pair])
    _turn: asyncio.Condition = field(default_factory=asyncio.Condition)

    @classmethod
    def of(
        cls, ports: SubscriptionPorts, name: str, delivered: int, mark: Mapping[str, Value], *, noting: bool
    ) -> Caution | None:
        """What a mark gives reason to; None where nothing does."""
        kept, found = _kept(mark)
        tries = {pair: times for pair, times in found.items() if pair[0] > delivered}
        if not tries and not noting:
            return None
        aside = {pair for pair, times in tries.items() if times >= TRIES}
        return cls(ports, name, delivered, kept, noting, tries, aside)

    async def show(self, ports: SubscriptionPorts, group: Group, showing: Showing) -> Shown | None:
        """`groups.show`, but for what was set aside. Raises `HandlerFailed` where another process is at the same."""
        pair = (showing.sequence, document_id(group))
        if pair in self._aside or not self.noting:
            return await self._shown(group, showing, pair)
        async with self._turn:
            await self._turn.wait_for(lambda: self._at == pair or not self._running)
            if self._at != pair:
                await self._begin(pair, showing.topic)
            self._running += 1
            self._open[pair] += 1
        try:
            shown = await self._shown(group, showing, pair)
        except Exception:
            self._open[pair] -= 1  # It failed, and has ended nothing.
            raise
        else:
            self._open[pair] -= 1
            return shown
        finally:
            async with self._turn:
                self._running -= 1
                self._turn.notify_all()

    def progress(self) -> tuple[dict[str, Value], Condition]:
        """What the mark is to say as the walk has come further, and the condition that nobody else has noted anything."""
        nobody_else = self._nobody_else
        self._tries, self._at = self._still, None
        self.kept = _rows(self._tries)
        return {"tried": self.kept}, nobody_else

    async def failed(self) -> None:
        """Take back what was counted here and has ended no process: what failed is brought again.

        Another process that delivered meanwhile has counted on from there, so it is taken back from what the mark says by
        now; else the next would take two who live for two that ended.
        """
        for _ in range(_TAKING_BACK):
            if self._still == self._tries:
                return
            try:
                await self._write(self._still)
            except HandlerFailed:
                mark = await self.ports.store.get(DELIVERED.key(topic=self.name))
                if mark is None or mark.attributes["through"] != self.delivered:
                    return  # Everybody has been sent these events, and nobody will count them any more.
                self.kept, self._tries = _kept(mark.attributes)
            except StoreError:
                return  # It stays counted: at the edge of an outage, one attempt at most.

    async def _begin(self, pair: _Pair, topic: str) -> None:
        """Count an attempt before it is made, unless the pair was set aside in another part of the topic."""
        if any(self._open.values()):
            raise HandlerFailed(f"{self.name}: this process is ending")
        tries = self._still
        if pair not in tries:
            letter = await self.ports.dead.get(letter_id("showing", *letter_names(topic, *pair)))
            if letter is not None and letter.reason == ENDED:
                self._aside.add(pair)
                self._tries[pair] = TRIES
                return
        await self._write({**tries, pair: tries.get(pair, 0) + 1})
        self._at = pair

    async def _write(self, tries: dict[_Pair, int]) -> None:
        rows = _rows(tries)
        noted = Update(DELIVERED.key(topic=self.name), set={"tried": rows}, condition=self._nobody_else)
        try:
            await self.ports.store.transact(Writes([noted]))
        except ConditionFailed as error:
            raise HandlerFailed(f"{self.name}: another process delivers the same events") from error
        self._tries, self.kept = tries, rows

    async def _shown(self, group: Group, showing: Showing, pair: _Pair) -> Shown | None:
        if pair not in self._aside:
            return await show(self.ports, group, showing)
        if pair not in self._told:
            self._told.add(pair)
            await self._keep(group, showing)
        with self.ports.working() as request_id:
            body = {"data": None, "errors": [masking.internal().formatted(request_id)]}
            return Shown(response_text(body, request_id), failed=True)

    async def _keep(self, group: Group, showing: Showing) -> None:
        fields = {"topic": showing.topic, "sequence": showing.sequence, "document": document_id(group)}
        _log.error("An event ends each process that shows it, and is set aside", extra={"fields": fields})
        letter = letter_of(self.ports, group, showing, ENDED, attempts=TRIES + 1)
        if letter is not None and await self.ports.dead.keep(letter):
            self.ports.measures.count("EventsDead", 1, "Count", kind="showing")

    @property
    def _still(self) -> dict[_Pair, int]:
        """What is counted but for what began here and has ended well."""
        began = self._open.keys() - self._aside
        return {pair: times for pair, times in self._tries.items() if pair not in began or self._open[pair]}

    @property
    def _nobody_else(self) -> Condition:
        at = attribute("through").equals(self.delivered)
        kept = attribute("tried")
        return at & (kept.absent() if self.kept is None else kept.equals(self.kept))


def _kept(mark: Mapping[str, Value]) -> tuple[Sequence[Value] | None, dict[_Pair, int]]:
    """What a mark says, as it is there and as it is counted."""
    kept = cast("Sequence[Value] | None", mark.get("tried"))
    found = cast("Sequence[tuple[int, str, int]]", kept or ())
    return kept, {(number, document): times for number, document, times in found}


def _rows(tries: Mapping[_Pair, int]) -> Sequence[Value]:
    return [[number, document, times] for (number, document), times in tries.items()]
