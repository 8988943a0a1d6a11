"""Deliveries as they are kept: a message on its way to one endpoint, and every attempt to hand it over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from colonnade.ids import RANDOM_BITS, is_id, ulid
from colonnade.store import Value
from colonnade.webhooks.states import DeliveryState, Fault

MOST_ATTEMPTS_KEPT: Final = 20
MAX_BODY_BYTES: Final = 16 * 1024

_ULID: Final = 26


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request. `at`: when it was sent, UTC; `answer`: the beginning of what came back; `milliseconds`: how long
    that took."""

    at: datetime
    status: int | None
    milliseconds: int
    fault: Fault | None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message for an endpoint.

    `turn`: rises whenever it is decided when to try next, so that a task knows whether it is still meant. `tries`: attempts
    since it was made or sent again by hand; `waits`: how often it was put off since the last of them. `claimed_until`:
    epoch seconds until which `claim` alone may send it. `expires_at`: epoch seconds.
    """

    endpoint: str
    message: str
    owner: str
    type: str
    body: str
    created_at: datetime
    expires_at: int
    state: DeliveryState = DeliveryState.PENDING
    turn: int = 1
    tries: int = 0
    waits: int = 0
    due_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    claim: str | None = None
    claimed_until: int = 0

    @property
    def id(self) -> str:
        """Its id in the API: of its endpoint, then of its message."""
        return f"whd_{self.endpoint.partition('_')[2]}{self.message.partition('_')[2]}"


def place_of(delivery_id: str) -> tuple[str, str] | None:
    """The endpoint and the message that a delivery's id names, or None for what is no such id."""
    prefix, _, rest = delivery_id.partition("_")
    endpoint, message = f"whe_{rest[:_ULID]}", f"msg_{rest[_ULID:]}"
    if prefix != "whd" or not is_id(endpoint, "whe") or not is_id(message, "msg"):
        return None
    return endpoint, message


def message_id(event_id: str, webhook_type: str, at: datetime) -> str:
    """The id of the message that tells of an event: the same whenever that is worked out, and sorting by `at`."""
    digest = hashlib.sha256(f"{event_id}\0{webhook_type}".encode()).digest()
    milliseconds = int(at.timestamp() * 1_000)
    return f"msg_{ulid(milliseconds << RANDOM_BITS | int.from_bytes(digest[: RANDOM_BITS // 8]))}"


def body_of(webhook_type: str, version: int, at: datetime, data: Mapping[str, Any]) -> str:
    """The text that is sent. Raises ValueError for one of more than `MAX_BODY_BYTES`, or that JSON cannot say."""
    told = {"type": webhook_type, "version": version, "timestamp": at.isoformat(), "data": dict(data)}
    body = json.dumps(told, separators=(",", ":"), allow_nan=False)
    if len(body) > MAX_BODY_BYTES:
        raise ValueError(
            f"{webhook_type}: a webhook holds at most {MAX_BODY_BYTES} bytes, not {len(body)}; name what is large by its id"
        )
    return body


def attributes_of(delivery: Delivery) -> Mapping[str, Value]:
    """What the row of a delivery holds."""
    return {
        "endpoint": delivery.endpoint,
        "message": delivery.message,
        "owner": delivery.owner,
        "type": delivery.type,
        "body": delivery.body,
        "created_at": delivery.created_at.isoformat(),
        "expires_at": delivery.expires_at,
        **progress_of(delivery),
    }


def progress_of(delivery: Delivery) -> dict[str, Value]:
    """What of a row changes with each attempt."""
    return {
        "state": delivery.state.name,
        "turn": delivery.turn,
        "tries": delivery.tries,
        "waits": delivery.waits,
        "due_at": None if delivery.due_at is None else delivery.due_at.isoformat(),
        "attempts": [_encoded(attempt) for attempt in delivery.attempts[-MOST_ATTEMPTS_KEPT:]],
        "claim": delivery.claim,
        "claimed_until": delivery.claimed_until,
    }


def delivery_of(kept: Mapping[str, Any]) -> Delivery:
    """The delivery that a row holds."""
    due_at = kept["due_at"]
    return Delivery(
        endpoint=kept["endpoint"],
        message=kept["message"],
        owner=kept["owner"],
        type=kept["type"],
        body=kept["body"],
        created_at=_moment(kept["created_at"]),
        expires_at=kept["expires_at"],
        state=DeliveryState[kept["state"]],
        turn=kept["turn"],
        tries=kept["tries"],
        waits=kept["waits"],
        due_at=None if due_at is None else _moment(due_at),
        attempts=tuple(_attempt(attempt) for attempt in kept["attempts"]),
        claim=kept["claim"],
        claimed_until=kept["claimed_until"],
    )


def _encoded(attempt: Attempt) -> Mapping[str, Value]:
    return {
        "at": attempt.at.isoformat(),
        "status": attempt.status,
        "milliseconds": attempt.milliseconds,
        "fault": None if attempt.fault is None else attempt.fault.name,
        "answer": attempt.answer,
    }


def _attempt(kept: Mapping[str, Any]) -> Attempt:
    fault = kept["fault"]
    return Attempt(
        at=_moment(kept["at"]),
        status=kept["status"],
        milliseconds=kept["milliseconds"],
        fault=None if fault is None else Fault[fault],
        answer=kept["answer"],
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
