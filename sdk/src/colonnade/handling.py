"""Event handlers at work: each takes effect once, inside its plugin's boundary, and none holds up the others for long.

A handler's writes are committed together with a mark of (event, handler), so that an event that comes again changes
nothing. One that fails keeps its place for two more attempts, and the later events of its topic wait for it, with this
handler alone; one that ends its process, too (`colonnade.attempts`). Then the event is set aside for it, in a letter that
says why (`colonnade.dead_events`), and a task in the queue of jobs brings it back; after `ATTEMPTS_ASIDE` of these it is
a dead letter, which only a replay brings back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from colonnade.attempts import ASIDE, ATTEMPTS, DONE, ENDED, FAILING, OPEN, Attempts
from colonnade.boundary import bounded
from colonnade.conditions import Condition, absent, attribute
from colonnade.dead_events import MOST_REASON, DeadEvent, DeadEvents, event_of, letter_id
from colonnade.errors import (
    ConditionFailed,
    HandlerFailed,
    QueueUnavailable,
    StoreConflict,
    StoreUnavailable,
    message_of,
)
from colonnade.events import EventHandler, Published
from colonnade.jobs import Job
from colonnade.queues import Message, Queue
from colonnade.store import Delete, Put, Store, Writes
from colonnade.telemetry.measures import NO_MEASURES, Measures
from colonnade.telemetry.record import working

if TYPE_CHECKING:
    from colonnade.context import Clock, Context

HANDLE_AGAIN: Final = "colonnade.handle-again"
"""The job that brings back what was set aside."""

ATTEMPTS_ASIDE: Final = 5
"""How often that job tries, as often as the queue of jobs brings it."""

HANDLER_BUDGET: Final = 5.0
"""Seconds that a handler may take over an event."""

_FRESH_READS: Final = 3
_PAUSE: Final = timedelta(seconds=60)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EventHandling:
    """Gives events to the handlers that plugins declared, each with its plugin.

    `make_context`: the context of one piece of work by its id. `jobs`: where what was set aside waits. `budget`:
    seconds that a handler may take. `measures` is told how long after its recording an event was handled, in
    `EventHandlingLag`, and of dead letters, in `EventsDead`. `hide`: a text without the deployment's secrets.
    """

    handlers: Sequence[tuple[str, EventHandler]]
    store: Store
    clock: Clock
    jobs: Queue
    make_context: Callable[[str], Context]
    budget: float = HANDLER_BUDGET
    measures: Measures = NO_MEASURES
    hide: Callable[[str], str] = str

    @property
    def dead(self) -> DeadEvents:
        """The letters of what was set aside."""
        return DeadEvents(self.store, self.clock, self.hide)

    def names(self, event_name: str) -> Sequence[str]:
        """The handlers of an event, by name, in the order of their plugins."""
        return [h.name for _, h in self.handlers if h.event.event_name == event_name]

    async def handle(
        self, name: str, published: Published, *, again: bool = False, traceparent: str | None = None
    ) -> None:
        """Let one handler take effect, or set the event aside for it.

        `again`: the event was brought before, and may have ended the process that was given it. `traceparent`: of the
        trace in which it was recorded, which the job that brings it back goes on with. Raises `HandlerFailed` where it is to be tried again, and `StoreUnavailable`, `StoreConflict` and
        `QueueUnavailable`, which do not count as attempts.
        """
        plugin, handler = self._named(name)
        number = await self._attempts.count(published.id, name) if again else 0
        if number is None:
            return
        try:
            try:
                if number > ATTEMPTS:
                    raise HandlerFailed(ENDED)
                await self._attempt(plugin, handler, published, OPEN, marked=again)
            except (StoreUnavailable, StoreConflict):
                raise
            except Exception as error:
                if not await self._aside(plugin, handler, published, error, number, traceparent):
                    raise HandlerFailed(f"{plugin!r}: handler {name}: {message_of(error)}") from error
        except (StoreUnavailable, StoreConflict, QueueUnavailable):
            if 0 < number <= ATTEMPTS:
                await self._attempts.forget(published.id, name, number)
            raise

    def job(self) -> Job:
        """The job that brings back what was set aside."""
        return Job(HANDLE_AGAIN, lambda _, arguments: self.again(arguments))

    async def again(self, arguments: Mapping[str, Any]) -> None:
        """The job `HANDLE_AGAIN`: one handler, and one event that was set aside for it.

        Raises `HandlerFailed` for the queue to try again, until the letter is dead.
        """
        name = str(arguments["handler"])
        letter = await self.dead.get(letter_id("handler", str(arguments["event"]), name))
        if letter is None or letter.state == "dead":
            return  # It has taken effect; or it waits for a replay, which does it.
        # Counted before: an event that ends this process, too, is dead in the end.
        counted = await self.dead.failed(letter.id, ENDED, ATTEMPTS + ATTEMPTS_ASIDE)
        if counted is None:
            return
        failed = await self.replay(letter, counted=counted.attempts)
        if failed is not None and failed.state == "waiting":
            raise HandlerFailed(f"handler {name}, event {letter.event}: {failed.reason}")

    async def replay(self, letter: DeadEvent, counted: int | None = None) -> DeadEvent | None:
        """Give a letter's event to its handler again; the letter, where it failed again.

        `counted`: the attempts with this one, where it is counted already. Raises `StoreUnavailable` and `StoreConflict`, which do not count as attempts.
        """
        name = str(letter.content["handler"])
        try:
            plugin, handler = self._named(name)
            await self._attempt(
                plugin,
                handler,
                event_of(letter),
                absent() | attribute("state").differs(DONE),
                letter.taken_away(),
            )
        except (StoreUnavailable, StoreConflict) as error:
            if counted is not None:
                await self.dead.uncounted(letter.id, message_of(error), counted)
            raise
        except Exception as error:
            most = ATTEMPTS + ATTEMPTS_ASIDE
            failed = await self.dead.failed(letter.id, message_of(error), most, counted)
            if failed is not None and failed.state == "dead":
                fields = {
                    "letter": letter.id,
                    "handler": name,
                    "eventId": letter.event,
                    "topic": letter.topic,
                }
                _log.error("An event is a dead letter", extra={"fields": fields}, exc_info=error)
                if letter.state != "dead":
                    self.measures.count("EventsDead", 1, "Count", kind="handler")
            return failed
        return None

    async def _attempt(
        self,
        plugin: str,
        handler: EventHandler,
        published: Published,
        open_: Condition,
        letter: Delete | None = None,
        *,
        marked: bool = False,
    ) -> None:
        """Run and commit, afresh where what the handler had read has changed; its mark stands while `open_` holds.

        `letter`: the end of the letter that it is replayed from; `marked`: whether it is marked although there is nothing
        to write.
        """
        for fresh in range(_FRESH_READS):
            context = self.make_context(published.id)
            work = handler.handle(context, handler.event.of(published.payload), published)
            with working(plugin):
                writes = _checked(await bounded(f"handler {handler.name}", self.budget, work))
            if not len(writes) and letter is None and not marked:
                self._tell(handler, published)
                return
            mark = self._attempts.done(published.id, handler.name, open_)
            try:
                await self.store.transact(Writes([*writes, mark, *([] if letter is None else [letter])]))
            except ConditionFailed as error:
                taken_effect_or_set_aside = any(place >= len(writes) for place in error.failed)
                if not taken_effect_or_set_aside and fresh == _FRESH_READS - 1:
                    raise
                if not taken_effect_or_set_aside:
                    continue
            else:
                self._tell(handler, published)
            return

    def _tell(self, handler: EventHandler, published: Published) -> None:
        lag = (self.clock.now() - published.at).total_seconds() * 1_000
        self.measures.count("EventHandlingLag", lag, "Milliseconds", handler=handler.name)

    async def _aside(
        self,
        plugin: str,
        handler: EventHandler,
        published: Published,
        error: Exception,
        counted: int,
        traceparent: str | None,
    ) -> bool:
        """Count a failure; whether it was one too many, and the event is set aside.

        `counted`: the attempt's number where it is counted already, or 0.
        """
        state, before, same = await self._attempts.found(published.id, handler.name)
        if state != FAILING:
            return True
        number = min(counted, ATTEMPTS) if counted else before + 1
        last = number >= ATTEMPTS
        fields = {
            "plugin": plugin,
            "handler": handler.name,
            "eventId": published.id,
            "topic": published.topic,
        }
        _log.log(
            logging.ERROR if last else logging.WARNING,
            "An event handler failed for the last time; the event is set aside"
            if last
            else "An event handler failed",
            extra={"fields": {**fields, "sequence": published.sequence, "attempt": number}},
            exc_info=error,
        )
        if last:
            arguments = {"handler": handler.name, "event": published.id}
            trace = {} if traceparent is None else {"traceparent": traceparent}
            body = {"job": HANDLE_AGAIN, "arguments": arguments, **trace}
            await self.jobs.send([Message(body, delay_seconds=int(_PAUSE.total_seconds()))])
        state, reason = ASIDE if last else FAILING, self.hide(message_of(error))[:MOST_REASON]
        failure = self._attempts.failing(published.id, handler.name, number, reason, same, state)
        letters = [self._letter(plugin, handler, published, error, number)] if last else []
        try:
            await self.store.transact(Writes([failure, *letters]))
        except ConditionFailed:
            return False  # another delivery of this event was faster, and this one comes again
        return last

    def _letter(
        self, plugin: str, handler: EventHandler, published: Published, error: Exception, attempts: int
    ) -> Put:
        letter = self.dead.letter(
            "handler",
            (published.id, handler.name),
            f"{plugin}: {handler.name}",
            message_of(error),
            state="waiting",
            attempts=attempts,
            topic=published.topic,
            sequence=published.sequence,
            event=published.id,
            content={
                "handler": handler.name,
                "name": published.name,
                "payload": published.payload,
                "at": published.at.isoformat(),
            },
        )
        return self.dead.put(letter)

    @property
    def _attempts(self) -> Attempts:
        return Attempts(self.store, self.clock)

    def _named(self, name: str) -> tuple[str, EventHandler]:
        for plugin, handler in self.handlers:
            if handler.name == name:
                return plugin, handler
        raise HandlerFailed(f"no plugin here declares the event handler {name}")


def _checked(returned: object) -> Writes:
    """What a handler returned; authors are not bound to check types."""
    if not isinstance(returned, Writes):
        raise TypeError(f"a handler returns Writes, as in Writes(), not {returned!r:.80}")
    return returned
