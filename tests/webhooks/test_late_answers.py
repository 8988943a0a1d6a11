"""Workers that hear of an answer when their claim or their place has run out: what others have by then stays theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from colonnade.outbound import OutboundResponse
from colonnade.webhooks.delivering import CLAIMED
from tests.webhooks.scene import UPDATE, URL, Scene
from tests.webhooks.test_fair_shares import slow_once
from tests.webhooks.test_two_workers import Door


async def test_a_failure_that_comes_late_does_not_take_the_delivery_from_who_sends_it_again() -> None:
    scene = Scene()
    endpoint = await scene.made()
    await scene.sell()
    [task] = scene.notes.tasks
    late, again = Door(), Door()
    late_worker = await _sending(scene, late, task, status=500)
    scene.clock.advance(CLAIMED)
    second_worker = await _sending(scene, again, task)

    late.open.set()
    await late_worker
    again.open.set()
    await second_worker

    [delivery] = await scene.deliveries(endpoint)
    told = [attempt["statusCode"] for attempt in delivery["attempts"]]
    assert (delivery["status"], told) == ("DELIVERED", [204])


async def test_a_task_that_comes_again_after_its_attempt_is_recorded_sends_nothing() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.serve(lambda _: OutboundResponse(500))
    await scene.sell()
    [task] = scene.notes.tasks
    await scene.work()
    await scene.harness.run_job("webhooks.deliver", task["arguments"])
    assert len(scene.sent) == 1
    assert [len(delivery["attempts"]) for delivery in await scene.deliveries(endpoint)] == [1]


async def test_an_answer_to_what_the_endpoint_was_before_does_not_disable_what_it_is_now() -> None:
    scene = Scene()
    endpoint = await scene.made()
    await scene.sell()
    [task] = scene.notes.tasks
    late = Door()
    worker = await _sending(scene, late, task, status=410)
    await scene.mutate(UPDATE, endpointId=endpoint, url="https://moved.example.com/")
    late.open.set()
    await worker
    [listed] = await scene.endpoints()
    assert (listed["status"], listed["url"]) == ("ENABLED", "https://moved.example.com/")


async def test_who_answers_after_its_place_ran_out_leaves_it_to_whom_has_it_by_then() -> None:
    scene = Scene()
    endpoint = await scene.made()
    await slow_once(scene)  # from now on there is one place
    for order in ("late", "next", "third"):
        await scene.sell(order)
    late_task, next_task, third_task = scene.notes.tasks
    late, following = Door(), Door()
    late_worker = await _sending(scene, late, late_task)
    scene.clock.advance(CLAIMED)
    following_worker = await _sending(scene, following, next_task)
    late.open.set()
    await late_worker

    await scene.harness.run_job("webhooks.deliver", third_task["arguments"])

    assert len(scene.sent) == 1
    following.open.set()
    await following_worker
    states = sorted(delivery["status"] for delivery in await scene.deliveries(endpoint))
    assert states == ["DELIVERED", "DELIVERED", "DELIVERED", "PENDING"]


async def _sending(
    scene: Scene, door: Door, task: Mapping[str, Any], status: int = 204
) -> asyncio.Task[None]:
    """A worker of its own that has reached the door with this task."""
    door.serve(URL, lambda _: OutboundResponse(status))
    worker = Scene(clock=scene.clock, store=scene.notes.store, http=door)
    sending = asyncio.create_task(worker.harness.run_job("webhooks.deliver", task["arguments"]))
    await door.entered.wait()
    return sending
