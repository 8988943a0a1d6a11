"""Whatever is done in whatever order, the store in memory and DynamoDB agree."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colonnade.conditions import absent, attribute, exists
from colonnade.errors import StoreError
from colonnade.store import (
    Check,
    Delete,
    Item,
    Key,
    Page,
    Put,
    Query,
    SortRange,
    Store,
    Update,
    Value,
    Write,
    Writes,
)
from colonnade.testing.memory_store import MemoryStore
from infra.dynamodb import DynamoDBSettings, DynamoDBStore

START = int(datetime(2040, 1, 1, tzinfo=UTC).timestamp())
NAMES = ["a", "b", "name"]
SORTS = ["a", "ab", "b", "é", "🏛"]

values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "y", b"", b"x", 10**38 - 1]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=2),
    max_leaves=3,
)
attributes = st.dictionaries(st.sampled_from(NAMES), values, max_size=3)
expiries = st.none() | st.integers(START - 1, START + 6)
keys = st.builds(Key, st.sampled_from(["p", "q"]), st.sampled_from(SORTS))
# Equal sort keys in an index have an order that each store chooses for itself: here they are made distinct.
places = st.sampled_from(["i", "j"])
subjects = st.sampled_from(NAMES).map(attribute)
orderables = st.integers(-2, 2) | st.sampled_from(["", "x", b"", b"x"])
comparisons = st.one_of(
    st.builds(lambda subject, value: subject.equals(value), subjects, values),
    st.builds(lambda subject, value: subject.differs(value), subjects, values),
    st.builds(lambda subject, value: subject.below(value), subjects, orderables),
    st.builds(lambda subject, value: subject.at_most(value), subjects, orderables),
    st.builds(lambda subject, value: subject.above(value), subjects, orderables),
    st.builds(lambda subject, value: subject.at_least(value), subjects, orderables),
    st.builds(lambda subject: subject.exists(), subjects),
    st.builds(exists),
    st.builds(absent),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        st.builds(lambda a: ~a, inner),
    ),
    max_leaves=4,
)


@st.composite
def items(draw: st.DrawFn) -> Item:
    key = draw(keys)
    indexes = draw(st.dictionaries(st.sampled_from(["gsi1", "gsi2"]), places, max_size=2))
    index_keys = {index: Key(place, f"{key.sort}-{key.partition}") for index, place in indexes.items()}
    return Item(key, draw(attributes), index_keys, draw(expiries))  # type: ignore[arg-type]


@st.composite
def updates(draw: st.DrawFn) -> Update:
    key = draw(keys)
    names = draw(st.permutations(NAMES))
    verbs = draw(st.tuples(*[st.sampled_from(["set", "add", "remove", "keep"])] * 3))
    chosen = dict(zip(names, verbs, strict=True))
    index = draw(st.none() | places)
    sort = f"{key.sort}-{key.partition}"
    return Update(
        key,
        set={name: cast("Value", draw(values)) for name, verb in chosen.items() if verb == "set"},
        add={name: draw(st.integers(-3, 3)) for name, verb in chosen.items() if verb == "add"},
        remove=[name for name, verb in chosen.items() if verb == "remove"],
        condition=draw(st.none() | conditions),
        index_keys={"gsi1": None if index is None else Key(index, sort)},
        expires_at=draw(expiries | st.just("never")),
    )


writes = st.one_of(
    st.builds(Put, items(), st.none() | conditions),
    updates(),
    st.builds(Delete, keys, st.none() | conditions),
    st.builds(Check, keys, conditions),
)
transactions = st.lists(writes, min_size=1, max_size=3, unique_by=lambda write: write.key)
bounds = st.none() | st.sampled_from(["", *SORTS, "a\x00", "b-p"])
ranges = st.builds(SortRange, prefix=bounds) | st.builds(SortRange, low=bounds, high=bounds)
queries = st.builds(
    Query,
    st.sampled_from(["p", "q", "i", "j"]),
    st.sampled_from([None, "gsi1", "gsi2"]),
    ranges,
    st.integers(1, 4),
    st.booleans(),
)
increments = st.tuples(keys, st.sampled_from(NAMES), st.sampled_from([1, 2, 0, 10**38 - 1]))
steps = st.lists(
    st.one_of(transactions, transactions, queries, st.integers(1, 3), st.lists(keys, max_size=5), increments),
    max_size=12,
)
Step: TypeAlias = "list[Write] | Query | int | list[Key] | tuple[Key, str, int]"


def within(world: str, step: Step) -> Step:
    """The same step in partitions that no other example uses."""

    def key(key: Key) -> Key:
        return Key(f"{world}{key.partition}", key.sort)

    def write(write: Write) -> Write:
        if isinstance(write, Put):
            places: Any = {index: key(place) for index, place in write.item.index_keys.items()}
            return replace(write, item=replace(write.item, key=key(write.item.key), index_keys=places))
        if isinstance(write, Update):
            moved: Any = {index: place and key(place) for index, place in write.index_keys.items()}
            return replace(write, key=key(write.key), index_keys=moved)
        return replace(write, key=key(write.key))

    if isinstance(step, Query):
        return replace(step, partition=f"{world}{step.partition}")
    if isinstance(step, tuple):
        return key(step[0]), *step[1:]
    if isinstance(step, list):
        return [key(part) if isinstance(part, Key) else write(part) for part in step]  # type: ignore[return-value]
    return step


async def outcome(store: Store, step: Step) -> object:
    """What a caller sees of a step: answers, or the error and what it says stood in the way."""
    if isinstance(step, Query):
        pages: list[Page] = []
        while not pages or pages[-1].next is not None:
            pages.append(await store.query(replace(step, after=pages[-1].next if pages else None)))
        return pages
    if isinstance(step, int):
        return None
    if isinstance(step, list) and all(isinstance(part, Key) for part in step):
        asked: list[Key] = [part for part in step if isinstance(part, Key)]
        return [await store.batch_get(asked), [await store.get(key) for key in asked]]
    try:
        if isinstance(step, tuple):
            return await store.increment(*step)
        await store.transact(Writes(part for part in step if not isinstance(part, Key)))
    except StoreError as error:
        return type(error), getattr(error, "failed", None)
    return "committed"


def typed(thing: Any) -> Any:
    """The same with every value's type beside it, since True == 1 in Python."""
    if is_dataclass(thing):
        return [typed(getattr(thing, field.name)) for field in fields(thing)]
    if isinstance(thing, Mapping):
        return {name: typed(value) for name, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [typed(value) for value in thing]
    return type(thing).__name__, thing


class SettableClock:
    """Set back for every example, which one adapter serves all of."""

    time = START

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def adapter(dynamodb: DynamoDBSettings, clock: SettableClock) -> Iterator[DynamoDBStore]:
    store = DynamoDBStore(dynamodb, clock)
    yield store
    store.close()


@pytest.mark.dynamodb_local
@given(steps=steps)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_every_sequence_of_steps_has_the_same_outcomes(
    clock: SettableClock, adapter: DynamoDBStore, steps: list[Step]
) -> None:
    memory = MemoryStore(clock)
    world = f"{uuid4().hex}-"
    clock.time = START

    async def run() -> None:
        for step in (within(world, step) for step in steps):
            if isinstance(step, int):
                clock.time += step
            assert typed(await outcome(adapter, step)) == typed(await outcome(memory, step)), step

    asyncio.run(run())
