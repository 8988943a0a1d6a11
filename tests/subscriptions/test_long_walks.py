"""Topics with more subscribers than one call of a function can send to: the next goes on where the last one ended."""

from __future__ import annotations

from collections import Counter

import pytest

from colonnade.publishing import Delivery
from colonnade.store import Update, Writes
from colonnade.subscriptions import delivery
from colonnade.subscriptions.rows import DELIVERED, SUBSCRIBER
from colonnade.testing.scripted_connections import ScriptedConnections
from tests.subscriptions.stage import ADA, APPLAUDED, Stage
from tests.subscriptions.test_operations_counted import counted

LATEST = 'subscription { latest(creator: "ada") { sequence node { text } } }'


class Killed(BaseException):
    """The process ends here."""


class Mortal(ScriptedConnections):
    """Kills whoever posts after so many posts."""

    left = 1_000

    async def post(self, connection_id: str, text: str) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1
        await super().post(connection_id, text)


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "PLACES", 2)


async def audience(sockets: Mortal, document: str = APPLAUDED, size: int = 10) -> tuple[Stage, list[str]]:
    stage = Stage(sockets=sockets)
    clients = [await stage.connect() for _ in range(size)]
    for client in clients:
        await stage.follow(client, document)
        sockets.sent[client].clear()
    return stage, clients


async def deliver_in_short_lives(stage: Stage, sockets: Mortal, through: int, posts: int) -> int:
    """Deliver by functions that live for some posts each; how many it took."""
    for lives in range(1, 100):
        sockets.left = posts
        try:
            await stage.deliverer.deliver(Delivery(ADA, through))
        except Killed:
            continue
        return lives
    raise AssertionError("the delivery begins anew for ever")


async def test_a_delivery_is_finished_by_functions_none_of_which_lives_long_enough() -> None:
    sockets = Mortal()
    stage, clients = await audience(sockets)
    through = await stage.publish("one")
    assert await deliver_in_short_lives(stage, sockets, through, posts=3) > 2
    sent = Counter(len(stage.texts(client)) for client in clients)
    assert sent[0] == 0
    assert max(sent) <= 2, "repeats are of the page in which a function ended"
    sockets.left = 1_000
    await stage.give("two")
    assert all(stage.texts(client)[-2:] == ["one", "two"] for client in clients)


async def test_what_was_published_meanwhile_is_sent_to_everybody() -> None:
    sockets = Mortal()
    stage, clients = await audience(sockets)
    await stage.publish("one")
    sockets.left = 5
    with pytest.raises(Killed):
        await stage.deliver()
    sockets.left = 1_000
    late = await stage.connect()
    await stage.follow(late)
    await stage.publish("two")
    await stage.deliver()
    assert stage.texts(late) == ["two"]
    for client in clients:
        assert list(dict.fromkeys(stage.texts(client))) == ["one", "two"]


async def test_a_place_that_was_noted_is_of_no_use_to_the_next_event() -> None:
    sockets = Mortal()
    stage, clients = await audience(sockets)
    await stage.give("one", "two", "three")
    mark = await stage.kept.get(DELIVERED.key(topic=ADA))
    assert mark is not None
    assert mark.attributes["through"] == 3
    assert all(stage.texts(client) == ["one", "two", "three"] for client in clients)


async def test_conflated_groups_get_the_newest_although_the_function_ended_among_them() -> None:
    sockets = Mortal()
    stage, clients = await audience(sockets, LATEST)
    through = await stage.publish("one")
    await deliver_in_short_lives(stage, sockets, through, posts=3)
    sockets.left = 1_000
    stage.clock.advance(2)
    await stage.work_on_all()
    assert all(stage.texts(client, "latest")[-1] == "one" for client in clients)


async def test_a_conflated_group_amid_which_a_walk_goes_on_is_left_to_a_task() -> None:
    stage, clients = await audience(Mortal(), LATEST, size=4)
    await stage.publish("one")
    members = (await stage.kept.query(SUBSCRIBER.query(topic=ADA))).items
    came = Update(DELIVERED.key(topic=ADA), set={"walked": [1, members[1].key.sort]})
    await stage.kept.transact(
        Writes([came])
    )  # and what it left of the interval, for a task, is still to come
    await stage.deliver()
    await stage.work_on_all()
    assert [stage.texts(client, "latest") for client in clients] == [["one"]] * 4


class Slow(ScriptedConnections):
    """Takes a second for every message."""

    stage: Stage | None = None
    posts = 0

    async def post(self, connection_id: str, text: str) -> None:
        await super().post(connection_id, text)
        self.posts += 1
        if self.stage is not None:
            self.stage.clock.advance(1)


async def test_a_conflated_group_that_one_job_cannot_send_to_is_sent_to_by_several() -> None:
    sockets = Slow()
    stage = Stage(sockets=sockets)
    clients = [await stage.connect() for _ in range(250)]
    for client in clients:
        await stage.follow(client, 'subscription { latest(creator: "ada") { node { text } } }')
    await stage.give("one", "two")
    stage.clock.advance(2)
    sockets.stage = stage
    jobs = 0
    while tasks := stage.tasks.take():
        (task,) = tasks
        sockets.posts = 0
        await stage.work(task)
        assert sockets.posts <= 100, "a job may take sixty seconds, and ends with its page after thirty"
        jobs += 1
    assert jobs == 3
    assert [stage.texts(client, "latest") for client in clients] == [["ada so far", "one", "two"]] * 250


async def test_noting_the_place_costs_one_write_a_page() -> None:
    stage, _ = await audience(Mortal())
    await stage.publish("one")
    store = counted(stage)
    await stage.deliver()
    # Five pages, of which four are followed by another, and the log; the mark.
    assert store.counts == {"get": 2, "query": 6, "transact": 4 + 1}
