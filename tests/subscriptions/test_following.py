"""Following a topic without loss: what a client is sent, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from colonnade.errors import ConnectionThrottled
from colonnade.events import Published
from colonnade.subscriptions.occurrences import cursor_scope
from tests.subscriptions import applause
from tests.subscriptions.stage import ADA, APPLAUDED, CURSORS, Stage, sequence


async def test_events_arrive_in_order_with_their_cursors() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    await stage.give("one", "two", "three")
    assert stage.texts(client) == ["one", "two", "three"]
    cursors = [m["payload"]["data"]["applauded"]["cursor"] for m in stage.heard(client)]
    assert [sequence(cursor) for cursor in cursors] == [1, 2, 3]


async def test_a_client_goes_on_behind_the_cursor_it_gives() -> None:
    stage = Stage()
    await stage.give("one", "two", "three")
    client = await stage.connect()
    await stage.follow(client, after=CURSORS.sign(cursor_scope(ADA), (1,)))
    assert stage.texts(client) == ["two", "three"]
    await stage.give("four")
    assert stage.texts(client) == ["two", "three", "four"]


async def test_without_a_cursor_only_what_comes_is_sent() -> None:
    stage = Stage()
    await stage.give("one")
    client = await stage.connect()
    await stage.follow(client)
    await stage.give("two")
    assert stage.texts(client) == ["two"]


async def test_what_came_before_and_is_delivered_late_is_not_sent() -> None:
    stage = Stage()
    early = await stage.connect()
    await stage.follow(early)
    await stage.publish("before")
    late = await stage.connect()
    await stage.follow(late)
    await stage.deliver()
    await stage.give("after")
    assert stage.texts(early) == ["before", "after"]
    assert stage.texts(late) == ["after"]


async def test_a_snapshot_is_sent_before_events_with_the_cursor_to_go_on_from() -> None:
    stage = Stage()
    await stage.give("one")
    client = await stage.connect()
    query = 'subscription { applaudedSoFar(creator: "ada") { cursor node { text } } }'
    await stage.follow(client, query)
    await stage.give("two")
    assert stage.texts(client, "applaudedSoFar") == ["ada so far", "two"]
    first, second = stage.heard(client)
    assert sequence(first["payload"]["data"]["applaudedSoFar"]["cursor"]) == 1
    assert sequence(second["payload"]["data"]["applaudedSoFar"]["cursor"]) == 2


async def test_what_is_committed_and_delivered_while_the_snapshot_is_taken_is_sent_behind_it() -> None:
    stage = Stage()
    applause.meanwhile.append(lambda: stage.give("meanwhile"))
    client = await stage.connect()
    await stage.follow(client, 'subscription { applaudedSoFar(creator: "ada") { cursor node { text } } }')
    assert stage.texts(client, "applaudedSoFar") == ["ada so far", "meanwhile"]


async def test_what_is_not_for_a_subscriber_is_not_sent() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    await stage.give("hidden", "one")
    assert stage.texts(client) == ["one"]


async def test_an_event_that_cannot_be_shown_is_told_as_an_error_and_the_next_one_arrives() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    await stage.give("failing", "two")
    first, second = stage.heard(client)
    assert first["payload"]["data"] == {"applauded": None}
    assert first["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert second["payload"]["data"]["applauded"]["node"]["text"] == "two"


async def test_a_throttled_client_catches_up_without_holding_up_the_others() -> None:
    stage = Stage()
    slow, quick = await stage.connect("slow"), await stage.connect("quick")
    await stage.follow(slow)
    await stage.follow(quick)
    await stage.work_on_all()
    stage.sockets.fail(slow, *[ConnectionThrottled("too fast")] * 3)
    await stage.give("one", "two")
    assert (stage.texts(slow), stage.texts(quick)) == ([], ["one", "two"])
    await stage.work_on_all()
    assert stage.texts(slow) == ["one", "two"]
    await stage.give("three")
    assert stage.texts(slow) == ["one", "two", "three"]


async def test_a_worker_that_is_throttled_too_goes_on_later_from_where_it_was() -> None:
    stage = Stage()
    await stage.give("one", "two", "three")
    client = await stage.connect()
    stage.sockets.fail(client, None, *[ConnectionThrottled("too fast")] * 7)
    await stage.follow(client, after=CURSORS.sign(cursor_scope(ADA), (0,)))
    assert stage.texts(client) == ["one"]
    await stage.work_on_all()
    assert stage.texts(client) == ["one", "two", "three"]


async def test_what_is_delivered_while_a_worker_is_about_to_hand_over_is_the_workers() -> None:
    stage = Stage()
    log = stage.log

    class Meanwhile:
        """Whoever has read to the end of the log hears of it only after another event was delivered."""

        waits = True

        async def head(self, topic: str) -> int:
            return await log.head(topic)

        async def read(self, topic: str, after: int, limit: int = 100) -> Sequence[Published]:
            found = await log.read(topic, after, limit)
            if not found and self.waits:
                self.waits = False
                await stage.give("one")
            return found

    stage.use(replace(stage.ports, log=Meanwhile()))
    client = await stage.connect()
    await stage.follow(client)
    assert stage.texts(client) == ["one"]
    await stage.give("two")
    assert stage.texts(client) == ["one", "two"]


async def test_a_delivery_that_comes_twice_is_sent_once() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    await stage.publish("one")
    stage.deliveries.messages *= 2
    await stage.deliver()
    assert stage.texts(client) == ["one"]


async def test_a_cursor_of_another_topic_is_refused() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, after=CURSORS.sign(cursor_scope("applause.heard#bob"), (0,)))
    assert stage.codes(client) == ["CURSOR_INVALID"]


async def test_a_cursor_from_the_future_is_refused() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, after=CURSORS.sign(cursor_scope(ADA), (7,)))
    assert stage.codes(client) == ["CURSOR_EXPIRED"]


async def test_a_cursor_that_is_older_than_the_log_ends_the_subscription() -> None:
    stage = Stage()
    await stage.give("one", "two")
    stage.clock.advance(25 * 3_600)
    client = await stage.connect()
    await stage.follow(client, after=CURSORS.sign(cursor_scope(ADA), (1,)))
    assert stage.codes(client) == ["CURSOR_EXPIRED"]
    await stage.give("three")
    assert stage.texts(client) == []


async def test_a_client_that_is_gone_is_forgotten_whole() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    await stage.follow(client, 'subscription { heard(creator: "bob") { node { text } } }', id="2")
    stage.sockets.leave(client)
    await stage.give("one")
    stage.sockets.open(client)
    await stage.give("two")
    await stage.give("three", creator="bob")
    assert stage.heard(client) == []


async def test_everybody_with_one_document_and_principal_shares_an_execution() -> None:
    from tests.subscriptions.applause import executions

    stage = Stage()
    clients = [await stage.connect("eve") for _ in range(5)]
    for client in clients:
        await stage.follow(client)
    executions.clear()
    await stage.give("one")
    assert executions == ["one"]
    assert all(stage.texts(client) == ["one"] for client in clients)


async def test_the_cursor_to_go_on_from_does_not_part_those_who_share() -> None:
    from tests.subscriptions.applause import executions

    stage = Stage()
    await stage.give("one")
    first, second = await stage.connect(), await stage.connect()
    await stage.follow(first)
    await stage.follow(second, after=CURSORS.sign(cursor_scope(ADA), (1,)))
    executions.clear()
    await stage.give("two")
    assert executions == ["two"]


async def test_principals_are_shown_their_own_unless_a_field_is_shared() -> None:
    from tests.subscriptions.applause import executions

    stage = Stage()
    eve, bob = await stage.connect("eve"), await stage.connect("bob")
    for client in (eve, bob):
        await stage.follow(client)
        await stage.follow(
            client, 'subscription { heard(creator: "bob") { node { text listener } } }', id="2"
        )
    executions.clear()
    await stage.give("one")
    assert [stage.nodes(c)[0]["listener"] for c in (eve, bob)] == ["eve", "bob"]
    assert executions == ["one", "one"]
    await stage.give("two", creator="bob")
    assert executions == ["one", "one", "two"]
    assert stage.heard(eve)[-1]["payload"]["data"]["heard"]["node"] == {"text": "two", "listener": None}


async def test_a_document_with_two_operations_is_followed_by_the_one_it_names() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.say(
        client,
        id="1",
        type="subscribe",
        payload={"query": f"{APPLAUDED} query Q {{ whoami }}", "operationName": "S"},
    )
    await stage.give("one")
    assert stage.texts(client) == ["one"]


async def test_what_cannot_be_written_holds_nobody_up() -> None:
    stage = Stage()
    careless, careful = await stage.connect(), await stage.connect()
    await stage.follow(careless, 'subscription { applauded(creator: "ada") { node { raw } } }')
    await stage.follow(careful)
    await stage.give("one", "unspeakable", "two")
    assert stage.texts(careful) == ["one", "unspeakable", "two"]
    first, failed, last = [message["payload"] for message in stage.heard(careless)]
    assert failed["data"] is None
    assert failed["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert (first["data"]["applauded"]["node"], last["data"]["applauded"]["node"]) == (
        {"raw": "one"},
        {"raw": "two"},
    )
