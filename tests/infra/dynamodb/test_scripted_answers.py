"""Throttling, conflicts and the other answers that no engine on this machine gives: scripted, as AWS documents them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from colonnade.conditions import absent
from colonnade.errors import (
    ConditionFailed,
    ConfigurationError,
    InvalidWrite,
    PageTooLarge,
    StoreConflict,
    StoreError,
    StoreUnavailable,
)
from colonnade.store import Delete, Item, Key, Put, Query, Update, Write, Writes
from colonnade.testing.clock import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.infra.dynamodb.scripted_server import Answer, ScriptedServer, Silence, answer, cancelled, error

KEY, OTHER = Key("p", "a"), Key("p", "b")
ROW = {"_pk": {"S": "p"}, "_sk": {"S": "a"}, "n": {"N": "1"}}
FULL = Item(KEY, {"n": 1})
ATTEMPTS = 5
THROTTLES = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "ThrottlingError",
    "RequestLimitExceeded",
]
ALONE: dict[str, Write] = {
    "put": Put(FULL, absent()),
    "update": Update(KEY, add={"n": 1}),
    "delete": Delete(KEY),
}
SEVERAL = Writes([Put(FULL, absent()), Update(OTHER, add={"n": 1})])


@contextmanager
def scripted(*script: Answer | Silence, **changes: Any) -> Iterator[tuple[ScriptedServer, DynamoDBStore]]:
    with ScriptedServer(*script) as server:
        settings = replace(
            DynamoDBSettings.local(server.url, "table"),
            **{"read_timeout": 5, "deadline": 10, "attempts": ATTEMPTS, "longest_pause": 0.002} | changes,
        )
        store = DynamoDBStore(settings, FrozenClock())
        yield server, store
        store.close()


async def test_a_throttled_read_is_tried_again() -> None:
    for code in THROTTLES:
        with scripted(error(code), error(code), answer(Item=ROW)) as (server, store):
            assert await store.get(KEY) == FULL
        assert server.operations == ["GetItem"] * 3


@pytest.mark.parametrize("kind", ALONE)
async def test_a_throttled_write_is_tried_again(kind: str) -> None:
    for code in THROTTLES:
        with scripted(error(code), answer()) as (server, store):
            await store.transact(Writes([ALONE[kind]]))
        assert len(server.requests) == 2


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceeded", "ThrottlingError", "SomethingNew"])
async def test_a_transaction_cancelled_by_throttling_is_tried_again_under_its_token(code: str) -> None:
    with scripted(cancelled("None", code), cancelled(code, "None"), answer()) as (server, store):
        await store.transact(SEVERAL)
    tokens = {body["ClientRequestToken"] for _, body in server.requests}
    assert len(server.requests) == 3
    assert len(tokens) == 1


async def test_throttling_that_does_not_end_is_store_unavailable_and_says_that_nothing_was_written() -> None:
    for writes in (Writes([ALONE["put"]]), SEVERAL):
        with (
            scripted(*[error("ThrottlingException")] * ATTEMPTS) as (server, store),
            pytest.raises(StoreUnavailable, match="nothing was written"),
        ):
            await store.transact(writes)
        assert len(server.requests) == ATTEMPTS


async def test_a_transaction_in_conflict_is_tried_again_under_its_token() -> None:
    conflict = cancelled("TransactionConflict", "None")
    with scripted(conflict, conflict, answer()) as (server, store):
        await store.transact(SEVERAL)
    assert len({str(body) for _, body in server.requests}) == 1
    assert len(server.requests) == 3


async def test_conflicts_that_do_not_end_are_a_store_conflict() -> None:
    with (
        scripted(*[cancelled("None", "TransactionConflict")] * ATTEMPTS) as (server, store),
        pytest.raises(StoreConflict, match="nothing was written"),
    ):
        await store.transact(SEVERAL)
    assert len(server.requests) == ATTEMPTS


async def test_a_single_write_in_conflict_with_a_transaction_is_tried_again() -> None:
    with scripted(error("TransactionConflictException"), answer()) as (server, store):
        await store.transact(Writes([ALONE["update"]]))
    assert server.operations == ["UpdateItem"] * 2
    with (
        scripted(*[error("TransactionConflictException")] * ATTEMPTS) as (_, store),
        pytest.raises(StoreConflict),
    ):
        await store.transact(Writes([ALONE["update"]]))


async def test_a_transaction_still_under_way_is_waited_for() -> None:
    busy = error("TransactionInProgressException")
    with scripted(Silence(), busy, busy, answer()) as (server, store):
        await store.transact(SEVERAL)
    assert len({body["ClientRequestToken"] for _, body in server.requests}) == 1
    with scripted(*[busy] * ATTEMPTS) as (_, store), pytest.raises(StoreUnavailable, match="is unknown"):
        await store.transact(SEVERAL)


async def test_after_a_lost_answer_conflicts_do_not_prove_that_nothing_was_written() -> None:
    with (
        scripted(Silence(), *[cancelled("TransactionConflict", "None")] * ATTEMPTS) as (_, store),
        pytest.raises(StoreUnavailable, match="is unknown"),
    ):
        await store.transact(SEVERAL)


async def test_a_failed_condition_is_final_whatever_else_cancelled_the_transaction() -> None:
    for codes in (
        ("ConditionalCheckFailed", "TransactionConflict"),
        ("ConditionalCheckFailed", "ThrottlingError"),
    ):
        with scripted(cancelled(*codes)) as (server, store), pytest.raises(ConditionFailed) as refusal:
            await store.transact(SEVERAL)
        assert refusal.value.failed == {0: None}
        assert len(server.requests) == 1


@pytest.mark.parametrize("code", ["ItemCollectionSizeLimitExceeded", "ValidationError"])
async def test_writes_that_can_never_succeed_are_sent_once(code: str) -> None:
    with scripted(cancelled("None", code)) as (server, store), pytest.raises(InvalidWrite, match=code):
        await store.transact(SEVERAL)
    assert len(server.requests) == 1
    with (
        scripted(error("ItemCollectionSizeLimitExceededException")) as (server, store),
        pytest.raises(InvalidWrite),
    ):
        await store.transact(Writes([ALONE["put"]]))
    assert len(server.requests) == 1


@pytest.mark.parametrize("failure", [error("InternalServerError", status=500), Silence()], ids=["500", "cut"])
async def test_a_single_write_whose_answer_is_lost_is_not_sent_again(failure: Answer | Silence) -> None:
    for write in ALONE.values():
        with scripted(failure) as (server, store), pytest.raises(StoreUnavailable, match="is unknown"):
            await store.transact(Writes([write]))
        assert len(server.requests) == 1


@pytest.mark.parametrize("failure", [error("InternalServerError", status=500), Silence()], ids=["500", "cut"])
async def test_reads_and_transactions_whose_answer_is_lost_are_sent_again(failure: Answer | Silence) -> None:
    with scripted(failure, answer(Item=ROW)) as (_, store):
        assert await store.get(KEY) == FULL
    with scripted(failure, answer(Items=[ROW])) as (_, store):
        assert (await store.query(Query("p"))).items == (FULL,)
    with scripted(failure, answer()) as (server, store):
        await store.transact(SEVERAL)
    assert len({body["ClientRequestToken"] for _, body in server.requests}) == 1


@pytest.mark.parametrize(
    "code", ["ResourceNotFoundException", "AccessDeniedException", "UnrecognizedClientException"]
)
async def test_a_wrong_table_or_wrong_credentials_are_a_matter_of_configuration(code: str) -> None:
    calls: list[Callable[[DynamoDBStore], Any]] = [
        lambda store: store.get(KEY),
        lambda store: store.query(Query("p")),
        lambda store: store.transact(SEVERAL),
    ]
    for call in calls:
        with scripted(error(code)) as (server, store), pytest.raises(ConfigurationError, match="credentials"):
            await call(store)
        assert len(server.requests) == 1


async def test_a_write_that_is_turned_away_for_a_reason_unknown_here_did_nothing() -> None:
    refused = error("ExpiredTokenException")
    with scripted(refused, answer()) as (_, store):
        await store.transact(Writes([ALONE["update"]]))
    with (
        scripted(*[refused] * ATTEMPTS) as (_, store),
        pytest.raises(StoreUnavailable, match="nothing was written"),
    ):
        await store.transact(Writes([ALONE["update"]]))


async def test_a_page_that_only_expired_items_follow_ends_after_32_round_trips() -> None:
    rows = [{"_pk": {"S": "p"}, "_sk": {"S": f"{n:02d}"}, "_expires_at": {"N": "1"}} for n in range(40)]
    with (
        scripted(*[answer(Items=[row], LastEvaluatedKey=row) for row in rows]) as (server, store),
        pytest.raises(PageTooLarge, match="32 round trips found 0 items of 7, and 32 expired"),
    ):
        await store.query(Query("p", limit=7))
    assert len(server.requests) == 32


async def test_a_read_that_the_table_refuses_is_a_store_error_and_no_invalid_write() -> None:
    with scripted(error("ValidationException")) as (_, store), pytest.raises(StoreError) as refusal:
        await store.query(Query("p"))
    assert type(refusal.value) is StoreError


def failed_check(**attributes: Any) -> Answer:
    return error("ConditionalCheckFailedException", Item=ROW | attributes)


async def test_an_expired_item_that_somebody_revives_meanwhile_is_updated_after_all() -> None:
    expired, revived = failed_check(_expires_at={"N": "1"}), failed_check(n={"N": "40"})
    with scripted(expired, revived, answer()) as (server, store):
        await store.transact(Writes([ALONE["update"]]))
    assert server.operations == ["UpdateItem", "PutItem", "UpdateItem"]


async def test_an_item_that_expires_and_comes_back_for_ever_is_a_conflict() -> None:
    expired, revived = failed_check(_expires_at={"N": "1"}), failed_check(n={"N": "40"})
    with (
        scripted(expired, revived, expired, revived) as (server, store),
        pytest.raises(StoreConflict, match="comes and goes"),
    ):
        await store.transact(Writes([ALONE["update"]]))
    assert len(server.requests) == 4


async def test_the_table_is_read_consistently_and_an_index_as_it_is() -> None:
    with scripted(answer(), batch(), answer(Items=[]), answer(Items=[])) as (server, store):
        await store.get(KEY)
        await store.batch_get([KEY])
        await store.query(Query("p"))
        await store.query(Query("p", "gsi1"))
    one, many, table, index = (body for _, body in server.requests)
    assert (
        one["ConsistentRead"]
        is many["RequestItems"]["table"]["ConsistentRead"]
        is table["ConsistentRead"]
        is True
    )
    assert "ConsistentRead" not in index


def batch(*sorts: str, left: tuple[str, ...] = ()) -> Answer:
    rows = [{"_pk": {"S": "p"}, "_sk": {"S": sort}} for sort in sorts]
    keys = [{"_pk": {"S": "p"}, "_sk": {"S": sort}} for sort in left]
    return answer(Responses={"table": rows}, UnprocessedKeys={"table": {"Keys": keys}} if left else {})


async def test_a_batch_asks_again_for_what_was_left_over() -> None:
    wanted = [Key("p", sort) for sort in "abcd"]
    script = (
        batch("a", left=("b", "c", "d")),
        batch(left=("b", "c", "d")),
        batch("b", left=("c", "d")),
        batch("c"),
    )
    with scripted(*script) as (server, store):
        found = await store.batch_get(wanted)
    assert list(found) == wanted[:3]
    asked = [
        [key["_sk"]["S"] for key in body["RequestItems"]["table"]["Keys"]] for _, body in server.requests
    ]
    assert asked == [["a", "b", "c", "d"], ["b", "c", "d"], ["b", "c", "d"], ["c", "d"]]


async def test_a_batch_that_is_throttled_for_good_is_store_unavailable() -> None:
    with (
        scripted(batch("a", left=("b",)), *[batch(left=("b",))] * ATTEMPTS) as (server, store),
        pytest.raises(StoreUnavailable, match="1 of 2 items"),
    ):
        await store.batch_get([KEY, OTHER])
    assert len(server.requests) == 1 + ATTEMPTS


async def test_pauses_are_random_grow_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    rolls = iter([1.0, 0.5, 1.0, 0.25])
    changes = {"first_pause": 0.1, "longest_pause": 0.5, "random": lambda: next(rolls)}
    with (
        scripted(*[error("ThrottlingException")] * ATTEMPTS, **changes) as (_, store),
        pytest.raises(StoreUnavailable),
    ):
        await store.get(KEY)
    assert pauses == pytest.approx([0.2, 0.2, 0.5, 0.125])


async def test_no_pause_reaches_beyond_the_deadline() -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    with (
        scripted(
            error("ThrottlingException"), deadline=1, first_pause=60, longest_pause=60, random=lambda: 1.0
        ) as (_, store),
        pytest.raises(StoreUnavailable),
    ):
        await store.get(KEY)
    assert loop.time() - started < 1
