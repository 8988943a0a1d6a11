"""Retries, rotation and disabling over three days of a clock that the test moves; every attempt and its time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from colonnade.errors import OutboundUnreachable
from colonnade.outbound import OutboundRequest, OutboundResponse
from colonnade.testing import FrozenClock
from colonnade.webhooks.plan import JITTER, PAUSES
from tests.webhooks.scene import ENDPOINTS, ROTATE, UPDATE, URL, Scene

SECOND = timedelta(seconds=1)
"""Tasks are due at whole seconds, none before its time."""


async def until_nothing_waits(scene: Scene) -> None:
    while await scene.next_task():
        pass


def times(scene: Scene, url: str = URL) -> list[datetime]:
    stamps = [request.headers["webhook-timestamp"] for request in scene.sent if request.url == url]
    return [datetime.fromtimestamp(int(stamp), UTC) for stamp in stamps]


async def test_a_dead_receiver_is_tried_ten_times_over_three_days_and_then_disabled() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.serve(lambda _: OutboundResponse(503))
    await scene.sell()
    await until_nothing_waits(scene)
    tried = times(scene)
    assert len(tried) == len(PAUSES) + 1 == 10
    for earlier, later, pause in zip(tried, tried[1:], PAUSES, strict=False):
        assert pause <= later - earlier <= pause * (1 + JITTER) + SECOND
    assert timedelta(days=3) < tried[-1] - tried[0] < timedelta(days=4)
    assert {request.headers["webhook-id"] for request in scene.sent} == {scene.sent[0].headers["webhook-id"]}
    assert {request.body for request in scene.sent} == {scene.sent[0].body}
    [delivery] = await scene.deliveries(endpoint)
    assert (delivery["status"], len(delivery["attempts"]), delivery["nextAttemptAt"]) == ("FAILED", 10, None)
    [listed] = await scene.endpoints()
    assert (listed["status"], listed["disabledBecause"]) == ("DISABLED", "FAILING")
    assert datetime.fromisoformat(listed["disabledAt"]) == scene.clock.now()


async def test_its_owner_is_told_of_the_end_at_another_endpoint() -> None:
    scene = Scene()
    endpoint = await scene.made()
    watching = "https://watch.example.com/"
    await scene.create(url=watching, types=["webhook-endpoint.disabled"])
    scene.receiver.serve(watching, lambda _: OutboundResponse(204))
    scene.serve(lambda _: OutboundUnreachable("it hangs"))
    await scene.sell()
    await until_nothing_waits(scene)
    await scene.harness.settle()
    await scene.work()
    [told] = [json.loads(request.body) for request in scene.sent if request.url == watching]
    assert (told["type"], told["data"]) == (
        "webhook-endpoint.disabled",
        {"endpointId": endpoint, "because": "FAILING"},
    )


async def test_a_receiver_that_comes_back_gets_everything_and_stays() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.serve(lambda _: OutboundResponse(500))
    await scene.sell("o-1")
    for _ in range(6):
        await scene.next_task()
    await scene.sell("o-2")
    scene.serve(lambda _: OutboundResponse(204))
    await until_nothing_waits(scene)
    assert {d["status"] for d in await scene.deliveries(endpoint)} == {"DELIVERED"}
    assert (await scene.endpoints())[0]["status"] == "ENABLED"


async def test_both_secrets_are_good_while_a_rotation_overlaps_and_then_one() -> None:
    scene = Scene(clock=FrozenClock(datetime.now(UTC)))
    created = await scene.create()
    endpoint = created["endpoint"]["id"]
    rotated = await scene.mutate(ROTATE, endpointId=endpoint, overlapHours=1, idempotencyKey="r-1")
    until = datetime.fromisoformat(rotated["previousValidUntil"])
    assert abs(until - scene.clock.now() - timedelta(hours=1)) < SECOND
    await scene.sell("during")
    await scene.work()
    [during] = scene.sent
    headers = dict(during.headers)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (created["secret"], rotated["secret"]):
        Webhook(secret).verify(during.body.decode(), headers)
    scene.clock.advance(timedelta(hours=1))
    await scene.sell("after")
    await scene.work()
    after = scene.sent[-1]
    # The library holds a message to the machine's clock; what is signed is looked at without it.
    at = datetime.fromtimestamp(int(after.headers["webhook-timestamp"]), UTC)
    signed = Webhook(rotated["secret"]).sign(after.headers["webhook-id"], at, after.body.decode())
    assert after.headers["webhook-signature"] == signed


async def test_each_replaced_secret_is_good_for_as_long_as_was_promised_and_not_a_second_longer() -> None:
    scene = Scene()
    created = await scene.create()
    endpoint = created["endpoint"]["id"]
    secrets = [created["secret"]]
    for hours in (1, 24):
        rotated = await scene.mutate(
            ROTATE, endpointId=endpoint, overlapHours=hours, idempotencyKey=f"r-{hours}"
        )
        secrets.append(rotated["secret"])
    good: list[list[bool]] = []
    for passed in (timedelta(), timedelta(hours=1) - SECOND, SECOND, timedelta(hours=23) - SECOND, SECOND):
        scene.clock.advance(passed)
        await scene.sell(f"o-{len(good)}")
        await scene.work()
        good.append([signed_with(secret, scene.sent[-1]) for secret in secrets])
    first, second, newest = ([at[number] for at in good] for number in range(3))
    assert first == [True, True, False, False, False]
    assert second == [True, True, True, True, False]
    assert all(newest)


def signed_with(secret: str, request: OutboundRequest) -> bool:
    """Whether PyPI's library would have signed it so; it verifies only what is of the machine's present time."""
    at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
    signature = Webhook(secret).sign(request.headers["webhook-id"], at, request.body.decode())
    return signature in request.headers["webhook-signature"].split(" ")


async def test_a_secret_that_others_know_is_good_no_more_at_once() -> None:
    scene = Scene(clock=FrozenClock(datetime.now(UTC)))
    created = await scene.create()
    await scene.mutate(ROTATE, endpointId=created["endpoint"]["id"], overlapHours=0, idempotencyKey="r-1")
    await scene.sell()
    await scene.work()
    [request] = scene.sent
    with pytest.raises(WebhookVerificationError):
        Webhook(created["secret"]).verify(request.body.decode(), dict(request.headers))


async def test_the_attempts_of_three_days_are_signed_with_what_is_good_at_each() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.serve(lambda _: OutboundResponse(500))
    await scene.sell()
    await scene.work()
    await scene.mutate(ROTATE, endpointId=endpoint, overlapHours=24, idempotencyKey="r-1")
    rotated_at = scene.clock.now()
    await until_nothing_waits(scene)
    counts = [len(request.headers["webhook-signature"].split(" ")) for request in scene.sent[1:]]
    within = [at < rotated_at + timedelta(hours=24) for at in times(scene)[1:]]
    assert counts == [2 if overlaps else 1 for overlaps in within]
    assert {1, 2} == set(counts)


@pytest.mark.parametrize("asked", ["600", "date"])
async def test_a_receiver_that_asks_for_time_gets_it(asked: str) -> None:
    scene = Scene()
    await scene.create()
    if asked == "date":
        asked = format_datetime(scene.clock.now() + timedelta(seconds=600), usegmt=True)
    scene.receiver.answer(URL, OutboundResponse(429, {"retry-after": asked}))
    await scene.sell()
    await until_nothing_waits(scene)
    first, second = times(scene)
    assert second - first == timedelta(seconds=600)


@pytest.mark.parametrize("long", ["999999999", "Fri, 01 Jan 2100 00:00:00 GMT"])
async def test_it_cannot_ask_for_more_than_a_day_nor_for_less_than_the_plan(long: str) -> None:
    scene = Scene()
    await scene.create()
    asking = [long, "0", "Thu, 01 Jan 1970 00:00:00 GMT", "soon", "-5", "9" * 70]
    scene.receiver.answer(URL, *(OutboundResponse(503, {"retry-after": text}) for text in asking))
    await scene.sell()
    await until_nothing_waits(scene)
    tried = times(scene)
    assert tried[1] - tried[0] == timedelta(days=1)
    for earlier, later, pause in zip(tried[1:], tried[2:], PAUSES[1:], strict=False):
        assert pause <= later - earlier <= pause * (1 + JITTER) + SECOND


async def test_gone_disables_at_once() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.serve(lambda _: OutboundResponse(410))
    await scene.sell("o-1")
    await scene.sell("o-2")
    await scene.work()
    await scene.sell("o-3")
    assert len(scene.sent) == 1
    assert [d["status"] for d in await scene.deliveries(endpoint)] == ["FAILED", "FAILED"]
    [listed] = (await scene.harness.data(ENDPOINTS))["webhookEndpoints"]["edges"]
    assert (listed["node"]["status"], listed["node"]["disabledBecause"]) == ("DISABLED", "GONE")


async def test_an_endpoint_that_is_enabled_again_begins_anew() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.serve(lambda _: OutboundResponse(503))
    await scene.sell()
    await until_nothing_waits(scene)
    enabled = await scene.mutate(UPDATE, endpointId=endpoint, enabled=True)
    assert (enabled["status"], enabled["disabledBecause"]) == ("ENABLED", None)
    await scene.sell("o-2")
    await scene.work()
    assert (await scene.endpoints())[0]["status"] == "ENABLED"


async def test_what_failed_together_does_not_come_back_together() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.serve(lambda _: OutboundResponse(503))
    for number in range(4):
        await scene.sell(f"o-{number}")
    await scene.work()
    again = [delivery["nextAttemptAt"] for delivery in await scene.deliveries(endpoint)]
    assert len(set(again)) == 4
