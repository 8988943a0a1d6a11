"""How often the database and the chain are asked: counted where botocore sends, and where the chain is reached."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from colonnade.actions.signing import digest_of
from colonnade.signatures import CHECK, VALIDATOR_ADDRESS
from colonnade.testing import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.actions.costs import Costs
from tests.actions.scene import (
    ADA,
    AMOUNT,
    ENTRY_POINT,
    RELAYER,
    SHOP,
    bundle,
    operation_ended,
    transferred,
)
from tests.actions.test_signing_steps import MESSAGE, SIGNATURE


@pytest.fixture
def costs(dynamodb: DynamoDBSettings) -> Iterator[Costs]:
    clock = FrozenClock()
    store = DynamoDBStore(dynamodb, clock)
    counted = Costs(store, clock)
    counted.taken()
    yield counted
    store.close()


async def test_preparing_is_one_transaction_and_the_block_that_the_operation_reads_at(costs: Costs) -> None:
    await costs.scene.prepare(sender=costs.payer)
    assert costs.taken() == (["TransactWriteItems"], 1)


async def test_confirming_what_is_mined_is_a_read_and_a_transaction_and_three_questions(costs: Costs) -> None:
    action = await costs.scene.prepare(sender=costs.payer)
    transaction = costs.scene.pay(costs.payer)
    costs.scene.chain.mine()
    costs.taken()
    await costs.scene.confirm(action, txHash=transaction)
    # The transaction and its receipt at once, then the block.
    assert costs.taken() == (["GetItem", "TransactWriteItems"], 3)
    await costs.scene.confirm(action, txHash=transaction)
    assert costs.taken() == (["GetItem"], 0)


async def test_confirming_what_no_block_holds_asks_twice_at_once(costs: Costs) -> None:
    action = await costs.scene.prepare(sender=costs.payer)
    transaction = costs.scene.pay(costs.payer)
    costs.taken()
    await costs.scene.confirm(action, txHash=transaction)
    assert costs.taken() == (["GetItem", "TransactWriteItems"], 2)


async def test_confirming_by_an_operations_hash_looks_for_it_first(costs: Costs) -> None:
    action = await costs.scene.prepare(sender=costs.payer)
    operation = uuid4().bytes * 2
    logs = bundle(transferred(costs.payer, SHOP, AMOUNT), operation_ended(operation, costs.payer))
    costs.scene.chain.submit(RELAYER, ENTRY_POINT, logs=logs)
    costs.scene.chain.mine()
    costs.taken()
    assert (await costs.scene.confirm(action, userOpHash=operation))["status"] == "CONFIRMED"
    assert costs.taken() == (["GetItem", "TransactWriteItems"], 5)


async def test_confirming_by_a_signature_asks_the_chain_once(costs: Costs) -> None:
    action = await costs.scene.prepare(kind="CALL", steps=[MESSAGE], effects=[])
    costs.scene.chain.answer(VALIDATOR_ADDRESS, CHECK.encode(ADA, digest_of(MESSAGE), SIGNATURE), b"\1")
    costs.taken()
    await costs.scene.confirm(action, signature=SIGNATURE)
    assert costs.taken() == (["GetItem", "TransactWriteItems"], 1)


async def test_cancelling_is_a_read_and_a_transaction(costs: Costs) -> None:
    action = await costs.scene.prepare(sender=costs.payer)
    costs.taken()
    await costs.scene.cancel(action)
    assert costs.taken() == (["GetItem", "TransactWriteItems"], 0)


async def test_reading_an_action_is_one_read(costs: Costs) -> None:
    action = await costs.scene.prepare(sender=costs.payer)
    costs.taken()
    await costs.scene.seen(action)
    assert costs.taken() == (["BatchGetItem"], 0)


async def test_the_expiry_job_costs_a_query_a_shard_when_nothing_is_due(costs: Costs) -> None:
    await costs.scene.prepare(sender=costs.payer)
    costs.taken()
    await costs.scene.expiry_job()
    assert costs.taken() == (["Query"] * 4, 0)
