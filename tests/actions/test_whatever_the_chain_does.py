"""Invariants of actions under any order of payments, proofs, blocks, reorganisations, drops and replacements."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from colonnade.actions import Action, ActionState
from colonnade.actions.action_events import ActionUpdated
from colonnade.core_events import OperationValue
from colonnade.events import Event
from colonnade.outbox import OUTBOX
from tests.actions.scene import ADA, Scene
from tests.soak.cases import cases

ACTIONS = 3
NUMBERS = st.integers(0, 7)
MOSTLY = st.sampled_from([True, True, True, False])
STEPS = st.one_of(
    st.tuples(st.just("send"), st.integers(0, ACTIONS - 1), MOSTLY, MOSTLY),
    st.tuples(st.just("block"), MOSTLY),
    st.tuples(st.just("pay"), MOSTLY, MOSTLY),
    st.tuples(st.just("replace"), NUMBERS, MOSTLY),
    st.tuples(st.just("confirm"), st.integers(0, ACTIONS - 1), NUMBERS),
    st.tuples(st.just("mine"), st.integers(1, 3)),
    st.tuples(st.just("reorganise"), st.integers(1, 2), st.lists(NUMBERS, max_size=3)),
    st.tuples(st.just("drop"), NUMBERS),
    st.tuples(st.just("head")),
    st.tuples(st.just("wait"), st.sampled_from([1, 1, 400])),
    st.tuples(st.just("cancel"), st.integers(0, ACTIONS - 1)),
)


@dataclass
class World:
    scene: Scene
    actions: list[Action]
    hashes: list[bytes] = field(default_factory=list)
    finalized: dict[str, Action] = field(default_factory=dict)

    def hash(self, number: int) -> bytes:
        return self.hashes[number % len(self.hashes)] if self.hashes else b"\x99" * 32

    @property
    def waiting(self) -> dict[bytes, Any]:
        return dict(self.scene.chain._ledger.waiting)

    async def take(self, step: tuple[Any, ...]) -> None:
        chain = self.scene.chain
        match step:
            case ("send", number, succeeded, pays):
                self.hashes.append(self.scene.pay(succeeded=succeeded, logs=None if pays else []))
                await self.scene.confirm(self.actions[number], txHash=self.hashes[-1])
            case ("block", seen):
                chain.mine()
                if seen:
                    await self.scene.head_moves()
            case ("pay", succeeded, pays):
                self.hashes.append(self.scene.pay(succeeded=succeeded, logs=None if pays else []))
            case ("replace", number, pays):
                known = self.waiting.get(self.hash(number))
                if known is not None:
                    nonce = known.transaction.nonce
                    self.hashes.append(self.scene.pay(nonce=nonce, logs=None if pays else []))
            case ("confirm", number, proof):
                await self.scene.confirm(self.actions[number], txHash=self.hash(proof))
            case ("mine", blocks):
                chain.mine(blocks)
            case ("reorganise", depth, numbers):
                first = chain.block.number - depth + 1
                if first > self.actions[0].prepared_at_block:
                    kept = {h for h in map(self.hash, numbers) if h in self.waiting}
                    chain.reorganise(depth, including=sorted(kept))
                    await self.scene.head_moves(reorganised_from=first)
            case ("drop", number):
                if self.hash(number) in self.waiting:
                    chain.drop(self.hash(number))
            case ("head",):
                await self.scene.head_moves()
            case ("wait", seconds):
                self.scene.clock.advance(seconds)
            case ("cancel", number):
                await self.scene.cancel(self.actions[number])

    async def events(self, event: type[Event], action: Action) -> list[Any]:
        rows = await self.scene.harness.store.query(OUTBOX.query(topic=event.topic(action.id), limit=1_000))
        return [event.of(row.attributes["payload"]) for row in rows.items]  # type: ignore[arg-type]

    async def check(self) -> None:
        """What holds after every step."""
        claimed: Counter[bytes] = Counter()
        for prepared in self.actions:
            action = await self.scene.kept(prepared)
            sent = action.progress[0].sent
            if action.id in self.finalized:
                assert action == self.finalized[action.id], "what is final changed"
            if action.status is ActionState.FINALIZED:
                self.finalized[action.id] = action
            if action.status in (ActionState.CONFIRMED, ActionState.FINALIZED):
                assert sent is not None
                assert sent.transaction is not None
                claimed[sent.transaction] += 1
            updates = await self.events(ActionUpdated, prepared)
            assert [u.version for u in updates] == list(range(1, action.version + 1))
            assert [u.revision for u in updates] == sorted(u.revision for u in updates)
            values = Counter(v.revision for v in await self.events(OperationValue, prepared))
            assert all(count == 1 for count in values.values()), "value was recorded twice"
            confirmed = {u.revision for u in updates if u.status in ("CONFIRMED", "FINALIZED")}
            assert set(values) == confirmed
        assert all(count == 1 for count in claimed.values()), "one transaction proves two actions"

    async def settle(self) -> None:
        """Once the chain has come to rest, what is confirmed is what is there."""
        self.scene.chain.mine(3)
        await self.scene.head_moves(reorganised_from=0)
        await self.scene.head_moves(reorganised_from=0)
        for prepared in self.actions:
            action = await self.scene.kept(prepared)
            assert action.status is not ActionState.CONFIRMED
            if action.status is ActionState.FINALIZED:
                sent = action.progress[0].sent
                assert sent is not None
                [receipt] = await self.scene.chain.history().receipts([sent.transaction or b""])
                assert receipt is not None
                assert receipt.succeeded
                assert receipt.sender == ADA
                assert receipt.logs


async def lived(steps: list[tuple[Any, ...]]) -> None:
    scene = Scene()
    world = World(scene, [await scene.prepare() for _ in range(ACTIONS)])
    for step in steps:
        await world.take(step)
        await world.check()
    await world.settle()
    await world.check()


@cases(40)
@given(st.lists(STEPS, min_size=10, max_size=30))
def test_whatever_the_chain_does_actions_agree_with_it(steps: list[tuple[Any, ...]]) -> None:
    asyncio.run(lived(steps))
