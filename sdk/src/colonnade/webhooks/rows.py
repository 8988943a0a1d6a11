"""What is kept of webhooks: endpoints, deliveries, and how endpoints fare."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from colonnade.entities import Entity

PLUGIN: Final = "webhooks"

DELIVER: Final = "webhooks.deliver"
"""The job that hands one message to one endpoint."""

RECOVER: Final = "webhooks.recover"
"""The job, and the kind of operation, that sends an endpoint again what it missed."""

KEPT: Final = timedelta(days=14)
"""How long a delivery can be looked up and sent again."""

ENDPOINT: Final = Entity(
    PLUGIN,
    "Endpoint",
    partition="{owner}",
    sort="{id}",
    serves=("a principal's endpoints, oldest first", "an endpoint of a principal"),
)

FORMER: Final = Entity(
    PLUGIN,
    "Former",
    partition="{owner}",
    sort="{id}",
    serves=("which endpoints a principal deleted whose deliveries are still kept",),
    expires=True,
)

OWNER: Final = Entity(PLUGIN, "Owner", partition="{owner}", serves=("how many endpoints a principal has",))

DELIVERY: Final = Entity(
    PLUGIN,
    "Delivery",
    partition="{endpoint}",
    sort="{message}",
    serves=("what an endpoint was sent, by when it happened", "a delivery"),
    expires=True,
)

HEALTH: Final = Entity(
    PLUGIN, "Health", partition="{endpoint}", serves=("how an endpoint fares",), expires=True
)

IN_FLIGHT: Final = Entity(
    PLUGIN,
    "InFlight",
    partition="{owner}",
    sort="{place}",
    serves=("which of an account's places are taken, and by which endpoint",),
    expires=True,
)
