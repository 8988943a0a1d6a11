"""`actionUpdated`: whose it is, what is there at first, and what each event shows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from colonnade.actions.action_events import ActionUpdated
from colonnade.actions.live_updates import action_updated, snapshot, topics
from colonnade.context import Info
from colonnade.outbox import OUTBOX
from colonnade.permissions import Principal
from colonnade.results import Refused
from colonnade.store import Writes
from tests.actions.scene import Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()


def info(scene: Scene) -> Info:
    return cast(Info, SimpleNamespace(context=scene.context()))


async def test_an_owner_follows_the_topic_of_their_action(scene: Scene) -> None:
    action = await scene.prepare()
    assert await topics(scene.context(), action.id) == [ActionUpdated.topic(action.id)]


@pytest.mark.parametrize("principal", [None, Principal("bob")])
async def test_nobody_else_follows_it(scene: Scene, principal: Principal | None) -> None:
    action = await scene.prepare()
    scene.harness = scene.harness.acting_as(principal)
    with pytest.raises(Refused) as refused:
        await topics(scene.context(), action.id)
    assert refused.value.code == "ACTION_NOT_FOUND"
    event = ActionUpdated.of_action(action)
    assert await action_updated.function(event, info(scene), id=action.id) is None
    assert await snapshot(info(scene), action.id) is None


async def test_each_event_shows_the_action_as_it_was_then(scene: Scene) -> None:
    action = await scene.prepare()
    await scene.confirm(action, txHash=scene.pay())
    scene.chain.mine()
    await scene.head_moves()
    rows = await scene.harness.store.query(OUTBOX.query(topic=ActionUpdated.topic(action.id)))
    events = [ActionUpdated.of(cast(Any, row.attributes["payload"])) for row in rows.items]
    shown = [await action_updated.function(event, info(scene), id=action.id) for event in events]
    assert [(one.status.name, one.steps[0].status.name) for one in shown] == [
        ("AWAITING_USER", "READY"),
        ("SUBMITTED", "SUBMITTED"),
        ("CONFIRMED", "DONE"),
    ]
    now = await snapshot(info(scene), action.id)
    assert now is not None
    assert now.status.name == "CONFIRMED"


async def test_a_snapshot_knows_that_time_is_over(scene: Scene) -> None:
    action = await scene.prepare()
    scene.clock.advance(600)
    now = await snapshot(info(scene), action.id)
    assert now is not None
    assert now.status.name == "EXPIRED"


FOLLOW = """subscription ($id: ID!) { actionUpdated(id: $id) {
  node { status revision steps { status } failure { code } } } }"""


async def test_a_subscriber_sees_every_change_from_the_pool_to_finality(scene: Scene) -> None:
    action = await scene.prepare()
    feed = await scene.harness.subscribe(FOLLOW, {"id": action.id})
    transaction = scene.pay()
    await scene.confirm(action, txHash=transaction)
    first = scene.chain.mine()
    await record_head(scene)
    scene.chain.reorganise(1)
    await record_head(scene, reorganised_from=first.number)
    for _ in range(3):
        scene.chain.mine()
        await record_head(scene)
    nodes = [payload["node"] for payload in feed.payloads]
    assert [(node["status"], node["revision"]) for node in nodes] == [
        ("AWAITING_USER", 0),
        ("SUBMITTED", 0),
        ("CONFIRMED", 0),
        ("SUBMITTED", 1),
        ("CONFIRMED", 1),
        ("FINALIZED", 1),
    ]


async def record_head(scene: Scene, reorganised_from: int | None = None) -> None:
    """Let the chain's head be recorded as the watcher does, and what follows from it happen."""
    moved = await scene.head(reorganised_from=reorganised_from)
    context = scene.context()
    await context.store.transact(Writes([context.record(moved)]))
    await scene.harness.settle(times=2)
