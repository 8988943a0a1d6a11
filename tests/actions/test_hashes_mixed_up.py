"""A wallet that mixes hashes up: what a hash was really for can still be proved by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.actions.scene import ADA, BOB, Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize("mined", [True, False])
async def test_what_another_hash_takes_the_place_of_can_prove_another_action(
    scene: Scene, mined: bool
) -> None:
    action, other = await scene.prepare(), await scene.prepare()
    of_other, own = scene.pay(), scene.pay()
    assert (await scene.confirm(action, txHash=of_other))["status"] == "SUBMITTED"
    if mined:
        scene.chain.mine()
    status = "CONFIRMED" if mined else "SUBMITTED"
    assert (await scene.confirm(action, txHash=own))["status"] == status
    assert (await scene.confirm(other, txHash=of_other))["status"] == status


async def test_what_an_expired_action_was_told_of_can_prove_another_one(scene: Scene) -> None:
    action, other = await scene.prepare(), await scene.prepare(lasts=timedelta(hours=1))
    transaction = scene.pay()
    hidden = scene.chain._ledger.waiting.pop(transaction)
    await scene.confirm(action, txHash=transaction)
    scene.clock.advance(timedelta(minutes=20))
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "EXPIRED"
    scene.chain._ledger.waiting[transaction] = hidden
    assert (await scene.confirm(other, txHash=transaction))["status"] == "SUBMITTED"


async def test_a_proof_that_was_given_back_and_taken_by_another_action_holds_up_nothing(scene: Scene) -> None:
    mistaken, action = await scene.prepare(refused=True), await scene.prepare()
    transaction = scene.pay()
    await scene.confirm(mistaken, txHash=transaction)
    held = scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(mistaken))["failure"]["code"] == "NOT_FOR_THIS_SHOP"
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"
    scene.chain.reorganise(1)
    await scene.head_moves(reorganised_from=held.number)
    assert (await scene.seen(mistaken))["status"] == "SUBMITTED"
    scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(mistaken))["failure"]["code"] == "NOT_FOR_THIS_SHOP"
    assert (await scene.seen(action))["status"] == "CONFIRMED"


async def test_another_transaction_that_reverted_does_not_fail_an_action(scene: Scene) -> None:
    action, followed = await scene.prepare(), await scene.prepare()
    unrelated = scene.chain.submit(ADA, BOB, b"\x01\x02\x03\x04", succeeded=False)
    await scene.confirm(followed, txHash=unrelated)
    scene.chain.mine()
    answer = await scene.confirm(action, txHash=unrelated)
    assert (answer["code"], answer["reason"]) == ("PROOF_REJECTED", "NOT_THE_PREPARED_CALL")
    await scene.head_moves()
    failure = (await scene.seen(followed))["failure"]
    assert (failure["code"], failure["retryable"]) == ("NOT_THE_PREPARED_CALL", True)
    right = scene.pay()
    scene.chain.mine()
    assert (await scene.confirm(followed, txHash=right))["status"] == "CONFIRMED"


async def test_a_hash_that_is_told_again_once_a_node_knows_it_stays_claimed(scene: Scene) -> None:
    action, other = await scene.prepare(), await scene.prepare()
    transaction = scene.pay()
    hidden = scene.chain._ledger.waiting.pop(transaction)
    await scene.confirm(action, txHash=transaction)
    scene.chain._ledger.waiting[transaction] = hidden
    assert (await scene.confirm(action, txHash=transaction))["status"] == "SUBMITTED"
    assert (await scene.confirm(other, txHash=transaction))["code"] == "PROOF_ALREADY_USED"
