"""One account holds no more workers than its share, and what it deleted stays its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from colonnade.outbound import OutboundRequest, OutboundResponse
from colonnade.store import Item, Key, Store
from colonnade.webhooks.health import ACCOUNT_PLACES, PLACES, places
from colonnade.webhooks.rows import FORMER
from tests.webhooks.scene import SELLER, URL, Scene, TaskNotes
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


class Together(TaskNotes):
    """A store whose first two readers have both read before either goes on."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._meeting = asyncio.Barrier(2)

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        found = await super().batch_get(keys)
        if self.reads <= self._meeting.parties:
            await self._meeting.wait()
        return found


async def test_of_two_workers_that_see_the_same_free_place_one_has_it() -> None:
    scene = Scene()
    endpoint = await scene.made()
    await slow_once(scene)  # from now on there is one place
    for order in ("o-1", "o-2"):
        await scene.sell(order)
    tasks, scene.notes.tasks = scene.notes.tasks, []
    door = Door()
    door.serve(URL, lambda _: OutboundResponse(204))
    both = Scene(clock=scene.clock, store=Together(scene.notes.store), http=door)
    workers = [
        asyncio.create_task(both.harness.run_job("webhooks.deliver", task["arguments"])) for task in tasks
    ]
    async with asyncio.timeout(10):
        await first_of(workers, 1)
    assert door.inside == 1
    door.open.set()
    await asyncio.gather(*workers)
    states = sorted(delivery["status"] for delivery in await scene.deliveries(endpoint))
    assert (door.most, states) == (1, ["DELIVERED", "DELIVERED", "PENDING"])


async def slow_once(scene: Scene) -> None:
    """Have the endpoint answer a message so late that it is sent one at a time."""

    def slow(_: OutboundRequest) -> OutboundResponse:
        scene.clock.advance(3)
        return OutboundResponse(204)

    scene.serve(slow)
    await scene.sell("slow")
    await scene.work()
