"""The harness composes what it is told to, and says what is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest
import strawberry

from colonnade import Plugin
from colonnade.actions import Actions
from colonnade.chains import BASE
from colonnade.errors import ConfigurationError, ConflictError, Forbidden, InvalidWrite, UnknownChain
from colonnade.permissions import Principal
from colonnade.relay import Node
from colonnade.store import Key
from colonnade.testing import FrozenClock, Harness, OperationFailed, stand_in
from colonnade.testing import finding as finding_module
from colonnade.testing.finding import PluginNotFound
from sdk.tests import greeting

ADA = Principal("ada", frozenset({"GREET"}))
CREATOR = stand_in("Creator", id="creator_1", handle="ada.eth")


class KnownNames:
    async def name(self, creator_id: str) -> str:
        return {"creator_1": "Ada"}[creator_id]


@pytest.fixture
def harness(colonnade: type[Harness]) -> Harness:
    return colonnade(greeting, stand_ins=[CREATOR], services={greeting.Names: KnownNames()}, principal=ADA)


async def test_an_extension_is_queried_through_the_stand_in_of_its_type(harness: Harness) -> None:
    query = "query Greet($id: ID!) { node(id: $id) { id ... on Creator { greeting handleSeen } } }"

    data = await harness.data(query, {"id": "creator_1"})

    assert data == {"node": {"id": "creator_1", "greeting": "Hello, Ada!", "handleSeen": "ada.eth"}}
    assert await harness.data(query, {"id": "creator_2"}) == {"node": None}


async def test_a_type_of_the_tests_own_can_stand_in() -> None:
    @strawberry.type(description="A creator with more than an id.")
    class Creator(Node):
        handle: str = strawberry.field(description="Unique.")

    harness = Harness(greeting, stand_ins=[Creator(id=strawberry.ID("creator_7"), handle="bea")])

    assert await harness.data('{ node(id: "creator_7") { ... on Creator { handle handleSeen } } }') == {
        "node": {"handle": "bea", "handleSeen": "bea"}
    }


def test_a_type_without_a_stand_in_is_refused_with_the_line_that_mends_it() -> None:
    with pytest.raises(ConflictError) as refused:
        Harness(greeting)

    assert refused.value.problems == (
        "'greeting' extends Creator, which no plugin here defines as an object type or interface; "
        "install the plugin that does, and name it in `requires`",
        "to do without the plugin that defines Creator, pass stand_in('Creator', id='creator_1') among the stand_ins",
    )


async def test_a_service_that_nobody_stands_in_for_is_unavailable() -> None:
    harness = Harness(greeting, stand_ins=[CREATOR])

    result = await harness.execute('{ node(id: "creator_1") { ... on Creator { greeting handleSeen } } }')

    assert result.data == {"node": {"greeting": None, "handleSeen": "ada.eth"}}
    assert [(e.code, e.path, e.plugin) for e in result.errors] == [
        ("UNAVAILABLE", ("node", "greeting"), "greeting")
    ]


def test_nothing_is_composed_but_what_was_named_and_what_stands_in(harness: Harness) -> None:
    statuses = {status.name: status.source for status in harness.composition.statuses}

    assert statuses == {
        "greeting": "module sdk.tests.greeting",
        "creators": "the harness",
        "stand-ins": "the harness",
    }


def test_a_required_plugin_of_the_sdk_is_there_itself() -> None:
    paying = ModuleType("paying")
    vars(paying)["plugin"] = Plugin("paying", sdk=">=1.0,<2", requires=("actions",))

    harness = Harness(paying)

    statuses = {status.name: status.source for status in harness.composition.statuses}
    assert statuses == {"paying": "module paying", "actions": "module colonnade.actions.plugin"}
    assert harness.context().services.get(Actions)


def test_a_plugin_is_found_by_the_dotted_name_of_its_module() -> None:
    harness = Harness("sdk.tests.greeting", stand_ins=[CREATOR])

    assert "type Creator implements Node" in harness.sdl


def test_a_plugin_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("greeting", "sdk.tests.greeting", "colonnade.plugins")
    monkeypatch.setattr(finding_module, "entry_points", _installed(point))

    harness = Harness("greeting", stand_ins=[CREATOR])

    assert harness.composition.statuses[0].source == "sdk.tests.greeting"


def test_a_name_that_nothing_answers_to_is_refused_with_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("greeting", "sdk.tests.greeting", "colonnade.plugins")
    monkeypatch.setattr(finding_module, "entry_points", _installed(point))

    with pytest.raises(
        PluginNotFound, match=r"no plugin 'greting' \(did you mean 'greeting'\?\).*installed: greeting"
    ):
        Harness("greting")


def test_what_importing_a_plugin_raises_is_raised_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_a_plugin.py").write_text("import a_module_that_is_missing\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_missing"):
        Harness("half_a_plugin")
    assert "half_a_plugin" not in sys.modules


async def test_settings_have_their_defaults_unless_a_test_gives_them() -> None:
    query = '{ node(id: "creator_1") { ... on Creator { greeting } } }'
    harness = Harness(
        greeting,
        stand_ins=[CREATOR],
        services={greeting.Names: KnownNames()},
        settings=[greeting.GreetingSettings(word="Ahoy")],
    )

    assert await harness.data(query) == {"node": {"greeting": "Ahoy, Ada!"}}


def test_settings_that_no_plugin_declares_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="no plugin here declares the settings timedelta"):
        Harness(greeting, stand_ins=[CREATOR], settings=[timedelta()])


async def test_time_stands_still_until_it_is_advanced(harness: Harness) -> None:
    assert await harness.data("{ greetedAt }") == {"greetedAt": "2026-01-01T00:00:00+00:00"}

    harness.clock.advance(90)
    harness.clock.advance(timedelta(hours=1))

    assert await harness.data("{ greetedAt }") == {"greetedAt": "2026-01-01T01:01:30+00:00"}


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="does not go back"):
        FrozenClock().advance(-1)


async def test_ids_are_the_same_in_every_run(colonnade: type[Harness]) -> None:
    first, second = (colonnade(greeting, stand_ins=[CREATOR]) for _ in range(2))

    ids = [await first.data("{ freshId }"), await first.data("{ freshId }")]

    assert ids == [
        {"freshId": "gre_01KDVDNA000000000000000001"},
        {"freshId": "gre_01KDVDNA000000000000000002"},
    ]
    assert await second.data("{ freshId }") == ids[0]


async def test_a_harness_acts_as_another_caller_on_the_same_store(harness: Harness) -> None:
    anonymous = harness.acting_as(None)

    assert await harness.data("{ greeter }") == {"greeter": "ada"}
    assert [e.code for e in (await anonymous.execute("{ greeter }")).errors] == ["UNAUTHENTICATED"]
    refused = (await harness.acting_as(Principal("bea")).execute("{ greeter }")).errors[0]
    assert refused.code == "FORBIDDEN"
    assert isinstance(refused.cause, Forbidden)
    assert anonymous.store is harness.store


async def test_a_failure_shows_its_cause_to_the_test_and_its_code_as_clients_see_it(harness: Harness) -> None:
    with pytest.raises(OperationFailed, match="broken: INTERNAL: the word is lost") as failed:
        await harness.data("{ broken }")

    assert failed.value.errors[0].plugin == "greeting"
    assert isinstance(failed.value.__cause__, RuntimeError)


async def test_a_document_that_is_not_valid_is_a_failure_without_data(harness: Harness) -> None:
    result = await harness.execute("{ greetings }")

    assert result.data is None
    assert [e.code for e in result.errors] == ["BAD_USER_INPUT"]


async def test_what_an_entity_declares_is_stored(harness: Harness) -> None:
    assert await harness.data('{ noted(creator: "creator_1") }') == {"noted": True}
    assert await harness.store.get(greeting.GREETED.key(creator="creator_1")) is not None


async def test_a_write_to_what_no_entity_declares_is_refused(harness: Harness) -> None:
    result = await harness.execute('{ noted(creator: "creator_1", declared: false) }')

    assert isinstance(result.errors[0].cause, InvalidWrite)
    assert result.errors[0].message == (
        "'greeting#Undeclared#creator_1' is no item of an entity declared here; "
        "return its Entity from the `entities` hook"
    )


async def test_numbers_are_given_out_by_what_an_entity_declares_and_by_nothing_else(harness: Harness) -> None:
    declared = greeting.GREETED.key(creator="creator_1")
    assert [await harness.store.increment(declared, "times") for _ in range(2)] == [1, 2]
    with pytest.raises(InvalidWrite, match="no item of an entity declared here"):
        await harness.store.increment(Key("greeting#Undeclared#creator_1", "-"), "times")


def test_a_chain_that_a_test_did_not_give_is_unknown(harness: Harness) -> None:
    with pytest.raises(UnknownChain, match=r"ScriptedChain\(8453\)"):
        harness.context().chain(BASE)


def _installed(point: EntryPoint) -> Callable[..., list[EntryPoint]]:
    def entry_points(*, group: str, name: str = point.name) -> list[EntryPoint]:
        return [point] if (group, name) == (point.group, point.name) else []

    return entry_points
