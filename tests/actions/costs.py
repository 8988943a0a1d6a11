"""Counting what actions ask of the database, where botocore sends it, and of the chain."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from colonnade.ids import UlidIds
from colonnade.testing import FrozenClock
from infra.dynamodb import DynamoDBStore
from tests.actions.scene import Scene, account


class Costs:
    """A scene on DynamoDB Local; `taken`: the requests since the last time, to the database and to the chain."""

    def __init__(self, store: DynamoDBStore, clock: FrozenClock) -> None:
        self.scene = Scene(clock=clock, store=store)
        self.scene.harness.ids = UlidIds(clock)  # type: ignore[misc]
        self.payer = account(uuid4().int >> 8)
        self.sent: list[str] = []
        store.client.meta.events.register("before-send.dynamodb", self._count)
        self._trips = 0

    def _count(self, event_name: str, **_: Any) -> None:
        self.sent.append(event_name.rpartition(".")[2])

    def taken(self) -> tuple[list[str], int]:
        sent, self.sent = self.sent, []
        trips, self._trips = self.scene.chain.round_trips - self._trips, self.scene.chain.round_trips
        return sent, trips
