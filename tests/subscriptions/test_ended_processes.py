"""An event that ends each process that shows it holds up its topic for a few of them, and is a dead letter then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colonnade.context import Context
from colonnade.dead_events import DeadEvent
from colonnade.errors import HandlerFailed, StoreUnavailable
from colonnade.events import Published
from colonnade.permissions import Principal
from colonnade.publishing import Delivery
from colonnade.store import Update, Writes
from colonnade.subscriptions import delivery
from colonnade.subscriptions.caution import ENDED, TRIES
from colonnade.subscriptions.rows import DELIVERED
from colonnade.testing.scripted_connections import ScriptedConnections
from tests.subscriptions.applause import endings
from tests.subscriptions.audiences import audience
from tests.subscriptions.dying import Killed, bring, killed, until_it_lives
from tests.subscriptions.stage import ADA, APPLAUDED, Stage
from tests.subscriptions.test_operations_counted import counted

HEARD = 'subscription { heard(creator: "ada") { node { text } } }'
VISIBILITY = timedelta(seconds=90)
LATEST = 'subscription { latest(creator: "ada") { node { text } } }'


@pytest.fixture(autouse=True)
def _well_again() -> Iterator[None]:
    yield
    endings.clear()


async def letters(stage: Stage) -> list[DeadEvent]:
    return list((await stage.ports.dead.listed("showing"))[0])


async def mark(stage: Stage, name: str = ADA) -> dict[str, object]:
    item = await stage.kept.get(DELIVERED.key(topic=name))
    assert item is not None
    return dict(item.attributes)


async def two_documents(stage: Stage) -> tuple[str, str]:
    one, other = await stage.connect("eve"), await stage.connect("bob")
    await stage.follow(one, APPLAUDED)
    await stage.follow(other, HEARD)
    return one, other


def told(stage: Stage, client: str) -> list[str]:
    """What a client was sent, each message once: a text, or the code of its error."""
    found: list[str] = []
    for message in stage.heard(client):
        payload = message["payload"]
        errors = payload.get("errors")
        data = payload["data"]
        said = errors[0]["extensions"]["code"] if errors else next(iter(data.values()))["node"]["text"]
        if said not in found:
            found.append(said)
    return found


async def test_an_event_that_ends_each_process_is_set_aside_and_its_followers_are_told() -> None:
    stage = Stage()
    poisoned, well = await two_documents(stage)
    endings["applauded two"] = killed

    last = await stage.publish("one", "two", "three")
    assert await bring(stage, last) == TRIES + 1

    assert told(stage, poisoned) == ["one", "INTERNAL", "three"]
    assert told(stage, well) == ["one", "two", "three"]
    (letter,) = await letters(stage)
    assert (letter.topic, letter.sequence, letter.who) == (ADA, 2, "subscription S")
    assert (letter.reason, letter.attempts, letter.state) == (ENDED, TRIES + 1, "dead")
    assert stage.measures.told.count(("EventsDead", 1)) == 1


async def test_what_was_set_aside_is_shown_again_when_it_is_mended() -> None:
    stage = Stage()
    poisoned, _ = await two_documents(stage)
    endings["applauded one"] = killed
    await bring(stage, await stage.publish("one"))
    (letter,) = await letters(stage)
    endings.clear()

    await stage.deliverer.show_again(ADA, str(letter.content["document"]), letter.sequence)

    assert told(stage, poisoned) == ["INTERNAL", "one"]


async def test_a_conflated_field_that_ends_each_process_is_set_aside_like_any_other() -> None:
    stage = Stage()
    latest, well = await stage.connect(), await stage.connect()
    await stage.follow(latest, LATEST)
    await stage.follow(well, HEARD)
    endings["latest one"] = killed
    through = await stage.publish("one")

    async def once(attempt: int) -> None:
        stage.clock.advance(VISIBILITY)
        await stage.deliverer.deliver(Delivery(ADA, through, brought_again=attempt > 0))

    assert await until_it_lives(once) == TRIES + 1

    assert told(stage, latest) == ["ada so far", "INTERNAL"]
    assert told(stage, well) == ["one"]


async def test_each_document_that_ends_processes_is_found_by_itself() -> None:
    stage = Stage()
    one, other = await two_documents(stage)
    third = await stage.connect()
    await stage.follow(third, LATEST)
    endings["applauded one"] = endings["heard one"] = killed

    assert await bring(stage, await stage.publish("one", "two")) <= 2 * TRIES + 1

    assert told(stage, one) == told(stage, other) == ["INTERNAL", "two"]
    assert len(await letters(stage)) == 2


async def test_what_was_set_aside_in_one_part_of_a_topic_is_at_once_in_the_others() -> None:
    stage = Stage()
    connections = await audience(stage, APPLAUDED, 20, principals=20, parts=2)
    endings["applauded one"] = killed
    through = await stage.publish("one")

    assert await bring(stage, through) == TRIES + 1
    assert await bring(stage, through, part=1) == 1

    assert {tuple(told(stage, connection)) for connection in connections} == {("INTERNAL",)}
    assert len(await letters(stage)) == 1


class EndsAmidPosts(ScriptedConnections):
    """Each process ends after so many posts: its time is up."""

    left = 30

    async def post(self, connection_id: str, text: str) -> None:
        if self.left == 0:
            self.left = 30
            raise Killed
        self.left -= 1
        await super().post(connection_id, text)


async def test_processes_that_ended_for_want_of_time_are_no_document_s_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "PLACES", 40)
    stage = Stage(sockets=EndsAmidPosts())
    stage.use(replace(stage.ports, at_once=8))
    connections = await audience(stage, APPLAUDED, 400, principals=400)

    assert await bring(stage, await stage.publish("one"), most=60) > 10

    assert await letters(stage) == []
    assert {tuple(told(stage, connection)) for connection in connections} == {("one",)}


async def test_a_failure_is_not_taken_for_the_end_of_a_process() -> None:
    stage = Stage()
    await two_documents(stage)
    through = await stage.publish("one")
    making = stage.ports.make_context

    def broken(request_id: str, principal: Principal | None) -> Context:
        raise StoreUnavailable("throttled")

    stage.use(replace(stage.ports, make_context=broken))
    for _ in range(TRIES + 2):
        with pytest.raises(StoreUnavailable):
            await bring(stage, through, first=False)
    assert (await mark(stage))["tried"] == []
    stage.use(replace(stage.ports, make_context=making))

    assert await bring(stage, through, first=False) == 0
    assert await letters(stage) == []


async def test_a_delivery_that_comes_once_notes_nothing_and_one_that_comes_again_notes_each_document() -> (
    None
):
    stage = Stage()
    await two_documents(stage)
    through = await stage.publish("one")
    store = counted(stage)
    await bring(stage, through)
    # The mark; the two groups; the subscribers and the log; the mark.
    assert store.counts == {"get": 1, "batch_get": 1, "query": 2, "transact": 1}
    assert "tried" not in await mark(stage)

    through = await stage.publish("two")
    store.counts.clear()
    await bring(stage, through, first=False)
    # For each of the two documents, whether it is a letter, and that it is begun.
    assert store.counts == {"get": 3, "batch_get": 1, "query": 2, "transact": 3}


async def test_whoever_finds_that_another_process_has_noted_something_leaves_the_events_to_it() -> None:
    stage = Stage()
    await two_documents(stage)
    through = await stage.publish("one")

    class Meanwhile:
        def __init__(self) -> None:
            self.inner = stage.ports.log

        async def head(self, topic: str) -> int:
            return await self.inner.head(topic)

        async def read(self, topic: str, after: int, limit: int = 100) -> Sequence[Published]:
            noted = Update(DELIVERED.key(topic=ADA), set={"tried": [[1, "somebody else's", 1]]})
            await stage.kept.transact(Writes([noted]))
            return await self.inner.read(topic, after, limit)

    stage.use(replace(stage.ports, log=Meanwhile()))
    with pytest.raises(HandlerFailed, match="another process"):
        await stage.deliverer.deliver(Delivery(ADA, through, brought_again=True))
    assert (await mark(stage))["tried"] == [[1, "somebody else's", 1]]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(poison=st.sets(st.tuples(st.sampled_from(["applauded", "heard"]), st.integers(1, 5))))
async def test_whatever_ends_processes_everything_else_is_shown_in_order_and_nobody_waits_for_ever(
    poison: set[tuple[str, int]],
) -> None:
    stage = Stage()
    clients = dict(zip(["applauded", "heard"], await two_documents(stage), strict=True))
    endings.clear()
    endings.update({f"{name} {number}": killed for name, number in poison})

    last = await stage.publish(*map(str, range(1, 6)))
    assert await bring(stage, last, most=100) <= 1 + TRIES * len(poison)

    for name, client in clients.items():
        shown = [text for text in told(stage, client) if text != "INTERNAL"]
        assert shown == [str(number) for number in range(1, 6) if (name, number) not in poison]
    assert len(await letters(stage)) == len(poison)
