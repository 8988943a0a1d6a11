"""What an endpoint missed since a moment is sent again: paced, once for each request, and in spite of kills."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from colonnade.errors import StoreUnavailable
from colonnade.outbound import OutboundResponse
from colonnade.permissions import Principal
from colonnade.store import Update, Writes
from colonnade.testing import FrozenClock, MemoryStore
from colonnade.webhooks.recovering import PAGE, PAUSE
from colonnade.webhooks.rows import DELIVER, RECOVER
from colonnade.work.operations import OperationStatus
from tests.webhooks.scene import UPDATE, Scene

RECOVERED = """mutation ($input: RecoverWebhookDeliveriesInput!) { recoverWebhookDeliveries(input: $input) {
  __typename ... on WebhookRecoveryStarted { operation { id name status } } ... on UserError { code } } }"""


class Failing(MemoryStore):
    """Fails `after` so many further writes that send a delivery again."""

    after: int | None = None

    async def transact(self, writes: Writes) -> None:
        if self.after is not None and any(isinstance(w, Update) and "recovered_by" in w.set for w in writes):
            if self.after == 0:
                self.after = None
                raise StoreUnavailable("killed here")
            self.after -= 1
        await super().transact(writes)


async def missed(scene: Scene, orders: int) -> str:
    """An endpoint that failed at so many messages, ten times each, and is well now."""
    endpoint = await scene.made()
    scene.serve(lambda _: OutboundResponse(410))
    for number in range(orders):
        await scene.sell(f"o-{number}")
        scene.clock.advance(1)
    await scene.work()
    await scene.mutate(UPDATE, endpointId=endpoint, enabled=True)
    scene.serve(lambda _: OutboundResponse(204))
    scene.receiver.sent.clear()
    return endpoint


async def ask(scene: Scene, endpoint: str, since: datetime, **more: Any) -> Any:
    given = {"endpointId": endpoint, "since": since.isoformat(), "idempotencyKey": "one", **more}
    return await scene.mutate(RECOVERED, **given)


async def turns(scene: Scene) -> int:
    """Do everything that was asked for, at its time; how many turns of recoveries that were."""
    done = 0
    while scene.notes.tasks:
        task = min(scene.notes.tasks, key=lambda waiting: waiting["at"])
        scene.notes.tasks.remove(task)
        wait = task["at"] - scene.clock.now().timestamp()
        scene.clock.advance(max(0, wait))
        await scene.harness.run_job(task["job"], task["arguments"])
        done += task["job"] == RECOVER
    return done


async def status(scene: Scene, operation: str) -> tuple[OperationStatus, int, int, str]:
    found = await scene.harness.context().operations.find(operation)
    assert found is not None
    return found.status, found.done, found.total, found.note


async def test_what_failed_since_a_moment_is_sent_again_under_its_id_and_nothing_else() -> None:
    scene = Scene()
    begun = scene.clock.now()
    endpoint = await missed(scene, 5)
    ids = [d["messageId"] for d in await scene.deliveries(endpoint)][::-1]
    asked = await ask(scene, endpoint, begun + timedelta(seconds=2))
    assert asked["operation"]["name"] == RECOVER
    await turns(scene)
    assert sorted(request.headers["webhook-id"] for request in scene.sent) == sorted(ids[2:])
    kept = await status(scene, asked["operation"]["id"])
    assert kept[0] is OperationStatus.DONE
    assert kept[1] == kept[2]
    assert kept[3].startswith("3 messages are on their way again; progress is in seconds")


async def test_a_recovery_goes_on_after_a_kill_keeps_its_pace_and_sends_nothing_twice() -> None:
    clock = FrozenClock()
    store = Failing(clock)
    scene = Scene(clock=clock, store=store)
    begun = clock.now()
    endpoint = await missed(scene, PAGE + 5)
    asked = await ask(scene, endpoint, begun, everything=True)
    [first] = [task for task in scene.notes.tasks if task["job"] == RECOVER]
    store.after = 20
    with pytest.raises(StoreUnavailable):
        await scene.harness.run_job(RECOVER, first["arguments"])
    scene.notes.tasks.remove(first)
    while [
        task for task in scene.notes.tasks if task["job"] == DELIVER and task["at"] <= clock.now().timestamp()
    ]:
        await scene.work()
    assert len(scene.sent) == 20
    clock.advance(90)
    resumed = clock.now()
    await scene.harness.run_job(RECOVER, first["arguments"])
    [second] = [task for task in scene.notes.tasks if task["job"] == RECOVER]
    assert second["at"] == (resumed + PAUSE).timestamp()
    assert await turns(scene) == 1
    ids = [request.headers["webhook-id"] for request in scene.sent]
    assert (len(ids), len(set(ids))) == (PAGE + 5, PAGE + 5)
    assert (await status(scene, asked["operation"]["id"]))[0] is OperationStatus.DONE


async def test_the_same_request_again_is_the_same_recovery_and_one_without_everything_leaves_what_was_delivered() -> (
    None
):
    scene = Scene()
    endpoint = await scene.made()
    await scene.sell()
    await scene.work()
    begun = scene.clock.now() - timedelta(hours=1)
    asked = await ask(scene, endpoint, begun)
    assert await ask(scene, endpoint, begun) == asked
    assert await turns(scene) == 1
    assert len(scene.sent) == 1
    await ask(scene, endpoint, begun, idempotencyKey="two", everything=True)
    await turns(scene)
    assert len(scene.sent) == 2


async def test_nobody_recovers_for_others_nor_for_an_endpoint_that_is_disabled() -> None:
    scene = Scene()
    endpoint = await scene.made()
    since = scene.clock.now()
    owner, scene.harness = (
        scene.harness,
        scene.harness.acting_as(Principal("usr_eve", frozenset({"MANAGE_WEBHOOKS"}))),
    )
    assert (await ask(scene, endpoint, since))["code"] == "WEBHOOK_ENDPOINT_NOT_FOUND"
    scene.harness = owner
    asked = await ask(scene, endpoint, since)
    await scene.mutate(UPDATE, endpointId=endpoint, enabled=False)
    assert (await ask(scene, endpoint, since, idempotencyKey="b"))["code"] == "WEBHOOK_ENDPOINT_DISABLED"
    await turns(scene)
    assert (await status(scene, asked["operation"]["id"]))[0] is OperationStatus.FAILED
