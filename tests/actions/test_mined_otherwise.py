"""What is mined in another way than it was told of, or than before: a reorganisation changes what a transaction does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from colonnade.actions import Action
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


def pays_in_a_bundle(scene: Scene) -> bytes:
    logs = bundle(transferred(ADA, SHOP, AMOUNT), operation_ended(OPERATION, ADA))
    return scene.chain.submit(RELAYER, ENTRY_POINT, logs=logs)


async def test_an_operation_told_of_by_its_transaction_proves_nothing_else_once_it_is_mined(
    scene: Scene,
) -> None:
    first, second = await scene.prepare(), await scene.prepare()
    await scene.confirm(first, txHash=pays_in_a_bundle(scene))
    scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(first))["status"] == "CONFIRMED"
    assert (await scene.confirm(second, userOpHash=OPERATION))["code"] == "PROOF_ALREADY_USED"


async def test_of_two_actions_told_of_one_operation_in_two_ways_one_is_confirmed(scene: Scene) -> None:
    first, second = await scene.prepare(), await scene.prepare()
    await scene.confirm(first, txHash=pays_in_a_bundle(scene))
    await scene.confirm(second, userOpHash=OPERATION)
    scene.chain.mine()
    await scene.head_moves()
    seen = [await scene.seen(action) for action in (first, second)]
    assert [one["status"] for one in seen] == ["FAILED", "CONFIRMED"]
    assert (seen[0]["failure"]["code"], seen[0]["failure"]["retryable"]) == ("PROOF_ALREADY_USED", True)


async def confirmed_and_mined_again(scene: Scene, *, succeeds: bool) -> tuple[Action, bytes]:
    """An action whose payment is confirmed, and then mined elsewhere without paying."""
    action = await scene.prepare()
    transaction = scene.pay()
    held = scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"
    ledger = scene.chain._ledger
    ledger.take_back(1)
    ledger.waiting[transaction] = replace(ledger.waiting[transaction], emitted=(), succeeded=succeeds)
    scene.chain.mine()
    await scene.head_moves(reorganised_from=held.number)
    return action, transaction


@pytest.mark.parametrize(
    ("succeeds", "code"), [(False, "REVERTED"), (True, "EFFECTS_NOT_SEEN")], ids=["reverted", "paid nobody"]
)
async def test_what_a_reorganisation_makes_fail_has_failed_anew(
    scene: Scene, succeeds: bool, code: str
) -> None:
    action, _ = await confirmed_and_mined_again(scene, succeeds=succeeds)
    seen = await scene.seen(action)
    assert (seen["status"], seen["revision"], seen["failure"]["code"]) == ("FAILED", 1, code)
    scene.chain.mine(3)
    await scene.head_moves()
    version = (await scene.kept(action)).version
    await scene.head_moves()
    assert (await scene.kept(action)).version == version


async def test_what_was_proved_once_is_kept_for_its_action(scene: Scene) -> None:
    """It may be mined once more, as it was."""
    call = scene.draft().steps
    other = await scene.prepare(kind="CALL", steps=call, effects=[])
    _, transaction = await confirmed_and_mined_again(scene, succeeds=True)
    assert (await scene.confirm(other, txHash=transaction))["code"] == "PROOF_ALREADY_USED"


async def test_a_reorganisation_is_looked_into_at_once_however_deep(scene: Scene) -> None:
    """Not only when a confirmed action is looked at all the same."""
    scene.chain.final_after = 100
    scene.chain.mine(100)
    action, untouched = await scene.prepare(), await scene.prepare()
    earlier = scene.pay()
    scene.chain.mine()
    await scene.confirm(untouched, txHash=earlier)
    transaction = scene.pay()
    held = scene.chain.mine()
    await scene.confirm(action, txHash=transaction)
    scene.chain.mine(3)
    scene.chain.reorganise(4)
    await scene.head_moves(reorganised_from=held.number)
    seen = [await scene.seen(one) for one in (action, untouched)]
    assert [(one["status"], one["revision"]) for one in seen] == [("SUBMITTED", 1), ("CONFIRMED", 0)]


async def test_an_operation_that_its_bundle_carries_out_once_more_is_confirmed_once_more(
    scene: Scene,
) -> None:
    action = await scene.prepare()
    await scene.confirm(action, userOpHash=OPERATION)
    pays_in_a_bundle(scene)
    held = scene.chain.mine()
    await scene.head_moves()
    scene.chain.reorganise(1)
    await scene.head_moves(reorganised_from=held.number)
    assert (await scene.seen(action))["status"] == "SUBMITTED"
    scene.chain.mine()
    await scene.head_moves()
    seen = await scene.seen(action)
    assert (seen["status"], seen["revision"]) == ("CONFIRMED", 1)
