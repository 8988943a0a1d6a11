"""Following what was sent, block by block, through everything that a chain can do to it."""

from __future__ import annotations

import logging

import pytest

from colonnade.actions import following
from colonnade.actions.storage import SHARDS
from colonnade.core_events import OperationValue
from colonnade.errors import ChainTimeout
from colonnade.outbox import OUTBOX
from tests.actions.scene import (
    ADA,
    AMOUNT,
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

OPERATION = b"\x11" * 32
PAYS = transferred(ADA, SHOP, AMOUNT)


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def values(scene: Scene, action_id: str) -> list[int]:
    """The revisions at which value was recorded."""
    rows = await scene.harness.store.query(OUTBOX.query(topic=OperationValue.topic(action_id)))
    return [OperationValue.of(row.attributes["payload"]).revision for row in rows.items]  # type: ignore[arg-type]


async def test_a_payment_is_followed_from_the_pool_to_finality(scene: Scene) -> None:
    action = await scene.prepare()
    await scene.confirm(action, txHash=scene.pay())
    seen: list[str] = []
    for _ in range(4):
        await scene.head_moves()
        seen.append((await scene.seen(action))["status"])
        scene.chain.mine()
    assert seen == ["SUBMITTED", "CONFIRMED", "CONFIRMED", "FINALIZED"]
    assert await values(scene, action.id) == [0]
    version = (await scene.kept(action)).version
    await scene.head_moves()
    assert (await scene.kept(action)).version == version == 4


async def test_the_same_head_again_changes_nothing(scene: Scene) -> None:
    action = await scene.prepare()
    await scene.confirm(action, txHash=scene.pay())
    scene.chain.mine()
    await scene.head_moves()
    version = (await scene.kept(action)).version
    for _ in range(3):
        await scene.head_moves(reorganised_from=0)
    assert (await scene.kept(action)).version == version
    assert await values(scene, action.id) == [0]


async def test_what_a_reorganisation_mined_elsewhere_is_verified_anew(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    block = scene.chain.mine()
    await scene.confirm(action, txHash=transaction)
    scene.chain.reorganise(1, including=[transaction])
    await scene.head_moves(reorganised_from=block.number)
    seen = await scene.seen(action)
    assert (seen["status"], seen["revision"]) == ("CONFIRMED", 1)
    assert await values(scene, action.id) == [0, 1]
    scene.chain.mine(2)
    await scene.head_moves()
    seen = await scene.seen(action)
    assert (seen["status"], seen["revision"]) == ("FINALIZED", 1)
    assert await values(scene, action.id) == [0, 1]


async def test_what_vanished_can_be_mined_later(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    block = scene.chain.mine()
    await scene.confirm(action, txHash=transaction)
    scene.chain.reorganise(1)
    await scene.head_moves(reorganised_from=block.number)
    scene.chain.mine()
    await scene.head_moves()
    seen = await scene.seen(action)
    assert (seen["status"], seen["revision"]) == ("CONFIRMED", 1)
    assert await values(scene, action.id) == [0, 1]


async def test_a_reorganisation_that_nobody_told_of_is_found_all_the_same(scene: Scene) -> None:
    scene.chain.final_after = 100
    scene.chain.mine(100)
    action = await scene.prepare()
    transaction = scene.pay()
    scene.chain.mine()
    await scene.confirm(action, txHash=transaction)
    scene.chain.reorganise(1)
    scene.chain.drop(transaction)
    statuses: set[str] = set()
    for _ in range(following.RECHECKED_EVERY):
        scene.chain.mine()
        await scene.head_moves()
        statuses.add((await scene.seen(action))["status"])
    assert statuses == {"CONFIRMED", "SUBMITTED"}


async def test_a_revert_is_reported_and_can_be_taken_back(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay(succeeded=False)
    await scene.confirm(action, txHash=transaction)
    block = scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(action))["failure"]["code"] == "REVERTED"
    scene.chain.reorganise(1)
    await scene.head_moves(reorganised_from=block.number)
    seen = await scene.seen(action)
    assert (seen["status"], seen["revision"], seen["failure"]) == ("SUBMITTED", 1, None)


async def test_a_revert_is_for_ever_once_its_block_is_final(scene: Scene) -> None:
    action = await scene.prepare()
    await scene.confirm(action, txHash=scene.pay(succeeded=False))
    for _ in range(4):
        scene.chain.mine()
        await scene.head_moves()
    version = (await scene.kept(action)).version
    await scene.head_moves(reorganised_from=0)
    kept = await scene.kept(action)
    assert (kept.status.name, kept.version) == ("FAILED", version)


async def test_a_hash_that_turns_out_to_prove_nothing_fails_and_can_be_corrected(scene: Scene) -> None:
    action = await scene.prepare()
    await scene.confirm(action, txHash=scene.pay(logs=[]))
    scene.chain.mine()
    await scene.head_moves()
    failure = (await scene.seen(action))["failure"]
    assert (failure["code"], failure["retryable"]) == ("EFFECTS_NOT_SEEN", True)
    right = scene.pay()
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=right))["status"] == "CONFIRMED"


async def test_an_operation_is_followed_by_its_hash_into_whatever_transaction_carries_it(
    scene: Scene,
) -> None:
    action = await scene.prepare()
    assert (await scene.confirm(action, userOpHash=OPERATION))["status"] == "SUBMITTED"
    await scene.head_moves()
    logs = bundle(PAYS, operation_ended(OPERATION, ADA))
    scene.chain.submit(RELAYER, ENTRY_POINT, logs=logs)
    block = scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "CONFIRMED"
    second = scene.chain.submit(ADA, ENTRY_POINT, logs=logs)  # after the reorganisation, in another bundle
    scene.chain.reorganise(1, including=[second])
    await scene.head_moves(reorganised_from=block.number)
    seen = await scene.seen(action)
    assert (seen["status"], seen["revision"]) == ("CONFIRMED", 1)
    sent = (await scene.kept(action)).progress[0].sent
    assert sent is not None
    assert (sent.user_operation, sent.transaction) == (OPERATION, second)


async def test_one_kind_that_breaks_holds_up_no_other(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    broken, sound = await scene.prepare(kind="BROKEN"), await scene.prepare()
    await scene.confirm(broken, txHash=scene.pay())
    await scene.confirm(sound, txHash=scene.pay())
    scene.chain.mine()
    with caplog.at_level(logging.ERROR):
        await scene.head_moves()
    assert [(await scene.seen(a))["status"] for a in (broken, sound)] == ["SUBMITTED", "CONFIRMED"]
    assert [record.fields["actionId"] for record in caplog.records] == [broken.id]  # type: ignore[attr-defined]


async def test_an_outage_concludes_nothing(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    await scene.confirm(action, txHash=transaction)
    scene.chain.mine()
    await scene.head_moves()
    before = await scene.kept(action)
    scene.chain.reorganise(1)
    scene.chain.outage = ChainTimeout("nobody answers")
    with pytest.raises(ChainTimeout):
        await scene.head_moves(reorganised_from=0)
    scene.chain.outage = None
    assert await scene.kept(action) == before


async def test_one_block_looks_at_a_hundred_actions_in_three_round_trips(scene: Scene) -> None:
    actions = [await scene.prepare() for _ in range(60)]
    for action in actions:
        await scene.confirm(action, txHash=scene.pay())
    scene.chain.mine()
    before = scene.chain.round_trips
    await scene.head_moves()
    # One is the watcher's own, for the heads; then receipts, blocks and transactions.
    assert scene.chain.round_trips - before == 4
    assert {(await scene.seen(a))["status"] for a in actions} == {"CONFIRMED"}


async def test_more_than_a_block_can_look_at_are_reached_in_turn(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PAGE", 4)
    actions = [await scene.prepare() for _ in range(80)]
    for action in actions:
        await scene.confirm(action, txHash=scene.pay())
    scene.chain.mine()
    blocks = 0
    while any([(await scene.kept(a)).status.name == "SUBMITTED" for a in actions]):
        await scene.head_moves()
        scene.chain.mine()
        blocks += 1
        assert blocks < 200
    assert blocks > 80 // (4 * 4) - 1


async def test_a_block_that_begins_near_the_end_goes_on_from_the_beginning(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PAGE", 4)
    scene.chain.mine(50)
    actions = [await scene.prepare() for _ in range(60)]
    for action in actions:
        await scene.confirm(action, txHash=scene.pay())
    assert scene.chain.mine().number == 55  # which begins at 0xfdd1 of 0xffff
    await scene.head_moves()
    looked_at = [a for a in actions if (await scene.kept(a)).status.name == "CONFIRMED"]
    assert len(looked_at) == SHARDS * 4


async def test_steps_are_carried_out_in_turn(scene: Scene) -> None:
    approve = one_call(b"\xaa", to=TOKEN)
    pay = scene.draft().steps[0]
    action = await scene.prepare(steps=[approve, pay])
    assert [s["status"] for s in (await scene.seen(action))["steps"]] == ["READY", "WAITING"]
    await scene.confirm(action, 0, txHash=scene.chain.submit(ADA, TOKEN, b"\xaa"))
    scene.chain.mine()
    await scene.head_moves()
    seen = await scene.seen(action)
    assert (seen["status"], [s["status"] for s in seen["steps"]]) == ("AWAITING_USER", ["DONE", "READY"])
    assert await values(scene, action.id) == []
    await scene.confirm(action, 1, txHash=scene.pay())
    scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "CONFIRMED"
    assert await values(scene, action.id) == [0]
