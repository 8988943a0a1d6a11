"""A type's permission is looked at again at each message and each attempt: who lost it is told nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from colonnade.outbound import OutboundResponse
from colonnade.permissions import ACCESS, Principal
from colonnade.store import Writes
from colonnade.testing import Harness
from colonnade.testing.scripted_http import ScriptedHttp
from colonnade.webhooks.settings import WebhooksSettings
from plugins.identity.holding import AccountHolders
from plugins.identity.users import new_user
from tests.plugins.identity.signing import harness
from tests.webhooks import shop
from tests.webhooks.scene import KEYS, SELLER, URL, Scene

WITHHELD = "{ webhookEndpoints { edges { node { eventTypes withheldEventTypes status } } } }"
REPLAY = """mutation ($input: ReplayWebhookDeliveryInput!) { replayWebhookDelivery(input: $input) {
  __typename ... on WebhookDelivery { id status } ... on UserError { code } } }"""
BODIES = """query ($id: ID!) { webhookDeliveries(endpointId: $id) { edges { node { id status body
  attempts { fault statusCode } } } } }"""
MEMBER = frozenset({"MANAGE_WEBHOOKS"})


async def logged(scene: Scene, endpoint: str, held: frozenset[str] = SELLER.permissions) -> list[Any]:
    """The deliveries of an endpoint as its owner sees them who holds `held`."""
    viewer = scene.harness.acting_as(Principal(SELLER.id, held))
    found = (await viewer.data(BODIES, {"id": endpoint}))["webhookDeliveries"]
    return [edge["node"] for edge in found["edges"]]


async def test_who_lost_a_permission_is_told_nothing_of_what_takes_it_and_again_when_it_is_back() -> None:
    scene = Scene()
    endpoint = await scene.made(types=["order.sold", "order.returned"])
    scene.holders.permissions = MEMBER
    await scene.sell("while-lost", note="returned")
    await scene.work()
    assert [d["eventType"] for d in await scene.deliveries(endpoint)] == ["order.sold"]
    [edge] = (await scene.harness.data(WITHHELD))["webhookEndpoints"]["edges"]
    assert edge["node"] == {
        "eventTypes": ["order.returned", "order.sold"],
        "withheldEventTypes": ["order.returned"],
        "status": "ENABLED",
    }
    scene.holders.permissions = SELLER.permissions
    await scene.sell("when-back", note="returned")
    await scene.work()
    returned = [d for d in await scene.deliveries(endpoint) if d["eventType"] == "order.returned"]
    assert [(d["status"], '"when-back"' in d["body"]) for d in returned] == [("DELIVERED", True)]
    [edge] = (await scene.harness.data(WITHHELD))["webhookEndpoints"]["edges"]
    assert edge["node"]["withheldEventTypes"] == []


async def test_what_is_on_its_way_when_the_permission_goes_is_sent_no_more_says_why_and_can_be_replayed() -> (
    None
):
    scene = Scene()
    endpoint = await scene.made(types=["order.returned"])
    scene.serve(lambda _: OutboundResponse(500))
    await scene.sell(note="returned")
    await scene.work()
    scene.holders.permissions = MEMBER
    while await scene.next_task():
        pass
    assert len(scene.sent) == 1
    [delivery] = await logged(scene, endpoint)
    assert delivery["status"] == "FAILED"
    assert [(a["fault"], a["statusCode"]) for a in delivery["attempts"]] == [
        ("REFUSED", 500),
        ("NOT_PERMITTED", None),
    ]
    scene.serve(lambda _: OutboundResponse(204))
    await scene.mutate(REPLAY, deliveryId=delivery["id"], idempotencyKey="too-early")
    await scene.work()
    assert len(scene.sent) == 1
    scene.holders.permissions = SELLER.permissions
    await scene.mutate(REPLAY, deliveryId=delivery["id"], idempotencyKey="again")
    await scene.work()
    assert [request.headers["webhook-id"] for request in scene.sent] == [
        scene.sent[0].headers["webhook-id"]
    ] * 2
    assert [d["status"] for d in await logged(scene, endpoint)] == ["DELIVERED"]


async def test_the_log_shows_no_body_to_who_lost_the_permission_that_it_took() -> None:
    scene = Scene()
    endpoint = await scene.made(types=["order.returned"])
    await scene.sell("o-7", note="returned")
    await scene.work()
    [before] = await logged(scene, endpoint)
    [after] = await logged(scene, endpoint, MEMBER)
    assert '"o-7"' in before["body"]
    assert after["body"] == ""


@pytest.mark.parametrize("held", [frozenset[str](), frozenset({"AUDIT"})])
async def test_who_may_manage_webhooks_no_more_is_sent_nothing_of_any_type(held: frozenset[str]) -> None:
    scene = Scene()
    endpoint = await scene.made(types=["order.sold", "order.returned"])
    await scene.sell("before")
    scene.holders.permissions = held
    await scene.sell("after", note="returned")
    await scene.work()
    assert scene.sent == []
    [on_its_way] = await logged(scene, endpoint)
    assert (on_its_way["status"], [a["fault"] for a in on_its_way["attempts"]]) == (
        "FAILED",
        ["NOT_PERMITTED"],
    )
    await scene.mutate(REPLAY, deliveryId=on_its_way["id"], idempotencyKey="by-hand")
    await scene.work()
    assert scene.sent == []
    scene.holders.permissions = SELLER.permissions
    await scene.sell("again")
    await scene.work()
    assert [b'"again"' in (request.body or b"") for request in scene.sent] == [True]


async def test_what_an_account_holds_is_asked_for_at_its_message_and_its_attempt_and_not_for_what_no_endpoint_takes() -> (
    None
):
    scene = Scene()
    await scene.made(types=["order.returned"])
    await scene.sell()
    assert scene.holders.asked == 0
    await scene.sell(note="returned")
    await scene.work()
    assert (len(scene.sent), scene.holders.asked) == (1, 2)


async def test_where_nobody_says_who_holds_what_a_type_with_a_permission_is_sent_to_nobody_and_others_are() -> (
    None
):
    http = ScriptedHttp()
    without = Harness(
        "colonnade.webhooks.plugin", shop, principal=SELLER, settings=[WebhooksSettings(KEYS)], http=http
    )
    scene = Scene()
    scene.harness = without
    await scene.made(types=["order.sold", "order.returned"])
    await scene.sell(note="returned")
    http.serve(URL, lambda _: OutboundResponse(204))
    await without.work()
    assert [b"order.sold" in (request.body or b"") for request in http.sent] == [True]


async def test_identity_says_what_an_account_holds_at_this_moment() -> None:
    closed = harness(access="waitlist")
    await closed.store.transact(Writes([new_user("usr_ada", closed.clock.now())]))
    opened = harness(store=closed.store, clock=closed.clock, access="open")
    assert await AccountHolders().held_by(closed.context(), "usr_ada") == frozenset()
    assert ACCESS.name in await AccountHolders().held_by(opened.context(), "usr_ada")
    assert await AccountHolders().held_by(opened.context(), "usr_nobody") == frozenset()
