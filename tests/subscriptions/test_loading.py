"""What a message shows is loaded as an answer's parts are: once for all objects of a level, anew for each event."""

import asyncio
from collections.abc import Sequence
from types import ModuleType

import pytest
import strawberry

from colonnade import Context, Info, Plugin, batched, extend, hookimpl
from colonnade.testing.composing import compose_plugins
from tests.subscriptions import applause
from tests.subscriptions.stage import Stage

BATCHES: list[list[int]] = []
LOADS: list[list[int]] = []
"""What each kind of loading was asked for, at each call."""

ECHOES = (
    """subscription { applauded(creator: "ada") { node { text echoes { batched loaded again: loaded } } } }"""
)
SHARED = """subscription { heard(creator: "ada") { node { text echoes { batched loaded } } } }"""


async def names(_: Context, numbers: list[int]) -> Sequence[str | None]:
    LOADS.append(numbers)
    await asyncio.sleep(0)
    return [None if number == 2 else f"loaded {number}" for number in numbers]


@strawberry.type(description="An echo.")
class Echo:
    number: int = strawberry.field(description="Which.")

    @batched(description="A name, of all echoes at once.")
    @staticmethod
    async def batched(echoes: Sequence["Echo"]) -> Sequence[str | None]:
        BATCHES.append([echo.number for echo in echoes])
        await asyncio.sleep(0)
        return [f"batched {echo.number}" for echo in echoes]

    @strawberry.field(description="A name, by a loader.")
    async def loaded(self, info: Info) -> str | None:
        return await info.context.loader(names).load(self.number)


@extend("Clap")
class Echoing:
    @strawberry.field(description="Three echoes.")
    async def echoes(self) -> list[Echo] | None:
        return [Echo(number=number) for number in (1, 2, 3)]


def plugin() -> ModuleType:
    module = ModuleType("echoing")
    module.plugin = Plugin("echoing", sdk=">=0")  # type: ignore[attr-defined]
    module.graphql = hookimpl(lambda: [Echo, Echoing], specname="graphql")  # type: ignore[attr-defined]
    return module


COMPOSITION = compose_plugins([applause, plugin()])
SEEN = [{"batched": f"batched {n}", "loaded": None if n == 2 else f"loaded {n}"} for n in (1, 2, 3)]


@pytest.fixture(autouse=True)
def nothing_loaded() -> None:
    BATCHES.clear()
    LOADS.clear()


async def test_a_message_loads_each_level_once_and_each_key_once() -> None:
    stage = Stage(composition=COMPOSITION)
    client = await stage.connect()
    await stage.follow(client, ECHOES)
    await stage.give("one")
    assert stage.nodes(client) == [
        {"text": "one", "echoes": [echo | {"again": echo["loaded"]} for echo in SEEN]}
    ]
    assert BATCHES == [[1, 2, 3]]
    assert LOADS == [[1, 2, 3]]


async def test_each_event_is_loaded_anew() -> None:
    stage = Stage(composition=COMPOSITION)
    client = await stage.connect()
    await stage.follow(client, ECHOES)
    await stage.give("one", "two")
    assert stage.texts(client) == ["one", "two"]
    assert BATCHES == [[1, 2, 3]] * 2
    assert LOADS == [[1, 2, 3]] * 2


async def test_followers_of_their_own_share_no_loader() -> None:
    stage = Stage(composition=COMPOSITION)
    clients = [await stage.connect(name) for name in ("eve", "bob")]
    for client in clients:
        await stage.follow(client, ECHOES)
    await stage.give("one")
    assert [stage.texts(client) for client in clients] == [["one"]] * 2
    assert LOADS == [[1, 2, 3]] * 2


async def test_what_followers_share_is_loaded_once_for_all_of_them() -> None:
    stage = Stage(composition=COMPOSITION)
    clients = [await stage.connect(name) for name in ("eve", "bob", "cy")]
    for client in clients:
        await stage.follow(client, SHARED)
    await stage.give("one")
    assert [stage.nodes(client, "heard") for client in clients] == [[{"text": "one", "echoes": SEEN}]] * 3
    assert BATCHES == [[1, 2, 3]]
    assert LOADS == [[1, 2, 3]]
