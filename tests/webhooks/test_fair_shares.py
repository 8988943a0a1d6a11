"""One account holds no more workers than its share, and what it deleted stays its own."""

from __future__ import annotations

import asyncio

from colonnade.outbound import OutboundResponse
from colonnade.webhooks.health import ACCOUNT_PLACES, PLACES, places
from colonnade.webhooks.rows import FORMER
from tests.webhooks.scene import SELLER, Scene
from tests.webhooks.test_two_workers import Door, first_of


async def test_endpoints_of_one_account_share_its_places() -> None:
    door = Door()
    scene = Scene(http=door)
    for number in range(10):
        url = f"https://shop{number}.example.com/"
        door.serve(url, lambda _: OutboundResponse(204))
        await scene.made(url)
    for number in range(4):
        await scene.sell(f"o-{number}")
    tasks, scene.notes.tasks = scene.notes.tasks, []
    assert len(tasks) == 40
    workers = [
        asyncio.create_task(scene.harness.run_job("webhooks.deliver", task["arguments"])) for task in tasks
    ]
    await first_of(workers, len(tasks) - ACCOUNT_PLACES)
    assert PLACES <= door.inside <= ACCOUNT_PLACES
    door.open.set()
    await asyncio.gather(*workers)
    while await scene.next_task():
        pass
    assert door.most <= ACCOUNT_PLACES
    for endpoint in await scene.endpoints():
        assert {d["status"] for d in await scene.deliveries(endpoint["id"])} == {"DELIVERED"}


def test_an_endpoint_has_the_same_few_of_its_accounts_places_each_time() -> None:
    for number in range(50):
        found = places("usr_1", f"whe_{number}")
        assert len(found) == PLACES
        assert set(found) <= set(range(ACCOUNT_PLACES))
        assert found == places("usr_1", f"whe_{number}")


async def test_a_deleted_endpoint_is_remembered_while_its_deliveries_are_kept() -> None:
    scene = Scene()
    endpoint = await scene.made()
    delete = "mutation ($input: DeleteWebhookEndpointInput!) { deleteWebhookEndpoint(input: $input) { __typename } }"
    await scene.mutate(delete, endpointId=endpoint)
    kept = await scene.harness.store.query(FORMER.query(owner=SELLER.id))
    assert [item.attributes["id"] for item in kept.items] == [endpoint]
    scene.clock.advance(14 * 86_400 + 1)
    assert not (await scene.harness.store.query(FORMER.query(owner=SELLER.id))).items
