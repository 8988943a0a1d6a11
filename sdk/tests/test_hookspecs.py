"""Every hook does what `colonnade.hookspecs` says; each has a test here, named after it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from colonnade import hookspecs
from colonnade.authentication import principal_of
from colonnade.errors import Unauthenticated, UnknownJob
from colonnade.health import Health, Status
from colonnade.http import Request
from colonnade.kept_data import KeptData
from colonnade.migrating.running import Migrator, pending
from colonnade.permissions import Principal
from colonnade.privacy.declared import undeclared
from colonnade.registry import HOOKS
from colonnade.store import Writes
from colonnade.testing import Harness
from colonnade.testing.memory_store import MemoryStore
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from colonnade.testing.scripted_ledger import Emitted
from sdk.tests.echo import (
    CALL,
    CALLED,
    CANYON,
    ECHO_ROUTE,
    GIVEN,
    HEARD,
    LOUDER,
    QUIET,
    WALL,
    WordHeard,
    echo,
)


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


async def test_inbound_webhooks_are_answered_at_once_and_processed_afterwards(harness: Harness) -> None:
    [route] = [route for _, route in harness.composition.routes if route.path == CALLED.path]
    headers = {"x-secret": "psst", "x-id": "msg_1", "content-type": "application/json"}
    request = Request("POST", CALLED.path, headers=headers, body=b'{"word": "hello"}')

    answered = await route.answer(harness.context(), request)

    assert answered.status == 204
    assert await harness.store.get(HEARD.key(word="hello")) is None
    await harness.work()
    assert await harness.store.get(HEARD.key(word="hello")) is not None


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
    assert ("echo", ECHO_ROUTE) in harness.composition.routes
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


async def test_health_is_asked_of_a_context(harness: Harness) -> None:
    assert harness.composition.health == [("echo", QUIET)]
    assert await QUIET.check(harness.context()) == Health(Status.DEGRADED, "nobody answers")


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_described(hook: str) -> None:
    description = getattr(hookspecs, hook).__doc__ or ""

    assert description[:1].isupper()
    assert description.rstrip().endswith(".")


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_test(hook: str) -> None:
    assert hook in GIVEN
    assert [name for name in globals() if name.startswith(f"test_{hook}_")]
