"""What one socket may cost others: its rows, and the work for it, are bounded, whatever its client sends."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence

import pytest

from colonnade.errors import StoreUnavailable
from colonnade.events import Published
from colonnade.store import Key, Put, Writes
from colonnade.subscriptions import delivery
from colonnade.subscriptions.conflation import SHARDS
from colonnade.subscriptions.groups import Shown
from colonnade.subscriptions.occurrences import cursor_scope
from colonnade.subscriptions.rows import SUBSCRIBER, SUBSCRIPTION
from colonnade.testing import MemoryStore
from colonnade.testing.scripted_connections import ScriptedConnections
from colonnade.topic_log import TopicLog
from tests.subscriptions.stage import ADA, APPLAUDED, CURSORS, Stage, sequence

LATEST = 'subscription { latest(creator: "ada") { node { text } } }'


class Noting(MemoryStore):
    """Notes what is put into it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.clock)
        self.puts: list[Key] = []

    async def transact(self, writes: Writes) -> None:
        await super().transact(writes)
        self.puts += [write.key for write in writes if isinstance(write, Put)]


def noting(stage: Stage) -> Noting:
    """The stage's store from now on."""
    stage.kept = store = Noting(stage)
    stage.log = TopicLog(store, stage.clock)
    stage.use(stage.ports_over(store, stage.sockets, stage.log))
    return store


async def rows_of(stage: Stage, client: str) -> int:
    return len((await stage.kept.query(SUBSCRIPTION.query(connection=client, limit=500))).items)


async def followers(stage: Stage) -> int:
    return len((await stage.kept.query(SUBSCRIBER.query(topic=ADA))).items)


async def test_who_has_not_introduced_himself_leaves_no_row_by_completing() -> None:
    stage = Stage()
    store = noting(stage)
    client = stage.sockets.open()
    await stage.say(client, id="1", type="complete")
    assert store.puts == []


async def test_completing_what_never_began_leaves_only_so_many_rows() -> None:
    stage = Stage()
    stage.limit(buried=3)
    client = await stage.connect()
    for number in range(10):
        await stage.say(client, id=f"never {number}", type="complete")
    assert await rows_of(stage, client) == 3
    await stage.follow(client, id="another")
    await stage.give("one")
    assert stage.texts(client) == ["one"]


async def test_completes_that_were_waited_for_make_room_for_others() -> None:
    stage = Stage()
    stage.limit(buried=1)
    client = await stage.connect()
    for number in range(3):
        await stage.say(client, id=str(number), type="complete")
        await stage.follow(client, id=str(number))
    assert (await rows_of(stage, client), await followers(stage)) == (0, 0)


async def test_who_follows_as_much_as_one_may_is_refused_before_anything_is_written_or_asked() -> None:
    from tests.subscriptions.applause import asked

    stage = Stage()
    store = noting(stage)
    stage.limit(subscriptions=1)
    client = await stage.connect()
    await stage.follow(client)
    store.puts.clear()
    stage.tasks.take()
    asked.clear()
    for number in range(5):
        await stage.follow(client, LATEST, id=f"more {number}")
    assert stage.codes(client) == ["TOO_MANY_SUBSCRIPTIONS"] * 5
    assert (store.puts, stage.tasks.messages, asked) == ([], [], [])


@pytest.mark.parametrize("said", ["a" * 40_000, "ж" * 20_000])
async def test_what_is_too_long_to_be_kept_for_a_group_is_not_followed(said: str) -> None:
    stage = Stage()
    store = noting(stage)
    client = await stage.connect()
    store.puts.clear()
    await stage.follow(client, f"{APPLAUDED} # {said}")
    assert stage.codes(client) == ["BAD_REQUEST"]
    assert (store.puts, stage.tasks.messages) == ([], [])
    await stage.follow(client, f"{{ whoami }} # {said}", id="2")
    assert stage.heard(client)[-1]["type"] == "complete", "it may still be asked"


class Slow(ScriptedConnections):
    """Takes three seconds for every message."""

    stage: Stage

    async def post(self, connection_id: str, text: str) -> None:
        await super().post(connection_id, text)
        self.stage.clock.advance(3)


async def test_who_resumes_far_behind_does_not_keep_the_function_past_the_gateways_patience() -> None:
    sockets = Slow()
    stage = sockets.stage = Stage(sockets=sockets)
    texts = [f"event {number}" for number in range(40)]
    await stage.give(*texts)
    client = await stage.connect()
    await stage.follow(client, after=CURSORS.sign(cursor_scope(ADA), (0,)))
    assert 1 <= len(stage.texts(client)) <= 5
    turns = 0
    while tasks := stage.tasks.take():
        begun = stage.clock.now()
        await stage.work(tasks[-1])
        assert (stage.clock.now() - begun).total_seconds() <= 45, "a job has sixty"
        turns += 1
    assert stage.texts(client) == texts
    assert turns > 1


