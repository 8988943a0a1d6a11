"""How subscriptions end: completed, disconnected, too many, expired or revoked; also before they have begun."""

from __future__ import annotations

from colonnade.core_events import CredentialRevoked
from colonnade.events import Published
from plugins.identity.api_keys import KEPT_SECONDS
from tests.subscriptions.stage import Stage


async def test_complete_ends_a_subscription_and_frees_its_id() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    await stage.say(client, id="1", type="complete")
    await stage.give("one")
    assert stage.heard(client) == []
    await stage.follow(client)
    await stage.give("two")
    assert stage.texts(client) == ["two"]


async def test_a_complete_that_overtakes_its_subscribe_wins() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.say(client, id="1", type="complete")
    await stage.follow(client)
    await stage.give("one")
    assert stage.heard(client) == []
    await stage.follow(client)
    await stage.give("two")
    assert stage.texts(client) == ["two"]


async def test_a_complete_that_overtook_nothing_is_forgotten_after_a_minute() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.say(client, id="1", type="complete")
    stage.clock.advance(60)
    await stage.follow(client)
    await stage.give("one")
    assert stage.texts(client) == ["one"]


async def test_an_id_in_use_is_refused_and_what_it_follows_goes_on() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    await stage.follow(client)
    assert stage.codes(client) == ["SUBSCRIBER_ALREADY_EXISTS"]
    await stage.give("one")
    assert stage.heard(client)[-1]["type"] == "next"


async def test_a_connection_follows_only_so_much() -> None:
    stage = Stage()
    stage.limit(subscriptions=2)
    client = await stage.connect()
    for number in ("1", "2", "3"):
        await stage.follow(client, id=number)
    assert stage.codes(client) == ["TOO_MANY_SUBSCRIPTIONS"]
    await stage.say(client, id="1", type="complete")
    await stage.follow(client, id="4")
    await stage.give("one")
    assert {m["id"] for m in stage.heard(client) if m["type"] == "next"} == {"2", "4"}


async def test_a_subscribe_that_runs_after_the_disconnect_stores_nothing() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.transport.closed(client)
    await stage.follow(client)
    await stage.give("one")
    assert "next" not in {m["type"] for m in stage.heard(client)}


async def test_an_introduction_that_runs_after_the_disconnect_is_none() -> None:
    stage = Stage()
    client = stage.sockets.open()
    await stage.transport.closed(client)
    await stage.say(client, type="connection_init")
    assert [m["type"] for m in stage.heard(client)] == ["ping"]


async def test_a_disconnect_takes_along_any_number_of_subscriptions() -> None:
    stage = Stage()
    stage.limit(subscriptions=300)
    client = await stage.connect()
    for number in range(120):
        await stage.follow(client, id=str(number))
    await stage.transport.closed(client)
    await stage.give("one")
    assert stage.heard(client) == []


async def test_a_client_that_never_introduces_itself_is_closed() -> None:
    stage = Stage()
    silent, polite = stage.sockets.open(), stage.sockets.open()
    await stage.transport.opened(silent)
    await stage.transport.opened(polite)
    assert [message.delay_seconds for message in stage.tasks.messages] == [10, 10]
    await stage.say(polite, type="connection_init")
    await stage.work_on_all()
    assert stage.sockets.closed == [silent]


async def test_expired_credentials_end_what_they_follow() -> None:
    stage = Stage()
    client = await stage.connect("short")
    await stage.follow(client)
    await stage.give("one")
    stage.clock.advance(600)
    await stage.give("two")
    assert stage.texts(client) == ["one"]
    assert stage.codes(client) == ["UNAUTHENTICATED"]
    await stage.follow(client, id="2")
    assert stage.codes(client) == ["UNAUTHENTICATED", "UNAUTHENTICATED"]


async def test_revoked_credentials_end_what_they_follow_and_may_follow_nothing_more() -> None:
    stage = Stage()
    client, other = await stage.connect("eve"), await stage.connect("bob")
    for following in (client, other):
        await stage.follow(following)
        await stage.follow(following, 'subscription { heard(creator: "ada") { node { text } } }', id="2")
    await stage.deliverer.revoke("session-eve")
    assert stage.codes(client) == ["UNAUTHENTICATED", "UNAUTHENTICATED"]
    await stage.follow(client, id="3")
    await stage.give("one")
    assert len(stage.codes(client)) == 3
    assert "next" not in {m["type"] for m in stage.heard(client)}
    assert len([m for m in stage.heard(other) if m["type"] == "next"]) == 2


async def test_whoever_came_in_while_a_credential_was_being_revoked_is_found_a_little_later() -> None:
    stage = Stage()
    event = CredentialRevoked(credential="session-eve")
    published = Published("evt_1", event.event_name, event.own_topic, 1, event.payload(), stage.clock.now())
    await stage.deliverer.revocation().handle(stage.context("req", None), event, published)
    (task,) = stage.tasks.take()
    late = await stage.connect("eve")
    await stage.follow(late)
    assert stage.codes(late) == []
    assert task.delay_seconds > KEPT_SECONDS
    await stage.work(task)
    assert stage.codes(late) == ["UNAUTHENTICATED"]
    await stage.follow(late, "{ whoami }", id="2")
    assert stage.codes(late) == ["UNAUTHENTICATED", "UNAUTHENTICATED"]
