"""An export that begins under one version of a deployment and goes on under another holds each row once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from colonnade.kept_data import KeptData
from colonnade.personal_data import PersonalData
from colonnade.privacy import exporting, turns
from colonnade.privacy.declared import personal
from colonnade.testing import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.privacy.lived_in import application, live_in
from tests.privacy.test_erasing import migrated
from tests.privacy.test_exporting import active_days, read, started


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime(2040, 1, 1, tzinfo=UTC))


async def test_an_export_begins_anew_where_other_rows_are_declared_by_now(
    clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = application(MemoryStore(clock), clock)
    account = await live_in(app)
    await migrated(account)
    await active_days(account, 90)
    operation = await started(account)
    monkeypatch.setattr(turns, "SECONDS", 0.0)
    for _ in range(3):
        await app.run_job("privacy.export", {"operation": operation})

    def other_way_round(kept: KeptData) -> Sequence[PersonalData]:
        return list(reversed(personal(kept)))

    monkeypatch.setattr(exporting, "personal", other_way_round)
    while (found := await read(account, operation)) is None:
        await app.run_job("privacy.export", {"operation": operation})

    days = sorted(record["data"]["day"] for record in found if record["kind"] == "ActiveDay")
    assert len(days) == len(set(days)) == 91


async def test_an_export_waits_while_rows_could_be_overlooked(clock: FrozenClock) -> None:
    app = application(MemoryStore(clock), clock)
    account = await live_in(app)
    operation = await started(account)

    await app.run_job("privacy.export", {"operation": operation})

    assert await read(account, operation) is None
    waiting = await app.context().operations.find(operation)
    assert waiting is not None
    assert "colonnade migrate" in waiting.note
