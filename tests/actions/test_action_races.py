"""Two threads at every conditional write of actions, on a real database."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from colonnade.actions import Action
from colonnade.actions.action_events import ActionUpdated
from colonnade.core_events import OperationValue
from colonnade.events import Event
from colonnade.evm import Address
from colonnade.ids import UlidIds
from colonnade.outbox import OUTBOX
from colonnade.testing import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.actions.scene import Scene, account

pytestmark = pytest.mark.dynamodb_local

ROUNDS = 8


@pytest.fixture
def payer() -> Address:
    """An account of this test's own: scripted chains give the same hashes in each, and they share a table."""
    return account(secrets.randbits(160))


Attempt = Callable[[Scene], Coroutine[Any, Any, Any]]


@pytest.fixture
def scenes(dynamodb: DynamoDBSettings) -> Iterator[Sequence[Scene]]:
    """A scene for each thread: one chain, one clock, one table, and a store each."""
    clock = FrozenClock()
    stores = [DynamoDBStore(dynamodb, clock) for _ in range(2)]
    first = Scene(clock=clock, store=stores[0])
    second = Scene(chain=first.chain, other_chain=first.other_chain, store=stores[1])
    for scene in (first, second):
        scene.harness.clock = clock  # type: ignore[misc]
        scene.harness.ids = UlidIds(clock)  # type: ignore[misc]
        scene.clock = clock
    yield [first, second]
    for store in stores:
        store.close()


def at_once(scenes: Sequence[Scene], *attempts: Attempt) -> list[Any]:
    """What each attempt gave, each in a thread and an event loop of its own, all begun together."""
    barrier = Barrier(len(attempts))

    def run(pair: tuple[Scene, Attempt]) -> Any:
        scene, attempt = pair
        barrier.wait(timeout=30)
        return asyncio.run(attempt(scene))

    with ThreadPoolExecutor(len(attempts)) as threads:
        return list(threads.map(run, zip(scenes, attempts, strict=True)))


def told(scene: Scene, event: type[Event], action: Action) -> list[Any]:
    """The events of an action, in no order."""
    rows = asyncio.run(scene.harness.store.query(OUTBOX.query(topic=event.topic(action.id))))
    return [event.of(row.attributes["payload"]) for row in rows.items]  # type: ignore[arg-type]


def confirming(action: Action, transaction: bytes) -> Attempt:
    return lambda scene: scene.confirm(action, txHash=transaction)


def prepared(scenes: Sequence[Scene], payer: Address, count: int = 1) -> list[Action]:
    async def prepare() -> list[Action]:
        return [await scenes[0].prepare(sender=payer) for _ in range(count)]

    return asyncio.run(prepare())


def paid(scenes: Sequence[Scene], payer: Address) -> tuple[Action, bytes]:
    """An action, and the transaction in the newest block that proves it."""
    [action] = prepared(scenes, payer)
    transaction = scenes[0].pay(payer)
    scenes[0].chain.mine()
    return action, transaction


def each_change_was_told_once(scene: Scene, action: Action) -> bool:
    versions = sorted(event.version for event in told(scene, ActionUpdated, action))
    return versions == list(range(1, asyncio.run(scene.kept(action)).version + 1))


def test_one_transaction_proves_one_of_two_actions(scenes: Sequence[Scene], payer: Address) -> None:
    scene = scenes[0]
    for _ in range(ROUNDS):
        one, other = prepared(scenes, payer, 2)
        transaction = scene.pay(payer)
        scene.chain.mine()
        answers = at_once(scenes, confirming(one, transaction), confirming(other, transaction))
        codes = sorted(str(answer.get("code", answer.get("status"))) for answer in answers)
        assert codes == ["CONFIRMED", "PROOF_ALREADY_USED"]
        assert len(told(scene, OperationValue, one) + told(scene, OperationValue, other)) == 1


def test_an_action_confirmed_twice_at_once_is_confirmed_once(scenes: Sequence[Scene], payer: Address) -> None:
    scene = scenes[0]
    for _ in range(ROUNDS):
        action, transaction = paid(scenes, payer)
        answers = at_once(scenes, *[confirming(action, transaction)] * 2)
        assert [answer["status"] for answer in answers] == ["CONFIRMED"] * 2
        assert asyncio.run(scene.kept(action)).version == 2
        assert len(told(scene, OperationValue, action)) == 1
        assert each_change_was_told_once(scene, action)


def test_two_transactions_at_once_leave_one_proof(scenes: Sequence[Scene], payer: Address) -> None:
    scene = scenes[0]
    for _ in range(ROUNDS):
        [action] = prepared(scenes, payer)
        hashes = scene.pay(payer), scene.pay(payer)
        scene.chain.mine()
        answers = at_once(scenes, *(confirming(action, hash_) for hash_ in hashes))
        codes = sorted(str(answer.get("code", answer.get("status"))) for answer in answers)
        assert codes == ["ACTION_CLOSED", "CONFIRMED"]
        assert len(told(scene, OperationValue, action)) == 1


def test_cancelling_and_confirming_at_once_do_not_both_succeed(
    scenes: Sequence[Scene], payer: Address
) -> None:
    scene = scenes[0]
    for _ in range(ROUNDS):
        action, transaction = paid(scenes, payer)
        confirmed, cancelled = at_once(
            scenes,
            confirming(action, transaction),
            lambda other, action=action: other.cancel(action),  # type: ignore[misc]
        )
        assert sorted([confirmed.get("status", ""), cancelled.get("status", "")]) in (
            ["CANCELLED", "CANCELLED"],
            ["CONFIRMED", "CONFIRMED"],
        )
        assert each_change_was_told_once(scene, action)


def test_following_and_confirming_at_once_record_the_value_once(
    scenes: Sequence[Scene], payer: Address
) -> None:
    scene = scenes[0]
    for _ in range(ROUNDS):
        [action] = prepared(scenes, payer)
        transaction = scene.pay(payer)
        asyncio.run(scene.confirm(action, txHash=transaction))
        scene.chain.mine()
        confirmed, _ = at_once(scenes, confirming(action, transaction), lambda other: other.head_moves())
        assert confirmed["status"] == "CONFIRMED"
        assert len(told(scene, OperationValue, action)) == 1
        assert each_change_was_told_once(scene, action)


def test_two_followers_of_one_chain_do_each_thing_once(scenes: Sequence[Scene], payer: Address) -> None:
    scene = scenes[0]
    actions = prepared(scenes, payer, 12)
    for action in actions:
        asyncio.run(scene.confirm(action, txHash=scene.pay(payer)))
    scene.chain.mine()
    at_once(scenes, *[lambda other: other.head_moves()] * 2)
    for action in actions:
        assert asyncio.run(scene.kept(action)).status.name == "CONFIRMED"
        assert len(told(scene, OperationValue, action)) == 1
        assert each_change_was_told_once(scene, action)


def test_the_expiry_job_and_a_proof_at_once_do_not_both_succeed(
    scenes: Sequence[Scene], payer: Address
) -> None:
    scene = scenes[0]
    for _ in range(ROUNDS):
        action, transaction = paid(scenes, payer)
        scene.clock.advance(601)
        confirmed, _ = at_once(scenes, confirming(action, transaction), lambda other: other.expiry_job())
        # A late proof of what was mined in time counts, whichever came first.
        assert confirmed["status"] == "CONFIRMED"
        assert each_change_was_told_once(scene, action)
