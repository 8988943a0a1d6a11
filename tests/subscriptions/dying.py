"""Deliveries whose process ends amid them, again and again, as a queue brings them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from colonnade.errors import HandlerFailed
from colonnade.publishing import Delivery
from tests.subscriptions.stage import ADA, Stage


class Killed(BaseException):
    """The process has ended: nothing catches it, nothing is written any more."""


def killed() -> None:
    raise Killed


async def bring(stage: Stage, through: int, *, part: int = 0, first: bool = True, most: int = 20) -> int:
    """Bring a delivery until a process lives to its end; how many ended before. `first`: it was never brought before."""

    async def once(attempt: int) -> None:
        brought_again = attempt > 0 or not first
        await stage.deliverer.deliver(Delivery(ADA, through, part=part, brought_again=brought_again))

    return await until_it_lives(once, most)


async def until_it_lives(once: Callable[[int], Awaitable[None]], most: int = 20) -> int:
    """Do `once` until nothing ends it; how often something did."""
    for attempt in range(most):
        try:
            await once(attempt)
        except (Killed, HandlerFailed):
            continue
        return attempt
    raise AssertionError(f"the topic still stands after {most} processes")
