"""Workers that meet at one delivery or endpoint, and workers that end in between: on DynamoDB Local."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from colonnade.outbound import OutboundRequest, OutboundResponse
from colonnade.permissions import Principal
from colonnade.testing import FrozenClock
from colonnade.testing.scripted_http import ScriptedHttp
from colonnade.webhooks.delivering import CLAIMED
from colonnade.webhooks.endpoints import endpoints_of
from colonnade.webhooks.health import PLACES
from colonnade.webhooks.rows import HEALTH
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.webhooks.scene import ROTATE, SELLER, URL, Scene


class Killed(BaseException):
    """Stands for the end of a process."""


class Door(ScriptedHttp):
    """Lets requests in and holds them until a test opens it."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.entered = asyncio.Event()
        self.inside = 0
        self.most = 0

    async def send(self, request: OutboundRequest) -> OutboundResponse:
        self.inside += 1
        self.entered.set()
        self.most = max(self.most, self.inside)
        await self.open.wait()
        self.inside -= 1
        return await super().send(request)


async def first_of(workers: Sequence[asyncio.Task[None]], count: int) -> None:
    """Wait until so many have ended."""
    for ended in itertools.islice(asyncio.as_completed(workers), count):
        await ended


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def store(dynamodb: DynamoDBSettings, clock: FrozenClock) -> Iterator[DynamoDBStore]:
    opened = DynamoDBStore(dynamodb, clock)
    yield opened
    opened.close()


def seller(number: int) -> Principal:
    """An account of its own for each test: they share a table."""
    return Principal(f"usr_seller_{number}", SELLER.permissions)


def test_two_workers_with_one_task_make_one_attempt(store: DynamoDBStore, clock: FrozenClock) -> None:
    scene = Scene(clock=clock, store=store, principal=seller(1))
    asyncio.run(_sold(scene))
    [task] = scene.notes.tasks
    together = threading.Barrier(2)
    failures: list[BaseException] = []

    def work() -> None:
        together.wait()
        try:
            asyncio.run(scene.harness.run_job("webhooks.deliver", task["arguments"]))
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert len(scene.sent) == 1


async def _sold(scene: Scene) -> None:
    await scene.create()
    await scene.sell(seller=scene.principal.id)


async def test_killed_before_the_record_it_is_sent_again_under_the_same_id(
    store: DynamoDBStore, clock: FrozenClock
) -> None:
    clock.advance(timedelta(hours=1))  # its ids are to be others than those of the test before
    scene = Scene(clock=clock, store=store, principal=seller(2))
    await _sold(scene)
    [task] = scene.notes.tasks

    def killed(_: OutboundRequest) -> OutboundResponse:
        raise Killed

    scene.serve(killed)  # the receiver has it, and nobody hears the answer
    with pytest.raises(Killed):
        await scene.harness.run_job("webhooks.deliver", task["arguments"])
    scene.serve(lambda _: OutboundResponse(204))
    clock.advance(CLAIMED)
    await scene.harness.run_job("webhooks.deliver", task["arguments"])
    first, second = scene.sent
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


async def test_a_worker_that_meets_a_claim_has_the_task_come_back_when_that_runs_out() -> None:
    scene = Scene(clock=FrozenClock())
    await _sold(scene)
    [task] = scene.notes.tasks

    def killed(_: OutboundRequest) -> OutboundResponse:
        raise Killed

    scene.serve(killed)
    with pytest.raises(Killed):
        await scene.harness.run_job("webhooks.deliver", task["arguments"])
    scene.serve(lambda _: OutboundResponse(204))
    assert await scene.work() == 1  # the queue brings it again at once: somebody may be at it
    assert len(scene.sent) == 1
    assert await scene.next_task() == scene.clock.now()
    assert len(scene.sent) == 2
    assert scene.notes.tasks == []


async def test_an_answer_after_its_claim_ran_out_changes_nothing() -> None:
    scene = Scene()
    endpoint = await scene.made()
    await scene.sell()
    [task] = scene.notes.tasks
    late = Door()
    scene_of_late = Scene(clock=scene.clock, store=scene.notes.store, http=late)
    late.serve(URL, lambda _: OutboundResponse(500))
    working = asyncio.create_task(scene_of_late.harness.run_job("webhooks.deliver", task["arguments"]))
    await late.entered.wait()
    scene.clock.advance(CLAIMED)
    await scene.harness.run_job("webhooks.deliver", task["arguments"])
    late.open.set()
    await working
    [delivery] = await scene.deliveries(endpoint)
    assert (delivery["status"], [attempt["statusCode"] for attempt in delivery["attempts"]]) == (
        "DELIVERED",
        [204],
    )


