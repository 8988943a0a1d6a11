"""Of one endpoint one recovery works at a time, whoever asks, however closely together: on DynamoDB Local."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime
from typing import Any

from colonnade.permissions import Principal
from colonnade.testing import FrozenClock, MemoryStore
from colonnade.webhooks.rows import RECOVER
from colonnade.work.operations import OperationStatus
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.webhooks.scene import ROTATE, SELLER, UPDATE, Scene

RECOVERED = """mutation ($input: RecoverWebhookDeliveriesInput!) { recoverWebhookDeliveries(input: $input) {
  __typename ... on WebhookRecoveryStarted { operation { id note } } ... on UserError { code message } } }"""


async def ask(scene: Scene, endpoint: str, since: datetime, key: str) -> Any:
    given = {"endpointId": endpoint, "since": since.isoformat(), "idempotencyKey": key, "everything": True}
    return await scene.mutate(RECOVERED, **given)


async def turn(scene: Scene, operation: str) -> OperationStatus:
    """Have a worker at the operation; how it stands then."""
    await scene.harness.run_job(RECOVER, {"operation": operation})
    found = await scene.harness.context().operations.find(operation)
    assert found is not None
    return found.status


def test_of_two_recoveries_at_once_one_begins_and_the_other_is_told_of_it(dynamodb: DynamoDBSettings) -> None:
    clock = FrozenClock()
    store = DynamoDBStore(dynamodb, clock)
    scene = Scene(clock, store, principal=Principal("usr_recovers_at_once", SELLER.permissions))
    endpoint = asyncio.run(scene.made())
    together = threading.Barrier(2)
    answers: list[Any] = []

    def recover(key: str) -> None:
        together.wait()
        answers.append(asyncio.run(ask(scene, endpoint, clock.now(), key)))

    threads = [threading.Thread(target=recover, args=(key,)) for key in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    [begun] = [answer["operation"] for answer in answers if "operation" in answer]
    [refused] = [answer for answer in answers if "operation" not in answer]
    assert refused["code"] == "WEBHOOK_RECOVERY_IN_PROGRESS"
    assert begun["id"] in refused["message"]
    assert len([task for task in scene.notes.tasks if task["job"] == RECOVER]) == 1


async def test_another_may_begin_when_one_has_ended_and_the_same_request_is_still_the_same_recovery() -> None:
    scene = Scene()
    endpoint, since = await scene.made(), scene.clock.now()
    first = await ask(scene, endpoint, since, "one")
    assert "seconds" in first["operation"]["note"]
    assert await ask(scene, endpoint, since, "one") == first
    assert (await ask(scene, endpoint, since, "two"))["code"] == "WEBHOOK_RECOVERY_IN_PROGRESS"
    assert await turn(scene, first["operation"]["id"]) is OperationStatus.DONE
    second = await ask(scene, endpoint, since, "two")
    assert second["operation"]["id"] != first["operation"]["id"]
    assert (await ask(scene, endpoint, since, "one"))["operation"]["id"] == first["operation"]["id"]


async def test_changes_of_the_endpoint_do_not_let_a_second_one_begin() -> None:
    scene = Scene()
    endpoint, since = await scene.made(), scene.clock.now()
    await ask(scene, endpoint, since, "one")
    await scene.mutate(ROTATE, endpointId=endpoint, idempotencyKey=scene.key())
    await scene.mutate(UPDATE, endpointId=endpoint, enabled=False)
    await scene.mutate(UPDATE, endpointId=endpoint, enabled=True)
    assert (await ask(scene, endpoint, since, "two"))["code"] == "WEBHOOK_RECOVERY_IN_PROGRESS"


async def test_one_that_was_cancelled_and_is_resumed_beside_a_later_one_sends_nothing() -> None:
    scene = Scene(store=MemoryStore(clock := FrozenClock()), clock=clock)
    endpoint, since = await scene.made(), scene.clock.now()
    operations = scene.harness.context().operations
    first = (await ask(scene, endpoint, since, "one"))["operation"]["id"]
    await operations.cancel(first)
    second = (await ask(scene, endpoint, since, "two"))["operation"]["id"]
    await operations.reopen(first)
    assert await turn(scene, first) is OperationStatus.FAILED
    found = await operations.find(first)
    assert found is not None
    assert second in (found.failure or "")
    assert await turn(scene, second) is OperationStatus.DONE
