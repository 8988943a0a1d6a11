"""Asking for a delivery: its row, and the task that makes it, in one transaction with whatever it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from colonnade.conditions import absent
from colonnade.context import Context
from colonnade.store import Put, Write
from colonnade.webhooks.deliveries import Delivery, attributes_of
from colonnade.webhooks.endpoints import Endpoint
from colonnade.webhooks.rows import DELIVER, DELIVERY, KEPT


@dataclass(frozen=True, slots=True)
class Task:
    """What the job is to do. `turn`: of the delivery, when this was asked for; `at_once`: even where the endpoint rests,
    since somebody asked for it by hand."""

    owner: str
    endpoint: str
    message: str
    turn: int
    at_once: bool = False

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        """The task that a job's arguments describe. Raises ValueError for any others."""
        owner, endpoint, message = (arguments.get(name) for name in ("owner", "endpoint", "message"))
        turn, at_once = arguments.get("turn"), arguments.get("at_once") is True
        if (
            not all(isinstance(text, str) and text for text in (owner, endpoint, message))
            or type(turn) is not int
        ):
            raise ValueError(
                f"a delivery names owner, endpoint, message and turn, not {dict(arguments)!r:.200}"
            )
        return cls(str(owner), str(endpoint), str(message), turn, at_once)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the job that does this."""
        named: dict[str, Any] = {
            "owner": self.owner,
            "endpoint": self.endpoint,
            "message": self.message,
            "turn": self.turn,
        }
        return {**named, "at_once": True} if self.at_once else named


def task_for(delivery: Delivery, at: datetime, context: Context, *, at_once: bool = False) -> Put:
    """The write that has `delivery` tried at `at`, in its present turn."""
    task = Task(delivery.owner, delivery.endpoint, delivery.message, delivery.turn, at_once)
    when = at if at > context.clock.now() else None
    return context.later(DELIVER, task.arguments, at=when, key=f"{delivery.id}:{delivery.turn}")


def new_delivery(
    context: Context, endpoint: Endpoint, message: str, webhook_type: str, body: str, *, at_once: bool = False
) -> tuple[Delivery, Sequence[Write]]:
    """A delivery, and the writes that begin it."""
    now = context.clock.now()
    delivery = Delivery(
        endpoint=endpoint.id,
        message=message,
        owner=endpoint.owner,
        type=webhook_type,
        body=body,
        created_at=now,
        expires_at=int((now + KEPT).timestamp()),
        due_at=now,
    )
    row = DELIVERY.put(attributes_of(delivery), condition=absent(), expires_at=delivery.expires_at)
    return delivery, [row, task_for(delivery, now, context, at_once=at_once)]


def turned(delivery: Delivery, due_at: datetime) -> Delivery:
    """`delivery`, to be tried at `due_at` and not when it was to be before."""
    return replace(delivery, turn=delivery.turn + 1, due_at=due_at, claim=None, claimed_until=0)
