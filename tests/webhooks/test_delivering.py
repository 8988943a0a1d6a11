"""From an event to a signed request, which the official library verifies."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from colonnade.errors import OutboundForbidden, OutboundUnreachable
from colonnade.events import Published
from colonnade.outbound import OutboundRequest, OutboundResponse
from colonnade.testing import FrozenClock
from colonnade.webhooks.sending import MOST_ANSWERED, TIMEOUT
from tests.webhooks.scene import URL, Scene
from tests.webhooks.shop import Sold


def scene_now() -> Scene:
    """A scene at the machine's time: libraries of receivers compare it with theirs."""
    return Scene(clock=FrozenClock(datetime.now(UTC)))


def verified(secret: str, request: OutboundRequest) -> object:
    return Webhook(secret).verify(request.body.decode(), dict(request.headers))


async def test_a_receiver_verifies_what_it_is_sent() -> None:
    scene = scene_now()
    created = await scene.create()
    await scene.sell("o-7", amount="12")
    await scene.work()
    [request] = scene.sent
    assert (request.method, request.url, request.redirects) == ("POST", URL, 0)
    assert (request.timeout, request.max_bytes) == (TIMEOUT, MOST_ANSWERED)
    assert request.headers["content-type"] == "application/json"
    assert verified(created["secret"], request) == {
        "type": "order.sold",
        "version": 2,
        "timestamp": scene.clock.now().isoformat(),
        "data": {"order": "o-7", "amount": "12", "note": ""},
    }


async def test_another_secret_does_not_verify_it() -> None:
    scene = scene_now()
    await scene.create()
    other = await scene.create(url="https://other.example.com/")
    await scene.sell()
    await scene.work()
    request = next(request for request in scene.sent if request.url == URL)
    with pytest.raises(WebhookVerificationError):
        verified(other["secret"], request)


async def test_the_log_shows_what_was_sent_and_answered() -> None:
    scene = Scene()
    scene.serve(lambda _: OutboundResponse(200, body=b"thanks \x00\xff" + b"x" * 1_000))
    endpoint = await scene.made()
    await scene.sell()
    await scene.work()
    [delivery] = await scene.deliveries(endpoint)
    assert (delivery["status"], delivery["eventType"], delivery["nextAttemptAt"]) == (
        "DELIVERED",
        "order.sold",
        None,
    )
    [attempt] = delivery["attempts"]
    assert (attempt["statusCode"], attempt["fault"], len(attempt["answer"])) == (200, None, 512)
    assert attempt["answer"].startswith("thanks ��xx")
    assert delivery["body"].encode() == scene.sent[0].body
    assert delivery["messageId"] == scene.sent[0].headers["webhook-id"]


async def test_an_event_is_told_only_to_its_owners_endpoints_that_want_it() -> None:
    scene = Scene()
    await scene.create()
    await scene.create(url="https://returns.example.com/", types=["order.returned"])
    await scene.sell(seller="usr_somebody_else")
    await scene.sell("gift", amount="0")
    assert await scene.work() == 0
    await scene.sell("o-2")
    await scene.work()
    assert [request.url for request in scene.sent] == [URL]


async def test_an_event_that_is_handled_twice_is_told_once() -> None:
    scene = Scene()
    await scene.create()
    await scene.sell(times=3)
    assert len(scene.notes.tasks) == 1


async def test_a_task_that_comes_twice_is_done_once() -> None:
    scene = Scene()
    await scene.create()
    await scene.sell()
    [task] = scene.notes.tasks
    await scene.work()
    await scene.harness.run_job("webhooks.deliver", task["arguments"])
    assert len(scene.sent) == 1


@pytest.mark.parametrize(
    ("answer", "fault", "status"),
    [
        (OutboundResponse(500, body=b"no"), "REFUSED", "PENDING"),
        (OutboundResponse(404), "REFUSED", "PENDING"),
        (OutboundResponse(302, {"location": "http://169.254.169.254/"}), "REDIRECTED", "PENDING"),
        (OutboundResponse(200, body=b"x" * (MOST_ANSWERED + 1)), "UNREACHABLE", "PENDING"),
        (OutboundUnreachable("it hangs"), "UNREACHABLE", "PENDING"),
        (OutboundForbidden("its name leads to a private address"), "FORBIDDEN", "FAILED"),
    ],
)
async def test_what_is_no_success_is_said_in_the_log(
    answer: OutboundResponse | OutboundUnreachable | OutboundForbidden, fault: str, status: str
) -> None:
    scene = Scene()
    scene.receiver.answer(URL, answer)
    endpoint = await scene.made()
    await scene.sell()
    await scene.work()
    [delivery] = await scene.deliveries(endpoint)
    assert (delivery["status"], delivery["attempts"][0]["fault"]) == (status, fault)
    assert len(scene.sent) == 1


async def test_an_attempt_is_one_read_and_two_transactions() -> None:
    scene = Scene()
    await scene.create()
    await scene.sell()
    reads, writes = scene.notes.reads, scene.notes.writes
    await scene.work()
    assert (scene.notes.reads - reads, scene.notes.writes - writes) == (1, 2)


async def test_whom_no_endpoint_belongs_to_costs_one_read_each() -> None:
    scene = Scene()
    handlers = {handler.name: handler for _, handler in scene.harness.composition.event_handlers}
    sold = Sold(order="o-1", seller="usr_1", buyer="usr_2", amount="5")
    published = Published("evt_1", sold.event_name, sold.own_topic, 1, sold.payload(), scene.clock.now())
    reads = scene.notes.reads
    writes = await handlers["colonnade.webhooks.shop/shop.sold"].handle(
        scene.harness.context(), sold, published
    )
    assert (scene.notes.reads - reads, len(writes)) == (2, 0)


async def test_what_is_sent_is_never_larger_than_was_promised() -> None:
    scene = Scene()
    await scene.create()
    with pytest.raises(Exception, match="handler"):
        await scene.sell(note="x" * 17_000)


async def test_malformed_tasks_are_refused() -> None:
    scene = Scene()
    with pytest.raises(ValueError, match="names owner"):
        await scene.harness.run_job("webhooks.deliver", {"owner": "usr_seller", "turn": "1"})


async def test_a_body_is_json_that_says_what_happened() -> None:
    scene = Scene()
    endpoint = await scene.made()
    await scene.sell()
    [delivery] = await scene.deliveries(endpoint)
    assert json.loads(delivery["body"])["data"] == {"order": "o-1", "amount": "5", "note": ""}


def test_the_schema_imports_nothing_that_sends_or_records() -> None:
    code = "import sys, colonnade.webhooks.plugin; print(*(m for m in sys.modules if m.startswith('colonnade.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    unwanted = {"delivering", "sending", "deliveries", "endpoints", "health", "managing", "by_hand", "plan"}
    assert unwanted.isdisjoint(module.removeprefix("colonnade.webhooks.") for module in done.stdout.split())
    assert "colonnade.webhooks.types" in done.stdout.split()
