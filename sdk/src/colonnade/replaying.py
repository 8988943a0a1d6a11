"""Replaying dead letters of events, each by whoever failed at it; what succeeds takes its letter away.

A replay may be asked for twice, and at once: a handler's writes are committed together with the end of its letter, and
everything else may be done twice by its nature.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from colonnade.dead_events import DeadEvent, DeadEvents
from colonnade.errors import message_of
from colonnade.jobs import Job
from colonnade.publishing import Deliver, Delivery, EventRelay
from colonnade.queues import Message

if TYPE_CHECKING:
    from colonnade.outbox import OutboxRow

REPLAY: Final = "colonnade.replay-event"
"""The job that replays the dead letter whose id is its argument `letter`."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Replaying:
    """Replays letters of each kind.

    `read_record`: the row of the outbox that a record of the stream brings, or ValueError; `show`: shows an event again
    to those whose document had failed at it, by its topic, the document's digest and the event's number.
    """

    relay: EventRelay
    deliver: Deliver
    show: Callable[[str, str, int], Awaitable[None]]
    read_record: Callable[[str], OutboxRow]

    @property
    def dead(self) -> DeadEvents:
        return self.relay.handling.dead

    def job(self) -> Job:
        """The job that replays."""
        return Job(REPLAY, lambda _, arguments: self.replay(str(arguments["letter"])))

    async def replay(self, letter_id: str) -> None:
        """Replay a letter; one that is gone has been, and what fails keeps its letter, with its reason."""
        letter = await self.dead.get(letter_id)
        if letter is None:
            return
        if letter.kind == "handler":
            failed = await self.relay.handling.replay(letter)
            _tell(letter, None if failed is None else failed.reason)
            return
        try:
            await self._again(letter)
        except Exception as error:
            await self.dead.failed(letter.id, message_of(error))
            _tell(letter, message_of(error))
        else:
            await self.dead.take_away(letter.id)
            _tell(letter, None)

    async def _again(self, letter: DeadEvent) -> None:
        content: Mapping[str, Any] = letter.content
        if letter.kind == "delivery":
            part = content.get("part", 0)
            await self.deliver(Delivery(letter.topic, letter.sequence, part=part, brought_again=True))
        elif letter.kind == "showing":
            await self.show(letter.topic, content["document"], letter.sequence)
        else:
            row = self.read_record(content["record"])
            if await self.relay.relay([row]):
                raise RuntimeError("the event of this record was not relayed; the log says why")
            if not await self.relay.log.append([row]):
                raise RuntimeError("the event of this record is too old to be numbered")


def asked_for(letter: str) -> Message:
    """The task that asks for a replay, in the queue of jobs."""
    return Message({"job": REPLAY, "arguments": {"letter": letter}})


def _tell(letter: DeadEvent, failed: str | None) -> None:
    fields = {"letter": letter.id, "kind": letter.kind, "who": letter.who, "topic": letter.topic}
    if failed is None:
        _log.info("A dead letter was replayed", extra={"fields": fields})
    else:
        _log.error("A dead letter failed again", extra={"fields": {**fields, "reason": failed}})