async def test_a_receiver_that_hangs_has_so_many_workers_and_the_others_go_on() -> None:
    door = Door()
    scene = Scene(http=door)
    door.serve(URL, lambda _: OutboundResponse(204))
    hanging = await scene.made()
    for number in range(3 * PLACES):
        await scene.sell(f"o-{number}")
    tasks, scene.notes.tasks = scene.notes.tasks, []
    workers = [
        asyncio.create_task(scene.harness.run_job("webhooks.deliver", task["arguments"])) for task in tasks
    ]
    await first_of(workers, 2 * PLACES)
    assert (door.inside, door.most) == (PLACES, PLACES)
    assert len(scene.notes.tasks) == 2 * PLACES
    assert all(task["at"] > scene.clock.now().timestamp() for task in scene.notes.tasks)
    door.open.set()
    await asyncio.gather(*workers)
    while await scene.next_task():
        pass
    assert {delivery["status"] for delivery in await scene.deliveries(hanging)} == {"DELIVERED"}


async def test_a_slow_receiver_is_sent_one_message_at_a_time() -> None:
    door = Door()
    scene = Scene(http=door)

    def slow(_: OutboundRequest) -> OutboundResponse:
        scene.clock.advance(3)
        return OutboundResponse(204)

    door.serve(URL, slow)
    await scene.made()
    door.open.set()
    await scene.sell("first")
    await scene.work()
    door.open.clear()
    door.most = 0
    for number in range(PLACES):
        await scene.sell(f"o-{number}")
    tasks = list(scene.notes.tasks)
    workers = [
        asyncio.create_task(scene.harness.run_job("webhooks.deliver", task["arguments"])) for task in tasks
    ]
    await first_of(workers, PLACES - 1)
    assert door.inside == 1
    door.open.set()
    await asyncio.gather(*workers)
    assert door.most == 1


async def test_an_endpoint_that_only_fails_is_left_alone_and_loses_nothing() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.serve(lambda _: OutboundResponse(500))
    for number in range(30):
        await scene.sell(f"o-{number}")
    await scene.work()
    assert len(scene.sent) == 5
    scene.serve(lambda _: OutboundResponse(204))
    begun = scene.clock.now()
    while await scene.next_task():
        pass
    log = await scene.deliveries(endpoint)
    assert {delivery["status"] for delivery in log} == {"DELIVERED"}
    assert scene.clock.now() - begun < timedelta(minutes=10)


async def test_a_failure_that_is_heard_of_late_does_not_outlive_the_success_before_it() -> None:
    scene = Scene()
    endpoint = await scene.made()
    scene.serve(lambda _: OutboundResponse(500))
    await scene.sell("first")
    await scene.work()
    waiting = scene.notes.tasks.pop()
    scene.clock.advance(timedelta(days=4))
    await scene.sell("late")
    [task] = scene.notes.tasks
    late = Door()
    late.serve(URL, lambda _: OutboundResponse(500))
    scene_of_late = Scene(clock=scene.clock, store=scene.notes.store, http=late)
    working = asyncio.create_task(scene_of_late.harness.run_job("webhooks.deliver", task["arguments"]))
    await late.entered.wait()
    scene.serve(lambda _: OutboundResponse(204))
    await scene.harness.run_job("webhooks.deliver", waiting["arguments"])
    late.open.set()
    await working
    assert (await scene.endpoints())[0]["status"] == "ENABLED"
    assert [d["status"] for d in await scene.deliveries(endpoint)] == ["PENDING", "DELIVERED"]
    health = await scene.notes.get(HEALTH.key(endpoint=endpoint))
    assert health is not None
    assert health.attributes["failing_since"] is None


def test_of_two_rotations_at_once_each_makes_another_secret_or_says_that_it_was_overtaken(
    store: DynamoDBStore, clock: FrozenClock
) -> None:
    clock.advance(timedelta(hours=2))
    scene = Scene(clock=clock, store=store, principal=seller(3))
    endpoint = asyncio.run(scene.made())
    together = threading.Barrier(2)
    secrets: list[str] = []
    overtaken: list[str] = []

    def rotate(key: str) -> None:
        together.wait()
        given = {"endpointId": endpoint, "idempotencyKey": key}
        answered = asyncio.run(scene.harness.execute(ROTATE, {"input": given}))
        if answered.errors:
            overtaken.append(answered.errors[0].code or "")
        else:
            secrets.append(answered.data["rotateWebhookSecret"]["secret"])

    threads = [threading.Thread(target=rotate, args=(key,)) for key in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(secrets) + len(overtaken) == 2
    assert len(set(secrets)) == len(secrets) >= 1
    [kept] = asyncio.run(endpoints_of(scene.harness.context(), scene.principal.id))
    assert kept.secret.generation == 1 + len(secrets)
    assert len(kept.retired) == len(secrets)
