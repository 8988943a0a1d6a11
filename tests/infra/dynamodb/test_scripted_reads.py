"""Reads under answers that no engine on this machine gives, and the patience of every call."""

from __future__ import annotations

import asyncio

import pytest

from colonnade.errors import PageTooLarge, StoreError, StoreUnavailable
from colonnade.store import Item, Key, Query
from tests.infra.dynamodb.scripted_server import ATTEMPTS, THROTTLES, Answer, answer, error, scripted

KEY, OTHER = Key("p", "a"), Key("p", "b")
ROW = {"_pk": {"S": "p"}, "_sk": {"S": "a"}, "n": {"N": "1"}}
FULL = Item(KEY, {"n": 1})


async def test_a_throttled_read_is_tried_again() -> None:
    for code in THROTTLES:
        with scripted(error(code), error(code), answer(Item=ROW)) as (server, store):
            assert await store.get(KEY) == FULL
        assert server.operations == ["GetItem"] * 3


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


def batch(*sorts: str, left: tuple[str, ...] = ()) -> Answer:
    rows = [{"_pk": {"S": "p"}, "_sk": {"S": sort}} for sort in sorts]
    keys = [{"_pk": {"S": "p"}, "_sk": {"S": sort}} for sort in left]
    return answer(Responses={"table": rows}, UnprocessedKeys={"table": {"Keys": keys}} if left else {})


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
