"""What the start page is told: live, at most two seconds old, and never an exception."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from colonnade.chains import BASE, ChainHistory
from colonnade.clock import SystemClock
from colonnade.core_events import ChainHeadMoved
from colonnade.errors import StoreUnavailable
from colonnade.ids import UlidIds
from colonnade.indexing.backlog import Backlog
from colonnade.indexing.following import HEAD as ANNOUNCED
from colonnade.indexing.generations import Generations
from colonnade.indexing.journal import Checkpoint
from colonnade.indexing.tracks import track_name
from colonnade.queues import Message
from colonnade.store import Item, Key, Writes
from colonnade.testing import MemoryStore, ScriptedChain, ScriptedChains
from colonnade.topic_log import HEAD as RELAYED
from handlers import health
from handlers.doctor import index_findings
from handlers.health import HealthCheck
from handlers.runtime import Adapters, build
from tests.handlers.sample import ENVIRON, local_queues, weather
from tests.indexing.chain_of_notes import PROJECTION


class Broken(MemoryStore):
    """A database that answers nothing, or nothing for a while."""

    hangs = False

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        if self.hangs:
            await asyncio.sleep(60)
        raise StoreUnavailable("the table colonnade at http://10.0.0.1 did not answer")


class Counted(ScriptedChains):
    """Chains that count who asks."""

    asked = 0

    def history(self, chain_id: Any) -> ChainHistory:
        self.asked += 1
        return super().history(chain_id)


def check(store: MemoryStore, chains: ScriptedChains, *configured: Any, now: Any = None) -> HealthCheck:
    clock = SystemClock()
    ports = Adapters(store, chains, clock, UlidIds(clock), local_queues())
    composition = replace(weather(), chain_logs=[("notes", PROJECTION)])
    application = build(ENVIRON, composition, ports)
    return HealthCheck(application, configured or (BASE,), **({"now": now} if now else {}))


def chains_at(blocks: int) -> Counted:
    chain = ScriptedChain()
    for _ in range(blocks):
        chain.mine()
    return Counted(chain)


async def test_lags_are_counted_from_what_is_stored_and_what_the_chain_says() -> None:
    chains = chains_at(9)
    head = (await chains.history(BASE).head()).number
    store = MemoryStore(SystemClock())
    nowhere = Checkpoint(BASE, track_name(PROJECTION.name, 1), 0, b"")
    await store.transact(
        Writes(
            [
                Generations.first(PROJECTION).put(),
                nowhere.move(replace(nowhere, number=head - 7, hash=b"\1")),
                ANNOUNCED.put({"chain": BASE, "version": 20, "recent": []}),
                RELAYED.put({"topic": ChainHeadMoved.topic(BASE), "last": 17}),
            ]
        )
    )
    found = await check(store, chains).look()
    assert found.database
    (of_base,) = found.chains
    assert of_base.head is not None
    assert (of_base.head.number, of_base.lag, of_base.waiting) == (head, 7, 3)
    assert of_base.projections == [Backlog(PROJECTION.name, 1, True, head - 7, 7)]


async def test_before_anything_is_indexed_nothing_is_said_to_lag() -> None:
    chains = chains_at(3)
    (of_base,) = (await check(MemoryStore(SystemClock()), chains).look()).chains
    assert (of_base.lag, of_base.waiting) == (None, None)


async def test_a_database_that_fails_is_down_and_the_chain_is_not() -> None:
    chains = chains_at(3)
    found = await check(Broken(SystemClock()), chains).look()
    assert not found.database
    assert found.chains[0].head is not None


async def test_a_part_that_hangs_is_down_when_its_time_is_over(monkeypatch: Any) -> None:
    monkeypatch.setattr(health, "SECONDS", 0.01)
    store = Broken(SystemClock())
    store.hangs = True
    chains = chains_at(1)
    assert not (await check(store, chains).look()).database


async def test_a_chain_that_does_not_answer_is_down(monkeypatch: Any) -> None:
    chains = chains_at(1)
    monkeypatch.setattr(health, "SECONDS", 0.01)
    monkeypatch.setattr(HealthCheck, "_heads", lambda self, chain: health._in_time(asyncio.sleep(60)))
    (of_base,) = (await check(MemoryStore(SystemClock()), chains).look()).chains
    assert of_base.head is None
    assert of_base.lag is None


async def test_a_crowd_before_the_page_is_none_before_the_chain() -> None:
    time = [0.0]
    chains = chains_at(3)
    looking = check(MemoryStore(SystemClock()), chains, now=lambda: time[0])
    for _ in range(20):
        await looking.look()
    assert chains.asked == 1
    time[0] = health.KEPT + 0.1
    await looking.look()
    assert chains.asked == 2


async def test_queues_of_a_laptop_are_counted() -> None:
    chains = chains_at(1)
    looking = check(MemoryStore(SystemClock()), chains)
    await looking._adapters.queues.jobs.send([Message({"job": "a"})])
    found = {queue.name: queue for queue in (await looking.look()).queues}
    assert (found["jobs"].waiting, found["deliveries"].waiting) == (1, 0)
    assert found["jobs"].dead == 0


async def test_what_waits_for_an_operator_in_the_index_is_said() -> None:
    chains = chains_at(3)
    store = MemoryStore(SystemClock())
    nowhere = Checkpoint(BASE, track_name(PROJECTION.name, 2), 0, b"")
    rebuilt = Generations.first(PROJECTION).build("other").switch()
    far = replace(nowhere, number=1_200, hash=b"\1", begun=True, unsure=True)
    await store.transact(Writes([rebuilt.put(), nowhere.move(far)]))
    (of_base,) = (await check(store, chains).look()).chains
    assert of_base.head is not None
    beyond = 1_200 - of_base.head.number
    assert of_base.worries == [
        "rows of another chain may be left: rebuild notes",
        f"the chain is {beyond:,} blocks shorter: the index waits",
        "notes: blocks are half written or half taken back",
        "old rows wait to be swept: notes",
    ]
    assert [finding.severity for finding in index_findings(of_base.projections)] == [
        "problem",
        "warning",
        "warning",
    ]
    assert "colonnade index sweep notes" in str([*index_findings(of_base.projections)][-1])


async def test_an_index_that_nothing_is_wrong_with_has_no_worries() -> None:
    one = Backlog(PROJECTION.name, 1, True, 7, 0)
    assert [finding.severity for finding in index_findings([one])] == ["ok"]
    assert list(index_findings([])) == []
