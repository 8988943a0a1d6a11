"""What a key sends that is nearly, or by another way, what an action asks for."""

from __future__ import annotations

import pytest

from colonnade.actions import Effect, SendCalls
from colonnade.actions.transfers import NATIVE
from tests.actions.paying import transfer_call
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
    one_call,
    operation_ended,
    transferred,
)


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_what_was_seen_waiting_is_newer_than_the_action_whatever_its_block(scene: Scene) -> None:
    """A reorganisation may make the chain as short as it was when the action was prepared."""
    action = await scene.prepare()
    transaction = scene.pay()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "SUBMITTED"
    assert scene.chain.reorganise(1, including=[transaction]).number == action.prepared_at_block
    await scene.head_moves(reorganised_from=action.prepared_at_block)
    assert (await scene.seen(action))["status"] == "CONFIRMED"


@pytest.mark.parametrize("mined", [True, False])
async def test_an_earlier_step_is_proved_by_its_call_and_nothing_else(scene: Scene, mined: bool) -> None:
    """Not by what has the effects of the whole action, either."""
    pay = scene.draft().steps[0]
    action = await scene.prepare(steps=[one_call(b"\xaa\xbb\xcc\xdd", to=TOKEN), pay])
    transaction = scene.pay()
    if mined:
        scene.chain.mine()
    assert (await scene.confirm(action, 0, txHash=transaction))["reason"] == "NOT_THE_PREPARED_CALL"


async def test_an_earlier_step_that_the_account_does_in_a_batch_of_its_own_is_done(scene: Scene) -> None:
    """A key that delegates to a contract (EIP-7702) calls itself."""
    pay = scene.draft().steps[0]
    action = await scene.prepare(steps=[one_call(b"\xaa\xbb\xcc\xdd", to=TOKEN), pay])
    transaction = scene.chain.submit(ADA, ADA, b"a batch")
    scene.chain.mine()
    assert (await scene.confirm(action, 0, txHash=transaction))["status"] == "AWAITING_USER"


async def test_a_batch_of_the_accounts_own_that_reverts_has_failed(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.chain.submit(ADA, ADA, b"a batch", succeeded=False)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["failure"]["code"] == "REVERTED"


async def test_an_effect_in_the_chains_own_coin_is_proved_by_the_call_alone(scene: Scene) -> None:
    effects = [Effect(ADA, NATIVE, -7, -7)]
    action = await scene.prepare(kind="CALL", steps=[one_call(b"\x01", value=7)], effects=effects)
    another = scene.chain.submit(ADA, BOB, value=7)
    right = scene.chain.submit(ADA, SHOP, b"\x01", value=7)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=another))["reason"] == "NOT_THE_PREPARED_CALL"
    assert (await scene.confirm(action, txHash=right))["status"] == "CONFIRMED"


async def test_another_way_to_the_same_effects_proves_them(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.chain.submit(ADA, BOB, b"by way of Bob", logs=[transferred(ADA, SHOP, AMOUNT)])
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"


async def test_the_last_of_several_calls_is_the_one_that_is_looked_for(scene: Scene) -> None:
    call = transfer_call(TOKEN, SHOP, AMOUNT)
    first = one_call(b"\xaa\xbb\xcc\xdd", to=TOKEN).calls[0]
    action = await scene.prepare(kind="CALL", steps=[SendCalls("Both", (first, call))], effects=[])
    early = scene.chain.submit(ADA, first.to, first.data)
    late = scene.chain.submit(ADA, call.to, call.data)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=early))["reason"] == "NOT_THE_PREPARED_CALL"
    assert (await scene.confirm(action, txHash=late))["status"] == "CONFIRMED"


async def test_of_two_operations_the_one_that_succeeded_counts(scene: Scene) -> None:
    action = await scene.prepare(kind="CALL", effects=[])
    failed, succeeded = (b"\x11" * 32, False), (b"\x22" * 32, True)
    logs = bundle(*(operation_ended(hash_, ADA, succeeded=good) for hash_, good in (failed, succeeded)))
    transaction = scene.chain.submit(RELAYER, ENTRY_POINT, logs=logs)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"
    sent = (await scene.kept(action)).progress[0].sent
    assert sent is not None
    assert sent.user_operation == b"\x22" * 32


async def test_an_earlier_step_needs_none_of_the_effects(scene: Scene) -> None:
    approve = one_call(b"\xaa\xbb\xcc\xdd", to=TOKEN)
    action = await scene.prepare(steps=[approve, scene.draft().steps[0]])
    failed, succeeded = (b"\x11" * 32, False), (b"\x22" * 32, True)
    logs = bundle(*(operation_ended(hash_, ADA, succeeded=good) for hash_, good in (failed, succeeded)))
    transaction = scene.chain.submit(RELAYER, ENTRY_POINT, logs=logs)
    scene.chain.mine()
    assert (await scene.confirm(action, 0, txHash=transaction))["status"] == "AWAITING_USER"


async def test_an_operation_that_failed_fails_one_action(scene: Scene) -> None:
    first, second = await scene.prepare(), await scene.prepare()
    logs = bundle(operation_ended(b"\x11" * 32, ADA, succeeded=False))
    transaction = scene.chain.submit(RELAYER, ENTRY_POINT, logs=logs)
    await scene.confirm(first, txHash=transaction)
    scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(first))["failure"]["code"] == "REVERTED"
    assert (await scene.confirm(second, userOpHash=b"\x11" * 32))["code"] == "PROOF_ALREADY_USED"
