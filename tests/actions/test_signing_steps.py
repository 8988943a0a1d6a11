"""Steps that are signed: what is verified is what is kept, and what waited for it follows."""

from __future__ import annotations

from typing import Any

import pytest

from colonnade.actions import SignBytes, SignMessage, SignTypedData, StepDraft, Waiting
from colonnade.actions.signing import digest_of
from colonnade.evm import hash_message, typed_data_hash
from colonnade.signatures import CHECK, VALIDATOR_ADDRESS
from tests.actions.scene import ADA, AMOUNT, SHOP, Scene, one_call

SIGNATURE = b"\x77" * 65
TYPED: dict[str, Any] = {
    "types": {"Invoice": [{"name": "amount", "type": "uint256"}]},
    "primaryType": "Invoice",
    "domain": {"name": "Shop", "chainId": 8453},
    "message": {"amount": str(2**255)},
}
MESSAGE, INVOICE, HASH = (
    SignMessage("Greet", "hello"),
    SignTypedData("Invoice", TYPED),
    SignBytes("Hash", b"\x05" * 32),
)


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    scene.chain.answer(VALIDATOR_ADDRESS, b"", b"\0")
    return scene


def has_signed(scene: Scene, digest: bytes, signature: bytes = SIGNATURE) -> None:
    scene.chain.answer(VALIDATOR_ADDRESS, CHECK.encode(ADA, digest, signature), b"\1")


def test_what_a_wallet_signs_follows_from_the_step() -> None:
    assert digest_of(MESSAGE) == hash_message("hello")
    assert digest_of(INVOICE) == typed_data_hash(TYPED["domain"], TYPED["types"], "Invoice", TYPED["message"])
    assert digest_of(HASH) == b"\x05" * 32
    with pytest.raises(ValueError, match="is not one that is signed"):
        digest_of(one_call())


@pytest.mark.parametrize("step", [MESSAGE, INVOICE, HASH], ids=["message", "typed data", "hash"])
async def test_a_signature_of_the_last_step_ends_the_action(scene: Scene, step: StepDraft) -> None:
    action = await scene.prepare(kind="CALL", steps=[step], effects=[])
    has_signed(scene, digest_of(step))
    answer = await scene.confirm(action, signature=SIGNATURE)
    assert (answer["status"], answer["steps"]) == ("FINALIZED", [{"status": "DONE"}])
    assert (await scene.kept(action)).signatures == {0: SIGNATURE}
    assert await scene.confirm(action, signature=SIGNATURE) == answer


