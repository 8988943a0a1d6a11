"""Messages of providers in the store."""

from __future__ import annotations

from typing import Final

from colonnade.entities import Entity
from colonnade.plugin import PROJECT

INBOUND_MESSAGE: Final = Entity(
    PROJECT,
    "InboundMessage",
    partition="{webhook}/{id}",
    serves=("a provider's message by its id", "whether it was processed"),
    expires=True,
)

OPEN: Final = "open"
DONE: Final = "done"
