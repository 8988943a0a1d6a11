"""What strangers do in an account's own transaction, and with an account's own operation, is theirs."""

from __future__ import annotations

import pytest

from colonnade.actions import Effect
from colonnade.actions.executions import SAFE_BEGIN, SAFE_SUCCESS
from colonnade.errors import CallReverted
from colonnade.evm import Address
from colonnade.testing.scripted_chain import Emitted
from tests.actions.scene import (
    ADA,
    AMOUNT,
    BOB,
    ENTRY_POINT,
    RELAYER,
    SHOP,
    TOKEN,
    Scene,
    bundle,
    operation_ended,
    transferred,
)

OPERATION = b"\x11" * 32


@pytest.fixture
def scene() -> Scene:
    return Scene()


def reported(topic: bytes) -> Emitted:
    """What Ada, who is a Safe here, reports."""
    return Emitted(ADA, (topic, b"\x55" * 32), bytes(32))


async def test_who_bundles_a_strangers_payment_has_not_paid(scene: Scene) -> None:
    action = await scene.prepare(effects=[Effect(SHOP, TOKEN, AMOUNT)])
    logs = bundle(transferred(BOB, SHOP, AMOUNT), operation_ended(OPERATION, BOB))
    transaction = scene.chain.submit(ADA, Address(ENTRY_POINT), b"", logs=logs)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["reason"] == "EFFECTS_NOT_SEEN"


async def test_a_safe_that_bundles_a_strangers_payment_has_not_paid(scene: Scene) -> None:
    action = await scene.prepare(effects=[Effect(SHOP, TOKEN, AMOUNT)])
    strangers = bundle(transferred(BOB, SHOP, AMOUNT), operation_ended(OPERATION, BOB))
    logs = [*strangers, reported(SAFE_SUCCESS)]
    transaction = scene.chain.submit(RELAYER, ADA, b"", logs=logs)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["reason"] == "EFFECTS_NOT_SEEN"


async def test_a_safe_whose_owner_is_a_smart_wallet_has_paid(scene: Scene) -> None:
    action = await scene.prepare()
    execution = [reported(SAFE_BEGIN), transferred(ADA, SHOP, AMOUNT), reported(SAFE_SUCCESS)]
    logs = bundle(*execution, operation_ended(OPERATION, BOB))
    transaction = scene.chain.submit(RELAYER, Address(ENTRY_POINT), b"", logs=logs)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"


async def test_who_bundles_strangers_around_a_payment_has_paid(scene: Scene) -> None:
    action = await scene.prepare()
    strangers = bundle(transferred(BOB, ADA, AMOUNT), operation_ended(OPERATION, BOB))
    transaction = scene.pay(logs=[transferred(ADA, SHOP, AMOUNT), *strangers])
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"


async def test_nobody_can_take_the_operation_of_another_by_being_first(scene: Scene) -> None:
    squatting, action = await scene.prepare(sender=BOB), await scene.prepare()
    assert (await scene.confirm(squatting, userOpHash=OPERATION))["status"] == "SUBMITTED"
    logs = bundle(transferred(ADA, SHOP, AMOUNT), operation_ended(OPERATION, ADA))
    scene.chain.submit(RELAYER, Address(ENTRY_POINT), b"", logs=logs)
    scene.chain.mine()
    assert (await scene.confirm(action, userOpHash=OPERATION))["status"] == "CONFIRMED"
    await scene.head_moves()
    assert (await scene.seen(squatting))["failure"]["code"] == "NOT_BY_THIS_ACCOUNT"


async def test_who_bundles_two_operations_of_their_own_proves_two_actions_with_them(scene: Scene) -> None:
    first, second = await scene.prepare(), await scene.prepare()
    third = await scene.prepare(effects=[Effect(SHOP, TOKEN, AMOUNT)])
    pays = transferred(ADA, SHOP, AMOUNT)
    other = b"\x22" * 32
    logs = bundle(pays, operation_ended(OPERATION, ADA), pays, operation_ended(other, ADA))
    transaction = scene.chain.submit(ADA, Address(ENTRY_POINT), b"", logs=logs)
    scene.chain.mine()
    assert (await scene.confirm(first, userOpHash=OPERATION))["status"] == "CONFIRMED"
    assert (await scene.confirm(second, userOpHash=other))["status"] == "CONFIRMED"
    assert (await scene.confirm(third, txHash=transaction))["code"] == "PROOF_ALREADY_USED"


async def test_a_bundle_that_would_fail_now_says_nothing_of_an_operation_that_failed_then(
    scene: Scene,
) -> None:
    action = await scene.prepare()
    logs = bundle(operation_ended(OPERATION, ADA, succeeded=False))
    transaction = scene.chain.submit(RELAYER, Address(ENTRY_POINT), b"\x01\x02\x03\x04", logs=logs)
    scene.chain.mine()
    scene.chain.answer(Address(ENTRY_POINT), b"", CallReverted(b"", "AA25 invalid account nonce"))
    assert (await scene.confirm(action, txHash=transaction))["failure"]["message"] == "it reverted"
