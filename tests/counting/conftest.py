"""Ledgers on the local table, closed after the test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from colonnade.testing import FrozenClock
from infra.dynamodb import DynamoDBSettings
from tests.counting.ledger import Ledger, Make


@pytest.fixture
async def ledger_at(dynamodb: DynamoDBSettings) -> AsyncIterator[Make]:
    made: list[Ledger] = []

    def make(clock: FrozenClock) -> Ledger:
        made.append(Ledger(dynamodb, clock))
        return made[-1]

    yield make
    for ledger in made:
        ledger.store.close()
