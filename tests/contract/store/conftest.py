from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import TypeAlias
from uuid import uuid4

import pytest

from colonnade.store import Key, Store
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from infra.dynamodb import DynamoDBSettings, DynamoDBStore

NewKey: TypeAlias = Callable[..., Key]


@pytest.fixture
def clock() -> FrozenClock:
    """Years ahead, so that no engine deletes what only this clock calls expired."""
    return FrozenClock(datetime(2040, 1, 1, tzinfo=UTC))


@pytest.fixture
def now(clock: FrozenClock) -> int:
    return int(clock.now().timestamp())


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest, clock: FrozenClock) -> Iterator[Store]:
    """Every adapter in turn."""
    if request.param == "memory":
        yield MemoryStore(clock)
        return
    settings: DynamoDBSettings = request.getfixturevalue("dynamodb")
    adapter = DynamoDBStore(settings, clock)
    yield adapter
    adapter.close()


@pytest.fixture
def partition() -> str:
    """A partition no other test uses."""
    return f"test-{uuid4().hex}"


@pytest.fixture
def new_key(partition: str) -> NewKey:
    """Keys in one partition of the test's own, or with the sort key given."""
    numbers = count()

    def make(sort: str | None = None) -> Key:
        return Key(partition, f"{next(numbers):04d}" if sort is None else sort)

    return make
