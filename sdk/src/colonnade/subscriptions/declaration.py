"""What an author writes: which topics, and what an event looks like to a subscriber."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from colonnade.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

Topics: TypeAlias = "Callable[..., Iterable[str] | Awaitable[Iterable[str]]]"
Author: TypeAlias = Callable[..., Awaitable[Any]]

_SHORTEST_MS: Final = 50
_LONGEST_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Lossless:
    """Every event, in order; a client resumes with the cursor of the last one it has seen."""


@dataclass(frozen=True, slots=True)
class Conflated:
    """Only the newest event, at most once in `interval_ms`; what it replaces is not sent."""

    interval_ms: int

    def __post_init__(self) -> None:
        if not _SHORTEST_MS <= self.interval_ms <= _LONGEST_MS:
            raise ValueError(
                f"a conflated subscription sends once in {_SHORTEST_MS} to {_LONGEST_MS} ms, not {self.interval_ms}"
            )


Delivery: TypeAlias = Lossless | Conflated

lossless: Final = Lossless()
"""Every event of one topic, in order, resumable for as long as the log keeps them."""


def conflated(interval_ms: int) -> Conflated:
    """The newest event of each topic, at most one in `interval_ms` (50 to 60,000) milliseconds."""
    return Conflated(interval_ms)


@dataclass(frozen=True, slots=True)
class SubscriptionField:
    """A field of `Subscription`; what `subscription` makes of an author's function.

    `requires`: permissions a viewer needs; None: nobody has to be signed in. `cost`: see `subscription`.
    """

    name: str
    function: Author
    topics: Topics
    delivery: Delivery
    snapshot: Author | None
    shared: bool
    requires: tuple[Permission, ...] | None
    description: str
    cost: int = 0


def subscription(
    *,
    topics: Topics,
    delivery: Delivery,
    description: str,
    snapshot: Author | None = None,
    shared: bool = False,
    requires: Sequence[Permission] | None = None,
    cost: int = 0,
) -> Callable[[Author], SubscriptionField]:
    """Make a function a field of `Subscription`, to be given to the `graphql` hook beside types.

    The function, `async def name(event, info, **arguments) -> T | None`, says what an event looks like to this
    subscriber; None is "not for this subscriber". The annotation of `event` names the events it takes, a union of
    them where topics differ; its further parameters are the field's arguments.

    `topics(context, **arguments)`, which may be async, gives the topics to follow, one if `delivery` is lossless. It
    raises `Forbidden` or `InvalidRequest` where this viewer may not. `snapshot(info, **arguments)`, async, is what
    there is to see now; it is sent once, before events, and taken after the subscription has begun, so that nothing
    falls between. `shared`: what it gives is the same for everyone with these arguments, so one execution serves
    all; it then runs without a principal. `requires`: permissions a viewer needs; `()`: anybody who is signed in;
    None: everybody. `cost`: what one message costs beside the objects it shows (`colonnade.cost`), looked at when
    somebody begins.

    The field delivers `<Field>Payload`, and a lossless one takes `after: String`: both are added.
    """

    def decorate(function: Author) -> SubscriptionField:
        return SubscriptionField(
            name=getattr(function, "__name__", type(function).__name__),
            function=function,
            topics=topics,
            delivery=delivery,
            snapshot=snapshot,
            shared=shared,
            requires=None if requires is None else tuple(requires),
            description=description,
            cost=cost,
        )

    return decorate