@pytest.mark.parametrize("length", [1, 20, 32, 500])
async def test_bytes_of_any_length_are_verified_by_a_kind_that_knows_how(scene: Scene, length: int) -> None:
    note = SignBytes("Note", b"note" * (length // 4) or b"n")
    action = await scene.prepare(kind="NOTE", steps=[note], effects=[], key="ed25519")
    has_signed(scene, b"\x05" * 32)
    for wrong in (SIGNATURE, b"x25519" + note.data[::-1], b"\x01" * 16_385):
        assert (await scene.confirm(action, signature=wrong))["code"] == "SIGNATURE_INVALID"
    assert (await scene.confirm(action, signature=b"ed25519" + note.data[::-1]))["status"] == "FINALIZED"


async def test_a_note_that_waited_may_have_any_length_too(scene: Scene) -> None:
    steps: list[StepDraft] = [SignBytes("First", b"abc"), Waiting("Then", becomes="SignBytes")]
    action = await scene.prepare(kind="NOTE", steps=steps, effects=[], key="k")
    answer = await scene.confirm(action, signature=b"kcba")
    assert [step["status"] for step in answer["steps"]] == ["DONE", "READY"]
    assert (await scene.seen(action))["steps"][1]["data"] == "0x6162636b"


async def test_a_signature_of_something_else_is_refused(scene: Scene) -> None:
    action = await scene.prepare(kind="CALL", steps=[MESSAGE], effects=[])
    has_signed(scene, hash_message("hello!"))
    answer = await scene.confirm(action, signature=SIGNATURE)
    assert answer["code"] == "SIGNATURE_INVALID"
    assert hash_message("hello").hex() in answer["message"]
    assert (await scene.kept(action)).version == 1


@pytest.mark.parametrize("signature", [b"", b"\x01" * 16_385], ids=["empty", "too long"])
async def test_what_no_wallet_makes_is_refused(scene: Scene, signature: bytes) -> None:
    action = await scene.prepare(kind="CALL", steps=[MESSAGE], effects=[])
    assert (await scene.confirm(action, signature=signature))["code"] == "SIGNATURE_INVALID"


async def test_a_hash_proves_no_signature(scene: Scene) -> None:
    action = await scene.prepare(kind="CALL", steps=[MESSAGE], effects=[])
    answer = await scene.confirm(action, txHash=b"\x01" * 32)
    assert (answer["reason"], answer["message"]) == ("WRONG_KIND_OF_PROOF", "step 0 is proved by signature")


async def test_a_signature_comes_too_late_for_an_expired_action(scene: Scene) -> None:
    action = await scene.prepare(kind="CALL", steps=[MESSAGE], effects=[])
    has_signed(scene, digest_of(MESSAGE))
    scene.clock.advance(601)
    assert (await scene.confirm(action, signature=SIGNATURE))["code"] == "ACTION_EXPIRED"


async def test_a_step_that_waited_gets_its_payload_with_the_signature(scene: Scene) -> None:
    action = await scene.prepare(steps=[INVOICE, Waiting("Pay")])
    before = (await scene.seen(action))["steps"]
    assert before[1] == {
        "__typename": "SendCallsStep",
        "index": 1,
        "title": "Pay",
        "status": "WAITING",
        "calls": None,
        "atomicRequired": False,
        "capabilities": None,
    }
    has_signed(scene, digest_of(INVOICE))
    answer = await scene.confirm(action, 0, signature=SIGNATURE)
    assert (answer["status"], answer["steps"]) == ("AWAITING_USER", [{"status": "DONE"}, {"status": "READY"}])
    assert (await scene.seen(action))["steps"][1]["calls"][0]["value"] == "0"
    transaction = scene.pay()
    scene.chain.mine()
    assert (await scene.confirm(action, 1, txHash=transaction))["status"] == "CONFIRMED"


async def test_no_step_comes_before_its_turn(scene: Scene) -> None:
    action = await scene.prepare(steps=[INVOICE, Waiting("Pay")])
    assert (await scene.confirm(action, 1, txHash=scene.pay()))["code"] == "STEP_NOT_READY"


@pytest.mark.parametrize(
    "steps",
    [
        [INVOICE, Waiting("Pay"), Waiting("More")],
        [INVOICE, Waiting("Sign", "SignMessage")],
    ],
    ids=["too few payloads", "another kind of step"],
)
async def test_a_kind_whose_payloads_do_not_fit_changes_nothing(scene: Scene, steps: list[StepDraft]) -> None:
    action = await scene.prepare(steps=steps)
    has_signed(scene, digest_of(INVOICE))
    if len(steps) == 3:
        await scene.confirm(action, 0, signature=SIGNATURE)
        transaction = scene.pay()
        scene.chain.mine()
        given = {"txHash": "0x" + transaction.hex()}
        step = 1
    else:
        given, step = {"signature": "0x" + SIGNATURE.hex()}, 0
    version = (await scene.kept(action)).version
    result = await scene.harness.execute(
        "mutation ($input: ConfirmActionInput!) { confirmAction(input: $input) { __typename } }",
        {"input": {"actionId": action.id, "step": step, "proof": given}},
    )
    assert result.errors
    assert (await scene.kept(action)).version == version


async def test_typed_data_reaches_the_wallet_as_it_was_prepared(scene: Scene) -> None:
    action = await scene.prepare(kind="CALL", steps=[INVOICE, HASH], effects=[], amount=AMOUNT)
    first, second = (await scene.seen(action))["steps"]
    assert first["typedData"] == TYPED
    assert (second["__typename"], second["data"]) == ("SignBytesStep", None)
    assert SHOP not in str(first)
