"""Confirming what a key sent: before it is mined, once it is, and over again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from colonnade.core_events import OperationValue
from colonnade.evm.attribution import MARKER
from colonnade.outbox import OUTBOX
from colonnade.permissions import Principal
from tests.actions.scene import ADA, AMOUNT, BOB, CONFIRM, SHOP, TOKEN, Scene, one_call, transferred

PAID = {"__typename": "PreparedAction", "revision": 0, "failure": None, "steps": [{"status": "DONE"}]}
SENT = {**PAID, "status": "SUBMITTED", "steps": [{"status": "SUBMITTED"}]}


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_a_mined_payment_is_verified_at_once(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    scene.chain.mine()
    assert await scene.confirm(action, txHash=transaction) == {**PAID, "status": "CONFIRMED"}


async def test_what_is_final_already_ends_the_action(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    scene.chain.mine(3)
    assert await scene.confirm(action, txHash=transaction) == {**PAID, "status": "FINALIZED"}


async def test_a_hash_that_no_block_holds_is_followed(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    assert await scene.confirm(action, txHash=transaction) == SENT
    kept = (await scene.kept(action)).progress[0].sent
    assert kept is not None
    assert (kept.sender, kept.nonce) == (ADA, 0)


async def test_the_same_proof_again_changes_nothing(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    assert await scene.confirm(action, txHash=transaction) == await scene.confirm(action, txHash=transaction)
    assert (await scene.kept(action)).version == 2
    scene.chain.mine()
    confirmed = await scene.confirm(action, txHash=transaction)
    assert await scene.confirm(action, txHash=transaction) == confirmed
    assert (await scene.kept(action)).version == 3


async def test_confirming_records_the_value_once(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    scene.chain.mine()
    for _ in range(2):
        await scene.confirm(action, txHash=transaction)
    rows = await scene.harness.store.query(OUTBOX.query(topic=OperationValue.topic(action.id)))
    [value] = [OperationValue.of(row.attributes["payload"]) for row in rows.items]  # type: ignore[arg-type]
    assert value == OperationValue(
        action_id=action.id,
        action_kind="PAYMENT",
        principal="ada",
        chain_id=8453,
        token=TOKEN,
        amount=str(AMOUNT),
        revision=0,
    )


async def test_the_exact_call_proves_an_action_without_effects(scene: Scene) -> None:
    action = await scene.prepare(kind="CALL", steps=[one_call(b"\x01\x02\x03\x04", value=7)], effects=[])
    transaction = scene.chain.submit(ADA, SHOP, b"\x01\x02\x03\x04", value=7)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"


@pytest.mark.parametrize("mined", [True, False])
async def test_an_app_may_credit_itself_after_the_calldata(scene: Scene, mined: bool) -> None:
    action = await scene.prepare(kind="CALL", steps=[one_call(b"\x01\x02\x03\x04", value=7)], effects=[])
    credited = b"\x01\x02\x03\x04" + b"baseapp\x07\x00" + MARKER
    transaction = scene.chain.submit(ADA, SHOP, credited, value=7)
    if mined:
        scene.chain.mine()
    answer = await scene.confirm(action, txHash=transaction)
    assert answer["status"] == ("CONFIRMED" if mined else "SUBMITTED")


@pytest.mark.parametrize(
    ("prepared", "sent"),
    [
        (b"\x01\x02\x03\x04", b"\x01\x02\x03\x04\x05"),
        (b"\x01\x02\x03\x04", b"\x01\x02\x03\x04\x00baseapp\x07\x00" + MARKER),
        (b"\x01\x02\x03\x04", b"\x01\x02\x03\x04" + MARKER),
        (b"\x01\x02\x03", b"\x01\x02\x03\x04\x01\x00" + MARKER),
        (b"", b"baseapp\x07\x00" + MARKER),
    ],
    ids=["no credit", "more than the credit", "no codes", "half a function's name", "no function's name"],
)
async def test_whatever_else_follows_the_calldata_makes_it_another_call(
    scene: Scene, prepared: bytes, sent: bytes
) -> None:
    action = await scene.prepare(kind="CALL", steps=[one_call(prepared)], effects=[])
    transaction = scene.chain.submit(ADA, SHOP, sent)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["reason"] == "NOT_THE_PREPARED_CALL"


@pytest.mark.parametrize(
    ("to", "data", "value"),
    [(BOB, b"\x01", 7), (SHOP, b"\x02", 7), (SHOP, b"\x01", 6)],
    ids=["to", "data", "value"],
)
@pytest.mark.parametrize("mined", [True, False])
async def test_a_call_that_differs_in_anything_proves_nothing(
    scene: Scene, to: str, data: bytes, value: int, mined: bool
) -> None:
    action = await scene.prepare(kind="CALL", steps=[one_call(b"\x01", value=7)], effects=[])
    transaction = scene.chain.submit(to=to, sender=ADA, data=data, value=value)  # type: ignore[arg-type]
    if mined:
        scene.chain.mine()
    answer = await scene.confirm(action, txHash=transaction)
    assert (answer["code"], answer["reason"]) == ("PROOF_REJECTED", "NOT_THE_PREPARED_CALL")
    assert (await scene.kept(action)).version == 1


async def test_a_reverted_payment_fails_and_says_why(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay(succeeded=False)
    scene.chain.mine()
    scene.chain.reverts(TOKEN, "function transfer(address to, uint256 amount) returns (bool)", b"")
    answer = await scene.confirm(action, txHash=transaction)
    assert (answer["status"], answer["failure"]["code"]) == ("FAILED", "REVERTED")
    assert answer["failure"]["message"] == "it reverted: reverted without data"
    assert answer["steps"] == [{"status": "FAILED"}]
    closed = await scene.confirm(action, txHash=scene.pay())
    assert (closed["code"], closed["status"]) == ("ACTION_CLOSED", "FAILED")


async def test_a_kind_can_refuse_what_the_platform_accepts(scene: Scene) -> None:
    action = await scene.prepare(refused=True)
    transaction = scene.pay()
    scene.chain.mine()
    answer = await scene.confirm(action, txHash=transaction)
    assert (answer["code"], answer["reason"]) == ("PROOF_REJECTED", "NOT_FOR_THIS_SHOP")


@pytest.mark.parametrize("paid", [AMOUNT - 1, AMOUNT + 1])
async def test_an_effect_is_checked_to_the_atomic_unit(scene: Scene, paid: int) -> None:
    action = await scene.prepare()
    transaction = scene.pay(logs=[transferred(ADA, SHOP, paid)])
    scene.chain.mine()
    answer = await scene.confirm(action, txHash=transaction)
    assert answer["reason"] == "EFFECTS_NOT_SEEN"
    assert f"gained {-paid}" in answer["message"]


async def test_another_hash_takes_the_place_of_one_that_no_block_holds(scene: Scene) -> None:
    action = await scene.prepare()
    slow = scene.pay()
    await scene.confirm(action, txHash=slow)
    fast = scene.pay(nonce=0)
    assert await scene.confirm(action, txHash=fast) == SENT
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=fast))["status"] == "CONFIRMED"
    assert (await scene.confirm(action, txHash=slow))["code"] == "ACTION_CLOSED"


async def test_a_signature_proves_no_calls(scene: Scene) -> None:
    action = await scene.prepare()
    answer = await scene.confirm(action, signature=b"\x01" * 65)
    assert (answer["reason"], answer["message"]) == (
        "WRONG_KIND_OF_PROOF",
        "step 0 is proved by txHash or userOpHash",
    )


@pytest.mark.parametrize("step", [-1, 1, 2**31 - 1])
async def test_a_step_that_is_not_there_is_not_ready(scene: Scene, step: int) -> None:
    action = await scene.prepare()
    answer = await scene.confirm(action, step, txHash=scene.pay())
    assert answer["code"] == "STEP_NOT_READY"


async def test_nobody_else_can_confirm_or_see_an_action(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    scene.chain.mine()
    scene.harness = scene.harness.acting_as(Principal("bob"))
    assert (await scene.confirm(action, txHash=transaction))["code"] == "ACTION_NOT_FOUND"
    assert (await scene.cancel(action))["code"] == "ACTION_NOT_FOUND"
    assert await scene.seen(action) is None


async def test_a_stranger_is_told_to_sign_in(scene: Scene) -> None:
    action = await scene.prepare()
    scene.harness = scene.harness.acting_as(None)
    result = await scene.harness.execute(
        "mutation ($id: ID!) { cancelAction(input: {actionId: $id}) { __typename } }", {"id": action.id}
    )
    assert [error.code for error in result.errors] == ["UNAUTHENTICATED"]


async def test_a_wallets_name_for_the_batch_is_kept_and_proves_nothing(scene: Scene) -> None:
    action = await scene.prepare()
    assert (await scene.confirm(action, txHash=scene.pay(), callsId="0xabc"))["status"] == "SUBMITTED"
    sent = (await scene.kept(action)).progress[0].sent
    assert sent is not None
    assert sent.calls_id == "0xabc"
    answer = await scene.confirm(action, txHash=b"\x01" * 32, callsId="x" * 8_195)
    assert (answer["code"], answer["path"]) == ("VALIDATION_FAILED", ["input", "callsId"])


@pytest.mark.parametrize(
    "proof", [{}, {"txHash": "0x" + "11" * 32, "userOpHash": "0x" + "22" * 32}, {"txHash": None}]
)
async def test_a_proof_is_exactly_one_thing(scene: Scene, proof: dict[str, str | None]) -> None:
    action = await scene.prepare()
    given = {"actionId": action.id, "step": 0, "proof": proof}
    result = await scene.harness.execute(CONFIRM, {"input": given})
    assert result.errors
    assert (await scene.kept(action)).version == 1


async def test_what_happened_before_the_action_was_prepared_is_no_proof(scene: Scene) -> None:
    transaction = scene.pay()
    scene.chain.mine()
    action = await scene.prepare()
    assert (await scene.confirm(action, txHash=transaction))["reason"] == "BEFORE_THE_ACTION"


async def test_a_late_proof_of_something_mined_in_time_counts(scene: Scene) -> None:
    action = await scene.prepare(lasts=timedelta(seconds=30))
    transaction = scene.pay()
    scene.chain.mine()
    scene.clock.advance(3_600)
    await scene.expiry_job()
    assert (await scene.seen(action))["status"] == "EXPIRED"
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"


async def test_what_was_mined_too_late_does_not_count_unless_it_was_reported_in_time(scene: Scene) -> None:
    late, reported = [await scene.prepare(lasts=timedelta(seconds=1)) for _ in range(2)]
    scene.clock.advance(timedelta(milliseconds=500))
    first = scene.pay()
    await scene.confirm(reported, txHash=first)
    scene.chain.mine()
    second = scene.pay()
    scene.chain.mine()
    assert scene.chain.block.timestamp > late.expires_at
    scene.clock.advance(60)
    assert (await scene.confirm(late, txHash=second))["code"] == "ACTION_EXPIRED"
    assert (await scene.confirm(reported, txHash=first))["status"] == "CONFIRMED"


async def test_what_is_reported_in_time_counts_whatever_the_clock_of_its_block_says(scene: Scene) -> None:
    action = await scene.prepare(lasts=timedelta(seconds=1))
    transaction = scene.pay()
    scene.chain.mine()
    assert scene.chain.block.timestamp > action.expires_at > scene.clock.now()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"


async def test_what_was_accepted_once_counts_in_whatever_block_it_is_mined_again(scene: Scene) -> None:
    action = await scene.prepare(lasts=timedelta(seconds=3))
    transaction = scene.pay()
    held = scene.chain.mine()
    scene.clock.advance(60)
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"
    scene.chain.mine(1)
    scene.chain.reorganise(2)
    await scene.head_moves(reorganised_from=held.number)
    assert (await scene.seen(action))["status"] == "SUBMITTED"
    assert scene.chain.mine().timestamp > action.expires_at
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"


async def test_an_unmined_hash_comes_too_late_for_an_expired_action(scene: Scene) -> None:
    action = await scene.prepare(lasts=timedelta(seconds=30))
    scene.clock.advance(31)
    assert (await scene.confirm(action, txHash=scene.pay()))["code"] == "ACTION_EXPIRED"
