"""What becomes of a transaction that no block holds: sped up, called off, dropped, never seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from colonnade.core_events import OperationValue
from colonnade.outbox import OUTBOX
from tests.actions.scene import (
    ADA,
    AMOUNT,
    ENTRY_POINT,
    RELAYER,
    SHOP,
    Scene,
    bundle,
    operation_ended,
    transferred,
)

OPERATION = b"\x11" * 32


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def values(scene: Scene, action_id: str) -> list[int]:
    """The revisions at which value was recorded."""
    rows = await scene.harness.store.query(OUTBOX.query(topic=OperationValue.topic(action_id)))
    return [OperationValue.of(row.attributes["payload"]).revision for row in rows.items]  # type: ignore[arg-type]


async def test_a_transaction_that_lost_its_nonce_was_replaced(scene: Scene) -> None:
    action = await scene.prepare()
    await scene.confirm(action, txHash=scene.pay())
    scene.chain.submit(ADA, ADA, nonce=0)  # called off in the wallet
    scene.chain.mine(2)
    await scene.head_moves()
    seen = await scene.seen(action)
    assert (seen["status"], seen["failure"]["code"], seen["failure"]["retryable"]) == (
        "FAILED",
        "REPLACED",
        True,
    )


async def test_a_transaction_that_was_sped_up_is_confirmed_by_its_new_hash(scene: Scene) -> None:
    action = await scene.prepare()
    await scene.confirm(action, txHash=scene.pay())
    faster = scene.pay(nonce=0)
    scene.chain.mine(2)
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "FAILED"
    answer = await scene.confirm(action, txHash=faster)
    assert (answer["status"], answer["failure"]) == ("CONFIRMED", None)
    assert await values(scene, action.id) == [0]


async def test_what_a_node_never_saw_expires(scene: Scene) -> None:
    action = await scene.prepare()
    await scene.confirm(action, txHash=b"\x99" * 32)
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "SUBMITTED"
    scene.clock.advance(timedelta(minutes=13))
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "EXPIRED"


async def test_what_was_dropped_from_the_pool_expires_and_what_waits_there_does_not(scene: Scene) -> None:
    waits, dropped = await scene.prepare(), await scene.prepare()
    first, second = scene.pay(), scene.pay()
    await scene.confirm(waits, txHash=first)
    await scene.confirm(dropped, txHash=second)
    scene.chain.drop(second)
    scene.clock.advance(timedelta(minutes=13))
    await scene.head_moves()
    assert [(await scene.seen(a))["status"] for a in (waits, dropped)] == ["SUBMITTED", "EXPIRED"]


async def test_what_a_node_sees_only_later_can_still_be_replaced(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    hidden = scene.chain._ledger.waiting.pop(transaction)
    await scene.confirm(action, txHash=transaction)
    scene.chain._ledger.waiting[transaction] = hidden
    await scene.head_moves()
    sent = (await scene.kept(action)).progress[0].sent
    assert sent is not None
    assert (sent.sender, sent.nonce) == (ADA, 0)
    scene.pay(nonce=0)
    scene.chain.mine(2)
    await scene.head_moves()
    assert (await scene.seen(action))["failure"]["code"] == "REPLACED"


async def test_a_replacement_that_may_still_be_taken_back_concludes_nothing(scene: Scene) -> None:
    action = await scene.prepare()
    original = scene.pay()
    intended = scene.chain._ledger.waiting[original]
    await scene.confirm(action, txHash=original)
    replacement = scene.chain.submit(ADA, ADA, nonce=0)
    replaced_in = scene.chain.mine()
    await scene.head_moves()
    scene.chain.reorganise(1)
    del scene.chain._ledger.waiting[replacement]
    scene.chain._ledger.waiting[original] = intended
    scene.chain.mine()
    await scene.head_moves(reorganised_from=replaced_in.number)
    assert (await scene.seen(action))["status"] == "CONFIRMED"


async def test_an_operation_whose_bundler_sent_something_else_is_not_replaced(scene: Scene) -> None:
    """Whoever bundles may try again with another transaction, and so may anybody else."""
    action = await scene.prepare()
    await scene.confirm(action, userOpHash=OPERATION)
    logs = bundle(transferred(ADA, SHOP, AMOUNT), operation_ended(OPERATION, ADA))
    first = scene.chain.submit(RELAYER, ENTRY_POINT, logs=logs, nonce=0)
    held = scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "CONFIRMED"
    scene.chain.reorganise(1)
    scene.chain.drop(first)
    scene.chain.submit(RELAYER, RELAYER, nonce=0)
    scene.chain.mine(3)
    await scene.head_moves(reorganised_from=held.number)
    await scene.head_moves()
    seen = await scene.seen(action)
    assert (seen["status"], seen["revision"], seen["failure"]) == ("SUBMITTED", 1, None)
    scene.chain.submit(RELAYER, ENTRY_POINT, logs=logs, nonce=1)
    scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "CONFIRMED"


async def test_an_operation_is_not_replaced_along_with_what_its_bundler_sent_of_its_own(scene: Scene) -> None:
    action, bundlers = await scene.prepare(), await scene.prepare(sender=RELAYER)
    await scene.confirm(action, userOpHash=OPERATION)
    logs = bundle(transferred(ADA, SHOP, AMOUNT), operation_ended(OPERATION, ADA))
    first = scene.chain.submit(RELAYER, ENTRY_POINT, logs=logs, nonce=0)
    held = scene.chain.mine()
    await scene.head_moves()
    scene.chain.reorganise(1)
    scene.chain.drop(first)
    await scene.head_moves(reorganised_from=held.number)
    await scene.confirm(bundlers, txHash=scene.pay(RELAYER, nonce=0))
    scene.chain.submit(RELAYER, RELAYER, nonce=0)
    scene.chain.mine(3)
    await scene.head_moves()
    assert (await scene.seen(bundlers))["failure"]["code"] == "REPLACED"
    assert (await scene.seen(action))["status"] == "SUBMITTED"


async def test_what_is_on_its_way_may_be_told_again_late(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    hidden = scene.chain._ledger.waiting.pop(transaction)
    await scene.confirm(action, txHash=transaction)
    scene.clock.advance(timedelta(minutes=11))
    assert (await scene.confirm(action, txHash=transaction))["status"] == "SUBMITTED"
    scene.chain._ledger.waiting[transaction] = hidden
    assert (await scene.confirm(action, txHash=transaction))["status"] == "SUBMITTED"
    assert (await scene.confirm(action, txHash=b"\x98" * 32))["code"] == "ACTION_EXPIRED"