async def test_a_turn_that_ends_early_is_followed_by_the_next_from_where_it_ended() -> None:
    sockets = Slow()
    stage = sockets.stage = Stage(sockets=sockets)
    await stage.give(*["before"] * 15)
    client = await stage.connect()
    await stage.follow(client, after=CURSORS.sign(cursor_scope(ADA), (0,)))
    await stage.work_on_all()
    await stage.give("after")
    cursors = [m["payload"]["data"]["applauded"]["cursor"] for m in stage.heard(client)]
    assert [sequence(cursor) for cursor in cursors] == list(range(1, 17))


class Silent(TopicLog):
    """Never answers when it is read."""

    async def read(self, topic: str, after: int, limit: int = 100) -> Sequence[Published]:
        await asyncio.Event().wait()
        return ()


async def test_what_takes_longer_than_the_gateway_waits_is_answered_in_time_and_leaves_no_rows() -> None:
    stage = Stage()
    stage.use(stage.ports_over(stage.kept, stage.sockets, Silent(stage.kept, stage.clock)))
    stage.limit(answer_seconds=0.05)
    client = await stage.connect()
    await stage.follow(client)
    assert stage.codes(client) == ["TIMEOUT"]
    assert (await rows_of(stage, client), await followers(stage)) == (0, 0)


class Together(ScriptedConnections):
    """Takes messages only where two are on their way at once."""

    barrier: asyncio.Barrier | None = None

    async def post(self, connection_id: str, text: str) -> None:
        if self.barrier is not None:
            async with asyncio.timeout(5):
                await self.barrier.wait()
        await super().post(connection_id, text)


async def test_those_who_share_a_revoked_credential_are_not_told_one_after_another() -> None:
    sockets = Together()
    stage = Stage(sockets=sockets)
    clients = [await stage.connect() for _ in range(4)]
    for client in clients:
        await stage.follow(client)
    sockets.barrier = asyncio.Barrier(2)
    await stage.deliverer.revoke("session-eve")
    assert [stage.codes(client) for client in clients] == [["UNAUTHENTICATED"]] * 4


class Weighing(ScriptedConnections):
    """Notes at each post how many responses are kept in memory."""

    most = 0

    async def post(self, connection_id: str, text: str) -> None:
        self.most = max(self.most, sum(type(kept) is Shown for kept in gc.get_objects()))
        await super().post(connection_id, text)


async def test_a_deliverer_keeps_no_responses_of_groups_it_is_done_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "PLACES", 2)
    sockets = Weighing()
    stage = Stage(sockets=sockets)
    clients = [await stage.connect(f"principal {number}") for number in range(20)]
    for client in clients:
        await stage.follow(client)
    sockets.most = 0
    gc.freeze()  # what is in memory already need not be looked through at each post
    try:
        await stage.give("one")
    finally:
        gc.unfreeze()
    assert all(stage.texts(client) == ["one"] for client in clients)
    assert 1 <= sockets.most <= 4


class Posted(ScriptedConnections):
    """Keeps to whom it was asked to post, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[str] = []

    async def post(self, connection_id: str, text: str) -> None:
        self.posted.append(connection_id)
        await super().post(connection_id, text)


async def test_no_group_is_always_the_last_to_get_a_heartbeat() -> None:
    """Of so many that one turn of the job does not reach the end of them, each comes first now and then."""
    sockets = Posted()
    stage = Stage(sockets=sockets)
    clients = [await stage.connect(f"principal {number}") for number in range(12)]
    for client in clients:
        await stage.follow(client, LATEST)
    first: set[str] = set()
    for _ in range(SHARDS):
        stage.clock.advance(60)
        sockets.posted.clear()
        await stage.deliverer.heartbeat()
        assert sorted(sockets.posted) == sorted(clients)
        first.add(sockets.posted[0])
    assert len(first) > 1


class Failing(MemoryStore):
    """Fails at the transaction of that number from now on; done: whether it took place all the same."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.clock)
        self.left = -1
        self.done = False

    async def transact(self, writes: Writes) -> None:
        self.left -= 1
        if self.left == 0:
            if self.done:
                await super().transact(writes)
            raise StoreUnavailable("no answer")
        await super().transact(writes)


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("number", range(1, 6))
async def test_a_subscription_that_the_client_is_told_has_failed_leaves_no_rows(
    number: int, done: bool
) -> None:
    stage = Stage()
    stage.kept = store = Failing(stage)
    stage.use(stage.ports_over(store, stage.sockets, TopicLog(store, stage.clock)))
    client = await stage.connect()
    store.left, store.done = number, done
    await stage.follow(client, 'subscription { applauded(creator: "ada") { node { text } } }')
    failed = bool(stage.codes(client))
    assert (await rows_of(stage, client), await followers(stage)) == ((0, 0) if failed else (1, 1))
    assert failed == (number <= 4)
