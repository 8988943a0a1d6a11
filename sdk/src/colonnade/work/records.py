"""What is known of an operation that takes long, and the row that keeps it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self, cast

from colonnade.conditions import Condition
from colonnade.store import Put, Value
from colonnade.store_values import plain
from colonnade.work.rows import LONG_OPERATION

KEPT: Final = timedelta(days=90)
"""How long an operation is kept after its last change."""

MAX_TEXT: Final = 1_000
"""Characters of a note and of a failure; what is longer is cut."""


class OperationStatus(StrEnum):
    """Where an operation stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in {OperationStatus.DONE, OperationStatus.FAILED, OperationStatus.CANCELLED}


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it was read.

    `name`: what kind, as in `social.export`; `owner`: the account whose it is, or None for the platform's. `done` of
    `total`: how far it is, in units of its own; `total` is 0 while nobody knows. `arguments`: what it was started
    with; `job`: whose turns work on it, or None; `cursor`: where its next turn begins; `cancellable`: whether it can be
    ended half-done. Times are UTC.
    """

    id: str
    name: str
    status: OperationStatus
    created_at: datetime
    owner: str | None = None
    done: int = 0
    total: int = 0
    note: str = ""
    arguments: Mapping[str, Any] | None = None
    job: str | None = None
    cursor: Mapping[str, Any] | None = None
    cancellable: bool = True
    started_at: datetime | None = None
    finished_at: datetime | None = None
    failure: str | None = None
    holder: str | None = None
    held_until: int = 0
    told_at: int = 0
    revision: int = 0

    @classmethod
    def of(cls, attributes: Mapping[str, Value]) -> Self:
        """The operation that a row holds."""
        found: dict[str, Any] = {name: attributes[name] for name in cls.__slots__ if name in attributes}
        for name in ("created_at", "started_at", "finished_at"):
            if found.get(name) is not None:
                found[name] = datetime.fromisoformat(cast(str, found[name]))
        found["status"] = OperationStatus(found["status"])
        return cls(**found)

    def put(self, now: datetime, condition: Condition) -> Put:
        """The write of this operation."""
        values: dict[str, Value] = {"scope": "all"}
        for name in self.__slots__:
            value = getattr(self, name)
            values[name] = value.isoformat() if isinstance(value, datetime) else plain(value, name)
        return LONG_OPERATION.put(values, condition=condition, expires_at=int((now + KEPT).timestamp()))


def id_of(name: str, key: str) -> str:
    """The id of the one operation of this kind with this key."""
    digest = hashlib.sha256(f"{name}\0{key}".encode()).digest()
    return f"op_{base64.b32encode(digest)[:26].decode()}"
