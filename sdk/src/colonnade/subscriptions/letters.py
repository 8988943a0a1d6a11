"""Dead letters of events that could not be shown: one for all groups with the same document."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Final

from colonnade.errors import StoreError

if TYPE_CHECKING:
    from colonnade.dead_events import DeadEvent
    from colonnade.subscriptions.groups import Group
    from colonnade.subscriptions.occurrences import Showing
    from colonnade.subscriptions.ports import SubscriptionPorts

_log: Final = logging.getLogger(__name__)


async def report(ports: SubscriptionPorts, group: Group, showing: Showing, reason: str) -> None:
    """Keep a dead letter of an event that could not be shown: one for all groups with this document."""
    letter = letter_of(ports, group, showing, reason)
    if letter is None or not ports.standing.is_news(letter.id):
        return
    try:
        if await ports.dead.keep(letter):
            ports.measures.count("EventsDead", 1, "Count", kind="showing")
    except StoreError:
        _log.warning("A dead letter could not be kept", exc_info=True)


def letter_of(
    ports: SubscriptionPorts, group: Group, showing: Showing, reason: str, attempts: int = 1
) -> DeadEvent | None:
    """The dead letter of an event that could not be shown; None where it is no event that was to be shown."""
    if showing.published is None:
        return None
    document = document_id(group)
    return ports.dead.letter(
        "showing",
        letter_names(showing.topic, showing.sequence, document),
        f"subscription {group.operation_name or ''}".strip(),
        reason,
        topic=showing.topic,
        sequence=showing.sequence,
        event=showing.published.id,
        attempts=attempts,
        content={"document": document},
    )


def letter_names(topic: str, sequence: int, document: str) -> tuple[str, str, str]:
    """What names the dead letter of an event that could not be shown with a document, by its digest."""
    return topic, str(sequence), document


def document_id(group: Group) -> str:
    """Equal for groups with the same document."""
    return hashlib.sha256(group.document.encode(errors="surrogatepass")).hexdigest()[:32]
