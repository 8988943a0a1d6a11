"""What does not prove an action, however much it looks like it."""

from __future__ import annotations

import asyncio

import pytest

from colonnade.evm import Address, address_bytes, encode, keccak
from colonnade.testing.scripted_chain import Emitted
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
    account,
    bundle,
    one_call,
    operation_ended,
    transferred,
)

FAKE_TOKEN = account(0xFA)
OPERATION, SECOND = b"\x11" * 32, b"\x22" * 32
PAYS = transferred(ADA, SHOP, AMOUNT)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def mined_bundle(scene: Scene, *logs: Emitted, entry_point: str = ENTRY_POINT) -> bytes:
    transaction = scene.chain.submit(RELAYER, Address(entry_point), b"", logs=logs)
    scene.chain.mine()
    return transaction


async def test_someone_elses_transaction_proves_nothing(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay(BOB)
    scene.chain.mine()
    answer = await scene.confirm(action, txHash=transaction)
    assert (answer["code"], answer["reason"]) == ("PROOF_REJECTED", "NOT_BY_THIS_ACCOUNT")
    assert (await scene.kept(action)).version == 1


async def test_being_paid_for_by_someone_else_proves_nothing(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay(BOB, logs=[PAYS])  # an allowance of Ada's, used by Bob
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["reason"] == "NOT_BY_THIS_ACCOUNT"


async def test_one_transaction_proves_one_action(scene: Scene) -> None:
    first, second = await scene.prepare(), await scene.prepare()
    transaction = scene.pay()
    scene.chain.mine()
    assert (await scene.confirm(first, txHash=transaction))["status"] == "CONFIRMED"
    assert (await scene.confirm(second, txHash=transaction))["code"] == "PROOF_ALREADY_USED"
    assert (await scene.kept(second)).version == 1


async def test_one_transaction_proves_one_action_before_it_is_mined_too(scene: Scene) -> None:
    first, second = await scene.prepare(), await scene.prepare()
    transaction = scene.pay()
    assert (await scene.confirm(first, txHash=transaction))["status"] == "SUBMITTED"
    assert (await scene.confirm(second, txHash=transaction))["code"] == "PROOF_ALREADY_USED"


async def test_one_transaction_proves_one_step(scene: Scene) -> None:
    call = one_call(b"\x01")
    action = await scene.prepare(kind="CALL", steps=[call, call], effects=[])
    transaction = scene.chain.submit(ADA, SHOP, b"\x01")
    scene.chain.mine()
    assert (await scene.confirm(action, 0, txHash=transaction))["status"] == "AWAITING_USER"
    assert (await scene.confirm(action, 1, txHash=transaction))["code"] == "PROOF_ALREADY_USED"


@pytest.mark.parametrize("slow_wins", [True, False])
async def test_one_payment_proves_one_action_however_its_hashes_were_exchanged(
    scene: Scene, slow_wins: bool
) -> None:
    first, second = await scene.prepare(), await scene.prepare()
    slow = scene.pay()
    intended = scene.chain._ledger.waiting[slow]
    await scene.confirm(first, txHash=slow)
    await scene.confirm(first, txHash=scene.pay(nonce=0))
    assert (await scene.confirm(second, txHash=slow))["status"] == "SUBMITTED"
    if slow_wins:
        scene.chain._ledger.waiting = {slow: intended}
    scene.chain.mine(3)
    await scene.head_moves()
    told = [(await scene.seen(action))["status"] for action in (first, second)]
    assert told == (["FAILED", "FINALIZED"] if slow_wins else ["FINALIZED", "SUBMITTED"])
    if slow_wins:
        assert (await scene.confirm(first, txHash=slow))["code"] == "PROOF_ALREADY_USED"


async def test_a_hash_that_was_reported_for_the_wrong_action_still_proves_the_right_one(scene: Scene) -> None:
    wrong, right = await scene.prepare(amount=AMOUNT + 1), await scene.prepare()
    transaction = scene.pay()
    assert (await scene.confirm(wrong, txHash=transaction))["status"] == "SUBMITTED"
    scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(wrong))["failure"]["code"] == "EFFECTS_NOT_SEEN"
    assert (await scene.confirm(right, txHash=transaction))["status"] == "CONFIRMED"
    assert (await scene.confirm(wrong, txHash=transaction))["reason"] == "EFFECTS_NOT_SEEN"


async def test_a_reverted_transaction_is_a_failure(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay(succeeded=False)
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "FAILED"


async def test_the_right_hash_on_the_wrong_chain_is_never_confirmed(scene: Scene) -> None:
    action = await scene.prepare()
    call = transfer_call(TOKEN, SHOP, AMOUNT)
    transaction = scene.other_chain.submit(ADA, call.to, call.data, logs=[PAYS])
    scene.other_chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "SUBMITTED"
    scene.chain.mine(3)
    await scene.head_moves()
    await scene.head_moves(to=scene.other_chain)
    assert (await scene.seen(action))["status"] == "SUBMITTED"
    scene.clock.advance(3_600)
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "EXPIRED"


@pytest.mark.parametrize(
    "look_alike",
    [
        transferred(ADA, SHOP, AMOUNT, token=FAKE_TOKEN),
        Emitted(PAYS.address, PAYS.topics[:2], PAYS.topics[2] + PAYS.data),
        Emitted(PAYS.address, (*PAYS.topics, PAYS.data), b""),
        Emitted(PAYS.address, (keccak(b"Paid(address,address,uint256)"), *PAYS.topics[1:]), PAYS.data),
        Emitted(PAYS.address, PAYS.topics, PAYS.data + bytes(32)),
    ],
    ids=["another contract", "two topics", "four topics", "another event", "longer data"],
)
async def test_a_log_that_looks_like_a_transfer_is_none(scene: Scene, look_alike: Emitted) -> None:
    action = await scene.prepare()
    transaction = scene.pay(logs=[look_alike])
    scene.chain.mine()
    answer = await scene.confirm(action, txHash=transaction)
    assert answer["reason"] == "EFFECTS_NOT_SEEN"
    assert "gained 0" in answer["message"]


async def test_strangers_in_a_bundle_prove_nothing_for_an_idle_operation(scene: Scene) -> None:
    action = await scene.prepare()
    strangers = (PAYS, operation_ended(SECOND, BOB))  # Bob spends Ada's allowance
    transaction = mined_bundle(scene, *bundle(*strangers, operation_ended(OPERATION, ADA)))
    for proof in ({"txHash": transaction}, {"userOpHash": OPERATION}):
        assert (await scene.confirm_with(action, proof))["reason"] == "EFFECTS_NOT_SEEN"
    assert (await scene.confirm(action, userOpHash=SECOND))["reason"] == "NOT_BY_THIS_ACCOUNT"


async def test_an_operation_is_told_from_the_strangers_around_it(scene: Scene) -> None:
    action = await scene.prepare()
    before = (transferred(BOB, ADA, AMOUNT), operation_ended(SECOND, BOB))
    after = (transferred(BOB, ADA, 1), operation_ended(b"\x33" * 32, BOB))
    transaction = mined_bundle(scene, *bundle(*before, PAYS, operation_ended(OPERATION, ADA), *after))
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"


async def test_an_operation_is_found_by_its_hash_alone(scene: Scene) -> None:
    action = await scene.prepare()
    mined_bundle(scene, *bundle(PAYS, operation_ended(OPERATION, ADA)))
    scene.chain.widest_logs = 1
    scene.chain.mine(40)
    scene.chain.widest_logs = 16
    assert (await scene.confirm(action, userOpHash=OPERATION))["status"] == "FINALIZED"


async def test_an_entry_point_of_somebodys_own_is_not_believed(scene: Scene) -> None:
    action = await scene.prepare()
    logs = bundle(PAYS, operation_ended(OPERATION, ADA, entry_point=BOB), entry_point=BOB)
    transaction = mined_bundle(scene, *logs, entry_point=BOB)
    assert (await scene.confirm(action, txHash=transaction))["reason"] == "NOT_BY_THIS_ACCOUNT"
    assert (await scene.confirm(action, userOpHash=OPERATION))["status"] == "SUBMITTED"


async def test_an_operation_that_failed_in_a_transaction_that_succeeded_is_a_failure(scene: Scene) -> None:
    action = await scene.prepare()
    reason = keccak(b"Error(string)")[:4] + encode(["string"], ["too poor"])
    told = Emitted(
        Address(ENTRY_POINT),
        (
            keccak(b"UserOperationRevertReason(bytes32,address,uint256,bytes)"),
            OPERATION,
            bytes(12) + address_bytes(ADA),
        ),
        encode(["uint256", "bytes"], [0, reason]),
    )
    transaction = mined_bundle(scene, *bundle(told, operation_ended(OPERATION, ADA, succeeded=False)))
    answer = await scene.confirm(action, txHash=transaction)
    assert answer["failure"] == {"code": "REVERTED", "message": "it reverted: too poor", "retryable": False}


async def test_a_contract_that_reverts_with_a_novel_is_cut_short(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay(succeeded=False)
    scene.chain.mine()
    novel = keccak(b"Error(string)")[:4] + encode(["string"], ["x" * 100_000])
    scene.chain.reverts(TOKEN, "function transfer(address to, uint256 amount) returns (bool)", novel)
    answer = await scene.confirm(action, txHash=transaction)
    assert len(answer["failure"]["message"]) == 500


async def test_two_operations_of_one_account_need_the_hash_of_the_right_one(scene: Scene) -> None:
    first, second = await scene.prepare(), await scene.prepare()
    both = bundle(PAYS, operation_ended(OPERATION, ADA), PAYS, operation_ended(SECOND, ADA))
    transaction = mined_bundle(scene, *both)
    assert (await scene.confirm(first, txHash=transaction))["reason"] == "AMBIGUOUS"
    assert (await scene.confirm(first, userOpHash=SECOND))["status"] == "CONFIRMED"
    assert (await scene.confirm(second, userOpHash=SECOND))["code"] == "PROOF_ALREADY_USED"
    assert (await scene.confirm(second, userOpHash=OPERATION))["status"] == "CONFIRMED"


async def test_an_operation_proves_one_action_by_whichever_hash(scene: Scene) -> None:
    first, second = await scene.prepare(), await scene.prepare()
    transaction = mined_bundle(scene, *bundle(PAYS, operation_ended(OPERATION, ADA)))
    assert (await scene.confirm(first, txHash=transaction))["status"] == "CONFIRMED"
    assert (await scene.confirm(second, userOpHash=OPERATION))["code"] == "PROOF_ALREADY_USED"


@pytest.mark.parametrize("by_operation_first", [True, False])
async def test_who_bundles_their_own_operation_proves_one_action_with_it(
    scene: Scene, by_operation_first: bool
) -> None:
    first, second = await scene.prepare(), await scene.prepare()
    logs = bundle(PAYS, operation_ended(OPERATION, ADA))
    transaction = scene.chain.submit(ADA, Address(ENTRY_POINT), b"", logs=logs)
    scene.chain.mine()
    proofs: list[dict[str, bytes]] = [{"userOpHash": OPERATION}, {"txHash": transaction}]
    one, other = proofs if by_operation_first else proofs[::-1]
    assert (await scene.confirm_with(first, one))["status"] == "CONFIRMED"
    assert (await scene.confirm_with(second, other))["code"] == "PROOF_ALREADY_USED"


async def test_paying_a_paymaster_in_the_same_token_does_not_spoil_a_payment(scene: Scene) -> None:
    action = await scene.prepare()
    gas = transferred(ADA, BOB, 12_345)
    logs = bundle(PAYS, gas, operation_ended(OPERATION, ADA, paymaster=BOB))
    assert (await scene.confirm(action, txHash=mined_bundle(scene, *logs)))["status"] == "CONFIRMED"


async def test_what_a_paymaster_gives_back_does_not_spoil_a_payment(scene: Scene) -> None:
    """Paymasters of ERC-20 take too much while they validate, and give the rest back after the calls."""
    action = await scene.prepare()
    rest = transferred(BOB, ADA, 2_345)
    logs = bundle(PAYS, rest, operation_ended(OPERATION, ADA, paymaster=BOB))
    assert (await scene.confirm(action, txHash=mined_bundle(scene, *logs)))["status"] == "CONFIRMED"


async def test_a_reorganisation_after_confirmation_takes_it_back(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    block = scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["status"] == "CONFIRMED"
    scene.chain.reorganise(1)
    await scene.head_moves(reorganised_from=block.number)
    seen = await scene.seen(action)
    assert (seen["status"], seen["revision"]) == ("SUBMITTED", 1)


async def test_two_confirmations_at_once_use_a_transaction_once(scene: Scene) -> None:
    actions = [await scene.prepare() for _ in range(5)]
    transaction = scene.pay()
    scene.chain.mine()
    answers = await asyncio.gather(*(scene.confirm(action, txHash=transaction) for action in actions))
    told = sorted(str(answer.get("code", answer.get("status"))) for answer in answers)
    assert told == ["CONFIRMED", *["PROOF_ALREADY_USED"] * 4]
