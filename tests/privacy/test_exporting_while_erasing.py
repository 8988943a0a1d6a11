"""An export that is at work when its account is closed hands nothing over any more, and leaves nothing behind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from colonnade.accounts import Accounts
from colonnade.errors import OperationLost
from colonnade.privacy.rows import EXPORTED
from colonnade.store import Put, Writes
from colonnade.testing import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from colonnade.work.operations import OperationStatus
from tests.privacy.lived_in import LivedIn, application, live_in
from tests.privacy.test_erasing import erased, migrated, started
from tests.privacy.test_exporting import active_days


class Between(MemoryStore):
    """Before the second records of an export are written down, `account` is erased."""

    account: LivedIn | None = None
    written = 0

    async def transact(self, writes: Writes) -> None:
        assert isinstance(self._clock, FrozenClock)
        if self.account is not None and any(_is_record(write) for write in writes):
            self.written += 1
            if self.written == 2:
                account, self.account = self.account, None
                await erased(account, self._clock)
        await super().transact(writes)


def _is_record(write: object) -> bool:
    return isinstance(write, Put) and write.item.key.partition.startswith("privacy#Exported")


async def test_an_export_at_work_leaves_no_record_of_an_account_that_is_erased() -> None:
    clock = FrozenClock(datetime(2040, 1, 1, tzinfo=UTC))
    store = Between(clock)
    app = application(store, clock)
    account = await live_in(app)
    await migrated(account)
    await active_days(account, 90)
    context = account.api.context()
    export, writes = context.services.get(Accounts).exporting(context, account.user, "k")
    await store.transact(writes)
    store.account = account

    with pytest.raises(OperationLost):
        await app.run_job("privacy.export", {"operation": export.id})

    assert store.written == 2
    assert (await store.query(EXPORTED.query(operation=export.id))).items == ()
    assert await context.operations.find(export.id) is None


async def test_closing_ends_what_an_account_has_running_but_not_what_ends_by_itself() -> None:
    clock = FrozenClock(datetime(2040, 1, 1, tzinfo=UTC))
    store = MemoryStore(clock)
    app = application(store, clock)
    account = await live_in(app)
    await migrated(account)
    operations = account.api.context().operations
    mine = await operations.start("shop.copy", key="1", owner=account.user)
    others = await operations.start("shop.copy", key="2", owner="somebody else")
    whole, writes = operations.starting("shop.pay", key="1", owner=account.user, cancellable=False)
    await store.transact(writes)

    erasure = await started(account)
    await app.run_job("privacy.erase", {"operation": erasure})

    found = [await operations.find(operation.id) for operation in (mine, others, whole)]
    assert [operation.status for operation in found if operation is not None] == [
        OperationStatus.CANCELLED,
        OperationStatus.WAITING,
        OperationStatus.WAITING,
    ]
