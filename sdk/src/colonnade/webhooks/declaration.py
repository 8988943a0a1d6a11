"""What a plugin declares of its events that third parties may be told of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from colonnade.events import Event, EventHandler, Published
from colonnade.permissions import Permission

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.store import Writes

TEST: Final = "webhook.test"
"""The type of what an owner sends to try an endpoint out; every endpoint takes it."""

MOST_OWNERS: Final = 4
"""Principals that one event may tell of itself: with `MOST_ENDPOINTS` each, all of it is one transaction."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+")


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told, and to whom. `owners`: ids of principals, whose endpoints get it; `data`: JSON values, the public
    payload. Amounts are strings, as in the API; what is large is named by its id, for the receiver to ask for.

    Raises ValueError for more than `MOST_OWNERS` owners.
    """

    owners: tuple[str, ...]
    data: Mapping[str, Any]

    def __post_init__(self) -> None:
        if len(set(self.owners)) > MOST_OWNERS:
            raise ValueError(f"an event is told to at most {MOST_OWNERS} principals, not {len(self.owners)}")


@dataclass(frozen=True, slots=True)
class WebhookType:
    """A kind of webhook that owners of endpoints can choose.

    `name`: what it is about and what happened, as in `tip.received`; unique across plugins, kept for ever. `tells(event)`:
    what of an event is told and to whom, or None where this is no such event; it is pure. `version`: of the payload,
    sent along; what only adds fields keeps it. `permission`: which one choosing the type takes, or None. Raises
    ValueError for a name of another form and for a version below 1.
    """

    name: str
    description: str
    event: type[Event]
    tells: Callable[[Any], Notice | None]
    version: int = 1
    permission: Permission | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name == TEST:
            raise ValueError(
                f"a webhook is called by lower-case words and dots, as in tip.received, and not {self.name!r}"
            )
        if self.version < 1:
            raise ValueError(f"{self.name}: versions of a payload count from 1, not {self.version}")


@dataclass(frozen=True, slots=True)
class WebhookTypes:
    """Every type that the plugins of a deployment declare, by its name. Provided by the platform."""

    by_name: Mapping[str, WebhookType] = field(default_factory=dict[str, WebhookType])

    @classmethod
    def declared(cls, types: Iterable[WebhookType]) -> WebhookTypes:
        """As the plugins say."""
        return cls({declared.name: declared for declared in types})


class Webhooks(Protocol):
    """Tells endpoints. Provided by the SDK's plugin `webhooks`; where that is missing, nobody is told of anything."""

    async def tell(
        self, context: Context, types: Sequence[WebhookType], event: Event, published: Published
    ) -> Writes:
        """What is to be written so that every endpoint which wants `event` gets it."""
        ...


def webhook_handlers(declared: Sequence[tuple[str, WebhookType]]) -> Sequence[tuple[str, EventHandler]]:
    """The event handlers that tell of the types which plugins declare, one for each plugin and event."""
    together: dict[tuple[str, str], list[WebhookType]] = {}
    for plugin, webhook in declared:
        together.setdefault((plugin, webhook.event.event_name), []).append(webhook)
    return [
        (
            plugin,
            EventHandler(
                f"colonnade.webhooks.{plugin}/{event}", types[0].event, partial(_told, tuple(types))
            ),
        )
        for (plugin, event), types in together.items()
    ]


async def _told(types: Sequence[WebhookType], context: Context, event: Event, published: Published) -> Writes:
    return await context.services.get(Webhooks).tell(context, types, event, published)
