"""`PrincipalActive`: once a principal and UTC day, for next to nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from colonnade.core_events import PrincipalActive
from colonnade.errors import StoreUnavailable
from colonnade.outbox import OUTBOX
from colonnade.store import Store, Writes
from colonnade.testing import FrozenClock, Harness, MemoryStore
from plugins.identity import activity
from plugins.identity.activity import ActivityRecorder
from tests.plugins.identity.signing import acting, harness, signed_in


@dataclass
class CountedStore(MemoryStore):
    """A store that counts transactions, and fails them while it is down."""

    clock: FrozenClock
    transactions: list[Writes] = field(default_factory=list)
    down: bool = False

    def __post_init__(self) -> None:
        super().__init__(self.clock)

    async def transact(self, writes: Writes) -> None:
        self.transactions.append(writes)
        if self.down:
            raise StoreUnavailable("no answer")
        await super().transact(writes)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def store(clock: FrozenClock) -> CountedStore:
    return CountedStore(clock)


@pytest.fixture
def api(store: CountedStore, clock: FrozenClock) -> Harness:
    return harness(store=store, clock=clock)


async def recorded(store: Store, principal: str) -> list[str]:
    page = await store.query(OUTBOX.query(topic=PrincipalActive.topic(principal)))
    return [item.attributes["payload"]["day"] for item in page.items]  # type: ignore[index, call-overload, misc]


async def test_a_principal_is_recorded_once_a_day(
    api: Harness, store: CountedStore, clock: FrozenClock
) -> None:
    tokens = await signed_in(api)
    user = tokens["user"]["id"]
    for _ in range(3):
        await acting(api, tokens["accessToken"])
    assert await recorded(store, user) == ["2026-01-01"]
    clock.advance(23 * 3600)
    tokens = await signed_in(api)
    clock.advance(599)
    await acting(api, tokens["accessToken"])
    assert await recorded(store, user) == ["2026-01-01"]
    clock.advance(3600)
    tokens = await signed_in(api)
    await acting(api, tokens["accessToken"])
    assert await recorded(store, user) == ["2026-01-01", "2026-01-02"]


async def test_after_the_first_time_a_request_writes_nothing(api: Harness, store: CountedStore) -> None:
    tokens = await signed_in(api)
    await acting(api, tokens["accessToken"])
    store.transactions.clear()
    for _ in range(5):
        await acting(api, tokens["accessToken"])
    assert store.transactions == []


async def test_another_process_records_nothing_twice(api: Harness, store: CountedStore) -> None:
    for recorder in (ActivityRecorder(), ActivityRecorder()):
        await recorder.note(api.context(), "usr_1")
        await recorder.note(api.context(), "usr_1")
    assert len(store.transactions) == 2
    assert await recorded(store, "usr_1") == ["2026-01-01"]


async def test_a_request_goes_on_where_nothing_can_be_recorded(
    api: Harness, store: CountedStore, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = await signed_in(api)
    store.down = True
    await acting(api, tokens["accessToken"])
    assert "not recorded" in caplog.text
    store.down = False
    await acting(api, tokens["accessToken"])
    assert await recorded(store, tokens["user"]["id"]) == ["2026-01-01"]


async def test_memory_is_bounded(api: Harness, store: CountedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "MAX_REMEMBERED", 3)
    recorder = ActivityRecorder()
    for number in (1, 2, 3, 4, 1):
        await recorder.note(api.context(), f"usr_{number}")
    assert len(store.transactions) == 5
    assert await recorded(store, "usr_1") == ["2026-01-01"]
