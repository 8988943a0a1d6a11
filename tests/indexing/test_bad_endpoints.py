"""Whatever one endpoint of three does while blocks are taken back, every projection equals a clean rebuild."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.chain_logs import ChainLogs, IndexedTransaction
from colonnade.chains import BASE, LogFilter
from colonnade.context import Context
from colonnade.errors import BlockVanished, ChainUnavailable, EndpointsDisagree
from colonnade.indexing.following import Follower
from colonnade.indexing.generations import filters_of
from colonnade.indexing.indexer import Indexer
from colonnade.indexing.serving import Serving, ServingStore
from colonnade.indexing.tracks import generations_of
from colonnade.store import Item, Store, Writes
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from infra.rpc.witnessed import WitnessedHistory
from tests.indexing.chain_of_notes import NOTE, NOTES, OTHER, PROJECTION, Retracted, World, Written, keep
from tests.indexing.endpoints import LIES, Endpoint, Fault
from tests.soak.cases import cases

COPIES = replace(NOTES, name="Copy")


async def copy(context: Context, found: IndexedTransaction) -> Sequence[Item]:
    """A row for each log, which ends at its block: nothing of another history may stay in it."""
    return [
        COPIES.item({**row.attributes, "block_hash": found.block.hash}) for row in await keep(context, found)
    ]


PROJECTIONS = (PROJECTION, ChainLogs("copies", BASE, (NOTE, OTHER), copy, entities=(COPIES,)))


@dataclass(slots=True)
class Weather:
    """A chain with three endpoints, and the store that follows it."""

    world: World
    endpoints: list[Endpoint]
    number: int = 0
    projections: list[ChainLogs] = field(default_factory=lambda: [PROJECTION])

    async def look(self) -> None:
        witnessed = WitnessedHistory(BASE, [(str(n), one) for n, one in enumerate(self.endpoints)])
        indexer = Indexer(self.world.context(), witnessed, self.projections, start=1)
        with contextlib.suppress(ChainUnavailable):
            await Follower(self.world.context(), witnessed, indexer).look()

    async def settle(self) -> None:
        """Everybody is honest again, and the indexer has time; the chain may be shorter than what was indexed."""
        for endpoint in self.endpoints:
            endpoint.fault = "none"
        indexer = Indexer(self.world.context(), self.world.history, self.projections, start=1)
        follower = Follower(self.world.context(), self.world.history, indexer)
        for _ in range(2_000):
            if not await follower.look():
                return
        raise AssertionError("it does not come to an end")


def new_weather() -> Weather:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.final_after, world.chain.safe_after = 70, 20
    world.chain.mine(100)
    return Weather(world, [Endpoint(world.history) for _ in range(3)])


async def rows(store: Store, entity_names: Sequence[str]) -> list[Item]:
    seen = ServingStore(store, Serving.of(store, PROJECTIONS))
    found: list[Item] = []
    for name in entity_names:
        found += (await seen.query(replace(NOTES, name=name).query(limit=1_000))).items
    return found


async def clean_rebuild(weather: Weather) -> Store:
    world = weather.world
    fresh = MemoryStore(world.clock)
    indexer = Indexer(world.context(fresh), world.history, weather.projections, start=1)
    while await indexer.advance(await world.history.head()):
        pass
    return fresh


STEPS = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 6)),
    st.tuples(st.just("mine"), st.integers(1, 8)),
    st.tuples(st.just("reorganise"), st.integers(1, 64)),
    st.tuples(st.just("shorten"), st.integers(1, 64)),
    st.tuples(st.just("look"), st.integers(1, 4)),
    st.tuples(st.just("install"), st.just(1)),
    st.tuples(st.just("rebuild"), st.just(1)),
    st.tuples(st.sampled_from(("lag", "limit", "slow", "down", *LIES)), st.integers(0, 5)),
)


@cases(60)
@given(st.lists(STEPS, min_size=1, max_size=30))
async def test_every_projection_equals_a_clean_rebuild(steps: list[tuple[str, int]]) -> None:
    weather = new_weather()
    world = weather.world
    for step, size in steps:
        match step:
            case "write":
                topics = (NOTE, OTHER)
                world.write(*(f"{weather.number + n:05d}" for n in range(size)), topic=topics[size % 2])
                weather.number += size
            case "mine":
                world.chain.mine(size)
            case "reorganise":
                world.chain.reorganise(size, including=[])
            case "shorten":
                depth = min(size, world.chain.block.number - 71)
                if depth > 0:
                    world.chain.reorganise(depth, including=[], blocks=1 + depth // 2)
            case "look":
                for _ in range(size):
                    await weather.look()
            case "install":
                weather.projections = list(PROJECTIONS)
            case "rebuild":
                known = await generations_of(world.store, [PROJECTION])
                if "notes" in known and known["notes"].building is None:
                    begun = known["notes"].build(filters_of(PROJECTION))
                    await world.store.transact(Writes([begun.put()]))
            case fault:
                bad = size % 3
                for endpoint in weather.endpoints:
                    endpoint.fault = "none"
                weather.endpoints[bad].fault = fault  # type: ignore[assignment]
                weather.endpoints[bad].size = size + 1
    await weather.settle()
    clean = await clean_rebuild(weather)
    assert await rows(world.store, ["Note", "Copy"]) == await rows(clean, ["Note", "Copy"])
    kept = [str(row.attributes["text"]) for row in await rows(world.store, ["Note"])]
    assert kept == await world.on_chain()
    net = Counter(await world.told(Written))
    net.subtract(await world.told(Retracted))
    assert +net == Counter(kept)
    assert all(count >= 0 for count in net.values())


@pytest.mark.parametrize("liar", range(3))
@pytest.mark.parametrize("lie", LIES)
async def test_one_that_lies_is_outvoted_and_nothing_false_is_told(lie: Fault, liar: int) -> None:
    weather = new_weather()
    weather.endpoints[liar].fault = lie
    for text in ("a", "b", "c"):
        weather.world.write(text)
        weather.world.chain.mine()
        for _ in range(4):
            await weather.look()
    assert await weather.world.kept() == await weather.world.told(Written) == ["a", "b", "c"]
    assert await weather.world.told(Retracted) == []


async def asked(witnessed: WitnessedHistory, number: int, *, about: str) -> None:
    """Ask for a block, or for its logs."""
    if about == "blocks":
        await witnessed.blocks([number])
    else:
        await witnessed.logs(LogFilter(), number, number)


@pytest.mark.parametrize("lie", ["omit", "invent", "alter", "fork"])
async def test_of_two_that_contradict_each_other_neither_is_believed(lie: Fault) -> None:
    weather = new_weather()
    weather.endpoints.pop()
    await weather.look()
    weather.world.write("a", "b")
    head = weather.world.chain.mine()
    weather.endpoints[0].fault = lie
    weather.endpoints[0].size = head.number - 1
    witnessed = WitnessedHistory(BASE, [(str(n), one) for n, one in enumerate(weather.endpoints)])
    with pytest.raises(EndpointsDisagree, match="0, 1"):
        await asked(witnessed, head.number, about="blocks" if lie == "fork" else "logs")
    for _ in range(4):
        await weather.look()
    assert await weather.world.kept() == []
    weather.endpoints[0].fault = "none"
    for _ in range(4):
        await weather.look()
    assert await weather.world.kept() == ["a", "b"]


async def test_one_alone_is_not_believed_where_there_are_two() -> None:
    weather = new_weather()
    weather.endpoints[1].fault = weather.endpoints[2].fault = "down"
    weather.world.write("a")
    weather.world.chain.mine()
    await weather.look()
    assert await weather.world.kept() == []
    weather.endpoints[2].fault = "none"
    await weather.look()
    await weather.look()
    assert await weather.world.kept() == ["a"]


async def test_one_that_is_behind_contradicts_nobody() -> None:
    weather = new_weather()
    weather.endpoints.pop()
    weather.endpoints[0].fault, weather.endpoints[0].size = "lag", 3
    head = weather.world.chain.block.number
    witnessed = WitnessedHistory(BASE, [(str(n), one) for n, one in enumerate(weather.endpoints)])
    assert (await witnessed.head()).number == head - 3
    with pytest.raises(BlockVanished):
        await witnessed.blocks([head])


async def test_one_that_goes_on_contradicting_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    weather = new_weather()
    weather.endpoints[1].fault = "alter"
    weather.world.write("a")
    head = weather.world.chain.mine()
    now = [0.0]
    named = [(f"node-{n}", one) for n, one in enumerate(weather.endpoints)]
    witnessed = WitnessedHistory(BASE, named, lambda: now[0])
    for seconds in (0, 10, 20, 30):
        now[0] = float(seconds)
        await witnessed.logs(LogFilter(), head.number, head.number)
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.__dict__["fields"]["endpoint"] for record in errors] == ["node-1"]
