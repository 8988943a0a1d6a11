"""What happens with applause, told to whoever follows it."""

from __future__ import annotations

from typing import Final

from colonnade.events import Event, EventType, event


@event("applause.given", key=("chain_id", "token"))
class ApplauseGiven(Event):
    """Somebody applauded `token`, an address on the chain `chain_id`."""

    chain_id: int
    token: str
    applause_id: str
    giver: str


EVENTS: Final = (EventType(ApplauseGiven, "Somebody applauded a token."),)
