"""A node that knows a transaction of a block, and not (yet, or any more) its receipt."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from colonnade.testing.scripted_history import ScriptedHistory
from tests.actions.scene import Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def none_known(self: ScriptedHistory, hashes: Sequence[bytes]) -> Sequence[None]:
    return [None for _ in hashes]


async def test_what_happened_before_the_action_is_no_proof_for_want_of_a_receipt(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = scene.pay()
    scene.chain.mine()
    action = await scene.prepare()
    with monkeypatch.context() as pruned:
        pruned.setattr(ScriptedHistory, "receipts", none_known)
        assert (await scene.confirm(action, txHash=old))["status"] == "SUBMITTED"
        scene.chain.mine()
        await scene.head_moves()
    await scene.head_moves()
    seen = await scene.seen(action)
    assert (seen["status"], seen["failure"]["code"]) == ("FAILED", "BEFORE_THE_ACTION")


async def test_nothing_is_concluded_until_the_receipt_is_there(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    await scene.confirm(action, txHash=transaction)
    scene.chain.mine()
    with monkeypatch.context() as behind:
        behind.setattr(ScriptedHistory, "receipts", none_known)
        scene.clock.advance(3_600)
        await scene.head_moves()
        assert (await scene.seen(action))["status"] == "SUBMITTED"
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "CONFIRMED"


async def test_nothing_is_concluded_of_a_receipt_without_its_transaction(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    await scene.confirm(action, txHash=transaction)
    scene.chain.mine()
    with monkeypatch.context() as behind:
        behind.setattr(ScriptedHistory, "transactions", none_known)
        scene.clock.advance(3_600)
        await scene.head_moves()
        assert (await scene.seen(action))["status"] == "SUBMITTED"
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "CONFIRMED"
