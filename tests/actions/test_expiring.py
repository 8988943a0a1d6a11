"""What was not sent in time, and what its owner called off."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from colonnade.actions import expiring
from colonnade.actions.storage import ACTION, UNSENT_KEPT
from tests.actions.scene import Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_an_action_is_seen_as_expired_before_the_job_comes_by(scene: Scene) -> None:
    action = await scene.prepare()
    scene.clock.advance(timedelta(minutes=10))
    seen = await scene.seen(action)
    assert (seen["status"], seen["steps"][0]["status"]) == ("EXPIRED", "SKIPPED")
    assert (await scene.kept(action)).status.name == "AWAITING_USER"


async def test_the_job_writes_what_has_expired_and_nothing_else(scene: Scene) -> None:
    short, long, sent = (
        await scene.prepare(),
        await scene.prepare(lasts=timedelta(hours=1)),
        await scene.prepare(),
    )
    await scene.confirm(sent, txHash=scene.pay())
    scene.clock.advance(timedelta(minutes=10, seconds=1))
    for _ in range(2):
        await scene.expiry_job()
    assert [(await scene.kept(a)).status.name for a in (short, long, sent)] == [
        "EXPIRED",
        "AWAITING_USER",
        "SUBMITTED",
    ]
    assert [(await scene.kept(a)).version for a in (short, long, sent)] == [2, 1, 2]


async def test_the_job_does_not_stop_at_a_page(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "PAGE", 2)
    actions = [await scene.prepare() for _ in range(20)]
    scene.clock.advance(timedelta(minutes=11))
    await scene.expiry_job()
    assert {(await scene.kept(a)).status.name for a in actions} == {"EXPIRED"}


async def test_what_was_never_sent_goes_in_the_end_and_what_was_stays(scene: Scene) -> None:
    unsent, sent = await scene.prepare(), await scene.prepare()
    await scene.confirm(sent, txHash=scene.pay())
    scene.clock.advance(timedelta(minutes=10) + UNSENT_KEPT)
    assert await scene.harness.store.get(ACTION.key(id=unsent.id)) is None
    assert await scene.seen(unsent) is None
    assert (await scene.seen(sent))["status"] == "SUBMITTED"


async def test_an_action_that_awaits_its_user_can_be_called_off(scene: Scene) -> None:
    action = await scene.prepare()
    answer = await scene.cancel(action)
    assert answer == {"__typename": "PreparedAction", "status": "CANCELLED", "steps": [{"status": "SKIPPED"}]}
    assert await scene.cancel(action) == answer
    assert (await scene.kept(action)).version == 2
    refused = await scene.confirm(action, txHash=scene.pay())
    assert (refused["code"], refused["status"]) == ("ACTION_CLOSED", "CANCELLED")


async def test_what_was_sent_cannot_be_called_off(scene: Scene) -> None:
    action = await scene.prepare()
    await scene.confirm(action, txHash=scene.pay())
    answer = await scene.cancel(action)
    assert (answer["code"], answer["status"]) == ("ACTION_CLOSED", "SUBMITTED")


async def test_what_has_expired_cannot_be_called_off(scene: Scene) -> None:
    action = await scene.prepare()
    scene.clock.advance(timedelta(minutes=10))
    assert (await scene.cancel(action))["status"] == "EXPIRED"


async def test_what_is_not_there_cannot_be_called_off(scene: Scene) -> None:
    action = await scene.prepare()
    gone = replace(action, id="act_nothing")
    assert (await scene.cancel(gone))["code"] == "ACTION_NOT_FOUND"
    assert (await scene.confirm(gone, txHash=b"\x01" * 32))["code"] == "ACTION_NOT_FOUND"
