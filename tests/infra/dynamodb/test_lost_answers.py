"""A real engine behind a line that loses requests or answers: what was asked once is never done twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest

from colonnade.conditions import absent
from colonnade.errors import ConditionFailed, StoreUnavailable
from colonnade.store import Item, Key, Put, Store, Update, Writes
from colonnade.testing.clock import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.dynamodb.items import marshal_item
from tests.infra.dynamodb.scripted_server import Answer, ScriptedServer, Silence, error

REQUEST_LOST = Silence()
ANSWER_LOST = Silence(delivered=True)


@contextmanager
def line(
    dynamodb: DynamoDBSettings, *losses: Silence | Answer
) -> Iterator[tuple[DynamoDBStore, ScriptedServer]]:
    with ScriptedServer(*losses, upstream=dynamodb.endpoint_url) as server:
        store = DynamoDBStore(replace(dynamodb, endpoint_url=server.url), FrozenClock())
        yield store, server
        store.close()


@pytest.fixture
def counter() -> Key:
    return Key(f"lost-{uuid4().hex}", "counter")


async def value(store: Store, key: Key) -> object:
    item = await store.get(key)
    return item and item.attributes["n"]


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("losses", [(ANSWER_LOST,), (ANSWER_LOST, ANSWER_LOST), (REQUEST_LOST, ANSWER_LOST)])
async def test_a_transaction_is_applied_once_however_many_answers_are_lost(
    dynamodb: DynamoDBSettings, counter: Key, losses: tuple[Silence, ...]
) -> None:
    created = Key(counter.partition, "created")
    with line(dynamodb, *losses) as (store, server):
        await store.transact(Writes([Update(counter, add={"n": 1}), Put(Item(created, {"n": 7}), absent())]))
        assert server.operations == ["TransactWriteItems"] * (1 + len(losses))
        assert await value(store, counter) == 1
        assert await value(store, created) == 7


async def test_a_transaction_whose_request_is_lost_is_applied(
    dynamodb: DynamoDBSettings, counter: Key
) -> None:
    with line(dynamodb, REQUEST_LOST) as (store, _):
        await store.transact(
            Writes([Update(counter, add={"n": 1}), Put(Item(Key(counter.partition, "x"), {}))])
        )
        assert await value(store, counter) == 1


@pytest.mark.parametrize(
    ("loss", "applied"), [(REQUEST_LOST, None), (ANSWER_LOST, 1)], ids=["request", "answer"]
)
async def test_a_single_addition_is_never_repeated_and_its_outcome_unknown(
    dynamodb: DynamoDBSettings, counter: Key, loss: Silence, applied: int | None
) -> None:
    with line(dynamodb, loss) as (store, server):
        with pytest.raises(StoreUnavailable, match="is unknown"):
            await store.transact(Writes([Update(counter, add={"n": 1})]))
        assert server.operations == ["UpdateItem"]
        assert await value(store, counter) == applied


@pytest.mark.parametrize(
    ("losses", "first"),
    [((REQUEST_LOST,), 1), ((ANSWER_LOST,), 2), ((ANSWER_LOST, REQUEST_LOST, ANSWER_LOST), 3)],
    ids=["request", "answer", "several"],
)
async def test_a_number_whose_answer_is_lost_is_skipped_and_none_is_given_twice(
    dynamodb: DynamoDBSettings, counter: Key, losses: tuple[Silence, ...], first: int
) -> None:
    with line(dynamodb, *losses) as (store, server):
        assert await store.increment(counter, "n") == first
        assert server.operations == ["UpdateItem"] * (1 + len(losses))
        assert await store.increment(counter, "n") == first + 1


async def test_an_expired_counter_whose_first_answer_is_lost_skips_that_number(
    dynamodb: DynamoDBSettings, counter: Key
) -> None:
    row = marshal_item(Item(counter, {"n": 9}, expires_at=1))
    expired = error("ConditionalCheckFailedException", Item=row)
    with line(dynamodb, expired, ANSWER_LOST) as (store, server):
        assert await store.increment(counter, "n") == 2
        assert server.operations == ["UpdateItem", "PutItem", "PutItem", "UpdateItem"]
        assert await value(store, counter) == 2


async def test_a_put_if_absent_that_did_succeed_shows_itself_to_whoever_repeats_it(
    dynamodb: DynamoDBSettings, counter: Key
) -> None:
    put = Writes([Put(Item(counter, {"n": 1, "by": "me"}), absent())])
    with line(dynamodb, ANSWER_LOST) as (store, _):
        with pytest.raises(StoreUnavailable, match="is unknown"):
            await store.transact(put)
        with pytest.raises(ConditionFailed) as refusal:
            await store.transact(put)
    assert refusal.value.failed == {0: {"n": 1, "by": "me"}}


async def test_reads_survive_lost_answers(dynamodb: DynamoDBSettings, counter: Key) -> None:
    with line(dynamodb, ANSWER_LOST, REQUEST_LOST) as (store, server):
        assert await store.get(counter) is None
        assert server.operations == ["GetItem"] * 3
