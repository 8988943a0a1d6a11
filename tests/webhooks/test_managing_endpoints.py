"""What an owner, or a program with the owner's API key, does with endpoints in GraphQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from colonnade.errors import ConfigurationError
from colonnade.outbound import OutboundResponse
from colonnade.permissions import Principal
from colonnade.webhooks.endpoints import MOST_ENDPOINTS
from colonnade.webhooks.settings import WebhooksSettings
from tests.webhooks.scene import ENDPOINTS, KEYS, ROTATE, SELLER, UPDATE, URL, Scene

DELETE = """mutation ($input: DeleteWebhookEndpointInput!) { deleteWebhookEndpoint(input: $input) {
  __typename ... on UserError { code } } }"""
TYPES = "{ webhookEventTypes { name version permission } }"
NODE = "query ($id: ID!) { node(id: $id) { __typename ... on WebhookEndpoint { url } ... on WebhookDelivery { body } } }"


async def test_an_endpoint_is_made_listed_changed_and_deleted() -> None:
    scene = Scene()
    created = await scene.create(types=["order.sold", "order.returned", "order.sold"], description="Orders")
    assert created["secret"].startswith("whsec_")
    endpoint = created["endpoint"]
    assert endpoint["eventTypes"] == ["order.returned", "order.sold"]
    assert (endpoint["status"], endpoint["description"]) == ("ENABLED", "Orders")
    changed = await scene.mutate(
        UPDATE, endpointId=endpoint["id"], eventTypes=["order.sold"], description="", enabled=False
    )
    assert (changed["status"], changed["disabledBecause"]) == ("DISABLED", "BY_OWNER")
    assert (changed["eventTypes"], changed["description"], changed["url"]) == (["order.sold"], "", URL)
    assert [node["id"] for node in await scene.endpoints()] == [endpoint["id"]]
    assert await scene.mutate(DELETE, endpointId=endpoint["id"]) == {"__typename": "WebhookEndpointDeleted"}
    assert await scene.endpoints() == []
    assert (await scene.mutate(DELETE, endpointId=endpoint["id"]))["code"] == "WEBHOOK_ENDPOINT_NOT_FOUND"


async def test_the_same_request_again_makes_no_second_endpoint_and_shows_the_same_secret() -> None:
    scene = Scene()
    first = await scene.create(idempotencyKey="same")
    again = await scene.create(idempotencyKey="same")
    assert again == first
    assert len(await scene.endpoints()) == 1
    other = await scene.create(idempotencyKey="same", description="another")
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_no_other_field_shows_a_secret() -> None:
    sdl = Scene().harness.sdl
    types = sdl.split("\ntype ")
    with_secret = {text.split(" ", 1)[0] for text in types if "\n  secret:" in text}
    assert with_secret == {"WebhookEndpointCreated", "WebhookSecretRotated"}


async def test_no_row_holds_a_secret() -> None:
    scene = Scene()
    created = await scene.create()
    await scene.sell()
    await scene.work()
    assert created["secret"] not in repr(vars(scene.notes.store))
    assert created["secret"].removeprefix("whsec_") not in repr(vars(scene.notes.store))


async def test_secrets_outlive_a_new_key_of_the_deployment() -> None:
    scene = Scene()
    created = await scene.create()
    with_new_key = Scene(
        store=scene.notes.store, clock=scene.clock, settings=WebhooksSettings(("b:" + "B" * 43, *KEYS))
    )
    await with_new_key.sell()
    await with_new_key.work()
    [request] = with_new_key.sent
    headers, body = request.headers, request.body.decode()
    signed = Webhook(created["secret"]).sign(headers["webhook-id"], with_new_key.clock.now(), body)
    assert headers["webhook-signature"] == signed


async def test_an_endpoint_whose_key_is_gone_is_sent_nothing_and_says_which_key() -> None:
    scene = Scene(settings=WebhooksSettings(("b:" + "B" * 43, *KEYS)))
    await scene.create()
    without_key = Scene(store=scene.notes.store, clock=scene.clock)
    await without_key.sell()
    with pytest.raises(ConfigurationError, match="WEBHOOKS_SIGNING_KEYS has no key 'b'"):
        await without_key.work()
    assert without_key.sent == []


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://shop.example.com:8443/",
        "https://db.internal/",
    ],
)
async def test_what_the_policy_forbids_is_no_endpoint(url: str) -> None:
    scene = Scene()
    refused = await scene.create(url=url)
    assert refused["issues"] == [{"path": ["input", "url"], "code": "URL_FORBIDDEN"}]
    endpoint = await scene.made()
    changed = await scene.mutate(UPDATE, endpointId=endpoint, url=url)
    assert changed["issues"][0]["code"] == "URL_FORBIDDEN"


async def test_every_bad_input_is_named_at_once() -> None:
    scene = Scene(principal=replace(SELLER, permissions=frozenset({"MANAGE_WEBHOOKS"})))
    refused = await scene.create(
        url="https://10.0.0.1/", types=["order.returned", "no.such"], description="x" * 201
    )
    assert [(issue["path"][1], issue["code"]) for issue in refused["issues"]] == [
        ("url", "URL_FORBIDDEN"),
        ("description", "TOO_LONG"),
        ("eventTypes", "UNKNOWN_EVENT_TYPE"),
        ("eventTypes", "PERMISSION_MISSING"),
    ]
    none = await scene.create(types=[])
    assert none["issues"] == [{"path": ["input", "eventTypes"], "code": "OUT_OF_RANGE"}]
    bad = await scene.mutate(ROTATE, endpointId="whe_1", overlapHours=169, idempotencyKey="r")
    assert bad["issues"] == [{"path": ["input", "overlapHours"], "code": "OUT_OF_RANGE"}]


async def test_an_account_has_so_many_endpoints_and_no_more_until_it_deletes_one() -> None:
    scene = Scene()
    made = [await scene.made(f"https://h{number}.example.com/") for number in range(MOST_ENDPOINTS)]
    assert (await scene.create())["code"] == "TOO_MANY_WEBHOOK_ENDPOINTS"
    await scene.mutate(DELETE, endpointId=made[0])
    assert (await scene.create())["__typename"] == "WebhookEndpointCreated"


@pytest.mark.parametrize(
    "asker", [Principal("usr_mallory", SELLER.permissions), replace(SELLER, permissions=frozenset())]
)
async def test_another_account_and_a_key_without_permission_see_nothing(asker: Principal) -> None:
    scene = Scene()
    endpoint = await scene.made()
    await scene.sell()
    [delivery] = await scene.deliveries(endpoint)
    stranger = scene.harness.acting_as(asker)
    for node in (endpoint, delivery["id"]):
        assert await stranger.data(NODE, {"id": node}) == {"node": None}
        assert (await scene.harness.data(NODE, {"id": node}))["node"] is not None
    listed = await stranger.execute(ENDPOINTS)
    log = await stranger.execute(
        "query ($id: ID!) { webhookDeliveries(endpointId: $id) { edges { cursor } } }", {"id": endpoint}
    )
    if asker.id != SELLER.id:
        assert listed.data == {"webhookEndpoints": {"edges": []}}
        assert (log.data, log.errors) == ({"webhookDeliveries": None}, ())
        scene.harness.principal = asker
        assert (await scene.mutate(UPDATE, endpointId=endpoint, enabled=False))[
            "code"
        ] == "WEBHOOK_ENDPOINT_NOT_FOUND"
        assert (await scene.mutate(DELETE, endpointId=endpoint))["code"] == "WEBHOOK_ENDPOINT_NOT_FOUND"
        rotated = await scene.mutate(ROTATE, endpointId=endpoint, idempotencyKey="r-1")
        assert rotated["code"] == "WEBHOOK_ENDPOINT_NOT_FOUND"
    else:
        assert [error.code for error in (*listed.errors, *log.errors)] == ["FORBIDDEN", "FORBIDDEN"]


async def test_what_can_be_asked_for_is_listed_for_everybody() -> None:
    harness = Scene().harness.acting_as(None)
    assert (await harness.data(TYPES))["webhookEventTypes"] == [
        {"name": "order.returned", "version": 1, "permission": "AUDIT"},
        {"name": "order.sold", "version": 2, "permission": None},
        {"name": "webhook-endpoint.disabled", "version": 1, "permission": None},
    ]


async def test_a_rotation_that_is_sent_again_shows_the_same_secret_and_rotates_once() -> None:
    scene = Scene()
    endpoint = await scene.made()
    first = await scene.mutate(ROTATE, endpointId=endpoint, idempotencyKey="r-1")
    scene.clock.advance(timedelta(hours=1))
    again = await scene.mutate(ROTATE, endpointId=endpoint, idempotencyKey="r-1")
    assert (again["secret"], again["previousValidUntil"]) == (first["secret"], first["previousValidUntil"])
    other = await scene.mutate(ROTATE, endpointId=endpoint, idempotencyKey="r-2")
    assert other["secret"] != first["secret"]


async def test_of_replaced_secrets_two_are_kept_and_none_longer_than_promised() -> None:
    scene = Scene()
    endpoint = await scene.made()
    for number in range(5):
        await scene.mutate(ROTATE, endpointId=endpoint, overlapHours=10, idempotencyKey=f"r-{number}")
    await scene.sell("o-1")
    await scene.work()
    last = await scene.mutate(ROTATE, endpointId=endpoint, overlapHours=1, idempotencyKey="r-last")
    assert last["endpoint"]["previousSecretsValidUntil"] == last["previousValidUntil"]
    scene.clock.advance(timedelta(hours=1))
    await scene.sell("o-2")
    await scene.work()
    assert [len(r.headers["webhook-signature"].split(" ")) for r in scene.sent] == [3, 1]


async def test_without_keys_no_endpoint_is_made_and_the_rest_works() -> None:
    scene = Scene(settings=WebhooksSettings())
    result = await scene.harness.execute(
        'mutation { createWebhookEndpoint(input: {url: "https://a.example.com/", eventTypes: ["order.sold"], '
        'idempotencyKey: "k"}) { __typename } }'
    )
    assert [error.code for error in result.errors] == ["UNAVAILABLE"]
    assert await scene.endpoints() == []


@pytest.mark.parametrize("entry", ["a", "a:short", ":" + "A" * 43, "a:" + "*" * 43, "a b:" + "A" * 43])
def test_a_malformed_key_is_refused_and_not_shown(entry: str) -> None:
    with pytest.raises(ValueError, match="entry 1") as caught:
        WebhooksSettings((entry,))
    assert "*" not in str(caught.value)


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two keys a"):
        WebhooksSettings((*KEYS, *KEYS))


async def test_what_happens_while_an_endpoint_is_disabled_is_not_kept_for_it() -> None:
    scene = Scene()
    endpoint = await scene.made()
    await scene.sell("o-1")
    await scene.mutate(UPDATE, endpointId=endpoint, enabled=False)
    await scene.sell("o-2")
    await scene.work()
    [delivery] = await scene.deliveries(endpoint)
    assert (delivery["status"], delivery["attempts"], scene.sent) == ("FAILED", [], [])


async def test_what_is_on_its_way_to_a_deleted_endpoint_is_dropped() -> None:
    scene = Scene()
    endpoint = await scene.made()
    await scene.sell()
    await scene.mutate(DELETE, endpointId=endpoint)
    assert (await scene.work(), scene.sent) == (1, [])


async def test_a_changed_url_is_where_the_next_attempt_goes() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.receiver.answer(URL, OutboundResponse(500))
    await scene.sell()
    await scene.work()
    moved = "https://moved.example.com/"
    scene.receiver.serve(moved, lambda _: OutboundResponse(204))
    await scene.mutate(UPDATE, endpointId=endpoint, url=moved)
    await scene.next_task()
    assert [request.url for request in scene.sent] == [URL, moved]
