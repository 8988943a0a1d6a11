"""Every hook does what `colonnade.hookspecs` says; each has a test here, named after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any, NewType, Protocol

import pytest
import strawberry

from colonnade import Context, Info, Permission, Plugin, extend, hookimpl, hookspecs
from colonnade.actions import Action, ActionKind, Evidence, Moved
from colonnade.authentication import Authenticator, principal_of
from colonnade.chain_logs import ChainLogs, IndexedTransaction
from colonnade.chains import BASE, Chains
from colonnade.entities import Entity
from colonnade.errors import Unauthenticated, UnknownJob
from colonnade.events import Event, EventHandler, EventType, Published, event
from colonnade.evm import Address
from colonnade.http import Request, Response
from colonnade.jobs import Job
from colonnade.kept_data import KeptData
from colonnade.local_contracts import LocalContract
from colonnade.migrating.running import Migrator, pending
from colonnade.migrations import Migration
from colonnade.nodes import NodeLoader
from colonnade.permissions import Principal
from colonnade.personal_data import NoPersonalData
from colonnade.privacy.declared import undeclared
from colonnade.registry import HOOKS
from colonnade.relay import Node
from colonnade.routes import Route
from colonnade.scalars import scalar
from colonnade.services import Service
from colonnade.store import Item, Writes
from colonnade.testing import Harness
from colonnade.testing.memory_store import MemoryStore
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from colonnade.testing.scripted_ledger import Emitted
from colonnade.webhooks import Notice, WebhookType

Shout = NewType("Shout", str)
SHOUT = scalar(
    Shout,
    name="Shout",
    description="Text in capitals.",
    serialize=lambda text: text.upper(),
    parse=lambda text: text.lower(),
)
LISTEN = Permission("LISTEN", "Hear echoes.")
HEARD = Entity("echo", "Heard", partition="{word}")


def louder(item: Item) -> Item | None:
    loud = HEARD.item({**item.attributes, "loud": True})
    return None if loud == item else loud


LOUDER = Migration("echo.louder", HEARD, louder, "Words are loud")
WALL = LocalContract("wall", "a-package/Wall.json")


CANYON = Address("0x1111111111111111111111111111111111111111")
CALL = bytes(31) + b"\x01"


async def hear(context: Context, found: IndexedTransaction) -> Sequence[Item]:
    return [HEARD.item({"word": log.data.decode()}) for log in found.logs]


async def believe(context: Context, action: Action, evidence: Evidence) -> Sequence[Moved]:
    return []


@event("word.heard", key=("word",))
class WordHeard(Event):
    word: str


class Bell(Protocol):
    def ring(self) -> str: ...


class BigBell:
    def ring(self) -> str:
        return "dong"


BELL: Service[Bell] = Service(Bell, BigBell())


@strawberry.type(description="A word that came back.")
class Echo(Node):
    word: str = strawberry.field(description="The word.")


@extend("Query")
class EchoQueries:
    @strawberry.field(description="The word, as it came.")
    def echo(self, word: Shout) -> Shout | None:
        return word if word.islower() else None

    @strawberry.field(description="What the bell says.")
    def bell(self, info: Info) -> str | None:
        return info.context.services.get(Bell).ring()


async def load_echoes(context: Context, ids: Sequence[str]) -> Sequence[Echo | None]:
    return [Echo(id=strawberry.ID(i), word=i.partition("_")[2]) if i != "echo_none" else None for i in ids]


async def note_word(context: Context, heard: WordHeard, published: Published) -> Writes:
    return Writes([HEARD.put({"word": heard.word, "sequence": published.sequence})])


async def repeat(context: Context, arguments: Mapping[str, Any]) -> None:
    await context.store.transact(Writes([context.record(WordHeard(word=arguments["word"]))]))


async def answer(context: Context, request: Request) -> Response:
    return Response(200, {}, request.body)


ECHO_ROUTE = Route("/echo", "what was sent", answer, "POST")


async def recognise(context: Context, credentials: str) -> Principal | None:
    if credentials == "wrong word":
        raise Unauthenticated("no such word")
    return Principal(credentials) if credentials.startswith("echo") else None


def tell_everybody(heard: WordHeard) -> Notice:
    return Notice(("ada",), {"word": heard.word})


GIVEN: Mapping[str, Sequence[object]] = {
    "graphql": [Echo, EchoQueries],
    "scalars": [SHOUT],
    "nodes": [NodeLoader("echo", Echo, load_echoes)],
    "permissions": [LISTEN],
    "entities": [HEARD],
    "personal_data": [NoPersonalData(HEARD, "Words that anybody may have said.")],
    "migrations": [LOUDER],
    "services": [BELL],
    "local_contracts": [WALL],
    "event_types": [EventType(WordHeard, "Somebody heard a word.")],
    "event_handlers": [EventHandler("echo.note-word", WordHeard, note_word)],
    "routes": [ECHO_ROUTE],
    "authenticators": [Authenticator("echo", recognise)],
    "chain_logs": [ChainLogs("echo.heard", BASE, (CALL,), hear)],
    "action_kinds": [ActionKind("ECHO", "Say it again.", verify=believe)],
    "webhooks": [WebhookType("word.heard", "Somebody heard a word.", WordHeard, tell_everybody)],
    "jobs": [Job("echo.repeat", repeat, every=timedelta(hours=1))],
}


def echo(*others: str, chains: Chains | None = None) -> Harness:
    """A plugin that takes part in every way there is."""
    module = ModuleType("echo")
    vars(module)["plugin"] = Plugin("echo", sdk=">=1.0,<2")
    for hook, given in GIVEN.items():
        vars(module)[hook] = hookimpl(lambda given=given: given, specname=hook)
    return Harness(module, *others, chains=chains)


@pytest.fixture
def harness() -> Harness:
    return echo()


async def test_graphql_adds_types_and_extensions(harness: Harness) -> None:
    assert "type Echo implements Node {" in harness.sdl
    assert await harness.data('{ echo(word: "HELLO") }') == {"echo": "HELLO"}


async def test_scalars_are_parsed_and_serialized_as_declared(harness: Harness) -> None:
    """The resolver echoes nothing unless it got the lower case that `parse` makes."""
    assert await harness.data("query($w: Shout!) { echo(word: $w) }", {"w": "HeLLo"}) == {"echo": "HELLO"}
    assert '"""Text in capitals."""\nscalar Shout' in harness.sdl


async def test_nodes_are_found_by_the_prefix_of_their_ids(harness: Harness) -> None:
    query = "query($id: ID!) { node(id: $id) { ... on Echo { word } } }"

    assert await harness.data(query, {"id": "echo_hello"}) == {"node": {"word": "hello"}}
    assert await harness.data(query, {"id": "echo_none"}) == {"node": None}
    assert await harness.data(query, {"id": "other_hello"}) == {"node": None}


async def test_permissions_become_values_of_the_enum(harness: Harness) -> None:
    data = await harness.data('{ __type(name: "Permission") { enumValues { name description } } }')

    assert {"name": "LISTEN", "description": "Hear echoes."} in data["__type"]["enumValues"]
    assert "ACCESS" in {value["name"] for value in data["__type"]["enumValues"]}


async def test_entities_are_what_may_be_stored(harness: Harness) -> None:
    await harness.store.transact(Writes([HEARD.put({"word": "hello"})]))

    assert ("echo", HEARD) in harness.composition.entities
    assert await harness.store.get(HEARD.key(word="hello")) is not None


def test_personal_data_is_declared_for_each_entity(harness: Harness) -> None:
    kept = harness.context().services.get(KeptData)

    assert list(undeclared(kept)) == []
    [forgotten] = undeclared(KeptData(kept.entities, [], kept.event_types, kept.migrations))
    assert "echo.Heard" in forgotten


async def test_migrations_are_pending_until_they_are_carried_out(harness: Harness) -> None:
    context, store = harness.context(), MemoryStore(harness.clock)
    await store.transact(Writes([HEARD.put({"word": "psst"})]))
    assert await pending(context) == [("echo", LOUDER)]

    await Migrator(replace(context, store=store), store, "test").run(LOUDER)

    found = await store.get(HEARD.key(word="psst"))
    assert found is not None
    assert found.attributes == {"word": "psst", "loud": True}


async def test_services_are_had_by_their_protocol(harness: Harness) -> None:
    assert await harness.data("{ bell }") == {"bell": "dong"}


def test_local_contracts_are_handed_to_the_local_chain(harness: Harness) -> None:
    assert harness.composition.local_contracts == [("echo", WALL)]


async def test_event_types_are_what_operations_record(harness: Harness) -> None:
    put = harness.context().record(WordHeard(word="hello"))
    await harness.store.transact(Writes([put]))

    (published,) = await harness.settle()

    assert (published.name, published.sequence, published.payload) == ("word.heard", 1, {"word": "hello"})


async def test_event_handlers_take_effect_once_for_each_event(harness: Harness) -> None:
    for _ in range(2):
        await harness.store.transact(Writes([harness.context().record(WordHeard(word="hello"))]))

    await harness.settle(times=2)

    item = await harness.store.get(HEARD.key(word="hello"))
    assert item is not None
    assert item.attributes["sequence"] == 2


async def test_webhooks_are_what_endpoints_can_ask_for() -> None:
    harness = echo("colonnade.webhooks.plugin")
    found = await harness.data("{ webhookEventTypes { name description version } }")
    told = {"name": "word.heard", "description": "Somebody heard a word.", "version": 1}
    assert told in found["webhookEventTypes"]


async def test_jobs_are_run_by_their_names(harness: Harness) -> None:
    await harness.run_job("echo.repeat", {"word": "hello"})

    assert [published.payload for published in await harness.settle()] == [{"word": "hello"}]
    with pytest.raises(UnknownJob, match=r"no plugin here declares the job 'echo\.sleep'"):
        await harness.run_job("echo.sleep")


async def test_chain_logs_are_kept_as_rows_and_taken_back_with_their_block() -> None:
    chain = ScriptedChain()
    harness = echo(chains=ScriptedChains(chain))
    chain.submit(CANYON, CANYON, logs=[Emitted(CANYON, (CALL,), b"hello"), Emitted(CANYON, (), b"noise")])
    chain.mine(3)
    await harness.index()
    assert await harness.store.get(HEARD.key(word="hello"))
    chain.reorganise(3, including=[])
    await harness.index()
    assert await harness.store.get(HEARD.key(word="hello")) is None
    assert await harness.store.get(HEARD.key(word="noise")) is None


async def test_action_kinds_become_values_of_the_enum(harness: Harness) -> None:
    data = await harness.data('{ __type(name: "ActionKind") { enumValues { name description } } }')
    assert data["__type"]["enumValues"] == [{"name": "ECHO", "description": "Say it again."}]


async def test_routes_answer_beside_graphql(harness: Harness) -> None:
    assert harness.composition.routes == [("echo", ECHO_ROUTE)]
    answered = await ECHO_ROUTE.answer(harness.context(), Request("POST", "/echo", body=b"hello"))
    assert (answered.status, answered.body) == (200, b"hello")


async def test_authenticators_tell_who_asks(harness: Harness) -> None:
    authenticators = [authenticator for _, authenticator in harness.composition.authenticators]

    async def who(authorization: str | None) -> Principal | None:
        return await principal_of(harness.context(), authorization, authenticators)

    assert await who("Bearer echo-1") == Principal("echo-1")
    assert await who(None) is None
    for refused in ("Bearer wrong word", "Bearer other", "Basic echo-1", "Bearer"):
        with pytest.raises(Unauthenticated):
            await who(refused)


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_described(hook: str) -> None:
    description = getattr(hookspecs, hook).__doc__ or ""

    assert description[:1].isupper()
    assert description.rstrip().endswith(".")


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_test(hook: str) -> None:
    assert hook in GIVEN
    assert [name for name in globals() if name.startswith(f"test_{hook}_")]
