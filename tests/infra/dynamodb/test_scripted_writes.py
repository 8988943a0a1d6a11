"""Writes under throttling, conflicts and other answers that no engine on this machine gives: scripted, as AWS documents them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from colonnade.conditions import absent
from colonnade.errors import (
    ConditionFailed,
    ConfigurationError,
    InvalidWrite,
    StoreConflict,
    StoreUnavailable,
)
from colonnade.store import Delete, Item, Key, Put, Query, Update, Write, Writes
from infra.dynamodb import DynamoDBStore
from tests.infra.dynamodb.scripted_server import (
    ATTEMPTS,
    THROTTLES,
    Answer,
    Silence,
    answer,
    cancelled,
    error,
    scripted,
)

KEY, OTHER = Key("p", "a"), Key("p", "b")
ROW = {"_pk": {"S": "p"}, "_sk": {"S": "a"}, "n": {"N": "1"}}
FULL = Item(KEY, {"n": 1})
ALONE: dict[str, Write] = {
    "put": Put(FULL, absent()),
    "update": Update(KEY, add={"n": 1}),
    "delete": Delete(KEY),
}
SEVERAL = Writes([Put(FULL, absent()), Update(OTHER, add={"n": 1})])


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


@pytest.mark.parametrize(
    "failure",
    [
        *map(error, THROTTLES),
        error("TransactionConflictException"),
        error("InternalServerError", status=500),
        Silence(),
        answer(),
    ],
    ids=[*THROTTLES, "conflict", "500", "cut", "no number in it"],
)
async def test_a_number_is_asked_for_again_whatever_became_of_the_first_request(
    failure: Answer | Silence,
) -> None:
    with scripted(failure, answer(Attributes={"n": {"N": "8"}})) as (server, store):
        assert await store.increment(KEY, "n") == 8
    assert server.operations == ["UpdateItem"] * 2
    assert {body["ReturnValues"] for _, body in server.requests} == {"UPDATED_NEW"}


@pytest.mark.parametrize(
    ("failure", "expected", "says"),
    [
        (error("ThrottlingException"), StoreUnavailable, "nothing was written"),
        (error("TransactionConflictException"), StoreConflict, "nothing was written"),
        (Silence(), StoreUnavailable, "is unknown"),
    ],
    ids=["throttled", "conflict", "cut"],
)
async def test_a_number_that_cannot_be_had_is_asked_for_so_often_and_no_more(
    failure: Answer | Silence, expected: type[Exception], says: str
) -> None:
    with scripted(*[failure] * ATTEMPTS) as (server, store), pytest.raises(expected, match=says):
        await store.increment(KEY, "n")
    assert len(server.requests) == ATTEMPTS


async def test_after_a_lost_answer_conflicts_do_not_prove_that_no_number_was_taken() -> None:
    conflicts = [error("TransactionConflictException")] * (ATTEMPTS - 1)
    with scripted(Silence(), *conflicts) as (_, store), pytest.raises(StoreUnavailable, match="is unknown"):
        await store.increment(KEY, "n")


async def test_an_expired_item_that_somebody_revives_meanwhile_counts_on() -> None:
    expired, revived = failed_check(_expires_at={"N": "1"}), failed_check(n={"N": "40"})
    with scripted(expired, revived, answer(Attributes={"n": {"N": "41"}})) as (server, store):
        assert await store.increment(KEY, "n") == 41
    assert server.operations == ["UpdateItem", "PutItem", "UpdateItem"]
