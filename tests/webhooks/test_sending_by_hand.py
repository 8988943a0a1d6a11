"""Trying an endpoint out, and sending a delivery once more."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from colonnade.outbound import OutboundResponse
from colonnade.permissions import Principal
from colonnade.webhooks.rows import KEPT
from tests.webhooks.scene import DELIVERIES, SELLER, UPDATE, Scene

TEST = """mutation ($input: SendTestWebhookInput!) { sendTestWebhook(input: $input) {
  __typename ... on WebhookDelivery { id status eventType } ... on UserError { code } } }"""
REPLAY = """mutation ($input: ReplayWebhookDeliveryInput!) { replayWebhookDelivery(input: $input) {
  __typename ... on WebhookDelivery { id status attempts { statusCode } nextAttemptAt }
  ... on UserError { code retryable } } }"""


async def replay(scene: Scene, delivery: str, key: str = "again") -> Any:
    return await scene.mutate(REPLAY, deliveryId=delivery, idempotencyKey=key)


async def test_a_test_message_reaches_an_endpoint_that_did_not_ask_for_it() -> None:
    scene = Scene()
    endpoint = await scene.made()
    sent = await scene.mutate(TEST, endpointId=endpoint, idempotencyKey="t-1")
    again = await scene.mutate(TEST, endpointId=endpoint, idempotencyKey="t-1")
    assert (sent["status"], sent["eventType"], again["id"]) == ("PENDING", "webhook.test", sent["id"])
    await scene.work()
    [body] = [json.loads(request.body) for request in scene.sent]
    assert (body["type"], body["data"]) == ("webhook.test", {"endpointId": endpoint})


async def test_a_delivery_is_sent_again_under_its_id() -> None:
    scene = Scene()
    endpoint = await scene.made()
    await scene.sell()
    await scene.work()
    [delivery] = await scene.deliveries(endpoint)
    scene.clock.advance(timedelta(days=1))
    replayed = await replay(scene, delivery["id"])
    assert (replayed["id"], replayed["status"], len(replayed["attempts"])) == (delivery["id"], "PENDING", 1)
    assert (await replay(scene, delivery["id"]))["id"] == delivery["id"]
    await scene.work()
    first, second = scene.sent
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    [after] = await scene.deliveries(endpoint)
    assert (after["status"], len(after["attempts"])) == ("DELIVERED", 2)


async def test_what_is_sent_again_and_fails_is_tried_as_often_as_a_new_one() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.receiver.answer("https://shop.example.com/hooks", *[OutboundResponse(500)] * 3)
    await scene.sell()
    for _ in range(3):
        await scene.next_task()
    [delivery] = await scene.deliveries(endpoint)
    await replay(scene, delivery["id"])
    scene.serve(lambda _: OutboundResponse(500))
    while await scene.next_task():
        pass
    [after] = await scene.deliveries(endpoint)
    assert (after["status"], len(after["attempts"])) == ("FAILED", 13)


async def test_a_replay_takes_the_place_of_the_next_attempt() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.receiver.answer("https://shop.example.com/hooks", OutboundResponse(500))
    await scene.sell()
    await scene.work()
    [delivery] = await scene.deliveries(endpoint)
    await replay(scene, delivery["id"])
    while await scene.next_task():
        pass
    assert len(scene.sent) == 2


async def test_a_replay_goes_out_even_while_the_endpoint_rests() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.serve(lambda _: OutboundResponse(500))
    for number in range(5):
        await scene.sell(f"o-{number}")
    await scene.work()
    await scene.sell("while it rests")
    await scene.work()
    assert len(scene.sent) == 5
    scene.serve(lambda _: OutboundResponse(204))
    waiting = (await scene.deliveries(endpoint))[0]
    await replay(scene, waiting["id"])
    await scene.work()
    assert len(scene.sent) == 6


async def test_what_cannot_be_sent_again_is_said() -> None:
    scene = Scene()
    endpoint = await scene.made()
    await scene.sell()
    await scene.work()
    [delivery] = await scene.deliveries(endpoint)
    for unknown in ("whd_1", delivery["id"][:-1] + "Z", "whe_" + "0" * 26, "", "whd_" + "0" * 52):
        assert (await replay(scene, unknown, scene.key()))["code"] == "WEBHOOK_DELIVERY_NOT_FOUND"
    await scene.mutate(UPDATE, endpointId=endpoint, enabled=False)
    assert (await replay(scene, delivery["id"], "k"))["code"] == "WEBHOOK_ENDPOINT_DISABLED"
    tried = await scene.mutate(TEST, endpointId=endpoint, idempotencyKey="t")
    assert tried["code"] == "WEBHOOK_ENDPOINT_DISABLED"
    scene.harness.principal = Principal("usr_mallory", SELLER.permissions)
    assert (await replay(scene, delivery["id"], "m"))["code"] == "WEBHOOK_DELIVERY_NOT_FOUND"
    assert (await scene.mutate(TEST, endpointId=endpoint, idempotencyKey="t"))[
        "code"
    ] == "WEBHOOK_ENDPOINT_NOT_FOUND"


async def test_a_delivery_is_kept_for_two_weeks() -> None:
    scene = Scene()
    endpoint = await scene.made()
    await scene.sell()
    await scene.work()
    [delivery] = await scene.deliveries(endpoint)
    scene.clock.advance(KEPT)
    assert await scene.deliveries(endpoint) == []
    assert (await replay(scene, delivery["id"]))["code"] == "WEBHOOK_DELIVERY_NOT_FOUND"


async def test_the_log_is_read_page_by_page() -> None:
    scene = Scene()
    endpoint = await scene.made()
    for number in range(5):
        scene.clock.advance(1)
        await scene.sell(f"o-{number}")
    seen: list[str] = []
    after = None
    while True:
        page = await scene.harness.data(DELIVERIES, {"id": endpoint, "first": 2, "after": after})
        found = page["webhookDeliveries"]
        seen += [json.loads(edge["node"]["body"])["data"]["order"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["o-4", "o-3", "o-2", "o-1", "o-0"]
