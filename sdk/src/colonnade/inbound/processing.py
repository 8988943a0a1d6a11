"""A stored message of a provider takes effect: the handler's writes and the mark that it is done are one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

from colonnade.conditions import attribute
from colonnade.errors import ConditionFailed, HandlerFailed
from colonnade.inbound.declaration import InboundWebhook, Received
from colonnade.inbound.receiving import payload_of
from colonnade.inbound.rows import DONE, INBOUND_MESSAGE, OPEN
from colonnade.store import Update, Value, Writes

if TYPE_CHECKING:
    from colonnade.context import Context

_FRESH_READS: Final = 3


async def process(webhook: InboundWebhook, context: Context, message_id: str) -> None:
    """Have `webhook` handle a message, unless that was done; afresh where what it had read has changed.

    Raises `HandlerFailed` for a message that is no longer kept, TypeError for a handler that returns no `Writes`, and
    what the handler raises.
    """
    key = INBOUND_MESSAGE.key(webhook=webhook.name, id=message_id)
    item = await context.store.get(key)
    if item is None:
        raise HandlerFailed(f"the message {message_id} of {webhook.name} was not handled while it was kept")
    if item.attributes["state"] == DONE:
        return
    received = _received(webhook, message_id, item.attributes)
    mark = Update(
        key,
        set={"state": DONE, "doneAt": context.clock.now().isoformat()},
        condition=attribute("state").equals(OPEN),
    )
    for fresh in range(_FRESH_READS):
        writes = _checked(await webhook.handle(context, received))
        try:
            await context.store.transact(Writes([*writes, mark]))
        except ConditionFailed as error:
            if len(writes) in error.failed:
                return  # another worker was faster
            if fresh == _FRESH_READS - 1:
                raise
        else:
            return


def _received(webhook: InboundWebhook, message_id: str, attributes: Mapping[str, Value]) -> Received:
    return Received(
        message_id,
        payload_of(webhook, cast(bytes, attributes["body"])),
        cast("Mapping[str, str]", attributes["headers"]),
        datetime.fromisoformat(cast(str, attributes["at"])),
    )


def _checked(returned: object) -> Writes:
    """What a handler returned; authors are not bound to check types."""
    if not isinstance(returned, Writes):
        raise TypeError(f"a webhook's handler returns Writes, as in Writes(), not {returned!r:.80}")
    return returned
