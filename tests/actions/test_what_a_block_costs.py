"""How often the database and the chain are asked for each new block. It has a table of its own: nothing else is in flight."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from colonnade.testing import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.actions.costs import Costs


@pytest.fixture
def costs(dynamodb: DynamoDBSettings) -> Iterator[Costs]:
    clock = FrozenClock()
    store = DynamoDBStore(dynamodb, clock)
    counted = Costs(store, clock)
    counted.taken()
    yield counted
    store.close()


async def test_a_block_costs_a_query_a_shard_and_three_questions_and_a_write_an_action_that_changed(
    costs: Costs,
) -> None:
    actions = [await costs.scene.prepare(sender=costs.payer) for _ in range(7)]
    for action in actions[:5]:
        await costs.scene.confirm(action, txHash=costs.scene.pay(costs.payer))
    costs.scene.chain.mine()
    costs.taken()
    await costs.scene.head_moves()
    sent, trips = costs.taken()
    assert sorted(sent) == ["Query"] * 4 + ["TransactWriteItems"] * 5
    assert trips == 4  # one of them the watcher's, for the heads
    costs.scene.chain.mine()
    await costs.scene.head_moves()
    assert costs.taken() == (["Query"] * 4, 1)


async def test_a_block_with_nothing_in_flight_asks_the_chain_nothing(costs: Costs) -> None:
    costs.scene.chain = costs.scene.other_chain
    before = costs.scene.chain.round_trips
    await costs.scene.head_moves()
    assert costs.sent == ["Query"] * 4
    assert costs.scene.chain.round_trips - before == 1
