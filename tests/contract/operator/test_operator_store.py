"""What the operator asks of the store, and what becomes of an answer that is lost."""

from __future__ import annotations

import pytest

from colonnade.chains import BASE
from colonnade.errors import StoreUnavailable
from colonnade.operator import OperatorStatus
from colonnade.store import Writes
from colonnade.testing.memory_store import MemoryStore
from tests.contract.operator.setting import Setting, pay
from tests.events.stores import CountingStore

pytestmark = pytest.mark.onchain


class Forgetful(MemoryStore):
    """Commits, or does not, and never says which."""

    commits = True
    forgets = True

    async def transact(self, writes: Writes) -> None:
        if self.commits or not self.forgets:
            await super().transact(writes)
        if self.forgets:
            raise StoreUnavailable("the answer is lost")


async def test_sending_is_three_reads_and_one_transaction(setting: Setting) -> None:
    store = CountingStore(setting.store)
    operator = setting.operator(store=store)
    await operator.send(pay("rent"))
    # the key, what was spent today, the last nonce; then the operation, its nonce and its spending together
    assert (store.gets, store.queries, store.transactions) == (2, 1, [3])
    setting.mine()
    await operator.follow(BASE, "rent")
    assert (store.gets, store.queries, store.transactions) == (3, 1, [3])
    setting.mine(2)
    await operator.follow(BASE, "rent")
    assert (store.gets, store.queries, store.transactions) == (4, 1, [3, 1])


async def test_a_replacement_is_two_reads_and_one_transaction(setting: Setting) -> None:
    await setting.operator().send(pay("rent"))
    setting.clock.advance(30)
    store = CountingStore(setting.store)
    await setting.operator(store=store).follow(BASE, "rent")
    assert (store.gets, store.queries, store.transactions) == (2, 0, [2])


@pytest.mark.parametrize("commits", [True, False])
async def test_a_lost_answer_of_the_store_leads_to_one_transaction(setting: Setting, commits: bool) -> None:
    store = Forgetful(setting.clock)
    store.commits = commits
    with pytest.raises(StoreUnavailable):
        await setting.operator(store=store).send(pay("rent"))
    assert setting.waiting() == []
    store.forgets = False
    sent = await setting.operator(store=store).send(pay("rent"))
    assert (sent.nonce, len(sent.hashes)) == (0, 1)
    setting.mine()
    assert (await setting.operator(store=store).follow(BASE, "rent")).status is OperatorStatus.MINED
    assert await setting.transactions_sent() == 1
