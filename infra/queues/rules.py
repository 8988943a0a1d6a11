"""What both kinds of queue hold messages to: SQS's limits, and what a first-in-first-out queue cannot do."""

from __future__ import annotations

import json
from typing import Final

from colonnade.queues import Message

MAX_BODY_BYTES: Final = 256 * 1024
"""Also what one batch holds in all."""

MAX_BATCH: Final = 10
MAX_ATTEMPTS: Final = 5
"""How often a message is taken before it counts as dead, on a laptop and on AWS."""

MAX_DELAY_SECONDS: Final = 900
MAX_NAME: Final = 128


def body_of(message: Message, *, fifo: bool) -> str:
    """The text of a message. Raises ValueError for a message that a queue of this kind cannot take."""
    if fifo and message.group is None:
        raise ValueError("a message of a first-in-first-out queue belongs to a group; give it one")
    if fifo and message.delay_seconds:
        raise ValueError("a first-in-first-out queue delays no single message; send it later")
    if not 0 <= message.delay_seconds <= MAX_DELAY_SECONDS:
        raise ValueError(
            f"a message is delayed by 0 to {MAX_DELAY_SECONDS} seconds, not {message.delay_seconds}"
        )
    for name in (message.group, message.deduplication_id):
        if name is not None and not (0 < len(name) <= MAX_NAME and name.isascii() and name.isprintable()):
            raise ValueError(
                f"groups and deduplication ids are 1 to {MAX_NAME} ASCII characters, not {name!r:.200}"
            )
    body = json.dumps(dict(message.body), separators=(",", ":"))
    if len(body) > MAX_BODY_BYTES:
        raise ValueError(f"a message holds at most {MAX_BODY_BYTES} bytes, not {len(body)}; send a reference")
    return body
