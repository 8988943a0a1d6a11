"""Conflated subscriptions: the newest, not too often, and never nothing for ever."""

from __future__ import annotations

from typing import Any

import pytest

from colonnade.errors import ConnectionThrottled
from colonnade.testing.scripted_connections import ScriptedConnections
from tests.subscriptions import applause
from tests.subscriptions.stage import Stage

LATEST = 'subscription { latest(creator: "ada") { sequence kind node { text } } }'
OF_ALL = "subscription { latestOfAll { kind node { text } } }"


def told(stage: Stage, client: str, name: str = "latest") -> list[tuple[str, Any]]:
    """The kinds and texts of what a client was sent."""
    payloads = [m["payload"]["data"][name] for m in stage.heard(client)]
    return [(p["kind"], p["node"] and p["node"]["text"]) for p in payloads]


async def test_a_snapshot_comes_first() -> None:
    stage = Stage()
    await stage.give("one")
    client = await stage.connect()
    await stage.follow(client, LATEST)
    (message,) = stage.heard(client)
    assert message["payload"]["data"]["latest"] == {
        "sequence": "1",
        "kind": "SNAPSHOT",
        "node": {"text": "ada so far"},
    }


async def test_an_update_that_comes_while_the_snapshot_is_taken_is_newer_than_it() -> None:
    stage = Stage()
    applause.meanwhile.append(lambda: stage.give("meanwhile"))
    client = await stage.connect()
    await stage.follow(client, LATEST)
    messages = [m["payload"]["data"]["latest"] for m in stage.heard(client)]
    assert {m["kind"]: int(m["sequence"]) for m in messages} == {"SNAPSHOT": 0, "UPDATE": 1}


async def test_of_a_burst_the_first_is_sent_at_once_and_the_last_when_the_interval_is_over() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, LATEST)
    await stage.give("one", "two", "three")
    assert told(stage, client)[1:] == [("UPDATE", "one")]
    (task,) = stage.tasks.messages
    assert task.delay_seconds == 2
    stage.clock.advance(2)
    await stage.work_on_all()
    assert told(stage, client)[1:] == [("UPDATE", "one"), ("UPDATE", "three")]
    sequences = [int(m["payload"]["data"]["latest"]["sequence"]) for m in stage.heard(client)]
    assert sequences == [0, 1, 3]


async def test_of_events_that_are_delivered_together_only_the_newest_is_executed() -> None:
    from tests.subscriptions.applause import executions

    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, LATEST)
    executions.clear()
    await stage.publish("one", "two", "three")
    await stage.deliver()
    assert executions == ["three"]
    assert told(stage, client)[1:] == [("UPDATE", "three")]


async def test_a_task_that_runs_twice_sends_nothing_twice() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, LATEST)
    await stage.give("one", "two")
    stage.tasks.messages *= 2
    stage.clock.advance(2)
    await stage.work_on_all()
    assert told(stage, client)[1:] == [("UPDATE", "one"), ("UPDATE", "two")]


async def test_a_task_that_runs_too_early_leaves_the_rest_to_another() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, LATEST)
    await stage.give("one", "two")
    (early,) = stage.tasks.take()
    await stage.work(early)
    assert told(stage, client)[1:] == [("UPDATE", "one")]
    stage.clock.advance(2)
    await stage.work_on_all()
    assert told(stage, client)[-1] == ("UPDATE", "two")


async def test_a_throttled_client_gets_the_newest_later() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, LATEST)
    stage.sockets.fail(client, *[ConnectionThrottled("too fast")] * 3)
    await stage.give("one")
    assert told(stage, client)[1:] == []
    stage.clock.advance(2)
    await stage.work_on_all()
    assert told(stage, client)[1:] == [("UPDATE", "one")]


async def test_a_deliverer_that_is_killed_before_it_sent_is_made_up_for() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, LATEST)

    class Killed(BaseException):
        """The process ends here."""

    class Deadly(ScriptedConnections):
        async def post(self, connection_id: str, text: str) -> None:
            raise Killed

    calm = stage.ports
    stage.use(stage.ports_over(stage.kept, Deadly(), stage.log))
    await stage.publish("one")
    message = stage.deliveries.messages[0]
    with pytest.raises(Killed):
        await stage.deliver()
    stage.use(calm)
    await stage.deliveries.send([message])
    await stage.deliver()
    stage.clock.advance(2)
    await stage.work_on_all()
    assert told(stage, client)[1:] == [("UPDATE", "one")]


async def test_several_topics_are_followed_each_with_its_own_interval() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, OF_ALL)
    await stage.give("one")
    await stage.give("two", creator="bob")
    assert told(stage, client, "latestOfAll") == [("UPDATE", "one"), ("UPDATE", "two")]


async def test_complete_leaves_every_topic() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, OF_ALL)
    await stage.say(client, id="1", type="complete")
    await stage.give("one")
    await stage.give("two", creator="bob")
    assert stage.heard(client) == []


async def test_quiet_subscribers_get_heartbeats_and_busy_ones_do_not() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, LATEST)
    stage.clock.advance(60)
    await stage.deliverer.heartbeat()
    assert told(stage, client)[1:] == [("HEARTBEAT", None)]
    await stage.give("one")
    await stage.deliverer.heartbeat()
    assert told(stage, client)[1:] == [("HEARTBEAT", None), ("UPDATE", "one")]


async def test_when_the_log_does_not_hold_the_newest_a_reset_says_so() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client, LATEST)
    await stage.give("one")
    await stage.publish("two")
    await stage.deliver()
    (task,) = stage.tasks.take()
    stage.clock.advance(25 * 3_600)
    other = await stage.connect("eve")
    await stage.follow(other, LATEST)
    await stage.work(task)
    assert told(stage, other) == [("SNAPSHOT", "ada so far")]
