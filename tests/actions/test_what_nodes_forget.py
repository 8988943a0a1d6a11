"""Nodes that lose sight of what was sent, for a while: that is no end of an action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from colonnade.chains import ChainId, Transaction
from colonnade.testing.scripted_history import ScriptedHistory
from tests.actions.scene import Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def nothing(self: ScriptedHistory, hashes: Sequence[bytes]) -> Sequence[None]:
    return [None for _ in hashes]


def forgets(patch: pytest.MonkeyPatch) -> None:
    """Have the node know its blocks, and none of their transactions and receipts."""
    patch.setattr(ScriptedHistory, "receipts", nothing)
    patch.setattr(ScriptedHistory, "transactions", nothing)


async def test_what_a_block_of_the_chain_holds_is_there_whatever_a_node_forgot(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.chain.final_after = 3
    action = await scene.prepare()
    transaction = scene.pay()
    scene.chain.mine()
    await scene.confirm(action, txHash=transaction)
    with monkeypatch.context() as patch:
        forgets(patch)
        scene.chain.mine()
        await scene.head_moves(reorganised_from=0)
        seen = await scene.seen(action)
        assert (seen["status"], seen["revision"]) == ("CONFIRMED", 0)
        scene.chain.mine(2)
        await scene.head_moves()
    seen = await scene.seen(action)
    assert (seen["status"], seen["revision"]) == ("FINALIZED", 0)


async def test_what_a_reorganisation_took_back_late_is_waited_for(scene: Scene) -> None:
    """It was confirmed in time; the action's own time is long over when its block is taken back."""
    scene.chain.final_after = 100
    scene.chain.mine(100)
    action = await scene.prepare()
    transaction = scene.pay()
    held = scene.chain.mine()
    await scene.confirm(action, txHash=transaction)
    scene.clock.advance(timedelta(minutes=15))
    scene.chain.reorganise(1)
    again = scene.chain._ledger.waiting.pop(transaction)
    for _ in range(3):
        await scene.head_moves(reorganised_from=held.number)
        assert (await scene.seen(action))["status"] == "SUBMITTED"
        scene.clock.advance(2)
    scene.chain._ledger.waiting[transaction] = again
    scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "CONFIRMED"


async def test_what_a_reorganisation_took_back_for_good_expires(scene: Scene) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    held = scene.chain.mine()
    await scene.confirm(action, txHash=transaction)
    scene.clock.advance(timedelta(minutes=15))
    scene.chain.reorganise(1)
    scene.chain.drop(transaction)
    await scene.head_moves(reorganised_from=held.number)
    scene.clock.advance(timedelta(minutes=3))
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "EXPIRED"


async def test_what_was_sent_at_the_last_moment_is_waited_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = await scene.prepare()
    transaction = scene.pay()
    scene.clock.advance(timedelta(minutes=10))
    with monkeypatch.context() as patch:
        forgets(patch)
        assert (await scene.confirm(action, txHash=transaction))["status"] == "SUBMITTED"
        scene.clock.advance(2)
        await scene.head_moves()
    scene.chain.mine()
    await scene.head_moves()
    assert (await scene.seen(action))["status"] == "CONFIRMED"


async def test_a_transaction_of_another_chain_proves_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An adapter of `chains` may give what an endpoint says: endpoints of several chains at one URL exist."""
    action = await scene.prepare()
    transaction = scene.pay()
    known = ScriptedHistory.transactions

    async def elsewhere(self: ScriptedHistory, hashes: Sequence[bytes]) -> Sequence[Transaction | None]:
        found = await known(self, hashes)
        return [None if one is None else replace(one, chain_id=ChainId(10)) for one in found]

    monkeypatch.setattr(ScriptedHistory, "transactions", elsewhere)
    assert (await scene.confirm(action, txHash=transaction))["reason"] == "WRONG_CHAIN"
    scene.chain.mine()
    assert (await scene.confirm(action, txHash=transaction))["reason"] == "WRONG_CHAIN"
